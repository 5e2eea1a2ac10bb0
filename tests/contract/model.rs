//! What must be so: the rules B2–B11, B14, B15 and B29 once more, in the plainest form, and nothing of how the client does it.
//!
//! A session here is a few numbers, a disk three entries, a step a list of what must come out. [`crate::schedules`] drives this
//! and the real client with the same inputs and compares them after every step.

use std::collections::VecDeque;

use crate::words::*;

macro_rules! covered {
    ($($name:ident),+ $(,)?) => {
        /// What a schedule can show. Counted, so that the schedules cannot become empty.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Covered { $($name),+ }
        pub const COVERED: &[Covered] = &[$(Covered::$name),+];
    };
}

covered! {
    KeyLogin, TokenLogin, ProviderLogin, JoinedKeyLogin, JoinedTokenLogin, JoinedProviderLogin, LoginInProgress, SameUser,
    ProviderNotAsked, NewTokenOfSameUser, Switch, WrongUser, WrongUserForKey, FailureBesideSession, OneCallerLeaves, LastCallerLeaves,
    LogoutDuringLogin, LogoutDuringLoginBesideSession, LogoutSucceeds, JoinedLogout, LoginDuringLogout, LogoutBesideOldLogout,
    LogoutOfUnknown, LogoutFails, NotLoggedIn, SessionEndedByReply, OldTokenEndsNothing, LoginSessionEndedByOwnToken, Refreshed,
    RefreshedInMemory, RefreshRefused, WrittenAgain, ReadAgain, OvertakenInMemory, BaseChanged, BaseChangedAborts,
    Extended, ExtendedTooLateForTwo, OverloadEndsNothing, InvalidStatus, LogoutWithoutContent, OtherProvider,
    AnotherUserInReply, RefreshKeepsWhatIsUnsaid, RefreshWithForeignHost, UpdatedSelf, UpdatedOther, ReplacedMeanwhile, GoneMeanwhile, VerifyNobody,
    VerifyEnds, MemorySession, MemoryThenDisk, MemoryLoggedOut, ReadingRefused, NoticedLogin, NoticedLogout,
    NoticedSwitch, NoticedToken, NoticedName, Damaged, ForeignHostOnDisk, ForeignHostInReply, TimeoutOfLogin, TimeoutOfLogout,
    TimeoutOfOther, LateReply, LateTime, LateToken, LateAbort, ProviderBlank, ProviderUnfit, DisposedLogin, DisposedLogout,
    DisposedOther, OtherApp, OtherAppAborts, OtherMode, OtherModeFindsSession, WarmStart, AfterFailedInit, BeforeInit, AbortedBefore,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Login(Login),
    /// Whether a session has begun since.
    Logout {
        old: bool,
    },
    CreateUser,
    UpdateUser,
    UpdateMe,
    GetUser,
    Verify,
}

#[derive(Clone, Debug)]
struct PendingRequest {
    number: usize,
    what: What,
    callers: VecDeque<CallId>,
    uid: Option<Uid>,
    token: Option<Token>,
    /// The region and the session's hosts, as they were when it began.
    region: &'static str,
    hosts: Hosts,
    extended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
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
    home: Home,
    /// The `user` entry as it was read last, or as a write of ours left it.
    seen: Option<Entry>,
}

impl App {
    /// Looks at the entry that a change of ours left, so that a later one by others is noticed.
    fn see(&mut self, disk: &mut Disk, touched: bool) {
        match disk.read(self.id) {
            Some(entry) => self.seen = Some(entry),
            None if touched => self.seen = None,
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
    requests: Vec<PendingRequest>,
    failed_init: Option<CallId>,
    begun: usize,
    /// What must have come out of the step.
    pub said: Vec<Said>,
    /// Whom each request of the step is about.
    pub about: Vec<Uid>,
    pub covered: u128,
}

/// The store that an app of a tab keeps its session in: one is shared, one is each tab's own.
fn store(app: &App, tab: usize) -> usize {
    if app.session_mode { 1 + tab } else { 0 }
}

/// Writes the service's settings, or removes them if there are none.
fn put_hosts(disk: &mut Disk, app: usize, hosts: Hosts) -> bool {
    match hosts {
        Hosts::Unsaid => disk.remove(app, |entries| entries.hosts = hosts),
        _ => disk.write(app, Refused::Settings, |entries| entries.hosts = hosts),
    }
}

fn ok_user(session: Option<Session>) -> String {
    session.map_or_else(|| "nobody".into(), |session| format!("user {}", session.text()))
}

impl Model {
    pub fn new(tab: usize) -> Self {
        let (requests, said, about) = (Vec::new(), Vec::new(), Vec::new());
        Self { tab, app: None, requests, failed_init: None, begun: 0, said, about, covered: 0 }
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
            App { home: Home::Unreadable | Home::Memory, .. } => "memory",
            App { session_mode: true, .. } => "session",
            _ => "local",
        })
    }

    fn tell(&mut self, what: String) {
        self.said.push(Said::Told(what));
    }

    fn settle(&mut self, call: CallId, result: &str) {
        self.said.push(Said::Settled(call, result.into()));
    }

    fn login_under_way(&self) -> Option<usize> {
        self.requests.iter().position(|pending| matches!(pending.what, What::Login(_)))
    }

    // B15: what others did is the difference against the disk, and whoever sees it first tells.

    pub fn look(&mut self, disks: &mut [Disk; 3]) {
        let before = self.session();
        self.take_up(disks);
        let after = self.session();
        match (before, after) {
            (Some(before), Some(after)) if before.same_login(&after) => {
                if before != after {
                    self.cover(Covered::NoticedName);
                }
                return;
            }
            (None, None) => return,
            (Some(before), Some(after)) if before.uid.is(after.uid) => {
                self.cover(Covered::NoticedToken)
            }
            (Some(_), Some(_)) => self.cover(Covered::NoticedSwitch),
            (Some(_), None) => self.cover(Covered::NoticedLogout),
            (None, Some(_)) => self.cover(Covered::NoticedLogin),
        }
        self.tell_of_change(before);
    }

    fn take_up(&mut self, disks: &mut [Disk; 3]) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        let disk = &mut disks[store(app, tab)];
        let (entries, found) = (disk.apps[app.id], disk.session(app.id));
        let Some(entry) = disk.read(app.id) else {
            if app.home == Home::Storage {
                app.home = Home::Unreadable;
                self.cover(Covered::ReadingRefused);
            }
            return;
        };
        let (unknown, unchanged) = (app.seen.is_none(), app.seen == Some(entry));
        let home = app.home;
        app.seen = Some(entry);
        if home == Home::Memory && (unchanged || unknown && found.is_none()) {
            let session = app.session;
            self.cover(Covered::WrittenAgain);
            return match session {
                Some(session) => self.commit(disks, session),
                None => self.end_session(disks),
            };
        }
        app.home = Home::Storage;
        if !unchanged {
            app.session = found;
        }
        if home == Home::Unreadable {
            self.cover(Covered::ReadAgain);
        }
        if home == Home::Memory {
            self.cover(Covered::OvertakenInMemory);
        }
        if entries.user == Entry::Damaged {
            self.cover(Covered::Damaged);
        } else if entries.hosts == Hosts::Foreign {
            self.cover(Covered::ForeignHostOnDisk);
        }
    }

    fn tell_of_change(&mut self, before: Option<Session>) {
        let after = self.session();
        if before.is_some_and(|before| after.is_none_or(|after| !after.uid.is(before.uid))) {
            self.tell("logoutSuccess".into());
        }
        if let Some(after) = after {
            self.session_begins();
            self.tell(format!("loginSuccess {}", after.text()));
        }
    }

    /// B9: a logout after this is another one.
    fn session_begins(&mut self) {
        for pending in &mut self.requests {
            if let What::Logout { old } = &mut pending.what {
                *old = true;
            }
        }
    }

    // B12, B14.

    /// The same user's entry is overwritten in place; another user's is removed first. If a write
    /// fails, the entries are as before, and there is no session of another user.
    fn commit(&mut self, disks: &mut [Disk; 3], session: Session) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        let before = app.session.replace(session);
        let same_user = before.is_some_and(|before| before.uid.is(session.uid));
        let (id, was_in_memory) = (app.id, app.home != Home::Storage);
        let disk = &mut disks[store(app, tab)];
        let old = disk.apps[id];
        let removed = same_user || disk.remove(id, |entries| entries.user = Entry::None);
        let mut touched = removed && !same_user;
        let written = removed
            && disk.write(id, Refused::AppId, |entries| entries.app_id = true)
            && put_hosts(disk, id, session.hosts)
            && disk.write(id, Refused::User, |entries| entries.user = Entry::Of(session));
        touched |= written;
        if !written {
            put_hosts(disk, id, old.hosts);
            touched |= match old.user {
                Entry::None => disk.remove(id, |entries| entries.user = Entry::None),
                user => disk.write(id, Refused::User, |entries| entries.user = user),
            };
            if before.is_some() && !same_user {
                touched |= disk.clear_session(id);
            }
        }
        app.home = if written { Home::Storage } else { Home::Memory };
        app.see(disk, touched);
        match (was_in_memory, written) {
            (true, true) => self.cover(Covered::MemoryThenDisk),
            (_, false) => self.cover(Covered::MemorySession),
            _ => {}
        }
    }

    /// B14, B15: writes what differs; if that fails, storage is as before.
    fn refresh(&mut self, disks: &mut [Disk; 3], session: Session) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        let Some(before) = app.session.replace(session) else { return };
        if app.home != Home::Storage {
            app.home = Home::Memory;
            return self.cover(Covered::RefreshedInMemory);
        }
        let (id, disk) = (app.id, &mut disks[store(app, tab)]);
        let same_user = Session { hosts: session.hosts, ..before } == session;
        let written = (before.hosts == session.hosts || put_hosts(disk, id, session.hosts))
            && (same_user
                || disk.write(id, Refused::User, |entries| entries.user = Entry::Of(session)));
        if !written {
            put_hosts(disk, id, before.hosts);
            app.home = Home::Memory;
        }
        app.see(disk, written && !same_user);
        if !written {
            self.cover(Covered::RefreshRefused);
        }
    }

    /// Ends the session; where it cannot be removed now, that is tried again.
    fn end_session(&mut self, disks: &mut [Disk; 3]) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        if app.home != Home::Storage {
            self.covered |= 1 << Covered::MemoryLoggedOut as u32;
        }
        app.session = None;
        let disk = &mut disks[store(app, tab)];
        let removed = disk.clear_session(app.id);
        app.home = if removed { Home::Storage } else { Home::Memory };
        app.see(disk, removed);
    }

    // Calls.

    pub fn call(&mut self, disks: &mut [Disk; 3], id: CallId, pending_init: CallId, call: Call) {
        if let Call::Init { app, session_mode, timeout, moved } = call {
            self.init(disks, app, session_mode, timeout, if moved { "eu" } else { "us" });
            return self.settle(id, "done");
        }
        if call == Call::BadInit {
            self.failed_init = Some(id);
            return self.settle(id, "INVALID_REGION");
        }
        self.look(disks);
        if let Err(code) = self.begin_call(disks, id, pending_init, call) {
            if matches!(call, Call::Login(_) | Call::BadLogin | Call::AbortedLogin) {
                self.tell(format!("loginFailure {code}"));
            }
            self.settle(id, code);
        }
    }

    fn init(
        &mut self,
        disks: &mut [Disk; 3],
        id: usize,
        session_mode: bool,
        timeout: u32,
        region: &'static str,
    ) {
        self.failed_init = None;
        let again = self.app.is_some_and(|app| app.id == id);
        if again {
            self.look(disks);
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
                Covered::BaseChanged
            } else {
                Covered::BaseChangedAborts
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
                    home: Home::Storage,
                    seen: None,
                });
            }
        }
        let Some(app) = self.app else { return };
        disks[store(&app, self.tab)].write(id, Refused::AppId, |entries| entries.app_id = true);
        let before = app.session;
        if app.home == Home::Storage {
            // Read anew, whatever was seen.
            if let Some(app) = &mut self.app {
                app.seen = None;
            }
            self.take_up(disks);
        }
        if before.is_none() && self.session().is_some() {
            self.session_begins();
            self.cover(if again { Covered::OtherModeFindsSession } else { Covered::WarmStart });
        }
        if moved {
            self.cover(Covered::OtherMode);
        }
    }

    fn begin_call(
        &mut self,
        disks: &mut [Disk; 3],
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
            Call::Init { .. } | Call::BadInit => {}
            Call::BadLogin => return Err("MISSING_PARAMETERS"),
            Call::AbortedLogin => {
                self.cover(Covered::AbortedBefore);
                return Err("REQUEST_ABORTED");
            }
            Call::Login(login) => self.login(id, login),
            Call::Logout => return self.logout(disks, id),
            Call::Who => self.settle(id, &ok_user(app.session)),
            Call::CreateUser(uid) => self.begin(id, What::CreateUser, Some(uid), None),
            Call::UpdateUser(uid) => self.begin(id, What::UpdateUser, Some(uid), None),
            Call::UpdateMe => {
                let uid = app.session.map(|session| session.uid);
                self.begin(id, What::UpdateMe, uid, Some(logged_in?));
            }
            Call::GetUser(uid) => self.begin(id, What::GetUser, Some(uid), Some(logged_in?)),
            Call::Verify => match logged_in {
                Ok(token) => self.begin(id, What::Verify, None, Some(token)),
                Err(_) => {
                    self.cover(Covered::VerifyNobody);
                    self.settle(id, "nobody");
                }
            },
        }
        Ok(())
    }

    fn login(&mut self, id: CallId, login: Login) {
        if let Some(at) = self.login_under_way() {
            let same = |one: Option<Uid>, other: Option<Uid>| {
                one.map(|uid| uid.who) == other.map(|uid| uid.who)
            };
            let joins = match (self.requests[at].what, login) {
                (What::Login(Login::Key(one, key)), Login::Key(other, another)) => {
                    one.is(other) && key == another
                }
                // Whoever names nobody takes the user of the token.
                (What::Login(Login::Token(one, uid)), Login::Token(other, said)) => {
                    one == other && (said.is_none() || same(uid, said))
                }
                // The same function, where no uid says whom it is for.
                (What::Login(Login::Provider(uid, function)), Login::Provider(said, another)) => {
                    if uid.is_none() && said.is_none() && function != another {
                        self.covered |= 1 << Covered::OtherProvider as u32;
                    }
                    same(uid, said) && (uid.is_some() || function == another)
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
            let counts = uid.is_none_or(|uid| session.uid.is(uid))
                && token.is_none_or(|token| session.token == token);
            if counts {
                let provider = matches!(login, Login::Provider(..));
                self.cover(if provider { Covered::ProviderNotAsked } else { Covered::SameUser });
                self.tell(format!("loginSuccess {}", session.text()));
                return self.settle(id, &ok_user(Some(session)));
            }
        }
        if self.requests.iter().any(|pending| matches!(pending.what, What::Logout { .. })) {
            self.cover(Covered::LoginDuringLogout);
        }
        self.begin(id, What::Login(login), uid, token);
    }

    fn logout(&mut self, disks: &mut [Disk; 3], id: CallId) -> Result<(), &'static str> {
        let session = self.session();
        if let Some(at) = self.login_under_way() {
            let login = self.requests.remove(at);
            self.fail(disks, login, "LOGIN_ABORTED");
            self.cover(if session.is_some() {
                Covered::LogoutDuringLoginBesideSession
            } else {
                Covered::LogoutDuringLogin
            });
            if session.is_none() {
                self.settle(id, "object {}");
                return Ok(());
            }
        }
        if let Some(session) = session {
            if self.requests.iter().any(|pending| matches!(pending.what, What::Logout { .. })) {
                self.cover(Covered::LogoutBesideOldLogout);
            }
            self.tell("logoutSuccess".into());
            self.begin(id, What::Logout { old: false }, None, Some(session.token));
            self.end_session(disks);
            return Ok(());
        }
        let Some(first) =
            self.requests.iter_mut().find(|pending| pending.what == What::Logout { old: false })
        else {
            self.cover(Covered::NotLoggedIn);
            return Err("USER_NOT_LOGGED_IN");
        };
        first.callers.push_back(id);
        self.cover(Covered::JoinedLogout);
        Ok(())
    }

    // What waits for the service.

    fn begin(&mut self, call: CallId, what: What, uid: Option<Uid>, token: Option<Token>) {
        let Some(app) = self.app else { return };
        let number = self.begun;
        self.begun += 1;
        let hosts = app.session.map_or(Hosts::Unsaid, |session| session.hosts);
        let pending = PendingRequest {
            number,
            what,
            callers: VecDeque::from([call]),
            uid,
            token,
            region: app.region,
            hosts,
            extended: false,
        };
        let time =
            if matches!(what, What::Logout { .. }) { app.timeout.min(5_000) } else { app.timeout };
        self.said.push(Said::Clock(number, time));
        if matches!(what, What::Login(Login::Provider(..))) {
            self.said.push(Said::Asked(number, call));
        } else {
            self.send(&pending);
        }
        self.requests.push(pending);
    }

    fn send(&mut self, pending: &PendingRequest) {
        let Some(app) = self.app else { return };
        let (name, uid) = (APPS[app.id], pending.uid.map_or("", Uid::text));
        let region = pending.region;
        let admin = || format!("https://{name}.api-{region}.cometchat.io/v3.0");
        let client = || format!("https://{name}.apiclient-{region}.cometchat.io/v3.0");
        let of_session = || match pending.hosts {
            Hosts::Own(number) => format!("https://h{number}.cometchat.io/v3.0"),
            _ => client(),
        };
        let own = app.session.map_or("", |session| session.uid.text());
        let (request, body) = match (pending.what, pending.token) {
            (What::Login(Login::Key(..)), None) => {
                (format!("POST {}/users/{uid}/auth_tokens", admin()), "device")
            }
            (What::Login(_), _) => (format!("PUT {}/me", client()), "device"),
            (What::Logout { .. }, _) => (format!("DELETE {}/me", of_session()), ""),
            (What::CreateUser, _) => (format!("POST {}/users", admin()), uid),
            (What::UpdateUser, _) => (format!("PUT {}/users/{uid}", admin()), uid),
            (What::UpdateMe, _) => (format!("PUT {}/me", of_session()), own),
            (What::GetUser, _) => (format!("GET {}/users/{uid}", of_session()), ""),
            (What::Verify, _) => (format!("GET {}/me", of_session()), ""),
        };
        let credential = match (pending.token, pending.what) {
            (Some(token), _) => format!("authToken {}", token.text()),
            (None, What::Login(Login::Key(_, key))) => format!("apiKey key-{key}"),
            (None, _) => "apiKey key-0".into(),
        };
        self.said.push(Said::Sent(pending.number, format!("{request} {credential} {body}")));
        let owner = pending.token.map(|token| Uid { who: token.who, upper: false });
        let about =
            if matches!(pending.what, What::GetUser) { pending.uid } else { owner.or(pending.uid) };
        self.about.extend(about);
    }

    fn take(&mut self, number: usize) -> Option<PendingRequest> {
        let at = self.requests.iter().position(|pending| pending.number == number)?;
        Some(self.requests.remove(at))
    }

    /// A token provider gives its token.
    pub fn given(&mut self, disks: &mut [Disk; 3], number: usize, given: Given) {
        let Some(pending) = self.take(number) else { return self.cover(Covered::LateToken) };
        match given {
            Given::Blank => {
                self.cover(Covered::ProviderBlank);
                self.fail(disks, pending, "TOKEN_PROVIDER_FAILED");
            }
            Given::Unfit => {
                self.cover(Covered::ProviderUnfit);
                self.fail(disks, pending, "INVALID_AUTH_TOKEN");
            }
            Given::Token(token) => {
                self.carry_on(disks, pending, token);
            }
        }
    }

    /// B1: what its extension was for is a response that had arrived, not another request.
    fn carry_on(&mut self, disks: &mut [Disk; 3], mut pending: PendingRequest, token: Token) {
        pending.token = Some(token);
        if pending.extended {
            self.cover(Covered::ExtendedTooLateForTwo);
            pending.token = None;
            return self.fail(disks, pending, "REQUEST_TIMEOUT");
        }
        self.send(&pending);
        self.requests.push(pending);
    }

    pub fn replied(&mut self, disks: &mut [Disk; 3], number: usize, reply: Reply) {
        let Some(pending) = self.take(number) else { return self.cover(Covered::LateReply) };
        let data = match reply {
            Reply::NoContent if matches!(pending.what, What::Logout { .. }) => {
                self.cover(Covered::LogoutWithoutContent);
                return self.end(pending, "object {}");
            }
            Reply::NoContent => return self.fail(disks, pending, "INVALID_RESPONSE"),
            Reply::NoStatus => {
                self.cover(Covered::InvalidStatus);
                return self.fail(disks, pending, "INVALID_RESPONSE");
            }
            Reply::Overload(_) => {
                self.cover(Covered::OverloadEndsNothing);
                return self.fail_of(disks, pending, TOKEN_UNKNOWN, false);
            }
            Reply::Nothing => return self.fail(disks, pending, "FAILED_TO_FETCH"),
            Reply::Html => return self.fail(disks, pending, "INVALID_RESPONSE"),
            Reply::Refusal(code) => return self.fail(disks, pending, code),
            Reply::Null => None,
            Reply::Data(data) => Some(data),
        };
        if let What::Logout { .. } = pending.what {
            self.cover(Covered::LogoutSucceeds);
            return self.end(
                pending,
                &format!("object {}", data.map_or_else(|| "{}".into(), |data| data.text())),
            );
        }
        let Some(data) = data else { return self.fail(disks, pending, "INVALID_RESPONSE") };
        match (pending.what, pending.token) {
            (What::Login(Login::Key(uid, _)), None) => {
                let token = data.token.filter(|_| data.uid.is_none_or(|got| got.is(uid)));
                let Some(token) = token else {
                    self.cover(Covered::WrongUserForKey);
                    return self.fail(disks, pending, "INVALID_RESPONSE");
                };
                self.carry_on(disks, pending, token);
            }
            (What::Login(login), Some(token)) => {
                self.login_agreed(disks, pending, login, token, &data)
            }
            _ => self.user_said(disks, pending, &data),
        }
    }

    /// B6, B11: whom the reply tells of, with the token that was sent.
    fn login_agreed(
        &mut self,
        disks: &mut [Disk; 3],
        pending: PendingRequest,
        login: Login,
        token: Token,
        data: &Data,
    ) {
        if data.hosts == Hosts::Foreign {
            self.cover(Covered::ForeignHostInReply);
            return self.fail(disks, pending, "INVALID_HOST");
        }
        let Some(uid) = data.uid.filter(|got| pending.uid.is_none_or(|asked| asked.is(*got)))
        else {
            self.cover(Covered::WrongUser);
            return self.fail(disks, pending, "INVALID_RESPONSE");
        };
        self.look(disks);
        let before = self.session();
        let session = data.session(uid, token, None);
        self.commit(disks, session);
        match before {
            Some(before) if !before.uid.is(uid) => self.cover(Covered::Switch),
            Some(before) if before.token != token => self.cover(Covered::NewTokenOfSameUser),
            _ => {}
        }
        self.cover(match login {
            Login::Key(..) => Covered::KeyLogin,
            Login::Token(..) => Covered::TokenLogin,
            Login::Provider(..) => Covered::ProviderLogin,
        });
        self.tell_of_change(before);
        self.end(pending, &ok_user(Some(session)));
    }

    /// B11, B29: what is said of the logged-in user refreshes what is stored, never the token.
    fn user_said(&mut self, disks: &mut [Disk; 3], pending: PendingRequest, data: &Data) {
        let asked = pending.uid.filter(|_| pending.what != What::Verify);
        if asked.is_some_and(|asked| data.uid.is_none_or(|got| !got.is(asked))) {
            self.cover(Covered::AnotherUserInReply);
            return self.fail(disks, pending, "INVALID_RESPONSE");
        }
        self.look(disks);
        let session = self.session();
        let own = session.filter(|session| match pending.what {
            What::UpdateUser => pending.uid.is_some_and(|uid| session.uid.is(uid)),
            What::UpdateMe | What::Verify => pending.token == Some(session.token),
            _ => false,
        });
        if let Some(session) = own {
            let fresh = data.uid.filter(|got| session.uid.is(*got));
            if data.hosts == Hosts::Foreign {
                self.cover(Covered::RefreshWithForeignHost);
                return self.fail(disks, pending, "INVALID_HOST");
            }
            let Some(uid) = fresh else { return self.fail(disks, pending, "INVALID_RESPONSE") };
            let fresh = data.session(uid, session.token, Some(&session));
            self.refresh(disks, fresh);
            self.cover(Covered::Refreshed);
            if data.jwt.is_none()
                && fresh.jwt.is_some()
                && data.hosts == Hosts::Unsaid
                && fresh.hosts != Hosts::Unsaid
            {
                self.cover(Covered::RefreshKeepsWhatIsUnsaid);
            }
        } else if matches!(pending.what, What::UpdateMe | What::Verify) {
            self.cover(if session.is_some() {
                Covered::ReplacedMeanwhile
            } else {
                Covered::GoneMeanwhile
            });
        }
        match pending.what {
            What::UpdateUser if own.is_some() => self.cover(Covered::UpdatedSelf),
            What::UpdateUser if session.is_some() => self.cover(Covered::UpdatedOther),
            _ => {}
        }
        let token = if pending.what == What::UpdateMe { pending.token } else { data.token };
        let answer = match pending.what {
            What::Verify => ok_user(self.session()),
            _ => format!(
                "profile {} n{} {}",
                data.uid.map_or("", Uid::text),
                data.name,
                token.map_or_else(String::new, Token::text)
            ),
        };
        self.end(pending, &answer);
    }

    /// B1: a timer that fires late gives one more second, once.
    pub fn time_is_up(&mut self, disks: &mut [Disk; 3], number: usize, late: u64) {
        let Some(mut pending) = self.take(number) else { return self.cover(Covered::LateTime) };
        if late > 500 && !pending.extended {
            self.cover(Covered::Extended);
            pending.extended = true;
            self.requests.push(pending);
            return self.said.push(Said::Clock(number, 1_000));
        }
        self.cover(match pending.what {
            What::Login(_) => Covered::TimeoutOfLogin,
            What::Logout { .. } => Covered::TimeoutOfLogout,
            _ => Covered::TimeoutOfOther,
        });
        self.fail(disks, pending, "REQUEST_TIMEOUT");
    }

    /// B7: a caller leaves; with the last one the login ends.
    pub fn abort(&mut self, disks: &mut [Disk; 3], call: CallId) {
        let left = self.login_under_way().and_then(|at| {
            let caller = self.requests[at].callers.iter().position(|caller| *caller == call)?;
            Some((at, caller))
        });
        let Some((at, caller)) = left else { return self.cover(Covered::LateAbort) };
        if self.requests[at].callers.len() == 1 {
            self.cover(Covered::LastCallerLeaves);
            let login = self.requests.remove(at);
            return self.fail(disks, login, "REQUEST_ABORTED");
        }
        self.cover(Covered::OneCallerLeaves);
        self.requests[at].callers.remove(caller);
        self.settle(call, "REQUEST_ABORTED");
    }

    /// B5, B9, B10.
    fn fail(&mut self, disks: &mut [Disk; 3], pending: PendingRequest, code: &'static str) {
        self.fail_of(disks, pending, code, true);
    }

    /// `blamed`: the status says that it is the request's fault.
    fn fail_of(
        &mut self,
        disks: &mut [Disk; 3],
        pending: PendingRequest,
        code: &'static str,
        blamed: bool,
    ) {
        let unknown = code == TOKEN_UNKNOWN && blamed;
        if unknown && let Some(token) = pending.token {
            self.look(disks);
            if self.session().is_some_and(|session| session.token == token) {
                self.end_session(disks);
                self.tell("logoutSuccess".into());
                let login = matches!(pending.what, What::Login(_));
                self.cover(if login {
                    Covered::LoginSessionEndedByOwnToken
                } else {
                    Covered::SessionEndedByReply
                });
                if pending.what == What::Verify {
                    self.cover(Covered::VerifyEnds);
                }
            } else if self.session().is_some() {
                self.cover(Covered::OldTokenEndsNothing);
            }
        }
        match pending.what {
            What::Logout { .. } if unknown || code == "ERR_UID_NOT_FOUND" => {
                self.cover(Covered::LogoutOfUnknown);
                return self.end(pending, "object {}");
            }
            What::Logout { .. } => {
                self.cover(Covered::LogoutFails);
                self.tell(format!("logoutFailure {code}"));
            }
            What::Verify if unknown => {
                let who = ok_user(self.session());
                return self.end(pending, &who);
            }
            What::Login(_) => {
                if self.session().is_some() {
                    self.cover(Covered::FailureBesideSession);
                }
                self.tell(format!("loginFailure {code}"));
            }
            _ => {}
        }
        self.end(pending, code);
    }

    fn end(&mut self, pending: PendingRequest, result: &str) {
        self.said.push(Said::Cancelled(pending.number));
        for call in pending.callers {
            self.settle(call, result);
        }
    }

    /// B3, B8: each promise is settled, nothing will be written. `tells`: listeners hear of a login.
    fn drop_calls(&mut self, tells: bool) {
        for pending in std::mem::take(&mut self.requests) {
            let login = matches!(pending.what, What::Login(_));
            if login && tells {
                self.tell("loginFailure LOGIN_ABORTED".into());
            }
            self.end(pending, if login { "LOGIN_ABORTED" } else { "REQUEST_ABORTED" });
        }
    }

    pub fn dispose(&mut self) {
        for at in 0..self.requests.len() {
            self.cover(match self.requests[at].what {
                What::Login(_) => Covered::DisposedLogin,
                What::Logout { .. } => Covered::DisposedLogout,
                _ => Covered::DisposedOther,
            });
        }
        self.drop_calls(false);
        self.app = None;
        self.failed_init = None;
    }

    /// Nothing waits any more.
    pub fn is_at_rest(&self) -> bool {
        self.requests.is_empty()
    }
}
