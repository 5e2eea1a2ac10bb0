//! `logout`: the session ends here at once; then the service is told (rules B8, B9).

use super::Client;
use super::errand::Kind;
use super::ports::{Answer, CallId, Event, World};
use crate::protocol::error::{Code, Exception};

impl<W: World> Client<W> {
    pub(super) fn logout(&mut self, call: CallId) -> Result<(), Exception> {
        let in_login = self.give_up(self.login, Code::LOGIN_ABORTED);
        if let Some(session) = self.app.session.clone() {
            let logout = self.prepare(call, Kind::Logout, "", &session.token);
            self.logout = logout.id;
            self.clear_session();
            self.tell(Event::LogoutSuccess);
            self.begin(logout, "");
        } else if in_login {
            self.settle(call, Ok(Answer::object("{}")));
        } else {
            self.find(self.logout).ok_or(Code::USER_NOT_LOGGED_IN)?.callers.push(call);
        }
        Ok(())
    }
}
