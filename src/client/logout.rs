//! `logout`: the session ends here at once; then the service is told (rules B8, B9).

use super::Client;
use super::login::unanswered;
use super::ports::{Answer, CallId, Event, Outcome, Output, RequestId, World};
use crate::protocol::error::{Code, Exception, TOKEN_UNKNOWN, UID_UNKNOWN};

/// The longest that a logout waits for the service, in milliseconds.
const LONGEST_MS: u32 = 5_000;

/// A logout that the service has not answered yet.
#[derive(Debug)]
pub struct Logout {
    token: String,
    callers: Vec<CallId>,
    request: RequestId,
    /// Whether a session has begun since: then another logout is another one.
    closed: bool,
}

impl<W: World> Client<W> {
    pub(super) fn logout(&mut self, call: CallId) {
        let logged_in = self.session().is_some();
        if self.login.is_some() {
            self.end_login(Code::LoginAborted);
            if !logged_in {
                return self.settle(call, Ok(Answer::Object("{}".into())));
            }
        }
        if logged_in {
            return self.end_session(call);
        }
        match self.logouts.iter_mut().find(|logout| !logout.closed) {
            Some(logout) => logout.callers.push(call),
            None => self.settle(call, Err(Code::UserNotLoggedIn.into())),
        }
    }

    fn end_session(&mut self, call: CallId) {
        let request = self.next_request();
        let Some((app, session)) = self.app.as_ref().and_then(|app| Some((app, app.session.as_ref()?))) else { return };
        let base = app.settings.session_base(&app.sender.app_id, &session.hosts);
        let token = session.token.clone();
        let (delete, wait) = (app.sender.delete_me(&base, &token), app.settings.timeout_ms.min(LONGEST_MS));
        self.clear_session();
        self.tell(Event::LogoutSuccess);
        self.outputs.push(Output::Remind(request, wait));
        self.outputs.push(Output::Send(request, delete));
        self.logouts.push(Logout { token, callers: vec![call], request, closed: false });
    }

    /// What the service says of a logout. A token or a user that it does not know is as gone as can be.
    pub(super) fn logout_replied(&mut self, request: RequestId, outcome: Outcome) {
        let Some(logout) = self.take_logout(request) else { return };
        self.outputs.push(Output::Cancel(request));
        let said = outcome.map_err(unanswered).and_then(|reply| {
            reply.data([&logout.token, ""]).map(|data| if data.is_object() { data.raw() } else { "{}" }.to_owned())
        });
        let said = match said {
            Err(exception) if !exception.ours && (exception.code == TOKEN_UNKNOWN || exception.code == UID_UNKNOWN) => {
                Ok("{}".into())
            }
            said => said,
        };
        self.settle_logout(&logout, said.map(Answer::Object));
    }

    /// The wait is over; the request goes on.
    pub(super) fn logout_timed_out(&mut self, request: RequestId) {
        if let Some(logout) = self.take_logout(request) {
            self.settle_logout(&logout, Err(Code::RequestTimeout.into()));
        }
    }

    /// Nobody waits for the logouts under way any more; the requests go on.
    pub(super) fn forget_logouts(&mut self) {
        for logout in core::mem::take(&mut self.logouts) {
            for call in logout.callers {
                self.settle(call, Err(Code::RequestAborted.into()));
            }
        }
    }

    /// A session has begun.
    pub(super) fn close_logouts(&mut self) {
        for logout in &mut self.logouts {
            logout.closed = true;
        }
    }

    fn take_logout(&mut self, request: RequestId) -> Option<Logout> {
        let at = self.logouts.iter().position(|logout| logout.request == request)?;
        Some(self.logouts.swap_remove(at))
    }

    fn settle_logout(&mut self, logout: &Logout, result: Result<Answer, Exception>) {
        if let Err(exception) = &result {
            self.tell(Event::LogoutFailure(exception.clone()));
        }
        for &call in &logout.callers {
            self.settle(call, result.clone());
        }
    }
}
