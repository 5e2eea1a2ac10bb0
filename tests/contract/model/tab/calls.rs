//! The calls of the API.

use super::{App, Model, Operation, Persistence, storage_index, user_result};
use crate::model::coverage::Covered;
use crate::model::step::{Call, CallId, Login};
use crate::model::storage::{EntryKind, ModelStorage};
use crate::model::values::Uid;

impl Model {
    pub fn call(
        &mut self,
        storages: &mut [ModelStorage; 3],
        id: CallId,
        pending_init: CallId,
        call: Call,
    ) {
        if let Call::Init { app, session_mode, timeout, other_region } = call {
            self.init(storages, app, session_mode, timeout, if other_region { "eu" } else { "us" });
            return self.settle(id, "done");
        }
        if call == Call::InvalidInit {
            self.failed_init = Some(id);
            return self.settle(id, "INVALID_REGION");
        }
        self.sync_from_storage(storages);
        if let Err(code) = self.begin_call(storages, id, pending_init, call) {
            if matches!(call, Call::Login(_) | Call::InvalidLogin | Call::AbortedLogin) {
                self.notify(format!("loginFailure {code}"));
            }
            self.settle(id, code);
        }
    }

    fn init(
        &mut self,
        storages: &mut [ModelStorage; 3],
        id: usize,
        session_mode: bool,
        timeout: u32,
        region: &'static str,
    ) {
        self.failed_init = None;
        let again = self.app.is_some_and(|app| app.id == id);
        if again {
            self.sync_from_storage(storages);
        } else {
            if self.app.is_some() {
                self.cover(if self.requests.is_empty() {
                    Covered::OtherApp
                } else {
                    Covered::OtherAppAborts
                });
            }
            self.drop_calls(false);
        }
        if again && self.app.is_some_and(|app| app.region != region) {
            self.cover(if self.requests.is_empty() {
                Covered::BaseUrlChanged
            } else {
                Covered::BaseUrlChangedAborts
            });
            self.drop_calls(true);
        }
        let moved = again && self.app.is_some_and(|app| app.session_mode != session_mode);
        match &mut self.app {
            Some(app) if again && !moved => (app.timeout, app.region) = (timeout, region),
            app => {
                *app = Some(App {
                    id,
                    session_mode,
                    timeout,
                    region,
                    session: None,
                    persistence: Persistence::Storage,
                    last_read: None,
                });
            }
        }
        let Some(app) = self.app else { return };
        storages[storage_index(&app, self.tab)]
            .write(id, EntryKind::AppId, |entries| entries.app_id = true);
        let before = app.session;
        if app.persistence == Persistence::Storage {
            // Forget the last read entry: it may be one of another storage.
            if let Some(app) = &mut self.app {
                app.last_read = None;
            }
            self.read_storage(storages);
        }
        if before.is_none() && self.session().is_some() {
            self.session_begins();
            self.cover(if again {
                Covered::OtherStorageModeFindsSession
            } else {
                Covered::WarmStart
            });
        }
        if moved {
            self.cover(Covered::OtherStorageMode);
        }
    }

    fn begin_call(
        &mut self,
        storages: &mut [ModelStorage; 3],
        id: CallId,
        pending_init: CallId,
        call: Call,
    ) -> Result<(), &'static str> {
        if pending_init != 0 && self.failed_init == Some(pending_init) {
            self.cover(Covered::AfterFailedInit);
            return Err("INVALID_REGION");
        }
        let Some(app) = self.app else {
            self.cover(Covered::BeforeInit);
            return Err("COMETCHAT_INITIALIZATION_NOT_DONE");
        };
        let logged_in = app.session.map(|session| session.token).ok_or("USER_NOT_LOGGED_IN");
        match call {
            Call::Init { .. } | Call::InvalidInit => {}
            Call::InvalidLogin => return Err("MISSING_PARAMETERS"),
            Call::AbortedLogin => {
                self.cover(Covered::AbortedBeforeCall);
                return Err("REQUEST_ABORTED");
            }
            Call::Login(login) => self.login(id, login),
            Call::Logout => return self.logout(storages, id),
            Call::LoggedInUser => self.settle(id, &user_result(app.session)),
            Call::CreateUser(uid) => self.begin(id, Operation::CreateUser, Some(uid), None),
            Call::UpdateUser(uid) => self.begin(id, Operation::UpdateUser, Some(uid), None),
            Call::UpdateMe => {
                let uid = app.session.map(|session| session.uid);
                self.begin(id, Operation::UpdateMe, uid, Some(logged_in?));
            }
            Call::GetUser(uid) => self.begin(id, Operation::GetUser, Some(uid), Some(logged_in?)),
            Call::Verify => match logged_in {
                Ok(token) => self.begin(id, Operation::Verify, None, Some(token)),
                Err(_) => {
                    self.cover(Covered::VerifyWithoutSession);
                    self.settle(id, "no user");
                }
            },
        }
        Ok(())
    }

    fn login(&mut self, id: CallId, login: Login) {
        if let Some(at) = self.pending_login() {
            let same = |one: Option<Uid>, other: Option<Uid>| {
                one.map(|uid| uid.user) == other.map(|uid| uid.user)
            };
            let joins = match (self.requests[at].operation, login) {
                (Operation::Login(Login::Key(one, key)), Login::Key(other, another)) => {
                    one.same_user(other) && key == another
                }
                // A login without a uid accepts the user of the token.
                (Operation::Login(Login::Token(one, uid)), Login::Token(other, requested)) => {
                    one == other && (requested.is_none() || same(uid, requested))
                }
                // Without a uid only the same function joins.
                (
                    Operation::Login(Login::Provider(uid, function)),
                    Login::Provider(requested, another),
                ) => {
                    if uid.is_none() && requested.is_none() && function != another {
                        self.covered |= 1 << Covered::OtherProvider as u32;
                    }
                    same(uid, requested) && (uid.is_some() || function == another)
                }
                _ => false,
            };
            if joins {
                self.cover(match login {
                    Login::Key(..) => Covered::JoinedKeyLogin,
                    Login::Token(..) => Covered::JoinedTokenLogin,
                    Login::Provider(..) => Covered::JoinedProviderLogin,
                });
                return self.requests[at].callers.push_back(id);
            }
            self.cover(Covered::LoginInProgress);
            return self.settle(id, "LOGIN_IN_PROGRESS");
        }
        let (uid, token) = match login {
            Login::Key(uid, _) => (Some(uid), None),
            Login::Token(token, uid) => (uid, Some(token)),
            Login::Provider(uid, _) => (uid, None),
        };
        if let Some(session) = self.session() {
            let matches_session = uid.is_none_or(|uid| session.uid.same_user(uid))
                && token.is_none_or(|token| session.token == token);
            if matches_session {
                let provider = matches!(login, Login::Provider(..));
                self.cover(if provider { Covered::ProviderNotAsked } else { Covered::SameUser });
                self.notify(format!("loginSuccess {}", session.text()));
                return self.settle(id, &user_result(Some(session)));
            }
        }
        if self.requests.iter().any(|pending| matches!(pending.operation, Operation::Logout { .. }))
        {
            self.cover(Covered::LoginDuringLogout);
        }
        self.begin(id, Operation::Login(login), uid, token);
    }

    fn logout(&mut self, storages: &mut [ModelStorage; 3], id: CallId) -> Result<(), &'static str> {
        let session = self.session();
        if let Some(at) = self.pending_login() {
            let login = self.requests.remove(at);
            self.fail(storages, login, "LOGIN_ABORTED");
            self.cover(if session.is_some() {
                Covered::LogoutDuringLoginWithSession
            } else {
                Covered::LogoutDuringLogin
            });
            if session.is_none() {
                self.settle(id, "object {}");
                return Ok(());
            }
        }
        if let Some(session) = session {
            if self
                .requests
                .iter()
                .any(|pending| matches!(pending.operation, Operation::Logout { .. }))
            {
                self.cover(Covered::LogoutDuringOlderLogout);
            }
            self.notify("logoutSuccess".into());
            self.begin(id, Operation::Logout { old: false }, None, Some(session.token));
            self.end_session(storages);
            return Ok(());
        }
        let Some(first) = self
            .requests
            .iter_mut()
            .find(|pending| pending.operation == Operation::Logout { old: false })
        else {
            self.cover(Covered::NotLoggedIn);
            return Err("USER_NOT_LOGGED_IN");
        };
        first.callers.push_back(id);
        self.cover(Covered::JoinedLogout);
        Ok(())
    }
}
