//! A browser made of plain values, and the driver that plays page and network.
//!
//! What it holds for every test: a promise settles once; a reply to a request that is over, or a time that no longer runs, has
//! no effect whatever; credentials stand in headers alone, never in a URL, an exception or a warning; every request carries
//! exactly one credential; and at the end every call has settled, unless the test says that it is rightly pending.

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
pub const KEY: &str = "an-auth-key";
pub const USER: &str = "myapp:common_store/user";
pub const SETTINGS: &str = "myapp:common_store/app_settings";

pub type Entries = BTreeMap<String, String>;

/// localStorage or sessionStorage, shared by all who hold it. Remembers each change, and how the disk stood after it.
#[derive(Clone, Debug, Default)]
pub struct Storage(Rc<RefCell<Disk>>);

#[derive(Debug, Default)]
struct Disk {
    entries: Entries,
    changes: Vec<String>,
    standings: Vec<Entries>,
    refuses_all: bool,
    refuses_writes: bool,
    refused_write: Option<usize>,
    refused_read: bool,
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

    /// Somebody else writes.
    pub fn put(&self, key: &str, text: &str) {
        self.0.borrow_mut().entries.insert(key.into(), text.into());
    }

    /// Somebody else removes.
    pub fn take(&self, key: &str) {
        self.0.borrow_mut().entries.remove(key);
    }

    /// `localStorage.clear()`.
    pub fn clear(&self) {
        self.0.borrow_mut().entries.clear();
    }

    /// As in a sandboxed frame: every access fails.
    pub fn refuse_all(&self, yes: bool) {
        self.0.borrow_mut().refuses_all = yes;
    }

    /// As where the quota is used up: reading and removing still work.
    pub fn refuse_writes(&self, yes: bool) {
        self.0.borrow_mut().refuses_writes = yes;
    }

    /// The next read fails, that one alone.
    pub fn refuse_read(&self) {
        self.0.borrow_mut().refused_read = true;
    }

    /// The write after so many more is refused, that one alone.
    pub fn refuse_write(&self, after: usize) {
        self.0.borrow_mut().refused_write = Some(after);
    }

    /// The client's own changes since this was last asked, in order: `set key`, `remove key`.
    pub fn changes(&self) -> Vec<String> {
        let mut disk = self.0.borrow_mut();
        disk.standings.clear();
        std::mem::take(&mut disk.changes)
    }

    /// How the disk stood after each of those changes.
    pub fn standings(&self) -> Vec<Entries> {
        self.0.borrow().standings.clone()
    }

    fn change(&self, what: String, step: impl FnOnce(&mut Entries)) {
        let mut disk = self.0.borrow_mut();
        step(&mut disk.entries);
        let now = disk.entries.clone();
        disk.changes.push(what);
        disk.standings.push(now);
    }
}

/// What the client asks.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub local: Storage,
    pub session: Storage,
    pub now: Rc<Cell<u64>>,
    pub chance: Rc<Cell<u8>>,
    /// The entry that was read last.
    pub last: Option<(Area, String, Option<String>)>,
}

impl World {
    fn area(&self, area: Area) -> &Storage {
        match area {
            Area::Local => &self.local,
            Area::Session => &self.session,
        }
    }
}

impl ports::Platform for World {
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        let mut disk = self.area(area).0.borrow_mut();
        let once = std::mem::take(&mut disk.refused_read);
        if disk.refuses_all || once { Err(Refused) } else { Ok(disk.entries.get(key).cloned()) }
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
            let mut disk = storage.0.borrow_mut();
            let this_one = disk.refused_write == Some(0);
            disk.refused_write = disk.refused_write.and_then(|left| left.checked_sub(1));
            if disk.refuses_all || disk.refuses_writes || this_one {
                return Err(Refused);
            }
        }
        storage
            .change(format!("set {key}"), |entries| drop(entries.insert(key.into(), value.into())));
        Ok(())
    }

    fn remove(&mut self, area: Area, key: &str) -> Result<(), Refused> {
        let storage = self.area(area);
        let (refused, there) = {
            let disk = storage.0.borrow();
            (disk.refuses_all, disk.entries.contains_key(key))
        };
        if refused {
            return Err(Refused);
        }
        if there {
            storage.change(format!("remove {key}"), |entries| drop(entries.remove(key)));
        }
        Ok(())
    }

    fn canonical(&self, text: &str) -> Option<CanonicalJson> {
        canonical(text).map(CanonicalJson::from_engine)
    }
}

/// JSON as a page's engine writes it.
fn canonical(text: &str) -> Option<String> {
    serde_json::from_str::<Value>(text).ok().map(|value| value.to_string())
}

/// What an exception says, as JavaScript reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: String,
    pub message: String,
    /// JSON text; none where what the service said was JSON no more once secrets were masked.
    pub details: Option<String>,
    pub status: Option<u64>,
    pub retryable: bool,
    pub retry_after: Option<u32>,
    pub ours: bool,
}

/// As the page's side reads it.
pub fn fault(exception: &Exception) -> Fault {
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
    Fault {
        code,
        message,
        // Of what JavaScript takes as false, nothing.
        details: canonical(&details)
            .filter(|details| !["null", "false", "0", "\"\""].contains(&&**details)),
        status: Some(u64::from(http.status)).filter(|status| *status > 0),
        retryable: exception.is_retryable(),
        retry_after: Some(http.retry_after).filter(|seconds| *seconds > 0),
        ours: exception.code().is_some(),
    }
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub id: RequestId,
    pub method: &'static str,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    pub keepalive: bool,
    /// Nobody waits for its reply any more: it was answered, given up, or its time was up.
    pub over: bool,
}

impl Sent {
    /// Method and the end of the URL: `PUT /me`.
    pub fn line(&self) -> String {
        let path = self.url.split_once("/v3.0").map_or(self.url.as_str(), |(_, path)| path);
        format!("{} {path}", self.method)
    }
}

/// One thing that came out of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Sent(RequestId),
    Told(Event),
    Settled(CallId),
    Warned(&'static str),
}

/// An event in a line: `loginSuccess alice`, `loginFailure ERR_X`.
pub fn line(event: &Event) -> String {
    match event {
        Event::LoginSuccess(session) => format!("loginSuccess {}", session.uid),
        Event::LoginFailure(exception) => format!("loginFailure {}", fault(exception).code),
        Event::LogoutSuccess => "logoutSuccess".into(),
        Event::LogoutFailure(exception) => format!("logoutFailure {}", fault(exception).code),
    }
}

/// A page with its client.
pub struct Tab {
    pub world: World,
    pub client: Client<World>,
    pub calls: BTreeMap<CallId, (Call, Option<Result<Answer, Fault>>)>,
    pub sent: Vec<Sent>,
    /// Logins that wait for their token provider.
    pub asked: Vec<(RequestId, CallId)>,
    /// What came out, in order.
    pub log: Vec<Said>,
    /// How long the timer of a call runs, as last said.
    pub watched: BTreeMap<CallId, u32>,
    /// What `SessionChanged` said.
    pub changes: Vec<(Option<Rc<Session>>, bool)>,
    last_user: Option<CanonicalJson>,
    /// The requests that go on though nobody waits for them.
    pub released: Vec<RequestId>,
    heard: usize,
    reminders: Vec<(RequestId, u64)>,
    secrets: Vec<String>,
    /// As the facade passes it: left out on another machine.
    is_this_machine: Option<bool>,
    /// The test ends with calls under way: the page is closed, or they are the point.
    pub closed: bool,
}

impl Default for Tab {
    fn default() -> Self {
        Self::new(World::default())
    }
}

impl Tab {
    /// A page on this machine, before `init`.
    pub fn new(world: World) -> Self {
        Self {
            client: Client::new(world.clone()),
            world,
            is_this_machine: Some(true),
            asked: Vec::new(),
            calls: BTreeMap::new(),
            sent: Vec::new(),
            log: Vec::new(),
            watched: BTreeMap::new(),
            changes: Vec::new(),
            last_user: None,
            released: Vec::new(),
            heard: 0,
            reminders: Vec::new(),
            secrets: Vec::new(),
            closed: false,
        }
    }

    /// A page that is not on this machine, before `init`.
    pub fn published() -> Self {
        let mut tab = Self::default();
        tab.is_this_machine = None;
        tab
    }

    /// A page after `init` for the region us.
    pub fn ready() -> Self {
        Self::ready_on(World::default())
    }

    pub fn ready_on(world: World) -> Self {
        let mut tab = Self::new(world);
        tab.init_app();
        tab
    }

    /// A page after `init`, where that user is logged in with the token `{uid}-token-1`.
    pub fn logged_in(uid: &str) -> Self {
        let mut tab = Self::ready();
        tab.log_in(uid, &first_token(uid));
        tab.forget();
        tab
    }

    /// Another tab of the same browser, after `init`.
    pub fn sibling(&self) -> Self {
        Self::ready_on(World { session: Storage::default(), ..self.world.clone() })
    }

    /// The page is loaded again; what was under way is lost.
    pub fn reload(mut self) -> Self {
        self.closed = true;
        Self::ready_on(self.world.clone())
    }

    /// Everything so far was the stage, not the play.
    pub fn forget(&mut self) {
        self.log.clear();
        self.changes.clear();
        self.sent.clear();
        self.heard = 0;
        self.world.local.changes();
        self.world.session.changes();
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

    /// With arguments that are JSON text.
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

    pub fn init(&mut self, mut said: Value) -> CallId {
        let made = |between: char| {
            self.world.chance.set(self.world.chance.get().wrapping_add(1));
            let (byte, ms) = (
                format!("{:02x}", self.world.chance.get()),
                1_800_000_000_000 + self.world.now.get(),
            );
            let half = format!("{:x}", self.world.chance.get() & 15);
            format!(
                "{}-{}-4{half}{byte}-8{half}{byte}-{}{between}{ms}",
                byte.repeat(4),
                byte.repeat(2),
                byte.repeat(6)
            )
        };
        let mut page =
            json!({"userAgent": "Some Browser", "forDevice": made('_'), "forTab": made('-')});
        if let Some(yes) = self.is_this_machine {
            page["isThisMachine"] = yes.into();
        }
        if let (Some(said), Value::Object(page)) = (said.as_object_mut(), page) {
            said.extend(page);
        }
        self.call(Call::Init, 0, &said)
    }

    pub fn init_app(&mut self) {
        let call = self.init(json!({"appId": APP, "region": "us"}));
        assert_eq!(self.answer_of(call), Answer::Done);
    }

    pub fn login_key(&mut self, uid: &str, key: &str) -> CallId {
        self.login(json!({"count": 2, "0": uid, "1": key}))
    }

    pub fn login_token(&mut self, token: &str) -> CallId {
        self.login(json!({"count": 1, "0": token}))
    }

    /// By name; or in their order, with how many there are, which the page's side tells apart.
    pub fn login(&mut self, args: Value) -> CallId {
        let value = |name: &str| args.get(name).cloned().unwrap_or(Value::Null);
        let said = match args["count"].as_u64() {
            None => args.clone(),
            Some(1) if value("0").is_null() => json!({"authToken": ""}),
            Some(1) => json!({"authToken": value("0")}),
            Some(2) => json!({"uid": value("0"), "authKey": value("1")}),
            Some(_) => json!({"count": "3"}),
        };
        self.call(Call::Login, 0, &said)
    }

    /// A login with a token provider, for that uid or for nobody in particular.
    pub fn login_provider(&mut self, uid: Option<&str>) -> CallId {
        let said = match uid {
            Some(uid) => json!({"provider": "1", "uid": uid}),
            None => json!({"provider": "1"}),
        };
        self.call(Call::Login, 0, &said)
    }

    /// The provider that was asked last gives this; empty where it failed.
    pub fn provide(&mut self, token: &str) {
        let (id, _) = self.asked.pop().expect("a provider was asked");
        self.secrets.push(token.into());
        self.handle(Input::Token(id, token.into()));
    }

    pub fn logout(&mut self) -> CallId {
        self.call(Call::Logout, 0, &json!({}))
    }

    pub fn who_call(&mut self) -> CallId {
        self.call(Call::LoggedInUser, 0, &json!({}))
    }

    pub fn abort(&mut self, call: CallId) {
        self.handle(Input::Abort(call));
    }

    pub fn look(&mut self) {
        self.handle(Input::Sync);
    }

    pub fn dispose(&mut self) {
        self.sent.iter_mut().for_each(|sent| sent.over = true);
        let heard = self.events();
        self.handle(Input::Dispose);
        assert_eq!(self.events(), heard, "dispose tells nobody");
    }

    // The network.

    /// The requests that have not been answered yet.
    pub fn open(&self) -> Vec<Sent> {
        self.sent.iter().filter(|sent| !sent.over).cloned().collect()
    }

    /// The same in a line each.
    pub fn open_lines(&self) -> Vec<String> {
        self.open().iter().map(Sent::line).collect()
    }

    /// All that was sent, in a line each.
    pub fn sent_lines(&self) -> Vec<String> {
        self.sent.iter().map(Sent::line).collect()
    }

    /// Answers the one request that is open.
    pub fn answer(&mut self, outcome: Outcome) {
        let open = self.open();
        assert_eq!(open.len(), 1, "one request is open: {open:?}");
        self.reply(open[0].id, outcome);
    }

    /// Answers a request. Where nobody waits for it, the answer must do nothing at all.
    pub fn reply(&mut self, id: RequestId, outcome: Outcome) {
        // The requests of one login go by one number: it is the last that is answered.
        let sent = self.sent.iter_mut().rfind(|sent| sent.id == id).unwrap();
        let late = std::mem::replace(&mut sent.over, true);
        let before = (self.log.len(), self.world.local.entries(), self.world.session.entries());
        self.handle(Input::Responded(id, outcome));
        if late {
            let after = (self.log.len(), self.world.local.entries(), self.world.session.entries());
            assert_eq!(before, after, "a late reply does nothing: {:?}", self.log);
        }
    }

    /// Time passes; what it ends, ends in order.
    pub fn pass(&mut self, ms: u64) {
        let now = self.world.now.get() + ms;
        self.world.now.set(now);
        while let Some(at) = self.reminders.iter().position(|(_, due)| *due <= now) {
            let (id, _) = self.reminders.remove(at);
            self.sent.iter_mut().filter(|sent| sent.id == id).for_each(|sent| sent.over = true);
            self.handle(Input::TimedOut(id, 0));
        }
    }

    /// The page was frozen, or its thread was busy: the timers that are due fire late, and by then
    /// nothing else has happened.
    pub fn freeze(&mut self, ms: u64) {
        let now = self.world.now.get() + ms;
        self.world.now.set(now);
        while let Some(at) = self.reminders.iter().position(|(_, due)| *due <= now) {
            let (id, due) = self.reminders.remove(at);
            self.handle(Input::TimedOut(id, u32::try_from(now - due).unwrap()));
        }
    }

    /// Logs in with a token, whatever it takes.
    pub fn log_in(&mut self, uid: &str, token: &str) {
        let call = self.login_token(token);
        self.answer(me(uid));
        assert_eq!(self.user(call)["uid"], uid);
    }

    /// How many times run that would be reported.
    pub fn clocks(&self) -> usize {
        self.reminders.len()
    }

    // What came out.

    /// The events since this was last asked.
    pub fn told(&mut self) -> Vec<String> {
        let told = self.log[self.heard..].iter().filter_map(|said| match said {
            Said::Told(event) => Some(line(event)),
            _ => None,
        });
        let told = told.collect();
        self.heard = self.log.len();
        told
    }

    fn events(&self) -> usize {
        self.log.iter().filter(|said| matches!(said, Said::Told(_))).count()
    }

    pub fn warnings(&self) -> Vec<&'static str> {
        let warning = |said: &Said| if let Said::Warned(text) = said { Some(*text) } else { None };
        self.log.iter().filter_map(warning).collect()
    }

    pub fn settled(&self, call: CallId) -> Option<&Result<Answer, Fault>> {
        self.calls[&call].1.as_ref()
    }

    pub fn pending(&self, call: CallId) -> bool {
        self.settled(call).is_none()
    }

    /// What the call resolved with.
    pub fn answer_of(&self, call: CallId) -> Answer {
        self.settled(call).expect("settled").clone().expect("resolved")
    }

    /// The user that the call resolved with.
    pub fn user(&self, call: CallId) -> Value {
        match self.answer_of(call) {
            Answer::User(session) => serde_json::from_str(session.user.as_str()).unwrap(),
            Answer::Profile(text) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("a user, not {other:?}"),
        }
    }

    /// The plain object that the call resolved with.
    pub fn object(&self, call: CallId) -> Value {
        match self.answer_of(call) {
            Answer::Object(text) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("an object, not {other:?}"),
        }
    }

    /// What the call rejected with.
    pub fn error(&self, call: CallId) -> Fault {
        self.settled(call).expect("settled").clone().expect_err("rejected")
    }

    pub fn code(&self, call: CallId) -> String {
        self.error(call).code.clone()
    }

    /// Uid and token of the logged-in user as the API says them, which must agree.
    pub fn who(&mut self) -> Option<(String, String)> {
        let call = self.who_call();
        let token = self.client.auth_token().map(|token| token.expose().to_owned());
        match self.answer_of(call) {
            Answer::NoUser => {
                assert_eq!(token, None, "nobody, but a token");
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
            other => panic!("a user or nobody, not {other:?}"),
        }
    }

    /// One step, and all that must hold after each.
    pub fn handle(&mut self, input: Input) {
        self.client.handle(input);
        for output in std::mem::take(self.client.outputs()) {
            match output {
                Output::Send(id, request) => {
                    let plain: Value = serde_json::from_str(request.init().as_str()).unwrap();
                    let headers: BTreeMap<String, String> =
                        serde_json::from_value(plain["headers"].clone()).unwrap();
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
                    let body = plain.get("body").map_or(Value::Null, |body| {
                        serde_json::from_str(body.as_str().unwrap()).unwrap()
                    });
                    let known = |method: &&str| plain["method"] == **method;
                    let method =
                        ["GET", "POST", "PUT", "DELETE"].into_iter().find(known).expect("a method");
                    let keepalive = plain.get("keepalive").is_some();
                    assert_eq!(
                        keepalive,
                        method == "DELETE",
                        "a logout alone goes on when nobody waits for it"
                    );
                    assert_eq!(keepalive, request.keepalive());
                    let url = request.url().to_owned();
                    self.sent.push(Sent { id, method, url, headers, body, keepalive, over: false });
                    self.log.push(Said::Sent(id));
                }
                Output::Cancel(id) => {
                    self.reminders.retain(|reminder| reminder.0 != id);
                    self.sent
                        .iter_mut()
                        .filter(|sent| sent.id == id)
                        .for_each(|sent| sent.over = true);
                }
                Output::Release(id) => {
                    self.released.push(id);
                    self.reminders.retain(|reminder| reminder.0 != id);
                    self.sent
                        .iter_mut()
                        .filter(|sent| sent.id == id)
                        .for_each(|sent| sent.over = true);
                }
                Output::StartTimer(id, ms) => {
                    self.reminders.push((id, self.world.now.get() + u64::from(ms)))
                }
                Output::Watch(call, ms) => {
                    assert!(self.calls[&call].1.is_none(), "a call that waits");
                    self.watched.insert(call, ms);
                }
                Output::SessionChanged { session, in_memory } => {
                    self.changes.push((session.clone(), in_memory));
                    self.last_user = session.map(|session| session.user.clone());
                }
                Output::Settle(calls, result) => {
                    if let Ok(answer @ (Answer::User(_) | Answer::NoUser)) = &result {
                        self.check_user(answer);
                    }
                    let result = result.map_err(|exception| self.check(&exception));
                    for call in calls {
                        let slot = &mut self.calls.get_mut(&call).expect("a call that was made").1;
                        assert_eq!(*slot, None, "call {call} settles once");
                        *slot = Some(result.clone());
                        self.log.push(Said::Settled(call));
                    }
                }
                Output::Notify(event) => {
                    if let Event::LoginFailure(exception) | Event::LogoutFailure(exception) = &event
                    {
                        self.check(exception);
                    }
                    if let Event::LoginSuccess(session) = &event {
                        self.check_user(&Answer::User(session.clone()));
                    }
                    self.log.push(Said::Told(event));
                }
                Output::AskProvider(id, call) => self.asked.push((id, call)),
                Output::Warn(text) => {
                    assert!(self.long_secrets().all(|secret| !text.contains(secret)));
                    self.log.push(Said::Warned(text));
                }
            }
        }
    }

    /// The facade makes the user of an answer from what `SessionChanged` said last.
    fn check_user(&self, answer: &Answer) {
        let user = match answer {
            Answer::User(session) => Some(&session.user),
            _ => None,
        };
        assert_eq!(user, self.last_user.as_ref(), "the user was told before");
    }

    /// Secrets that cannot be part of an honest word.
    fn long_secrets(&self) -> impl Iterator<Item = &String> {
        self.secrets.iter().filter(|secret| secret.len() >= 6)
    }

    /// Rules B22 and B26, for every exception of every test.
    fn check(&self, exception: &Exception) -> Fault {
        let exception = fault(exception);
        assert!(!exception.code.is_empty() && !exception.message.is_empty(), "{exception:?}");
        let details = exception
            .details
            .as_deref()
            .map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
        let mut texts = vec![exception.code.clone(), exception.message.clone()];
        details.iter().for_each(|details| strings(details, &mut texts));
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

/// Every string of a value, keys too.
pub fn strings(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            out.push(key.clone());
            strings(value, out);
        }),
        _ => {}
    }
}

// What the service says.

pub fn first_token(uid: &str) -> String {
    format!("{uid}-token-1")
}

pub fn body(status: u16, body: &str) -> Outcome {
    Ok(Received { http: Http { status, retry_after: 0 }, body: body.into() }.into())
}

pub fn data(value: Value) -> Outcome {
    body(200, &json!({ "data": value }).to_string())
}

pub fn refusal(status: u16, code: &str) -> Outcome {
    body(status, &json!({"error": {"code": code, "message": "The service says no."}}).to_string())
}

pub const NO_REPLY: Outcome = Err(NoResponse);

/// A reply to `POST auth_tokens`.
pub fn token(uid: &str, token: &str) -> Outcome {
    data(json!({"uid": uid, "authToken": token, "createdAt": 1_800_000_000}))
}

/// The settings that the service sends: each user's calls go to a host of their own, so that a mixture can be seen.
pub fn settings_of(uid: &str) -> Value {
    json!({"ADMIN_API_HOST": format!("{uid}.api-us.cometchat.io"), "CLIENT_API_HOST": format!("{uid}.apiclient-us.cometchat.io"),
        "CHAT_API_VERSION": "v3.0", "APP_VERSION": 4})
}

/// A reply to `PUT me`.
pub fn me(uid: &str) -> Outcome {
    data(
        json!({"uid": uid, "name": uid.to_uppercase(), "status": "offline", "role": "default", "createdAt": 1_800_000_000,
        "wsChannel": {"identity": format!("[{APP}]{uid}")}, "jwt": "a.b.c", "settings": settings_of(uid)}),
    )
}

/// An entry as the official client writes it: JSON twice.
pub fn twice(value: &Value) -> String {
    serde_json::to_string(&value.to_string()).unwrap()
}

/// A session as somebody else writes it: the official client, another version of this package, a hand.
pub fn write_session(storage: &Storage, uid: &str, token: &str) {
    storage.put("myapp:common_store/appId", &twice(&json!(APP)));
    storage.put(SETTINGS, &twice(&settings_of(uid)));
    storage.put(USER, &twice(&json!({"uid": uid, "name": uid, "authToken": token})));
}

pub fn pair(uid: &str, token: &str) -> Option<(String, String)> {
    Some((uid.into(), token.into()))
}

impl Tab {
    /// Logs in with a token while other requests are open.
    pub fn log_in_beside(&mut self, uid: &str, token: &str) {
        let call = self.login_token(token);
        let put = self.open().last().unwrap().id;
        self.reply(put, me(uid));
        assert_eq!(self.user(call)["uid"], uid);
    }
}

impl Tab {
    /// The changes of the disk so far were the stage.
    pub fn forget_changes(&self) {
        self.world.local.changes();
        self.world.session.changes();
    }
}
