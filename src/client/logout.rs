//! `logout`: the session ends here at once; then the service is told (rules B8, B9).

use super::Client;
use super::errand::Kind;
use super::ports::{Answer, CallId, Event, World};
use crate::protocol::error::{Code, Exception};

impl<W: World> Client<W> {
    pub(super) fn logout(&mut self, call: CallId) -> Result<(), Exception> {
        let session = self.session().cloned();
        if let Some(login) = self.take_login() {
            self.fail(login, Code::LOGIN_ABORTED.into());
            if session.is_none() {
                self.settle(call, Ok(Answer::object("{}")));
                return Ok(());
            }
        }
        if let Some(session) = session {
            self.tell(Event::LogoutSuccess);
            self.begin(call, Kind::Logout, String::new(), session.token.clone(), String::new());
            self.clear_session();
            return Ok(());
        }
        match self.errands.iter_mut().find(|errand| errand.kind == Kind::Logout) {
            Some(logout) => logout.callers.push(call),
            None => return Err(Code::USER_NOT_LOGGED_IN.into()),
        }
        Ok(())
    }

    /// A session has begun.
    pub(super) fn close_logouts(&mut self) {
        for errand in &mut self.errands {
            if errand.kind == Kind::Logout {
                errand.kind = Kind::OldLogout;
            }
        }
    }
}
