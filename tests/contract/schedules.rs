//! Random schedules of steps for two tabs, run on the client and on the [`crate::model`].
//!
//! Steps are calls, responses in any order, timers, aborts, failing storage, changes by another
//! program, and reloads. After every step the outputs, the state in memory and the storages must be
//! equal.
//!
//! A failing schedule is printed with its seed, reduced to the steps that are needed. Add it to
//! [`REGRESSIONS`]. `SEED=… cargo test -p cometchat-auth --test contract schedules` runs one seed
//! again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use cometchat_auth::client::ports::{
    self, Answer, Area, Event, NoResponse, Output, Read, Received, Refused, RequestId,
};
use cometchat_auth::client::{self, Client, Input};
use cometchat_auth::protocol::error::{Exception, Http, TABLE};
use cometchat_auth::protocol::json::CanonicalJson;
use cometchat_auth::protocol::request::Request;
use cometchat_auth::protocol::secret::Secret;

use crate::model::*;

const SCHEDULES: u64 = 200_000;

/// A step of a schedule. The number of the tab is stored next to it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Call(Call),
    /// A call that waited for the tab's last `init`, which may have been rejected.
    AfterInit(Call),
    /// A response to one of the open requests, whether a call still waits for it or not.
    Respond(usize, ResponseKind, ResponseFields),
    /// A good response to the newest open request.
    RespondToNewest(ResponseFields),
    Provide(usize, Provided),
    Advance(u64),
    /// Timers fire late, as in a page that was frozen.
    Freeze(u64),
    /// A timer fires that was stopped.
    LateTimer(usize),
    /// An abort of a pending call, or of one that has settled.
    Abort(usize),
    Sync,
    Refuse(RefusedAccess),
    /// Only the next read of localStorage fails.
    RefuseNextRead,
    /// A change by another program.
    External(StorageKind, ExternalChange),
    Dispose,
    Reload,
}
use Step::{
    Abort, Advance, AfterInit, Dispose, LateTimer, Provide, Refuse, Reload, RespondToNewest, Sync,
};

#[derive(Clone, Copy, Debug)]
enum ResponseKind {
    Good,
    OtherUser,
    /// Neither a uid nor a token.
    NoUser,
    ForeignHost,
    Error,
    TooMany,
    TokenUnknown,
    UidUnknown,
    Html,
    NullData,
    ConnectionLost,
    StatusZero,
    NoContent,
    TokenUnknownAt(u16),
}

/// The fields of a good response.
#[derive(Clone, Copy, Debug)]
struct ResponseFields {
    token: u8,
    upper: bool,
    jwt: bool,
    channel: bool,
    hosts: bool,
}

#[derive(Clone, Copy, Debug)]
enum StorageKind {
    Local,
    Session,
}

#[derive(Clone, Copy, Debug)]
enum ExternalChange {
    Login(Token),
    /// The same session with another name.
    Rename,
    Logout,
    Damage,
    ForeignHost(Token),
    Clear,
}

/// Schedules that failed once, each with the rule that it broke.
const REGRESSIONS: &[(&str, &[(usize, Step)])] = &[
    (
        "A session that init finds in another storage is new: its logout joins no earlier one.",
        &[
            (0, Step::External(StorageKind::Local, ExternalChange::Login(BOB))),
            (0, Step::External(StorageKind::Session, ExternalChange::Login(CAROL))),
            (
                0,
                Step::Call(Call::Init {
                    app: 0,
                    session_mode: false,
                    timeout: 10_000,
                    other_region: false,
                }),
            ),
            (0, Step::Call(Call::Logout)),
            (
                0,
                Step::Call(Call::Init {
                    app: 0,
                    session_mode: true,
                    timeout: 10_000,
                    other_region: false,
                }),
            ),
            (0, Step::Call(Call::Logout)),
            (0, Step::Call(Call::Logout)),
        ],
    ),
    (
        "A login stores a session in memory again, even if it is the same session.",
        &[
            (
                1,
                Step::Call(Call::Init {
                    app: 0,
                    session_mode: false,
                    timeout: 10_000,
                    other_region: false,
                }),
            ),
            (1, Step::Call(Call::Login(Login::Token(BOB, None)))),
            (0, Step::External(StorageKind::Local, ExternalChange::Login(BOB))),
            (1, Sync),
            (0, Refuse(RefusedAccess::All)),
            (1, Sync),
            (0, Refuse(RefusedAccess::None)),
            (
                1,
                RespondToNewest(ResponseFields {
                    token: 1,
                    upper: false,
                    jwt: true,
                    channel: false,
                    hosts: true,
                }),
            ),
        ],
    ),
];

const BOB: Token = Token { user: 1, number: 1 };
const CAROL: Token = Token { user: 2, number: 1 };

// The platform.

#[derive(Debug, Default)]
struct StoredEntries {
    entries: BTreeMap<String, String>,
    changes: u32,
    trace: u64,
}

/// The storages of all tabs: one localStorage, and one sessionStorage for each tab.
#[derive(Debug)]
struct TestStorages {
    stores: [StoredEntries; 3],
    refused: RefusedAccess,
    refuses_next_read: bool,
}

#[derive(Clone, Debug)]
struct TestPlatform {
    stores: Rc<RefCell<TestStorages>>,
    tab: usize,
    /// The entry that was read last.
    last: Option<(Area, String, Option<String>)>,
}

impl TestPlatform {
    fn at(&self, area: Area) -> usize {
        match area {
            Area::Local => 0,
            Area::Session => 1 + self.tab,
        }
    }
}

/// The app and the kind of the entry, if the model knows the key.
fn entry(key: &str) -> Option<(&str, EntryKind)> {
    let (app, slot) = key.split_once(":common_store/")?;
    let slots = [
        ("appId", EntryKind::AppId),
        ("app_settings", EntryKind::Settings),
        ("user", EntryKind::User),
    ];
    slots.into_iter().find(|known| known.0 == slot).map(|known| (app, known.1))
}

impl ports::Platform for TestPlatform {
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        let (stores, at) = (self.stores.borrow(), self.at(area));
        if at == 0 && stores.refused == RefusedAccess::All {
            return Err(Refused);
        }
        Ok(stores.stores[at].entries.get(key).cloned())
    }

    fn read(&mut self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        let refuses_next_read =
            self.at(area) == 0 && std::mem::take(&mut self.stores.borrow_mut().refuses_next_read);
        let entry = self.get(area, key)?;
        if refuses_next_read {
            return Err(Refused);
        }
        self.last = Some((area, key.into(), entry.clone()));
        Ok(entry)
    }

    fn read_again(&mut self) -> Result<Read, Refused> {
        let (area, key, last) = self.last.clone().expect("an entry was read before");
        let entry = self.read(area, &key)?;
        Ok(if entry == last { Read::Unchanged } else { Read::Changed(entry) })
    }

    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused> {
        let (mut stores, at) = (self.stores.borrow_mut(), self.at(area));
        let (entry, refused) = (entry(key), stores.refused);
        // sessionStorage never fails here. Another test covers the tab's id.
        let refuses_entry = match entry {
            Some((_, kind)) => refused.includes_write_of(kind),
            None => matches!(refused, RefusedAccess::AllWrites | RefusedAccess::All),
        };
        if at == 0 && refuses_entry {
            return Err(Refused);
        }
        let store = &mut stores.stores[at];
        store.changes += 1;
        if let Some((app, entry)) = entry {
            let user =
                store.entries.keys().any(|key| key.strip_prefix(app) == Some(":common_store/user"));
            store.trace = extend_trace(store.trace, entry, user);
        }
        store.entries.insert(key.into(), value.into());
        Ok(())
    }

    fn remove(&mut self, area: Area, key: &str) -> Result<(), Refused> {
        let (mut stores, at) = (self.stores.borrow_mut(), self.at(area));
        if at == 0 && stores.refused == RefusedAccess::All {
            return Err(Refused);
        }
        stores.stores[at].changes += 1;
        stores.stores[at].entries.remove(key);
        Ok(())
    }

    /// Every text in these tests is either canonical or cut off.
    fn canonical(&self, text: &str) -> Option<CanonicalJson> {
        let whole = text.len() > 1 && (text.ends_with('}') || text.ends_with('"'));
        whole.then(|| CanonicalJson::from_engine(text.into()))
    }
}

/// Quotes JSON text as a JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    out.push('"');
    for piece in text.split_inclusive('"') {
        match piece.strip_suffix('"') {
            Some(piece) => {
                out.push_str(piece);
                out.push_str("\\\"");
            }
            None => out.push_str(piece),
        }
    }
    out.push('"');
    out
}

const DAMAGED: &str = r#"{"uid":"#;

// Tabs.

struct Tab {
    client: Client<TestPlatform>,
    model: Model,
    /// The client's request ids, in order of their start.
    ids: Vec<RequestId>,
    /// Requests without a response so far, with their method and user.
    open: Vec<(usize, &'static str, Uid)>,
    pending_providers: Vec<usize>,
    timers: Vec<(usize, u64)>,
    calls: CallId,
    pending: Vec<CallId>,
    last_init: CallId,
    /// The outputs since the last comparison.
    outputs: Vec<ModelOutput>,
    /// The user that the facade knows.
    last_user: Option<CanonicalJson>,
}

type CheckResult = Result<(), String>;

impl Tab {
    fn new(platform: TestPlatform) -> Self {
        Self {
            model: Model::new(platform.tab),
            client: Client::new(platform),
            ids: Vec::new(),
            open: Vec::new(),
            pending_providers: Vec::new(),
            timers: Vec::new(),
            calls: 0,
            pending: Vec::new(),
            last_init: 0,
            outputs: Vec::new(),
            last_user: None,
        }
    }

    fn number(&self, id: RequestId) -> usize {
        self.ids.iter().rposition(|known| *known == id).unwrap_or(usize::MAX)
    }

    /// Passes an input to the client and records its outputs as model outputs.
    fn handle(&mut self, input: Input) {
        self.client.handle(input);
        for output in std::mem::take(self.client.outputs()) {
            let output = match output {
                Output::Send(id, request) => {
                    ModelOutput::Send(self.number(id), request_text(&request))
                }
                Output::Cancel(id) => ModelOutput::Cancel(self.number(id)),
                Output::Release(id) => ModelOutput::Cancel(self.number(id)),
                Output::StartTimer(id, ms) => {
                    if !self.ids.contains(&id) {
                        self.ids.push(id);
                    }
                    ModelOutput::StartTimer(self.number(id), ms)
                }
                Output::AskProvider(id, call) => ModelOutput::AskProvider(self.number(id), call),
                Output::Watch(..) => continue,
                Output::SessionChanged { session, .. } => {
                    self.last_user = session.map(|session| session.user.clone());
                    continue;
                }
                Output::Settle(calls, result) => {
                    let settled = result_text(&result);
                    self.outputs.extend(
                        calls.iter().map(|&call| ModelOutput::Settle(call, settled.clone())),
                    );
                    continue;
                }
                Output::Notify(event) => ModelOutput::Notify(event_text(&event)),
                Output::Warn(text) => ModelOutput::Notify(text.into()),
            };
            self.outputs.push(output);
        }
    }

    /// Compares the outputs. The rules do not define the order in which several promises settle in
    /// a row, nor when within a step a timer starts or a request is cancelled.
    fn compare(&mut self, now: u64) -> CheckResult {
        let (actual, expected) =
            (std::mem::take(&mut self.outputs), std::mem::take(&mut self.model.outputs));
        if actual != expected {
            let (actual, expected) = (normalised(actual), normalised(expected.clone()));
            if actual != expected {
                return Err(format!("outputs: {actual:#?}\nexpected: {expected:#?}"));
            }
        }
        let mut request_users = std::mem::take(&mut self.model.request_users).into_iter();
        for output in expected {
            match output {
                ModelOutput::Send(number, line) => {
                    let method =
                        ["GET", "PUT", "DELETE"].into_iter().find(|name| line.starts_with(name));
                    let uid = request_users.next().ok_or("a request without a user")?;
                    self.open.push((
                        number,
                        method.filter(|_| !line.contains("apiKey")).unwrap_or("POST"),
                        uid,
                    ));
                }
                ModelOutput::StartTimer(number, ms) => {
                    self.timers.push((number, now + u64::from(ms)))
                }
                ModelOutput::AskProvider(number, _) => self.pending_providers.push(number),
                ModelOutput::Cancel(number) => self.timers.retain(|timer| timer.0 != number),
                ModelOutput::Settle(call, _) => {
                    match self.pending.iter().position(|pending| *pending == call) {
                        Some(at) => _ = self.pending.swap_remove(at),
                        None => return Err(format!("call {call} settled twice")),
                    }
                }
                ModelOutput::Notify(_) => {}
            }
        }
        let session = self.model.session();
        let token = session.map(|session| session.token.text());
        let actual = (
            self.client.app_id(),
            self.client.persistence(),
            self.client.auth_token().map(Secret::expose),
        );
        let expected = (self.model.app_id(), self.model.persistence(), token.as_deref());
        if actual == expected {
            Ok(())
        } else {
            Err(format!("app, persistence, token: {actual:?}, expected: {expected:?}"))
        }
    }

    fn call(&mut self, storages: &mut [ModelStorage; 3], call: Call, waits_for_init: bool) {
        self.calls += 1;
        let (id, pending_init) = (self.calls, if waits_for_init { self.last_init } else { 0 });
        if matches!(call, Call::Init { .. } | Call::InvalidInit) {
            self.last_init = id;
        }
        self.pending.push(id);
        let (what, args) = arguments(call);
        self.model.call(storages, id, pending_init, call);
        self.handle(Input::Call { id, pending_init, what, args: CanonicalJson::from_engine(args) });
    }
}

fn normalised(outputs: Vec<ModelOutput>) -> (Vec<ModelOutput>, Vec<ModelOutput>) {
    let (mut unordered, mut line): (Vec<_>, Vec<_>) = outputs.into_iter().partition(|output| {
        matches!(
            output,
            ModelOutput::StartTimer(..) | ModelOutput::Cancel(_) | ModelOutput::AskProvider(..)
        )
    });
    unordered.sort_by_key(|output| format!("{output:?}"));
    for run in line.chunk_by_mut(|one, other| {
        matches!((one, other), (ModelOutput::Settle(..), ModelOutput::Settle(..)))
    }) {
        run.sort_by_key(|output| if let ModelOutput::Settle(call, _) = output { *call } else { 0 });
    }
    (line, unordered)
}

fn request_text(request: &Request) -> String {
    let mut text = String::new();
    let init = request.init().root();
    let headers = init.at("headers");
    let name = if headers.at("apiKey").is_there() { "apiKey" } else { "authToken" };
    let secret = headers.text_of(name);
    let body = CanonicalJson::from_engine(init.at("body").text());
    let body = match body.root() {
        body if !body.is_there() => String::new(),
        body if body.at("uid").is_there() => body.text_of("uid"),
        body => if body.at("deviceId").is_there() { "device" } else { "?" }.into(),
    };
    let _ = write!(text, "{} {} {name} {secret} {body}", init.at("method").text(), request.url());
    text
}

fn code(exception: &Exception) -> String {
    match exception {
        Exception::Own { code, .. } => TABLE[*code as usize].name.into(),
        Exception::Service { error, .. } => error.code.clone(),
    }
}

fn result_text(result: &Result<Answer, Rc<Exception>>) -> String {
    match result {
        Ok(Answer::Done) => "done".into(),
        Ok(Answer::NoUser) => "no user".into(),
        Ok(Answer::User(session)) => format!("user {}", session.user.as_str()),
        Ok(Answer::Object(text)) => format!("object {}", text.as_str()),
        Ok(Answer::Profile(text)) => {
            let text = |name| text.root().text_of(name);
            let leaks: String = ["jwt", "wsChannel", "settings"].into_iter().map(text).collect();
            format!("profile {} {} {}{leaks}", text("uid"), text("name"), text("authToken"))
        }
        Err(exception) => code(exception),
    }
}

fn event_text(event: &Event) -> String {
    match event {
        Event::LoginSuccess(session) => format!("loginSuccess {}", session.user.as_str()),
        Event::LoginFailure(exception) => format!("loginFailure {}", code(exception)),
        Event::LogoutSuccess => "logoutSuccess".into(),
        Event::LogoutFailure(exception) => format!("logoutFailure {}", code(exception)),
    }
}

/// The call and its arguments as the facade passes them.
fn arguments(call: Call) -> (client::Call, String) {
    use client::Call as Of;
    let user =
        |uid: Uid| format!(r#"{{"user":{{"uid":"{}","name":"N"}},"authKey":"key-0"}}"#, uid.text());
    let uid_member = |uid: Option<Uid>| {
        uid.map_or_else(String::new, |uid| format!(r#","uid":"{}""#, uid.text()))
    };
    match call {
        Call::Init { app, session_mode, timeout, other_region } => {
            let region = if other_region { r#""region":"eu""# } else { r#""region":"us""# };
            let (app, mode) = (APPS[app], if session_mode { "session" } else { "local" });
            let limit = format!(r#""requestTimeout":"{timeout}""#);
            let page = r#""isThisMachine":true,"userAgent":"b","forDevice":"d_1","forTab":"t-1""#;
            (
                Of::Init,
                format!(r#"{{"appId":"{app}","storageMode":"{mode}",{limit},{region},{page}}}"#),
            )
        }
        Call::InvalidInit => (Of::Init, r#"{"appId":"myapp","region":"mars"}"#.into()),
        Call::Login(Login::Key(uid, key)) => {
            (Of::Login, format!(r#"{{"authKey":"key-{key}"{}}}"#, uid_member(Some(uid))))
        }
        Call::Login(Login::Token(token, uid)) => {
            (Of::Login, format!(r#"{{"authToken":"{}"{}}}"#, token.text(), uid_member(uid)))
        }
        Call::Login(Login::Provider(uid, function)) => {
            (Of::Login, format!(r#"{{"provider":"{function}"{}}}"#, uid_member(uid)))
        }
        Call::AbortedLogin => (Of::Login, r#"{"authToken":"t","aborted":"1"}"#.into()),
        Call::InvalidLogin => (Of::Login, r#"{"count":"3"}"#.into()),
        Call::Logout => (Of::Logout, "{}".into()),
        Call::LoggedInUser => (Of::LoggedInUser, "{}".into()),
        Call::CreateUser(uid) => (Of::CreateUser, user(uid)),
        Call::UpdateUser(uid) => (Of::UpdateUser, user(uid)),
        // The uid of another user has to be ignored.
        Call::UpdateMe => (Of::UpdateMe, r#"{"user":{"uid":"mallory","name":"N"}}"#.into()),
        Call::GetUser(uid) => (Of::GetUser, format!(r#"{{"uid":"{}"}}"#, uid.text())),
        Call::Verify => (Of::Verify, "{}".into()),
    }
}

fn to_outcome(response: Response) -> Result<Box<Received>, NoResponse> {
    let (status, body) = match response {
        Response::ConnectionLost => return Err(NoResponse),
        Response::Html => (502, String::new()),
        Response::StatusZero => (0, r#"{"error":{"code":"ERR_X"}}"#.into()),
        Response::NoContent => (204, String::new()),
        Response::TokenUnknownAt(status) => {
            (status, r#"{"error":{"code":"AUTH_ERR_AUTH_TOKEN_NOT_FOUND"}}"#.into())
        }
        Response::NullData => (200, r#"{"data":null}"#.into()),
        Response::Error(code) => (
            if code == "ERR_TOO_MANY_REQUESTS" { 429 } else { 401 },
            format!(r#"{{"error":{{"code":"{code}"}}}}"#),
        ),
        Response::Data(data) => (200, format!(r#"{{"data":{}}}"#, data.text())),
    };
    Ok(Box::new(Received { http: Http { status, retry_after: 0 }, body }))
}

// The simulation.

struct Simulation {
    tabs: [Tab; 2],
    storages: [ModelStorage; 3],
    stores: Rc<RefCell<TestStorages>>,
    now: u64,
    response_count: u16,
    covered: u128,
    /// The model's storages and the number of changes at the last comparison.
    last_compared: Option<([[AppEntries; 2]; 3], u32)>,
}

impl Simulation {
    fn new() -> Self {
        let stores = Rc::new(RefCell::new(TestStorages {
            stores: Default::default(),
            refused: RefusedAccess::None,
            refuses_next_read: false,
        }));
        let tab = |tab| Tab::new(TestPlatform { stores: stores.clone(), tab, last: None });
        Self {
            tabs: [tab(0), tab(1)],
            storages: [ModelStorage::new(); 3],
            stores: stores.clone(),
            now: 0,
            response_count: 0,
            covered: 0,
            last_compared: None,
        }
    }

    fn response(
        &mut self,
        kind: ResponseKind,
        fields: ResponseFields,
        method: &str,
        about: Uid,
    ) -> Response {
        self.response_count += 1;
        let number = self.response_count;
        let user =
            if matches!(kind, ResponseKind::OtherUser) { (about.user + 1) % 3 } else { about.user };
        let good = Data {
            uid: Some(Uid { user, upper: fields.upper }),
            // Only `POST` returns the user's token. The token of any other response has to be
            // ignored.
            token: Some(Token { user, number: if method == "POST" { fields.token } else { 9 } }),
            name: number,
            jwt: fields.jwt.then_some(number),
            channel: fields.channel.then_some(number),
            hosts: if fields.hosts { Hosts::OfService(number) } else { Hosts::Absent },
        };
        match kind {
            ResponseKind::Good | ResponseKind::OtherUser => Response::Data(good),
            ResponseKind::NoUser => Response::Data(Data { uid: None, token: None, ..good }),
            ResponseKind::ForeignHost => Response::Data(Data { hosts: Hosts::Foreign, ..good }),
            ResponseKind::Error => Response::Error("ERR_INTERNAL"),
            ResponseKind::TooMany => Response::Error("ERR_TOO_MANY_REQUESTS"),
            ResponseKind::TokenUnknown => Response::Error("AUTH_ERR_AUTH_TOKEN_NOT_FOUND"),
            ResponseKind::UidUnknown => Response::Error("ERR_UID_NOT_FOUND"),
            ResponseKind::Html => Response::Html,
            ResponseKind::NullData => Response::NullData,
            ResponseKind::ConnectionLost => Response::ConnectionLost,
            ResponseKind::StatusZero => Response::StatusZero,
            ResponseKind::NoContent => Response::NoContent,
            ResponseKind::TokenUnknownAt(status) => Response::TokenUnknownAt(status),
        }
    }

    fn respond(&mut self, tab: usize, at: usize, kind: ResponseKind, fields: ResponseFields) {
        let (number, method, about) = self.tabs[tab].open.remove(at);
        let response = self.response(kind, fields, method, about);
        let tab = &mut self.tabs[tab];
        tab.model.responded(&mut self.storages, number, response);
        let id = tab.ids[number];
        tab.handle(Input::Responded(id, to_outcome(response)));
    }

    /// Moves the clock forward. Timers that are due fire in order.
    fn advance(&mut self, ms: u64, frozen: bool) -> CheckResult {
        self.now += ms;
        for tab in 0..2 {
            while let Some(at) = self.tabs[tab].timers.iter().position(|timer| timer.1 <= self.now)
            {
                let (number, due) = self.tabs[tab].timers.remove(at);
                self.time_out(tab, number, if frozen { self.now - due } else { 0 })?;
            }
        }
        Ok(())
    }

    fn time_out(&mut self, tab: usize, number: usize, late: u64) -> CheckResult {
        let tab = &mut self.tabs[tab];
        tab.model.timed_out(&mut self.storages, number, late);
        tab.handle(Input::TimedOut(tab.ids[number], u32::try_from(late).unwrap()));
        tab.compare(self.now)
    }

    /// A change by another program. It never fails.
    fn external(&mut self, at: usize, what: ExternalChange) {
        self.response_count += 1;
        let entries = &mut self.storages[at].apps[0];
        let (before, number) = (*entries, self.response_count);
        match what {
            ExternalChange::Login(token) | ExternalChange::ForeignHost(token) => {
                let uid = Uid { user: token.user, upper: false };
                entries.app_id = true;
                let hosts = if matches!(what, ExternalChange::Login(_)) {
                    Hosts::OfService(number)
                } else {
                    Hosts::Foreign
                };
                entries.hosts = hosts;
                entries.user = Entry::Session(Session {
                    uid,
                    token,
                    name: number,
                    jwt: None,
                    channel: Some(number),
                    hosts,
                });
            }
            ExternalChange::Rename => {
                if let Entry::Session(session) = &mut entries.user {
                    session.name = number;
                }
            }
            ExternalChange::Logout => {
                (entries.user, entries.hosts) = (Entry::Absent, Hosts::Absent)
            }
            ExternalChange::Damage => entries.user = Entry::Damaged,
            ExternalChange::Clear => {
                self.storages[at].apps = ModelStorage::new().apps;
                self.stores.borrow_mut().stores[at].entries.clear();
                return;
            }
        }
        let after = *entries;
        let mut stores = self.stores.borrow_mut();
        let stored = &mut stores.stores[at].entries;
        for ((slot, text), (_, old)) in
            entry_texts(&after, 0).into_iter().zip(entry_texts(&before, 0))
        {
            match text {
                _ if text == old => {}
                Some(text) => _ = stored.insert(slot.into(), text),
                None => _ = stored.remove(slot),
            }
        }
    }

    fn step(&mut self, at: usize, step: Step) -> CheckResult {
        let tab = &mut self.tabs[at];
        match step {
            Step::Call(call) => tab.call(&mut self.storages, call, false),
            AfterInit(call) => tab.call(&mut self.storages, call, true),
            Step::Respond(which, kind, fields) => {
                if !tab.open.is_empty() {
                    let which = which % tab.open.len();
                    self.respond(at, which, kind, fields);
                }
            }
            RespondToNewest(fields) => {
                if !tab.open.is_empty() {
                    let newest = tab.open.len() - 1;
                    self.respond(at, newest, ResponseKind::Good, fields);
                }
            }
            Provide(which, token) => {
                if !tab.pending_providers.is_empty() {
                    let number = tab.pending_providers.remove(which % tab.pending_providers.len());
                    tab.model.provided(&mut self.storages, number, token);
                    let token = match token {
                        Provided::Token(token) => token.text(),
                        Provided::Blank => " ".into(),
                        Provided::NonAscii => "tökën".into(),
                    };
                    tab.handle(Input::Token(tab.ids[number], token));
                }
            }
            Advance(ms) => self.advance(ms, false)?,
            Step::Freeze(ms) => self.advance(ms, true)?,
            Step::RefuseNextRead => {
                self.storages[0].refuses_next_read = true;
                self.stores.borrow_mut().refuses_next_read = true;
            }
            LateTimer(which) => {
                if !tab.ids.is_empty() {
                    let number = which % tab.ids.len();
                    if tab.timers.iter().all(|timer| timer.0 != number) {
                        self.time_out(at, number, 0)?;
                    }
                }
            }
            Abort(which) => {
                let late = which % 8 == 0 || tab.pending.is_empty();
                let call = if late {
                    u32::try_from(which).unwrap()
                } else {
                    tab.pending[which % tab.pending.len()]
                };
                tab.model.abort(&mut self.storages, call);
                tab.handle(Input::Abort(call));
            }
            Sync => {
                tab.model.sync_from_storage(&mut self.storages);
                tab.handle(Input::Sync);
            }
            Refuse(refused) => {
                self.storages[0].refused = refused;
                self.stores.borrow_mut().refused = refused;
            }
            Step::External(store, what) => self.external(
                match store {
                    StorageKind::Local => 0,
                    StorageKind::Session => 1 + at,
                },
                what,
            ),
            Dispose => {
                tab.model.dispose();
                tab.handle(Input::Dispose);
            }
            Reload => {
                self.covered |= tab.model.covered;
                *tab = Tab::new(TestPlatform { stores: self.stores.clone(), tab: at, last: None });
            }
        }
        self.tabs[at].compare(self.now)?;
        self.compare_storages()
    }

    fn compare_storages(&mut self) -> CheckResult {
        let stores = self.stores.borrow();
        let now = (
            self.storages.map(|storage| storage.apps),
            stores.stores.iter().map(|store| store.changes).sum(),
        );
        if self.last_compared == Some(now) {
            return Ok(());
        }
        for (at, (storage, store)) in self.storages.iter().zip(&stores.stores).enumerate() {
            if storage.trace != store.trace {
                return Err(format!("store {at}: written in another order"));
            }
            for (app, entries) in storage.apps.iter().enumerate() {
                for (slot, expected) in entry_texts(entries, app) {
                    let actual = store.entries.get(slot);
                    if actual != expected.as_ref() {
                        return Err(format!(
                            "store {at}, {slot}: {actual:?}, expected: {expected:?}"
                        ));
                    }
                }
            }
        }
        self.last_compared = Some(now);
        Ok(())
    }
}

/// The expected entries of an app.
fn entry_texts(entries: &AppEntries, app: usize) -> [(&'static str, Option<String>); 3] {
    const KEYS: [[&str; 3]; 2] = [
        ["myapp:common_store/appId", "myapp:common_store/user", "myapp:common_store/app_settings"],
        [
            "otherapp:common_store/appId",
            "otherapp:common_store/user",
            "otherapp:common_store/app_settings",
        ],
    ];
    let [id, user, settings] = KEYS[app];
    let id_text = entries.app_id.then(|| quoted(&quoted(APPS[app])));
    let user_text = match entries.user {
        Entry::Absent => None,
        Entry::Damaged => Some(DAMAGED.into()),
        Entry::Session(session) => Some(quoted(&session.text())),
    };
    [(id, id_text), (user, user_text), (settings, entries.hosts.text().map(|text| quoted(&text)))]
}

/// Runs a schedule. After the last timer no call is pending (B1), and a reloaded page reads the
/// stored session.
fn run(schedule: &[(usize, Step)]) -> Result<u128, String> {
    let mut simulation = Simulation::new();
    for (at, (tab, step)) in schedule.iter().enumerate() {
        simulation
            .step(*tab, *step)
            .map_err(|why| format!("step {at}, tab {tab}, {step:?}: {why}"))?;
    }
    simulation.advance(60_000, false).map_err(|why| format!("after the last timer: {why}"))?;
    for tab in &simulation.tabs {
        if !tab.pending.is_empty() || !tab.model.is_idle() {
            return Err(format!("pending: {:?}", tab.pending));
        }
    }
    for session_mode in [false, true] {
        let init = Call::Init { app: 0, session_mode, timeout: 10_000, other_region: false };
        for step in
            [Refuse(RefusedAccess::None), Reload, Step::Call(init), Step::Call(Call::LoggedInUser)]
        {
            simulation.step(0, step).map_err(|why| format!("in a new page: {why}"))?;
        }
    }
    Ok(simulation.covered | simulation.tabs[0].model.covered | simulation.tabs[1].model.covered)
}

// Random schedules.

/// SplitMix64. Proptest's strategies take minutes here in a build without optimisation.
struct Random(u64);

impl Random {
    fn below(&mut self, of: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) >> 33).unwrap() % of
    }

    fn once_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn choose<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A user. The first ones are more frequent, so that steps meet the same session.
    fn user(&mut self) -> u8 {
        self.choose(&[0, 0, 1, 1, 2])
    }

    fn uid(&mut self) -> Uid {
        Uid { user: self.user(), upper: self.once_in(3) }
    }

    fn token(&mut self) -> Token {
        Token { user: self.user(), number: self.choose(&[1, 1, 2]) }
    }

    fn fields(&mut self) -> ResponseFields {
        ResponseFields {
            token: self.choose(&[1, 2, 3]),
            upper: self.once_in(4),
            jwt: !self.once_in(3),
            channel: !self.once_in(3),
            hosts: !self.once_in(3),
        }
    }

    fn weighted_index(&mut self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|weight| left.checked_sub(*weight).map(|less| left = less).is_none())
            .unwrap()
    }

    fn provided(&mut self) -> Provided {
        match self.below(8) {
            0 => Provided::Blank,
            1 => Provided::NonAscii,
            _ => Provided::Token(self.token()),
        }
    }

    fn init(&mut self) -> Call {
        Call::Init {
            app: usize::from(self.once_in(6)),
            session_mode: self.once_in(3),
            timeout: self.choose(&[10_000, 10_000, 3_000, 30_000]),
            other_region: self.once_in(4),
        }
    }
}

/// Generates a schedule. Each schedule has its own weights, so that some steps are frequent and
/// others never occur. That reaches combinations which equal weights almost never reach.
struct Generator {
    random: Random,
    steps: [usize; 20],
    calls: [usize; 11],
    last_login: Login,
}

impl Generator {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0xd134_2543_de82_ef95));
        let mut factors = [(); 31].map(|()| random.choose(&[0, 1, 1, 4]));
        factors[..2].fill(1);
        let scaled = |at: usize, weight: usize| weight * factors[at];
        let mut at = 0;
        let mut next = |weight| {
            at += 1;
            scaled(at - 1, weight)
        };
        let steps = [28, 14, 6, 3, 5, 3, 1, 4, 2, 2, 2, 3, 1, 1, 1, 2, 1, 1, 2, 1].map(&mut next);
        let calls = [6, 6, 5, 8, 2, 4, 4, 4, 2, 1, 1].map(&mut next);
        let last_login = Login::Token(random.token(), None);
        Self { random, steps, calls, last_login }
    }

    fn login(&mut self, login: Login) -> Call {
        // Often repeat the last login, so that logins can join.
        if !self.random.once_in(3) {
            self.last_login = login;
        }
        Call::Login(self.last_login)
    }

    fn call(&mut self) -> Call {
        let (random, mut calls) = (&mut self.random, self.calls);
        calls[4] += 1;
        match random.weighted_index(&calls) {
            0 => {
                let login = Login::Key(random.uid(), u8::from(random.once_in(4)));
                self.login(login)
            }
            1 => {
                let login = Login::Token(random.token(), random.once_in(3).then(|| random.uid()));
                self.login(login)
            }
            2 => {
                let login = Login::Provider(
                    random.once_in(2).then(|| random.uid()),
                    random.choose(&[1, 1, 2]),
                );
                self.login(login)
            }
            3 => Call::Logout,
            4 => Call::LoggedInUser,
            5 => Call::Verify,
            6 => Call::UpdateMe,
            7 => Call::UpdateUser(random.uid()),
            8 => Call::GetUser(random.uid()),
            9 => Call::CreateUser(random.uid()),
            _ => random.choose(&[
                Call::InvalidInit,
                Call::InvalidInit,
                Call::AbortedLogin,
                Call::InvalidLogin,
            ]),
        }
    }

    fn step(&mut self) -> Step {
        use ResponseKind::{
            ConnectionLost, Error, ForeignHost, Good, Html, NoUser, NullData, OtherUser,
            TokenUnknown, TooMany, UidUnknown,
        };
        const KINDS: [ResponseKind; 16] = [
            Good,
            Good,
            OtherUser,
            OtherUser,
            NoUser,
            ForeignHost,
            Error,
            TooMany,
            UidUnknown,
            Html,
            NullData,
            ConnectionLost,
            ResponseKind::StatusZero,
            ResponseKind::NoContent,
            ResponseKind::TokenUnknownAt(429),
            ResponseKind::TokenUnknownAt(503),
        ];
        const REFUSED: [RefusedAccess; 6] = [
            RefusedAccess::WritesOf(EntryKind::AppId),
            RefusedAccess::WritesOf(EntryKind::Settings),
            RefusedAccess::WritesOf(EntryKind::User),
            RefusedAccess::AllWrites,
            RefusedAccess::All,
            RefusedAccess::All,
        ];
        let random = &mut self.random;
        match random.weighted_index(&self.steps) {
            0 => Step::Call(self.call()),
            1 => RespondToNewest(random.fields()),
            2 => Step::Respond(random.below(64), random.choose(&KINDS), random.fields()),
            3 => Step::Respond(random.below(64), TokenUnknown, random.fields()),
            4 => Provide(random.below(8), random.provided()),
            5 => Advance(random.choose(&[1, 2_999, 3_000, 5_000, 10_000])),
            6 => LateTimer(random.below(64)),
            7 => Abort(random.below(64)),
            8 => Sync,
            9 => Refuse(random.choose(&REFUSED)),
            10 => Refuse(RefusedAccess::None),
            11 => Step::External(StorageKind::Local, ExternalChange::Login(random.token())),
            12 => {
                let external = [
                    ExternalChange::Rename,
                    ExternalChange::Damage,
                    ExternalChange::ForeignHost(random.token()),
                    ExternalChange::Clear,
                ];
                Step::External(StorageKind::Local, random.choose(&external))
            }
            13 => Step::External(StorageKind::Local, ExternalChange::Logout),
            14 => {
                let token = random.token();
                Step::External(
                    StorageKind::Session,
                    random.choose(&[
                        ExternalChange::Login(token),
                        ExternalChange::Login(token),
                        ExternalChange::Logout,
                    ]),
                )
            }
            15 => Step::Call(random.init()),
            16 => random.choose(&[Dispose, Reload]),
            17 => AfterInit(self.call()),
            18 => Step::Freeze(random.choose(&[3_000, 5_600, 10_400, 10_600])),
            _ => Step::RefuseNextRead,
        }
    }
}

fn schedule(seed: u64) -> Vec<(usize, Step)> {
    let mut generator = Generator::new(seed);
    let started = Call::Init {
        app: 0,
        session_mode: generator.random.once_in(8),
        timeout: 10_000,
        other_region: false,
    };
    let mut schedule = Vec::with_capacity(64);
    if !generator.random.once_in(20) {
        schedule.extend([(0, Step::Call(started)), (1, Step::Call(started))]);
    }
    let (length, other_tab) =
        (6 + generator.random.below(50), generator.random.choose(&[3, 5, 1_000]));
    for _ in 0..length {
        schedule.push((usize::from(generator.random.once_in(other_tab)), generator.step()));
    }
    schedule
}

/// Counts a panic in the client as a failure.
fn run_catching_panics(schedule: &[(usize, Step)]) -> Result<u128, String> {
    std::panic::catch_unwind(|| run(schedule)).unwrap_or_else(|_| Err("a panic".into()))
}

/// Removes every step that the failure does not need.
fn shrink(mut schedule: Vec<(usize, Step)>) -> Vec<(usize, Step)> {
    let mut at = schedule.len();
    while at > 0 {
        at -= 1;
        let mut shorter = schedule.clone();
        shorter.remove(at);
        if run_catching_panics(&shorter).is_err() {
            schedule = shorter;
            at = at.min(schedule.len());
        }
    }
    schedule
}

fn failure_report(seed: u64) -> Option<String> {
    let full = schedule(seed);
    let why = run_catching_panics(&full).err()?;
    let short = shrink(full);
    let again = run_catching_panics(&short).err().unwrap_or_default();
    let steps: String = short.iter().map(|step| format!("    {step:?},\n")).collect();
    Some(format!("SEED={seed}: {why}\n\nThe steps that are needed:\n[\n{steps}]\n{again}"))
}

#[test]
fn the_client_matches_the_model_in_random_schedules() {
    let seed: Option<u64> = std::env::var("SEED").ok().map(|seed| seed.parse().expect("a number"));
    if let Some(seed) = seed {
        println!("{:#?}", schedule(seed));
        if let Some(report) = failure_report(seed) {
            panic!("{report}");
        }
        return;
    }
    let next = AtomicU64::new(0);
    let work = || {
        let mut counts = vec![0_u64; COVERED.len()];
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= SCHEDULES {
                return Ok(counts);
            }
            let Ok(covered) = run_catching_panics(&schedule(seed)) else {
                next.store(SCHEDULES, Ordering::Relaxed);
                return Err(failure_report(seed)
                    .unwrap_or_else(|| format!("SEED={seed} fails now and then")));
            };
            for (at, count) in counts.iter_mut().enumerate() {
                *count += u64::from(covered >> at & 1 == 1);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker")).collect()
    });
    let mut counts = vec![0; COVERED.len()];
    for result in results {
        match result {
            Ok(some) => some.iter().zip(&mut counts).for_each(|(some, count)| *count += some),
            Err(report) => panic!("{report}"),
        }
    }
    println!("The number of schedules, of {SCHEDULES}, that reach a situation:");
    for (what, count) in COVERED.iter().zip(&counts) {
        println!("{count:>7} {what:?}");
    }
    let rare: Vec<_> =
        COVERED.iter().zip(&counts).filter(|(_, count)| **count < SCHEDULES / 1_000).collect();
    assert!(rare.is_empty(), "too few schedules reach these situations: {rare:?}");
}

#[test]
fn regression_schedules_pass() {
    for (what, schedule) in REGRESSIONS {
        assert_eq!(run_catching_panics(schedule).err(), None, "{what}");
    }
}

#[test]
fn a_schedule_is_the_same_for_the_same_seed() {
    assert_eq!(format!("{:?}", schedule(7)), format!("{:?}", schedule(7)));
    assert_ne!(format!("{:?}", schedule(7)), format!("{:?}", schedule(8)));
}
