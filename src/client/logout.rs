//! `logout`: the session ends here at once; then the service is told (rules B8, B9).

use super::Client;
use super::errand::Kind;
use super::ports::{Answer, CallId, Event, World};
use crate::protocol::error::{Code, Exception};

impl<W: World> Client<W> {
    pub(super) fn logout(&mut self, call: CallId) -> Result<(), Exception> {
        let session = self.session().cloned();
        if let Some(login) = self.take(self.login) {
            self.fail(login, Code::LOGIN_ABORTED.into());
            if session.is_none() {
                self.settle(call, Ok(Answer::object("{}")));
                return Ok(());
            }
        }
        if let Some(session) = session {
            self.tell(Event::LogoutSuccess);
            self.logout = self.begin(call, Kind::Logout, "", &session.token, "");
            self.clear_session();
            return Ok(());
        }
        match self.find(self.logout) {
            Some(logout) => logout.callers.push(call),
            None => return Err(Code::USER_NOT_LOGGED_IN.into()),
        }
        Ok(())
    }
}
