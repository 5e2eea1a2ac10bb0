//! The ends of pending requests: failures, timeouts, aborts and `dispose`.

use super::{Model, ModelRequest, Operation, user_result};
use crate::model::coverage::Covered;
use crate::model::step::{CallId, ModelOutput};
use crate::model::storage::ModelStorage;

pub(super) const TOKEN_UNKNOWN: &str = "AUTH_ERR_AUTH_TOKEN_NOT_FOUND";

impl Model {
    /// B1: a timer that fires late gives one more second, once.
    pub fn timed_out(&mut self, storages: &mut [ModelStorage; 3], number: usize, late: u64) {
        let Some(mut pending) = self.take(number) else { return self.cover(Covered::LateTimer) };
        if late > 500 && !pending.extended {
            self.cover(Covered::Extended);
            pending.extended = true;
            self.requests.push(pending);
            return self.outputs.push(ModelOutput::StartTimer(number, 1_000));
        }
        self.cover(match pending.operation {
            Operation::Login(_) => Covered::TimeoutOfLogin,
            Operation::Logout { .. } => Covered::TimeoutOfLogout,
            _ => Covered::TimeoutOfOther,
        });
        self.fail(storages, pending, "REQUEST_TIMEOUT");
    }

    /// B7: one caller aborts. The login ends with its last caller.
    pub fn abort(&mut self, storages: &mut [ModelStorage; 3], call: CallId) {
        let left = self.pending_login().and_then(|at| {
            let caller = self.requests[at].callers.iter().position(|caller| *caller == call)?;
            Some((at, caller))
        });
        let Some((at, caller)) = left else { return self.cover(Covered::LateAbort) };
        if self.requests[at].callers.len() == 1 {
            self.cover(Covered::LastCallerAborts);
            let login = self.requests.remove(at);
            return self.fail(storages, login, "REQUEST_ABORTED");
        }
        self.cover(Covered::OneCallerAborts);
        self.requests[at].callers.remove(caller);
        self.settle(call, "REQUEST_ABORTED");
    }

    /// B5, B9, B10.
    pub(super) fn fail(
        &mut self,
        storages: &mut [ModelStorage; 3],
        pending: ModelRequest,
        code: &'static str,
    ) {
        self.fail_with(storages, pending, code, true);
    }

    /// `client_error`: the status means that the request was wrong, so an unknown token counts
    /// (B10).
    pub(super) fn fail_with(
        &mut self,
        storages: &mut [ModelStorage; 3],
        pending: ModelRequest,
        code: &'static str,
        client_error: bool,
    ) {
        let unknown = code == TOKEN_UNKNOWN && client_error;
        if unknown && let Some(token) = pending.token {
            self.sync_from_storage(storages);
            if self.session().is_some_and(|session| session.token == token) {
                self.end_session(storages);
                self.notify("logoutSuccess".into());
                let login = matches!(pending.operation, Operation::Login(_));
                self.cover(if login {
                    Covered::LoginSessionEndedByOwnToken
                } else {
                    Covered::SessionEndedByResponse
                });
                if pending.operation == Operation::Verify {
                    self.cover(Covered::VerifyEnds);
                }
            } else if self.session().is_some() {
                self.cover(Covered::OldTokenEndsNothing);
            }
        }
        match pending.operation {
            Operation::Logout { .. } if unknown || code == "ERR_UID_NOT_FOUND" => {
                self.cover(Covered::LogoutOfUnknown);
                return self.finish(pending, "object {}");
            }
            Operation::Logout { .. } => {
                self.cover(Covered::LogoutFails);
                self.notify(format!("logoutFailure {code}"));
            }
            Operation::Verify if unknown => {
                let user = user_result(self.session());
                return self.finish(pending, &user);
            }
            Operation::Login(_) => {
                if self.session().is_some() {
                    self.cover(Covered::FailureDuringSession);
                }
                self.notify(format!("loginFailure {code}"));
            }
            _ => {}
        }
        self.finish(pending, code);
    }

    pub(super) fn finish(&mut self, pending: ModelRequest, result: &str) {
        self.outputs.push(ModelOutput::Cancel(pending.number));
        for call in pending.callers {
            self.settle(call, result);
        }
    }

    /// B3, B8: settles every pending call. `notifies`: listeners are called for an aborted login.
    pub(super) fn drop_calls(&mut self, notifies: bool) {
        for pending in std::mem::take(&mut self.requests) {
            let login = matches!(pending.operation, Operation::Login(_));
            if login && notifies {
                self.notify("loginFailure LOGIN_ABORTED".into());
            }
            self.finish(pending, if login { "LOGIN_ABORTED" } else { "REQUEST_ABORTED" });
        }
    }

    pub fn dispose(&mut self) {
        for at in 0..self.requests.len() {
            self.cover(match self.requests[at].operation {
                Operation::Login(_) => Covered::DisposedLogin,
                Operation::Logout { .. } => Covered::DisposedLogout,
                _ => Covered::DisposedOther,
            });
        }
        self.drop_calls(false);
        self.app = None;
        self.failed_init = None;
    }

    pub(super) fn take(&mut self, number: usize) -> Option<ModelRequest> {
        let at = self.requests.iter().position(|pending| pending.number == number)?;
        Some(self.requests.remove(at))
    }
}
