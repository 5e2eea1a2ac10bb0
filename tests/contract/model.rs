//! A simple model of the rules B2–B11, B14, B15 and B29, independent of the client's code.
//!
//! A session is a few numbers, a storage is three entries, and a step returns its expected outputs.
//! [`crate::schedules`] passes the same inputs to the model and to the client and compares them
//! after every step.

use std::collections::VecDeque;

use crate::model_types::*;

macro_rules! covered {
    ($($name:ident),+ $(,)?) => {
        /// The situations that a schedule can reach. They are counted: each has to occur often
        /// enough.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Covered { $($name),+ }
        pub const COVERED: &[Covered] = &[$(Covered::$name),+];
    };
}

covered! {
    KeyLogin, TokenLogin, ProviderLogin, JoinedKeyLogin, JoinedTokenLogin, JoinedProviderLogin,
    LoginInProgress, SameUser, ProviderNotAsked, NewTokenOfSameUser, UserSwitch, WrongUser,
    WrongUserForKey, FailureDuringSession, OneCallerAborts, LastCallerAborts, LogoutDuringLogin,
    LogoutDuringLoginWithSession, LogoutSucceeds, JoinedLogout, LoginDuringLogout,
    LogoutDuringOlderLogout, LogoutOfUnknown, LogoutFails, NotLoggedIn, SessionEndedByResponse,
    OldTokenEndsNothing, LoginSessionEndedByOwnToken, Refreshed, RefreshedInMemory, RefreshRefused,
    WriteRetried, ReadRetried, MemorySessionReplaced, BaseUrlChanged, BaseUrlChangedAborts,
    Extended, ExtendedBetweenRequests, OverloadEndsNothing, InvalidStatus, LogoutWithoutContent,
    OtherProvider, AnotherUserInResponse, RefreshKeepsAbsentFields, RefreshWithForeignHost,
    UpdatedSelf, UpdatedOther, SessionReplacedMeanwhile, SessionEndedMeanwhile,
    VerifyWithoutSession, VerifyEnds, MemorySession, MemoryThenStored, MemoryLoggedOut,
    ReadingRefused, NoticedLogin, NoticedLogout, NoticedUserSwitch, NoticedToken, NoticedName,
    Damaged, ForeignHostStored, ForeignHostInResponse, TimeoutOfLogin, TimeoutOfLogout,
    TimeoutOfOther, LateResponse, LateTimer, LateToken, LateAbort, ProviderBlank,
    ProviderTokenNonAscii, DisposedLogin, DisposedLogout, DisposedOther, OtherApp, OtherAppAborts,
    OtherStorageMode, OtherStorageModeFindsSession, WarmStart, AfterFailedInit, BeforeInit,
    AbortedBeforeCall,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Login(Login),
    /// Whether a new session has begun since.
    Logout {
        old: bool,
    },
    CreateUser,
    UpdateUser,
    UpdateMe,
    GetUser,
    Verify,
}

/// A pending request as the model describes it.
#[derive(Clone, Debug)]
struct ModelRequest {
    number: usize,
    operation: Operation,
    callers: VecDeque<CallId>,
    uid: Option<Uid>,
    token: Option<Token>,
    /// The region and the session's hosts at the time of the call.
    region: &'static str,
    hosts: Hosts,
    extended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Persistence {
    Storage,
    Unreadable,
    Memory,
}

#[derive(Clone, Copy, Debug)]
struct App {
    id: usize,
    session_mode: bool,
    timeout: u32,
    region: &'static str,
    session: Option<Session>,
    persistence: Persistence,
    /// The `user` entry as last read, or as last written by this tab.
    last_read: Option<Entry>,
}

impl App {
    /// Remembers the entry after an own change, so that a later change by another program is
    /// noticed.
    fn remember_entry(&mut self, storage: &mut ModelStorage, touched: bool) {
        match storage.read(self.id) {
            Some(entry) => self.last_read = Some(entry),
            None if touched => self.last_read = None,
            None => {}
        }
    }
}

const TOKEN_UNKNOWN: &str = "AUTH_ERR_AUTH_TOKEN_NOT_FOUND";

/// One tab.
#[derive(Clone, Debug)]
pub struct Model {
    tab: usize,
    app: Option<App>,
    requests: Vec<ModelRequest>,
    failed_init: Option<CallId>,
    next_number: usize,
    /// The expected outputs of the step.
    pub outputs: Vec<ModelOutput>,
    /// The user that each request of the step is about.
    pub request_users: Vec<Uid>,
    pub covered: u128,
}

/// The storage of the app: localStorage is shared, and each tab has its own sessionStorage.
fn storage_index(app: &App, tab: usize) -> usize {
    if app.session_mode { 1 + tab } else { 0 }
}

/// Writes the service's settings, or removes the entry if there are none.
fn put_hosts(storage: &mut ModelStorage, app: usize, hosts: Hosts) -> bool {
    match hosts {
        Hosts::Absent => storage.remove(app, |entries| entries.hosts = hosts),
        _ => storage.write(app, EntryKind::Settings, |entries| entries.hosts = hosts),
    }
}

fn user_result(session: Option<Session>) -> String {
    session.map_or_else(|| "no user".into(), |session| format!("user {}", session.text()))
}

impl Model {
    pub fn new(tab: usize) -> Self {
        let (requests, outputs, request_users) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            tab,
            app: None,
            requests,
            failed_init: None,
            next_number: 0,
            outputs,
            request_users,
            covered: 0,
        }
    }

    fn cover(&mut self, covered: Covered) {
        self.covered |= 1 << covered as u32;
    }

    pub fn app_id(&self) -> Option<&'static str> {
        self.app.map(|app| APPS[app.id])
    }

    pub fn session(&self) -> Option<Session> {
        self.app?.session
    }

    pub fn persistence(&self) -> Option<&'static str> {
        self.app.map(|app| match app {
            App { persistence: Persistence::Unreadable | Persistence::Memory, .. } => "memory",
            App { session_mode: true, .. } => "session",
            _ => "local",
        })
    }

    fn notify(&mut self, event: String) {
        self.outputs.push(ModelOutput::Notify(event));
    }

    fn settle(&mut self, call: CallId, result: &str) {
        self.outputs.push(ModelOutput::Settle(call, result.into()));
    }

    fn pending_login(&self) -> Option<usize> {
        self.requests.iter().position(|pending| matches!(pending.operation, Operation::Login(_)))
    }

    // B15: a change of another program is the difference between memory and storage.

    pub fn sync_from_storage(&mut self, storages: &mut [ModelStorage; 3]) {
        let before = self.session();
        self.read_storage(storages);
        let after = self.session();
        match (before, after) {
            (Some(before), Some(after)) if before.same_login(&after) => {
                if before != after {
                    self.cover(Covered::NoticedName);
                }
                return;
            }
            (None, None) => return,
            (Some(before), Some(after)) if before.uid.same_user(after.uid) => {
                self.cover(Covered::NoticedToken)
            }
            (Some(_), Some(_)) => self.cover(Covered::NoticedUserSwitch),
            (Some(_), None) => self.cover(Covered::NoticedLogout),
            (None, Some(_)) => self.cover(Covered::NoticedLogin),
        }
        self.notify_change(before);
    }

    fn read_storage(&mut self, storages: &mut [ModelStorage; 3]) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        let storage = &mut storages[storage_index(app, tab)];
        let (entries, found) = (storage.apps[app.id], storage.session(app.id));
        let Some(entry) = storage.read(app.id) else {
            if app.persistence == Persistence::Storage {
                app.persistence = Persistence::Unreadable;
                self.cover(Covered::ReadingRefused);
            }
            return;
        };
        let (unknown, unchanged) = (app.last_read.is_none(), app.last_read == Some(entry));
        let persistence = app.persistence;
        app.last_read = Some(entry);
        if persistence == Persistence::Memory && (unchanged || unknown && found.is_none()) {
            let session = app.session;
            self.cover(Covered::WriteRetried);
            return match session {
                Some(session) => self.commit(storages, session),
                None => self.end_session(storages),
            };
        }
        app.persistence = Persistence::Storage;
        if !unchanged {
            app.session = found;
        }
        if persistence == Persistence::Unreadable {
            self.cover(Covered::ReadRetried);
        }
        if persistence == Persistence::Memory {
            self.cover(Covered::MemorySessionReplaced);
        }
        if entries.user == Entry::Damaged {
            self.cover(Covered::Damaged);
        } else if entries.hosts == Hosts::Foreign {
            self.cover(Covered::ForeignHostStored);
        }
    }

    fn notify_change(&mut self, before: Option<Session>) {
        let after = self.session();
        if before.is_some_and(|before| after.is_none_or(|after| !after.uid.same_user(before.uid))) {
            self.notify("logoutSuccess".into());
        }
        if let Some(after) = after {
            self.session_begins();
            self.notify(format!("loginSuccess {}", after.text()));
        }
    }

    /// B9: a later logout does not join an earlier one.
    fn session_begins(&mut self) {
        for pending in &mut self.requests {
            if let Operation::Logout { old } = &mut pending.operation {
                *old = true;
            }
        }
    }

    // B12, B14.

    /// Overwrites the entry of the same user in place and removes another user's entry first. If a
    /// write fails, the entries are restored, but never a session of another user.
    fn commit(&mut self, storages: &mut [ModelStorage; 3], session: Session) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        let before = app.session.replace(session);
        let same_user = before.is_some_and(|before| before.uid.same_user(session.uid));
        let (id, was_in_memory) = (app.id, app.persistence != Persistence::Storage);
        let storage = &mut storages[storage_index(app, tab)];
        let old = storage.apps[id];
        let removed = same_user || storage.remove(id, |entries| entries.user = Entry::Absent);
        let mut touched = removed && !same_user;
        let written = removed
            && storage.write(id, EntryKind::AppId, |entries| entries.app_id = true)
            && put_hosts(storage, id, session.hosts)
            && storage.write(id, EntryKind::User, |entries| entries.user = Entry::Session(session));
        touched |= written;
        if !written {
            put_hosts(storage, id, old.hosts);
            touched |= match old.user {
                Entry::Absent => storage.remove(id, |entries| entries.user = Entry::Absent),
                user => storage.write(id, EntryKind::User, |entries| entries.user = user),
            };
            if before.is_some() && !same_user {
                touched |= storage.clear_session(id);
            }
        }
        app.persistence = if written { Persistence::Storage } else { Persistence::Memory };
        app.remember_entry(storage, touched);
        match (was_in_memory, written) {
            (true, true) => self.cover(Covered::MemoryThenStored),
            (_, false) => self.cover(Covered::MemorySession),
            _ => {}
        }
    }

    /// B14, B15: writes what changed. If a write fails, storage keeps its earlier entries.
    fn refresh(&mut self, storages: &mut [ModelStorage; 3], session: Session) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        let Some(before) = app.session.replace(session) else { return };
        if app.persistence != Persistence::Storage {
            app.persistence = Persistence::Memory;
            return self.cover(Covered::RefreshedInMemory);
        }
        let (id, storage) = (app.id, &mut storages[storage_index(app, tab)]);
        let same_user = Session { hosts: session.hosts, ..before } == session;
        let written = (before.hosts == session.hosts || put_hosts(storage, id, session.hosts))
            && (same_user
                || storage
                    .write(id, EntryKind::User, |entries| entries.user = Entry::Session(session)));
        if !written {
            put_hosts(storage, id, before.hosts);
            app.persistence = Persistence::Memory;
        }
        app.remember_entry(storage, written && !same_user);
        if !written {
            self.cover(Covered::RefreshRefused);
        }
    }

    /// Ends the session. An entry that cannot be removed is removed later.
    fn end_session(&mut self, storages: &mut [ModelStorage; 3]) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        if app.persistence != Persistence::Storage {
            self.covered |= 1 << Covered::MemoryLoggedOut as u32;
        }
        app.session = None;
        let storage = &mut storages[storage_index(app, tab)];
        let removed = storage.clear_session(app.id);
        app.persistence = if removed { Persistence::Storage } else { Persistence::Memory };
        app.remember_entry(storage, removed);
    }

    // Calls.

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

    // Pending requests.

    fn begin(
        &mut self,
        call: CallId,
        operation: Operation,
        uid: Option<Uid>,
        token: Option<Token>,
    ) {
        let Some(app) = self.app else { return };
        let number = self.next_number;
        self.next_number += 1;
        let hosts = app.session.map_or(Hosts::Absent, |session| session.hosts);
        let pending = ModelRequest {
            number,
            operation,
            callers: VecDeque::from([call]),
            uid,
            token,
            region: app.region,
            hosts,
            extended: false,
        };
        let time = if matches!(operation, Operation::Logout { .. }) {
            app.timeout.min(5_000)
        } else {
            app.timeout
        };
        self.outputs.push(ModelOutput::StartTimer(number, time));
        if matches!(operation, Operation::Login(Login::Provider(..))) {
            self.outputs.push(ModelOutput::AskProvider(number, call));
        } else {
            self.send(&pending);
        }
        self.requests.push(pending);
    }

    fn send(&mut self, pending: &ModelRequest) {
        let Some(app) = self.app else { return };
        let (name, uid) = (APPS[app.id], pending.uid.map_or("", Uid::text));
        let region = pending.region;
        let admin = || format!("https://{name}.api-{region}.cometchat.io/v3.0");
        let client = || format!("https://{name}.apiclient-{region}.cometchat.io/v3.0");
        let session_base = || match pending.hosts {
            Hosts::OfService(number) => format!("https://h{number}.cometchat.io/v3.0"),
            _ => client(),
        };
        let own = app.session.map_or("", |session| session.uid.text());
        let (request, body) = match (pending.operation, pending.token) {
            (Operation::Login(Login::Key(..)), None) => {
                (format!("POST {}/users/{uid}/auth_tokens", admin()), "device")
            }
            (Operation::Login(_), _) => (format!("PUT {}/me", client()), "device"),
            (Operation::Logout { .. }, _) => (format!("DELETE {}/me", session_base()), ""),
            (Operation::CreateUser, _) => (format!("POST {}/users", admin()), uid),
            (Operation::UpdateUser, _) => (format!("PUT {}/users/{uid}", admin()), uid),
            (Operation::UpdateMe, _) => (format!("PUT {}/me", session_base()), own),
            (Operation::GetUser, _) => (format!("GET {}/users/{uid}", session_base()), ""),
            (Operation::Verify, _) => (format!("GET {}/me", session_base()), ""),
        };
        let credential = match (pending.token, pending.operation) {
            (Some(token), _) => format!("authToken {}", token.text()),
            (None, Operation::Login(Login::Key(_, key))) => format!("apiKey key-{key}"),
            (None, _) => "apiKey key-0".into(),
        };
        self.outputs
            .push(ModelOutput::Send(pending.number, format!("{request} {credential} {body}")));
        let owner = pending.token.map(|token| Uid { user: token.user, upper: false });
        let about = if matches!(pending.operation, Operation::GetUser) {
            pending.uid
        } else {
            owner.or(pending.uid)
        };
        self.request_users.extend(about);
    }

    fn take(&mut self, number: usize) -> Option<ModelRequest> {
        let at = self.requests.iter().position(|pending| pending.number == number)?;
        Some(self.requests.remove(at))
    }

    /// The token provider returns.
    pub fn provided(&mut self, storages: &mut [ModelStorage; 3], number: usize, token: Provided) {
        let Some(pending) = self.take(number) else { return self.cover(Covered::LateToken) };
        match token {
            Provided::Blank => {
                self.cover(Covered::ProviderBlank);
                self.fail(storages, pending, "TOKEN_PROVIDER_FAILED");
            }
            Provided::NonAscii => {
                self.cover(Covered::ProviderTokenNonAscii);
                self.fail(storages, pending, "INVALID_AUTH_TOKEN");
            }
            Provided::Token(token) => {
                self.send_with_token(storages, pending, token);
            }
        }
    }

    /// B1: an extended deadline is for a response that had arrived already, not for another
    /// request.
    fn send_with_token(
        &mut self,
        storages: &mut [ModelStorage; 3],
        mut pending: ModelRequest,
        token: Token,
    ) {
        pending.token = Some(token);
        if pending.extended {
            self.cover(Covered::ExtendedBetweenRequests);
            pending.token = None;
            return self.fail(storages, pending, "REQUEST_TIMEOUT");
        }
        self.send(&pending);
        self.requests.push(pending);
    }

    pub fn responded(
        &mut self,
        storages: &mut [ModelStorage; 3],
        number: usize,
        response: Response,
    ) {
        let Some(pending) = self.take(number) else { return self.cover(Covered::LateResponse) };
        let data = match response {
            Response::NoContent if matches!(pending.operation, Operation::Logout { .. }) => {
                self.cover(Covered::LogoutWithoutContent);
                return self.finish(pending, "object {}");
            }
            Response::NoContent => return self.fail(storages, pending, "INVALID_RESPONSE"),
            Response::StatusZero => {
                self.cover(Covered::InvalidStatus);
                return self.fail(storages, pending, "INVALID_RESPONSE");
            }
            Response::TokenUnknownAt(_) => {
                self.cover(Covered::OverloadEndsNothing);
                return self.fail_with(storages, pending, TOKEN_UNKNOWN, false);
            }
            Response::ConnectionLost => return self.fail(storages, pending, "FAILED_TO_FETCH"),
            Response::Html => return self.fail(storages, pending, "INVALID_RESPONSE"),
            Response::Error(code) => return self.fail(storages, pending, code),
            Response::NullData => None,
            Response::Data(data) => Some(data),
        };
        if let Operation::Logout { .. } = pending.operation {
            self.cover(Covered::LogoutSucceeds);
            return self.finish(
                pending,
                &format!("object {}", data.map_or_else(|| "{}".into(), |data| data.text())),
            );
        }
        let Some(data) = data else { return self.fail(storages, pending, "INVALID_RESPONSE") };
        match (pending.operation, pending.token) {
            (Operation::Login(Login::Key(uid, _)), None) => {
                let token = data.token.filter(|_| data.uid.is_none_or(|got| got.same_user(uid)));
                let Some(token) = token else {
                    self.cover(Covered::WrongUserForKey);
                    return self.fail(storages, pending, "INVALID_RESPONSE");
                };
                self.send_with_token(storages, pending, token);
            }
            (Operation::Login(login), Some(token)) => {
                self.complete_login(storages, pending, login, token, &data)
            }
            _ => self.complete_user_call(storages, pending, &data),
        }
    }

    /// B6, B11: stores the user of the response with the token that was sent.
    fn complete_login(
        &mut self,
        storages: &mut [ModelStorage; 3],
        pending: ModelRequest,
        login: Login,
        token: Token,
        data: &Data,
    ) {
        if data.hosts == Hosts::Foreign {
            self.cover(Covered::ForeignHostInResponse);
            return self.fail(storages, pending, "INVALID_HOST");
        }
        let Some(uid) =
            data.uid.filter(|got| pending.uid.is_none_or(|asked| asked.same_user(*got)))
        else {
            self.cover(Covered::WrongUser);
            return self.fail(storages, pending, "INVALID_RESPONSE");
        };
        self.sync_from_storage(storages);
        let before = self.session();
        let session = data.session(uid, token, None);
        self.commit(storages, session);
        match before {
            Some(before) if !before.uid.same_user(uid) => self.cover(Covered::UserSwitch),
            Some(before) if before.token != token => self.cover(Covered::NewTokenOfSameUser),
            _ => {}
        }
        self.cover(match login {
            Login::Key(..) => Covered::KeyLogin,
            Login::Token(..) => Covered::TokenLogin,
            Login::Provider(..) => Covered::ProviderLogin,
        });
        self.notify_change(before);
        self.finish(pending, &user_result(Some(session)));
    }

    /// B11, B29: the response refreshes the stored user, but never the token.
    fn complete_user_call(
        &mut self,
        storages: &mut [ModelStorage; 3],
        pending: ModelRequest,
        data: &Data,
    ) {
        let asked = pending.uid.filter(|_| pending.operation != Operation::Verify);
        if asked.is_some_and(|asked| data.uid.is_none_or(|got| !got.same_user(asked))) {
            self.cover(Covered::AnotherUserInResponse);
            return self.fail(storages, pending, "INVALID_RESPONSE");
        }
        self.sync_from_storage(storages);
        let session = self.session();
        let own = session.filter(|session| match pending.operation {
            Operation::UpdateUser => pending.uid.is_some_and(|uid| session.uid.same_user(uid)),
            Operation::UpdateMe | Operation::Verify => pending.token == Some(session.token),
            _ => false,
        });
        if let Some(session) = own {
            let fresh = data.uid.filter(|got| session.uid.same_user(*got));
            if data.hosts == Hosts::Foreign {
                self.cover(Covered::RefreshWithForeignHost);
                return self.fail(storages, pending, "INVALID_HOST");
            }
            let Some(uid) = fresh else { return self.fail(storages, pending, "INVALID_RESPONSE") };
            let fresh = data.session(uid, session.token, Some(&session));
            self.refresh(storages, fresh);
            self.cover(Covered::Refreshed);
            if data.jwt.is_none()
                && fresh.jwt.is_some()
                && data.hosts == Hosts::Absent
                && fresh.hosts != Hosts::Absent
            {
                self.cover(Covered::RefreshKeepsAbsentFields);
            }
        } else if matches!(pending.operation, Operation::UpdateMe | Operation::Verify) {
            self.cover(if session.is_some() {
                Covered::SessionReplacedMeanwhile
            } else {
                Covered::SessionEndedMeanwhile
            });
        }
        match pending.operation {
            Operation::UpdateUser if own.is_some() => self.cover(Covered::UpdatedSelf),
            Operation::UpdateUser if session.is_some() => self.cover(Covered::UpdatedOther),
            _ => {}
        }
        let token =
            if pending.operation == Operation::UpdateMe { pending.token } else { data.token };
        let answer = match pending.operation {
            Operation::Verify => user_result(self.session()),
            _ => format!(
                "profile {} n{} {}",
                data.uid.map_or("", Uid::text),
                data.name,
                token.map_or_else(String::new, Token::text)
            ),
        };
        self.finish(pending, &answer);
    }

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
    fn fail(
        &mut self,
        storages: &mut [ModelStorage; 3],
        pending: ModelRequest,
        code: &'static str,
    ) {
        self.fail_with(storages, pending, code, true);
    }

    /// `client_error`: the status means that the request was wrong, so an unknown token counts
    /// (B10).
    fn fail_with(
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

    fn finish(&mut self, pending: ModelRequest, result: &str) {
        self.outputs.push(ModelOutput::Cancel(pending.number));
        for call in pending.callers {
            self.settle(call, result);
        }
    }

    /// B3, B8: settles every pending call. `notifies`: listeners are called for an aborted login.
    fn drop_calls(&mut self, notifies: bool) {
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

    /// Whether no request is pending.
    pub fn is_idle(&self) -> bool {
        self.requests.is_empty()
    }
}
