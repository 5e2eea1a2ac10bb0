//! `logout`: ends the local session at once, then the session at the service (rules B8, B9).

use std::rc::Rc;

use super::Client;
use super::pending::{Kind, object};
use super::ports::{CallId, Event, Platform};
use crate::protocol::error::{Code, Exception};
use crate::protocol::json::Json;

impl<P: Platform> Client<P> {
    pub(super) fn logout(&mut self, call: CallId) -> Result<(), Rc<Exception>> {
        let ended_login = self.abort(self.login, Code::LOGIN_ABORTED);
        if let Some(session) = self.app.session.clone() {
            let logout = self.prepare(call, Kind::Logout, "", Some(session.token.clone()));
            self.logout = logout.id;
            self.clear_session();
            self.notify(Event::LogoutSuccess);
            self.begin(logout, Json::default());
        } else if ended_login {
            self.settle(call, Ok(object(Json::EMPTY_OBJECT)));
        } else {
            self.find(self.logout).ok_or(Code::USER_NOT_LOGGED_IN)?.callers.push(call);
        }
        Ok(())
    }
}
