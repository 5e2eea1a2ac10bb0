//! A browser made of plain values, and a driver that plays the page and the network.
//!
//! These invariants are checked in every test:
//!
//! - A promise settles once.
//! - A response to a request that is done, or a timer that was stopped, has no effect.
//! - Credentials are sent in headers only. No URL, exception or warning contains one.
//! - Every request carries exactly one credential.
//! - At the end every call has settled, unless the test sets [`Tab::closed`].

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use cometchat_auth::client::ports::{
    self, Answer, Area, CallId, Event, NoResponse, Outcome, Output, Read, Received, Refused,
    RequestId,
};
use cometchat_auth::client::{Call, Client, Input};
use cometchat_auth::protocol::error::{Exception, Http, TABLE};
use cometchat_auth::protocol::json::CanonicalJson;
use cometchat_auth::protocol::session::Session;
use serde_json::{Value, json};

pub const APP: &str = "myapp";
pub const AUTH_KEY: &str = "an-auth-key";
pub const USER: &str = "myapp:common_store/user";
pub const SETTINGS: &str = "myapp:common_store/app_settings";

pub type Entries = BTreeMap<String, String>;

/// localStorage or sessionStorage, shared by its clones. Records each change and the entries after
/// it.
#[derive(Clone, Debug, Default)]
pub struct Storage(Rc<RefCell<StorageState>>);

#[derive(Debug, Default)]
struct StorageState {
    entries: Entries,
    changes: Vec<String>,
    snapshots: Vec<Entries>,
    refuses_all: bool,
    refuses_writes: bool,
    refused_write: Option<usize>,
    refuses_next_read: bool,
}

impl Storage {
    pub fn with(entries: Entries) -> Self {
        let storage = Self::default();
        storage.0.borrow_mut().entries = entries;
        storage
    }

    pub fn entries(&self) -> Entries {
        self.0.borrow().entries.clone()
    }

    pub fn get(&self, key: &str) -> Option<String> {
        self.0.borrow().entries.get(key).cloned()
    }

    /// Writes as another program does: the write is not recorded.
    pub fn put(&self, key: &str, text: &str) {
        self.0.borrow_mut().entries.insert(key.into(), text.into());
    }

    /// Removes as another program does: the removal is not recorded.
    pub fn remove(&self, key: &str) {
        self.0.borrow_mut().entries.remove(key);
    }

    /// `localStorage.clear()`.
    pub fn clear(&self) {
        self.0.borrow_mut().entries.clear();
    }

    /// Makes every access fail, as in a sandboxed frame.
    pub fn refuse_all(&self, yes: bool) {
        self.0.borrow_mut().refuses_all = yes;
    }

    /// Makes writes fail, as with a full quota. Reads and removals still work.
    pub fn refuse_writes(&self, yes: bool) {
        self.0.borrow_mut().refuses_writes = yes;
    }

    /// Makes only the next read fail.
    pub fn refuse_next_read(&self) {
        self.0.borrow_mut().refuses_next_read = true;
    }

    /// Makes one write fail: the one after so many successful writes.
    pub fn refuse_write_after(&self, after: usize) {
        self.0.borrow_mut().refused_write = Some(after);
    }

    /// Takes the client's own changes, in order: `set key`, `remove key`.
    pub fn changes(&self) -> Vec<String> {
        let mut state = self.0.borrow_mut();
        state.snapshots.clear();
        std::mem::take(&mut state.changes)
    }

    /// The entries after each of those changes.
    pub fn snapshots(&self) -> Vec<Entries> {
        self.0.borrow().snapshots.clone()
    }

    fn change(&self, what: String, step: impl FnOnce(&mut Entries)) {
        let mut state = self.0.borrow_mut();
        step(&mut state.entries);
        let now = state.entries.clone();
        state.changes.push(what);
        state.snapshots.push(now);
    }
}

/// The port of the client: two storages, a clock and a source of ids.
#[derive(Clone, Debug, Default)]
pub struct TestPlatform {
    pub local: Storage,
    pub session: Storage,
    pub now: Rc<Cell<u64>>,
    pub random: Rc<Cell<u8>>,
    /// The entry that was read last.
    pub last: Option<(Area, String, Option<String>)>,
}

impl TestPlatform {
    fn area(&self, area: Area) -> &Storage {
        match area {
            Area::Local => &self.local,
            Area::Session => &self.session,
        }
    }
}

impl ports::Platform for TestPlatform {
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        let mut state = self.area(area).0.borrow_mut();
        let refused_now = std::mem::take(&mut state.refuses_next_read);
        if state.refuses_all || refused_now {
            Err(Refused)
        } else {
            Ok(state.entries.get(key).cloned())
        }
    }

    fn read(&mut self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        let entry = self.get(area, key)?;
        self.last = Some((area, key.into(), entry.clone()));
        Ok(entry)
    }

    fn read_again(&mut self) -> Result<Read, Refused> {
        let (area, key, last) = self.last.clone().expect("an entry was read before");
        if self.get(area, &key)? == last {
            return Ok(Read::Unchanged);
        }
        self.read(area, &key).map(Read::Changed)
    }

    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused> {
        let storage = self.area(area);
        {
            let mut state = storage.0.borrow_mut();
            let refused_now = state.refused_write == Some(0);
            state.refused_write = state.refused_write.and_then(|left| left.checked_sub(1));
            if state.refuses_all || state.refuses_writes || refused_now {
                return Err(Refused);
            }
        }
        storage
            .change(format!("set {key}"), |entries| drop(entries.insert(key.into(), value.into())));
        Ok(())
    }

    fn remove(&mut self, area: Area, key: &str) -> Result<(), Refused> {
        let storage = self.area(area);
        let (refused, exists) = {
            let state = storage.0.borrow();
            (state.refuses_all, state.entries.contains_key(key))
        };
        if refused {
            return Err(Refused);
        }
        if exists {
            storage.change(format!("remove {key}"), |entries| drop(entries.remove(key)));
        }
        Ok(())
    }

    fn canonical(&self, text: &str) -> Option<CanonicalJson> {
        canonical(text).map(CanonicalJson::from_engine)
    }
}

/// Writes JSON as the engine of a page does.
fn canonical(text: &str) -> Option<String> {
    serde_json::from_str::<Value>(text).ok().map(|value| value.to_string())
}

/// The fields of an exception as JavaScript reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionFields {
    pub code: String,
    pub message: String,
    /// JSON text. `None` if masking a secret made the service's details invalid JSON.
    pub details: Option<String>,
    pub status: Option<u64>,
    pub retryable: bool,
    pub retry_after: Option<u32>,
    pub own: bool,
}

/// Reads an exception as the facade does.
pub fn exception_fields(exception: &Exception) -> ExceptionFields {
    let http = exception.http();
    let (code, message, details) = match exception {
        Exception::Own { code, subject, .. } => {
            let row = TABLE[*code as usize];
            let subject = if subject.is_empty() { String::new() } else { format!("{subject}: ") };
            (row.name.into(), format!("{subject}{}", row.text), String::new())
        }
        Exception::Service { error, .. } => {
            (error.code.clone(), error.message.clone(), error.details.clone())
        }
    };
    ExceptionFields {
        code,
        message,
        // JavaScript drops details that are falsy.
        details: canonical(&details)
            .filter(|details| !["null", "false", "0", "\"\""].contains(&&**details)),
        status: Some(u64::from(http.status)).filter(|status| *status > 0),
        retryable: exception.is_retryable(),
        retry_after: Some(http.retry_after).filter(|seconds| *seconds > 0),
        own: exception.code().is_some(),
    }
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct SentRequest {
    pub id: RequestId,
    pub method: &'static str,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    pub keepalive: bool,
    /// The client no longer waits for the response: it arrived, the request was cancelled or timed
    /// out.
    pub done: bool,
}

impl SentRequest {
    /// The method and the end of the URL, such as `PUT /me`.
    pub fn request_line(&self) -> String {
        let path = self.url.split_once("/v3.0").map_or(self.url.as_str(), |(_, path)| path);
        format!("{} {path}", self.method)
    }
}

/// One observable output of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEntry {
    Sent(RequestId),
    Event(Event),
    Settled(CallId),
    Warning(&'static str),
}

/// An event as one line: `loginSuccess alice`, `loginFailure ERR_X`.
pub fn event_text(event: &Event) -> String {
    match event {
        Event::LoginSuccess(session) => format!("loginSuccess {}", session.uid),
        Event::LoginFailure(exception) => {
            format!("loginFailure {}", exception_fields(exception).code)
        }
        Event::LogoutSuccess => "logoutSuccess".into(),
        Event::LogoutFailure(exception) => {
            format!("logoutFailure {}", exception_fields(exception).code)
        }
    }
}

/// A page with its client.
pub struct Tab {
    pub platform: TestPlatform,
    pub client: Client<TestPlatform>,
    pub calls: BTreeMap<CallId, (Call, Option<Result<Answer, ExceptionFields>>)>,
    pub sent: Vec<SentRequest>,
    /// Logins that wait for their token provider.
    pub pending_providers: Vec<(RequestId, CallId)>,
    /// The outputs of the client, in order.
    pub log: Vec<LogEntry>,
    /// The time limit of each call, as last passed to the watchdog.
    pub watchdog_ms: BTreeMap<CallId, u32>,
    /// Every `SessionChanged`: the session, and whether it is only in memory.
    pub session_changes: Vec<(Option<Rc<Session>>, bool)>,
    last_user: Option<CanonicalJson>,
    /// Requests that continue although no call waits for them.
    pub released: Vec<RequestId>,
    log_position: usize,
    timers: Vec<(RequestId, u64)>,
    secrets: Vec<String>,
    /// Passed by the facade on localhost only.
    is_this_machine: Option<bool>,
    /// Skips the check that every call has settled: the page is closed, or calls stay pending.
    pub closed: bool,
}

impl Default for Tab {
    fn default() -> Self {
        Self::new(TestPlatform::default())
    }
}

impl Tab {
    /// A page on localhost, before `init`.
    pub fn new(platform: TestPlatform) -> Self {
        Self {
            client: Client::new(platform.clone()),
            platform,
            is_this_machine: Some(true),
            pending_providers: Vec::new(),
            calls: BTreeMap::new(),
            sent: Vec::new(),
            log: Vec::new(),
            watchdog_ms: BTreeMap::new(),
            session_changes: Vec::new(),
            last_user: None,
            released: Vec::new(),
            log_position: 0,
            timers: Vec::new(),
            secrets: Vec::new(),
            closed: false,
        }
    }

    /// A page on another host than localhost, before `init`.
    pub fn deployed() -> Self {
        let mut tab = Self::default();
        tab.is_this_machine = None;
        tab
    }

    /// A page after `init` for the region us.
    pub fn ready() -> Self {
        Self::ready_on(TestPlatform::default())
    }

    pub fn ready_on(platform: TestPlatform) -> Self {
        let mut tab = Self::new(platform);
        tab.init_app();
        tab
    }

    /// A page after `init`, logged in as that user with the token `{uid}-token-1`.
    pub fn logged_in(uid: &str) -> Self {
        let mut tab = Self::ready();
        tab.log_in(uid, &first_token(uid));
        tab.clear_log();
        tab
    }

    /// Another tab of the same browser, after `init`.
    pub fn sibling(&self) -> Self {
        Self::ready_on(TestPlatform { session: Storage::default(), ..self.platform.clone() })
    }

    /// The page after a reload. Pending calls are lost.
    pub fn reload(mut self) -> Self {
        self.closed = true;
        Self::ready_on(self.platform.clone())
    }

    /// Forgets all outputs and changes so far, so that a test sees only what it causes itself.
    pub fn clear_log(&mut self) {
        self.log.clear();
        self.session_changes.clear();
        self.sent.clear();
        self.log_position = 0;
        self.platform.local.changes();
        self.platform.session.changes();
    }

    // Calls.

    pub fn call(&mut self, what: Call, pending_init: CallId, args: &Value) -> CallId {
        let id = CallId::try_from(self.calls.len()).unwrap() + 1;
        self.calls.insert(id, (what, None));
        self.handle(Input::Call {
            id,
            pending_init,
            what,
            args: CanonicalJson::from_engine(args.to_string()),
        });
        id
    }

    /// A call whose arguments are JSON text.
    pub fn raw_call(&mut self, what: Call, args: String) -> CallId {
        let id = CallId::try_from(self.calls.len()).unwrap() + 1;
        self.calls.insert(id, (what, None));
        self.handle(Input::Call {
            id,
            pending_init: 0,
            what,
            args: CanonicalJson::from_engine(args),
        });
        id
    }

    pub fn init(&mut self, mut settings: Value) -> CallId {
        let new_id = |separator: char| {
            self.platform.random.set(self.platform.random.get().wrapping_add(1));
            let (byte, ms) = (
                format!("{:02x}", self.platform.random.get()),
                1_800_000_000_000 + self.platform.now.get(),
            );
            let digit = format!("{:x}", self.platform.random.get() & 15);
            format!(
                "{}-{}-4{digit}{byte}-8{digit}{byte}-{}{separator}{ms}",
                byte.repeat(4),
                byte.repeat(2),
                byte.repeat(6)
            )
        };
        let mut environment =
            json!({"userAgent": "Some Browser", "forDevice": new_id('_'), "forTab": new_id('-')});
        if let Some(yes) = self.is_this_machine {
            environment["isThisMachine"] = yes.into();
        }
        if let (Some(settings), Value::Object(environment)) =
            (settings.as_object_mut(), environment)
        {
            settings.extend(environment);
        }
        self.call(Call::Init, 0, &settings)
    }

    pub fn init_app(&mut self) {
        let call = self.init(json!({"appId": APP, "region": "us"}));
        assert_eq!(self.result_of(call), Answer::Done);
    }

    pub fn login_key(&mut self, uid: &str, key: &str) -> CallId {
        self.login(json!({"count": 2, "0": uid, "1": key}))
    }

    pub fn login_token(&mut self, token: &str) -> CallId {
        self.login(json!({"count": 1, "0": token}))
    }

    /// A login with named arguments, or with positional ones and their `count`. The facade converts
    /// positional arguments in the same way.
    pub fn login(&mut self, args: Value) -> CallId {
        let value = |name: &str| args.get(name).cloned().unwrap_or(Value::Null);
        let by_name = match args["count"].as_u64() {
            None => args.clone(),
            Some(1) if value("0").is_null() => json!({"authToken": ""}),
            Some(1) => json!({"authToken": value("0")}),
            Some(2) => json!({"uid": value("0"), "authKey": value("1")}),
            Some(_) => json!({"count": "3"}),
        };
        self.call(Call::Login, 0, &by_name)
    }

    /// A login with a token provider, with or without a uid.
    pub fn login_provider(&mut self, uid: Option<&str>) -> CallId {
        let args = match uid {
            Some(uid) => json!({"provider": "1", "uid": uid}),
            None => json!({"provider": "1"}),
        };
        self.call(Call::Login, 0, &args)
    }

    /// Resolves the last pending provider with a token. An empty token means that it failed.
    pub fn provide(&mut self, token: &str) {
        let (id, _) = self.pending_providers.pop().expect("a provider was asked");
        self.secrets.push(token.into());
        self.handle(Input::Token(id, token.into()));
    }

    pub fn logout(&mut self) -> CallId {
        self.call(Call::Logout, 0, &json!({}))
    }

    pub fn get_logged_in_user(&mut self) -> CallId {
        self.call(Call::LoggedInUser, 0, &json!({}))
    }

    pub fn abort(&mut self, call: CallId) {
        self.handle(Input::Abort(call));
    }

    pub fn sync(&mut self) {
        self.handle(Input::Sync);
    }

    pub fn dispose(&mut self) {
        self.sent.iter_mut().for_each(|sent| sent.done = true);
        let event_count = self.event_count();
        self.handle(Input::Dispose);
        assert_eq!(self.event_count(), event_count, "dispose fires no event");
    }

    // The network.

    /// The requests whose response the client waits for.
    pub fn open_requests(&self) -> Vec<SentRequest> {
        self.sent.iter().filter(|sent| !sent.done).cloned().collect()
    }

    /// The request lines of the open requests.
    pub fn open_request_lines(&self) -> Vec<String> {
        self.open_requests().iter().map(SentRequest::request_line).collect()
    }

    /// The request lines of all requests.
    pub fn sent_request_lines(&self) -> Vec<String> {
        self.sent.iter().map(SentRequest::request_line).collect()
    }

    /// Responds to the only open request.
    pub fn respond(&mut self, outcome: Outcome) {
        let open = self.open_requests();
        assert_eq!(open.len(), 1, "one request is open: {open:?}");
        self.respond_to(open[0].id, outcome);
    }

    /// Responds to a request. The response to a request that is done must have no effect.
    pub fn respond_to(&mut self, id: RequestId, outcome: Outcome) {
        // The two requests of a login have the same id. The last one is answered.
        let sent = self.sent.iter_mut().rfind(|sent| sent.id == id).unwrap();
        let was_done = std::mem::replace(&mut sent.done, true);
        let before =
            (self.log.len(), self.platform.local.entries(), self.platform.session.entries());
        self.handle(Input::Responded(id, outcome));
        if was_done {
            let after =
                (self.log.len(), self.platform.local.entries(), self.platform.session.entries());
            assert_eq!(before, after, "a late response has no effect: {:?}", self.log);
        }
    }

    /// Moves the clock forward. Timers that are due fire in order.
    pub fn advance(&mut self, ms: u64) {
        let now = self.platform.now.get() + ms;
        self.platform.now.set(now);
        while let Some(at) = self.timers.iter().position(|(_, due)| *due <= now) {
            let (id, _) = self.timers.remove(at);
            self.sent.iter_mut().filter(|sent| sent.id == id).for_each(|sent| sent.done = true);
            self.handle(Input::TimedOut(id, 0));
        }
    }

    /// Moves the clock forward in a frozen page: timers that are due fire late, before any other
    /// input.
    pub fn freeze(&mut self, ms: u64) {
        let now = self.platform.now.get() + ms;
        self.platform.now.set(now);
        while let Some(at) = self.timers.iter().position(|(_, due)| *due <= now) {
            let (id, due) = self.timers.remove(at);
            self.handle(Input::TimedOut(id, u32::try_from(now - due).unwrap()));
        }
    }

    /// Logs in with a token and responds to the request.
    pub fn log_in(&mut self, uid: &str, token: &str) {
        let call = self.login_token(token);
        self.respond(me(uid));
        assert_eq!(self.user(call)["uid"], uid);
    }

    /// The number of timers that have not fired.
    pub fn running_timers(&self) -> usize {
        self.timers.len()
    }

    // Outputs.

    /// Takes the events since the last call.
    pub fn take_events(&mut self) -> Vec<String> {
        let events = self.log[self.log_position..].iter().filter_map(|entry| match entry {
            LogEntry::Event(event) => Some(event_text(event)),
            _ => None,
        });
        let events = events.collect();
        self.log_position = self.log.len();
        events
    }

    fn event_count(&self) -> usize {
        self.log.iter().filter(|entry| matches!(entry, LogEntry::Event(_))).count()
    }

    pub fn warnings(&self) -> Vec<&'static str> {
        let warning =
            |entry: &LogEntry| if let LogEntry::Warning(text) = entry { Some(*text) } else { None };
        self.log.iter().filter_map(warning).collect()
    }

    pub fn settled(&self, call: CallId) -> Option<&Result<Answer, ExceptionFields>> {
        self.calls[&call].1.as_ref()
    }

    pub fn is_pending(&self, call: CallId) -> bool {
        self.settled(call).is_none()
    }

    /// The result that the call resolved with.
    pub fn result_of(&self, call: CallId) -> Answer {
        self.settled(call).expect("settled").clone().expect("resolved")
    }

    /// The user that the call resolved with.
    pub fn user(&self, call: CallId) -> Value {
        match self.result_of(call) {
            Answer::User(session) => serde_json::from_str(session.user.as_str()).unwrap(),
            Answer::Profile(text) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("a user, not {other:?}"),
        }
    }

    /// The plain object that the call resolved with.
    pub fn object(&self, call: CallId) -> Value {
        match self.result_of(call) {
            Answer::Object(text) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("an object, not {other:?}"),
        }
    }

    /// The exception that the call rejected with.
    pub fn error(&self, call: CallId) -> ExceptionFields {
        self.settled(call).expect("settled").clone().expect_err("rejected")
    }

    pub fn code(&self, call: CallId) -> String {
        self.error(call).code.clone()
    }

    /// Uid and token of the logged-in user. The client's state and the API have to agree.
    pub fn logged_in_user(&mut self) -> Option<(String, String)> {
        let call = self.get_logged_in_user();
        let token = self.client.auth_token().map(|token| token.expose().to_owned());
        match self.result_of(call) {
            Answer::NoUser => {
                assert_eq!(token, None, "a token without a user");
                None
            }
            Answer::User(_) => {
                let user = self.user(call);
                assert_eq!(
                    user["authToken"].as_str(),
                    token.as_deref(),
                    "the user's token is the session's"
                );
                Some((user["uid"].as_str().unwrap_or_default().into(), token.unwrap()))
            }
            other => panic!("a user or no user, not {other:?}"),
        }
    }

    /// Passes an input to the client and checks the invariants on every output.
    pub fn handle(&mut self, input: Input) {
        self.client.handle(input);
        for output in std::mem::take(self.client.outputs()) {
            let shown = format!("{output:?}");
            match output {
                Output::Send(id, request) => {
                    let init: Value = serde_json::from_str(request.init().as_str()).unwrap();
                    let headers: BTreeMap<String, String> =
                        serde_json::from_value(init["headers"].clone()).unwrap();
                    let credentials: Vec<_> = ["apiKey", "authToken"]
                        .into_iter()
                        .filter_map(|name| headers.get(name))
                        .cloned()
                        .collect();
                    assert_eq!(credentials.len(), 1, "one credential in {headers:?}");
                    assert!(!credentials[0].is_empty());
                    self.secrets.extend(credentials);
                    for secret in self.long_secrets() {
                        assert!(
                            !request.url().contains(secret),
                            "a secret in a URL: {}",
                            request.url()
                        );
                    }
                    let body = init.get("body").map_or(Value::Null, |body| {
                        serde_json::from_str(body.as_str().unwrap()).unwrap()
                    });
                    let known = |method: &&str| init["method"] == **method;
                    let method =
                        ["GET", "POST", "PUT", "DELETE"].into_iter().find(known).expect("a method");
                    let keepalive = init.get("keepalive").is_some();
                    assert_eq!(
                        keepalive,
                        method == "DELETE",
                        "only a logout continues when no call waits for it"
                    );
                    assert_eq!(keepalive, request.keepalive());
                    let url = request.url().to_owned();
                    self.sent.push(SentRequest {
                        id,
                        method,
                        url,
                        headers,
                        body,
                        keepalive,
                        done: false,
                    });
                    self.log.push(LogEntry::Sent(id));
                }
                Output::Cancel(id) => {
                    self.timers.retain(|timer| timer.0 != id);
                    self.sent
                        .iter_mut()
                        .filter(|sent| sent.id == id)
                        .for_each(|sent| sent.done = true);
                }
                Output::Release(id) => {
                    self.released.push(id);
                    self.timers.retain(|timer| timer.0 != id);
                    self.sent
                        .iter_mut()
                        .filter(|sent| sent.id == id)
                        .for_each(|sent| sent.done = true);
                }
                Output::StartTimer(id, ms) => {
                    self.timers.push((id, self.platform.now.get() + u64::from(ms)))
                }
                Output::Watch(call, ms) => {
                    assert!(self.calls[&call].1.is_none(), "a pending call");
                    self.watchdog_ms.insert(call, ms);
                }
                Output::SessionChanged { session, in_memory } => {
                    self.session_changes.push((session.clone(), in_memory));
                    self.last_user = session.map(|session| session.user.clone());
                }
                Output::Settle(calls, result) => {
                    if let Ok(answer @ (Answer::User(_) | Answer::NoUser)) = &result {
                        self.check_user(answer);
                    }
                    let result = result.map_err(|exception| self.check_exception(&exception));
                    for call in calls {
                        let slot = &mut self.calls.get_mut(&call).expect("a call that was made").1;
                        assert_eq!(*slot, None, "call {call} settles once");
                        *slot = Some(result.clone());
                        self.log.push(LogEntry::Settled(call));
                    }
                }
                Output::Notify(event) => {
                    if let Event::LoginFailure(exception) | Event::LogoutFailure(exception) = &event
                    {
                        self.check_exception(exception);
                    }
                    if let Event::LoginSuccess(session) = &event {
                        self.check_user(&Answer::User(session.clone()));
                    }
                    self.log.push(LogEntry::Event(event));
                }
                Output::AskProvider(id, call) => self.pending_providers.push((id, call)),
                Output::Warn(text) => {
                    assert!(self.long_secrets().all(|secret| !text.contains(secret)));
                    self.log.push(LogEntry::Warning(text));
                }
            }
            // Rule B26.
            assert!(self.long_secrets().all(|secret| !shown.contains(secret)), "{shown}");
        }
    }

    /// The facade creates a user from the last `SessionChanged`, so that has to be the same user.
    fn check_user(&self, answer: &Answer) {
        let user = match answer {
            Answer::User(session) => Some(session.user.as_str()),
            _ => None,
        };
        let last_user = self.last_user.as_ref().map(CanonicalJson::as_str);
        assert_eq!(user, last_user, "`SessionChanged` comes first");
    }

    /// Secrets that are too long to be part of another word.
    fn long_secrets(&self) -> impl Iterator<Item = &String> {
        self.secrets.iter().filter(|secret| secret.len() >= 6)
    }

    /// Checks rules B22 and B26 for every exception of every test.
    fn check_exception(&self, exception: &Exception) -> ExceptionFields {
        let exception = exception_fields(exception);
        assert!(!exception.code.is_empty() && !exception.message.is_empty(), "{exception:?}");
        let details = exception
            .details
            .as_deref()
            .map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
        let mut texts = vec![exception.code.clone(), exception.message.clone()];
        details.iter().for_each(|details| collect_strings(details, &mut texts));
        for secret in self.long_secrets() {
            assert!(texts.iter().all(|text| !text.contains(secret)), "a secret in {exception:?}");
        }
        exception
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        if !self.closed && !std::thread::panicking() {
            let pending: Vec<_> = self.calls.iter().filter(|(_, call)| call.1.is_none()).collect();
            assert!(pending.is_empty(), "calls that never settled: {pending:?}");
        }
    }
}

/// Collects every string of a value, member names included.
pub fn collect_strings(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect_strings(item, out)),
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            out.push(key.clone());
            collect_strings(value, out);
        }),
        _ => {}
    }
}

// Responses of the service.

pub fn first_token(uid: &str) -> String {
    format!("{uid}-token-1")
}

pub fn body(status: u16, body: &str) -> Outcome {
    Ok(Received { http: Http { status, retry_after: 0 }, body: body.into() }.into())
}

pub fn data(value: Value) -> Outcome {
    body(200, &json!({ "data": value }).to_string())
}

pub fn error_response(status: u16, code: &str) -> Outcome {
    body(status, &json!({"error": {"code": code, "message": "The service says no."}}).to_string())
}

pub const NO_RESPONSE: Outcome = Err(NoResponse);

/// A response to `POST auth_tokens`.
pub fn token(uid: &str, token: &str) -> Outcome {
    data(json!({"uid": uid, "authToken": token, "createdAt": 1_800_000_000}))
}

/// The settings of the service. Each user has another host, so that a mix of two sessions is
/// visible.
pub fn settings_of(uid: &str) -> Value {
    json!({
        "ADMIN_API_HOST": format!("{uid}.api-us.cometchat.io"),
        "CLIENT_API_HOST": format!("{uid}.apiclient-us.cometchat.io"),
        "CHAT_API_VERSION": "v3.0",
        "APP_VERSION": 4,
    })
}

/// A response to `PUT me`.
pub fn me(uid: &str) -> Outcome {
    data(json!({
        "uid": uid,
        "name": uid.to_uppercase(),
        "status": "offline",
        "role": "default",
        "createdAt": 1_800_000_000,
        "wsChannel": {"identity": format!("[{APP}]{uid}")},
        "jwt": "a.b.c",
        "settings": settings_of(uid),
    }))
}

/// An entry as the official client writes it: JSON inside a JSON string.
pub fn double_encoded(value: &Value) -> String {
    serde_json::to_string(&value.to_string()).unwrap()
}

/// Writes a session as another program does, such as the official client.
pub fn write_session(storage: &Storage, uid: &str, token: &str) {
    storage.put("myapp:common_store/appId", &double_encoded(&json!(APP)));
    storage.put(SETTINGS, &double_encoded(&settings_of(uid)));
    storage.put(USER, &double_encoded(&json!({"uid": uid, "name": uid, "authToken": token})));
}

pub fn uid_and_token(uid: &str, token: &str) -> Option<(String, String)> {
    Some((uid.into(), token.into()))
}

impl Tab {
    /// Logs in with a token while other requests are open.
    pub fn log_in_concurrently(&mut self, uid: &str, token: &str) {
        let call = self.login_token(token);
        let put = self.open_requests().last().unwrap().id;
        self.respond_to(put, me(uid));
        assert_eq!(self.user(call)["uid"], uid);
    }
}

impl Tab {
    /// Forgets the changes of storage so far.
    pub fn clear_storage_changes(&self) {
        self.platform.local.changes();
        self.platform.session.changes();
    }
}
