//! Everything at once: random schedules of calls, replies in any order, times that run out, aborts, looks, storage that
//! refuses, another program at work on the same disk, reloads, over two tabs; the real client beside the [`crate::model`], and
//! after every step the same must have come out of both, and the same must stand in memory and on disk.
//!
//! A schedule that fails is printed with its seed, and what is left of it when every step that it does not need is dropped:
//! that goes into [`KEPT`]. `SEED=… cargo test -p cometchat-auth --test contract schedules` plays one again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use cometchat_auth::client::ports::{
    self, Answer, Area, Event, NoResponse, Output, Read, Received, RequestId,
};
use cometchat_auth::client::{self, Client, Input};
use cometchat_auth::protocol::error::{Exception, Http, TABLE};
use cometchat_auth::protocol::json::CanonicalJson;
use cometchat_auth::protocol::request::Request;
use cometchat_auth::protocol::secret::Secret;

use crate::model::{COVERED, Model};
use crate::words::*;

const SCHEDULES: u64 = 200_000;

/// What happens. The first tab or the second is said beside it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Call(Call),
    /// The call waits for the `init` of that tab that was made last, and was rejected.
    Gated(Call),
    /// One of the requests that no reply has come to gets this one, be it still waited for or not.
    Reply(usize, How, Made),
    /// The newest of them gets a good one.
    Serve(Made),
    Provide(usize, Given),
    Pass(u64),
    /// Timers of a page that was frozen fire late.
    Freeze(u64),
    /// A time is reported as up that no longer runs.
    LateTime(usize),
    /// A caller's signal goes off: one that waits, where there is any, or one whose call is over.
    Abort(usize),
    Look,
    Refuse(Refused),
    /// The next read of the shared store fails, that one alone.
    Blink,
    /// Another program on the store of that tab.
    Foreign(Store, Foreign),
    Dispose,
    Reload,
}
use Step::{Abort, Dispose, Gated, LateTime, Look, Pass, Provide, Refuse, Reload, Serve};

#[derive(Clone, Copy, Debug)]
enum How {
    Good,
    OtherUser,
    /// Without a uid and without a token.
    Nobody,
    ForeignHost,
    Refusal,
    TooMany,
    TokenUnknown,
    UidUnknown,
    Html,
    Null,
    Nothing,
    NoStatus,
    NoContent,
    Overload(u16),
}

/// What a good reply holds: which token, how the uid is spelled, whether there is a jwt, a channel, hosts.
#[derive(Clone, Copy, Debug)]
struct Made {
    token: u8,
    upper: bool,
    jwt: bool,
    channel: bool,
    hosts: bool,
}

#[derive(Clone, Copy, Debug)]
enum Store {
    Local,
    Session,
}

#[derive(Clone, Copy, Debug)]
enum Foreign {
    Login(Token),
    /// The same login, with another name.
    Rename,
    Logout,
    Damage,
    EvilHost(Token),
    Clear,
}

/// Schedules that failed once, each with what it showed.
const KEPT: &[(&str, &[(usize, Step)])] = &[
    (
        "A session that init finds in the other store is a new one: a second logout is not joined to the first session's.",
        &[
            (0, Step::Foreign(Store::Local, Foreign::Login(BOB))),
            (0, Step::Foreign(Store::Session, Foreign::Login(CAROL))),
            (
                0,
                Step::Call(Call::Init {
                    app: 0,
                    session_mode: false,
                    timeout: 10_000,
                    moved: false,
                }),
            ),
            (0, Step::Call(Call::Logout)),
            (
                0,
                Step::Call(Call::Init {
                    app: 0,
                    session_mode: true,
                    timeout: 10_000,
                    moved: false,
                }),
            ),
            (0, Step::Call(Call::Logout)),
            (0, Step::Call(Call::Logout)),
        ],
    ),
    (
        "A login brings a session that lives in memory to the disk, though it is the same one.",
        &[
            (
                1,
                Step::Call(Call::Init {
                    app: 0,
                    session_mode: false,
                    timeout: 10_000,
                    moved: false,
                }),
            ),
            (1, Step::Call(Call::Login(Login::Token(BOB, None)))),
            (0, Step::Foreign(Store::Local, Foreign::Login(BOB))),
            (1, Look),
            (0, Refuse(Refused::All)),
            (1, Look),
            (0, Refuse(Refused::Nothing)),
            (1, Serve(Made { token: 1, upper: false, jwt: true, channel: false, hosts: true })),
        ],
    ),
];

const BOB: Token = Token { who: 1, number: 1 };
const CAROL: Token = Token { who: 2, number: 1 };

// The world.

#[derive(Debug, Default)]
struct Entries {
    entries: BTreeMap<String, String>,
    changes: u32,
    trace: u64,
}

/// The stores of all tabs: localStorage, and a sessionStorage each.
#[derive(Debug)]
struct Stores {
    stores: [Entries; 3],
    refused: Refused,
    blind: bool,
}

#[derive(Clone, Debug)]
struct World {
    stores: Rc<RefCell<Stores>>,
    tab: usize,
    /// The entry that was read last.
    last: Option<(Area, String, Option<String>)>,
}

impl World {
    fn at(&self, area: Area) -> usize {
        match area {
            Area::Local => 0,
            Area::Session => 1 + self.tab,
        }
    }
}

/// The app and the entry that a key is of, where the model knows it.
fn entry(key: &str) -> Option<(&str, Refused)> {
    let (app, slot) = key.split_once(":common_store/")?;
    let slots =
        [("appId", Refused::AppId), ("app_settings", Refused::Settings), ("user", Refused::User)];
    slots.into_iter().find(|known| known.0 == slot).map(|known| (app, known.1))
}

impl ports::Platform for World {
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, ports::Refused> {
        let (stores, at) = (self.stores.borrow(), self.at(area));
        if at == 0 && stores.refused == Refused::All {
            return Err(ports::Refused);
        }
        Ok(stores.stores[at].entries.get(key).cloned())
    }

    fn read(&mut self, area: Area, key: &str) -> Result<Option<String>, ports::Refused> {
        let blind = self.at(area) == 0 && std::mem::take(&mut self.stores.borrow_mut().blind);
        let entry = self.get(area, key)?;
        if blind {
            return Err(ports::Refused);
        }
        self.last = Some((area, key.into(), entry.clone()));
        Ok(entry)
    }

    fn read_again(&mut self) -> Result<Read, ports::Refused> {
        let (area, key, last) = self.last.clone().expect("an entry was read before");
        let entry = self.read(area, &key)?;
        Ok(if entry == last { Read::Unchanged } else { Read::Changed(entry) })
    }

    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), ports::Refused> {
        let (mut stores, at) = (self.stores.borrow_mut(), self.at(area));
        let (entry, refused) = (entry(key), stores.refused);
        // A session store never refuses: the tab's own id is another test's.
        let all = matches!(refused, Refused::All | Refused::Writes);
        if at == 0 && (all || entry.is_some_and(|entry| entry.1 == refused)) {
            return Err(ports::Refused);
        }
        let store = &mut stores.stores[at];
        store.changes += 1;
        if let Some((app, entry)) = entry {
            let user =
                store.entries.keys().any(|key| key.strip_prefix(app) == Some(":common_store/user"));
            store.trace = traced(store.trace, entry, user);
        }
        store.entries.insert(key.into(), value.into());
        Ok(())
    }

    fn remove(&mut self, area: Area, key: &str) -> Result<(), ports::Refused> {
        let (mut stores, at) = (self.stores.borrow_mut(), self.at(area));
        if at == 0 && stores.refused == Refused::All {
            return Err(ports::Refused);
        }
        stores.stores[at].changes += 1;
        stores.stores[at].entries.remove(key);
        Ok(())
    }

    /// All that is written here is either as an engine writes it or cut off.
    fn canonical(&self, text: &str) -> Option<CanonicalJson> {
        let whole = text.len() > 1 && (text.ends_with('}') || text.ends_with('"'));
        whole.then(|| CanonicalJson::from_engine(text.into()))
    }
}

/// JSON text once more as JSON.
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

// A tab: the client, and what the network owes it.

struct Tab {
    client: Client<World>,
    model: Model,
    /// What the client calls the requests, in the order in which they began.
    ids: Vec<RequestId>,
    /// Requests without a reply so far, and whom they are about.
    open: Vec<(usize, &'static str, Uid)>,
    asked: Vec<usize>,
    clocks: Vec<(usize, u64)>,
    calls: CallId,
    pending: Vec<CallId>,
    last_init: CallId,
    /// What came out since it was compared last.
    said: Vec<Said>,
    /// The user that the facade has.
    last_user: Option<CanonicalJson>,
}

type Checked = Result<(), String>;

impl Tab {
    fn new(world: World) -> Self {
        Self {
            model: Model::new(world.tab),
            client: Client::new(world),
            ids: Vec::new(),
            open: Vec::new(),
            asked: Vec::new(),
            clocks: Vec::new(),
            calls: 0,
            pending: Vec::new(),
            last_init: 0,
            said: Vec::new(),
            last_user: None,
        }
    }

    fn number(&self, id: RequestId) -> usize {
        self.ids.iter().rposition(|known| *known == id).unwrap_or(usize::MAX)
    }

    /// One step of the client; what came out, in the model's words.
    fn handle(&mut self, input: Input) {
        self.client.handle(input);
        for output in std::mem::take(self.client.outputs()) {
            let said = match output {
                Output::Send(id, request) => Said::Sent(self.number(id), sent(&request)),
                Output::Cancel(id) => Said::Cancelled(self.number(id)),
                Output::Release(id) => Said::Cancelled(self.number(id)),
                Output::StartTimer(id, ms) => {
                    if !self.ids.contains(&id) {
                        self.ids.push(id);
                    }
                    Said::Clock(self.number(id), ms)
                }
                Output::AskProvider(id, call) => Said::Asked(self.number(id), call),
                Output::Watch(..) => continue,
                Output::SessionChanged { session, .. } => {
                    self.last_user = session.map(|session| session.user.clone());
                    continue;
                }
                Output::Settle(calls, result) => {
                    let settled = settled(&result);
                    self.said
                        .extend(calls.iter().map(|&call| Said::Settled(call, settled.clone())));
                    continue;
                }
                Output::Notify(event) => Said::Told(told(&event)),
                Output::Warn(text) => Said::Told(text.into()),
            };
            self.said.push(said);
        }
    }

    /// What came out of both is the same. Rules say nothing of the order in which several promises are settled in a row, nor
    /// of when in a step a time begins or a request is given up.
    fn compare(&mut self, now: u64) -> Checked {
        let (said, must) = (std::mem::take(&mut self.said), std::mem::take(&mut self.model.said));
        if said != must {
            let (said, must) = (in_order(said), in_order(must.clone()));
            if said != must {
                return Err(format!("came out: {said:#?}\nmust have come out: {must:#?}"));
            }
        }
        let mut about = std::mem::take(&mut self.model.about).into_iter();
        for said in must {
            match said {
                Said::Sent(number, line) => {
                    let method =
                        ["GET", "PUT", "DELETE"].into_iter().find(|name| line.starts_with(name));
                    let uid = about.next().ok_or("a request about nobody")?;
                    self.open.push((
                        number,
                        method.filter(|_| !line.contains("apiKey")).unwrap_or("POST"),
                        uid,
                    ));
                }
                Said::Clock(number, ms) => self.clocks.push((number, now + u64::from(ms))),
                Said::Asked(number, _) => self.asked.push(number),
                Said::Cancelled(number) => self.clocks.retain(|clock| clock.0 != number),
                Said::Settled(call, _) => {
                    match self.pending.iter().position(|pending| *pending == call) {
                        Some(at) => _ = self.pending.swap_remove(at),
                        None => return Err(format!("call {call} settled twice")),
                    }
                }
                Said::Told(_) => {}
            }
        }
        let session = self.model.session();
        let token = session.map(|session| session.token.text());
        let is = (
            self.client.app_id(),
            self.client.persistence(),
            self.client.auth_token().map(Secret::expose),
        );
        let must = (self.model.app_id(), self.model.persistence(), token.as_deref());
        if is == must {
            Ok(())
        } else {
            Err(format!("app, persistence, token are {is:?}, must be {must:?}"))
        }
    }

    fn call(&mut self, disks: &mut [Disk; 3], call: Call, gated: bool) {
        self.calls += 1;
        let (id, pending_init) = (self.calls, if gated { self.last_init } else { 0 });
        if matches!(call, Call::Init { .. } | Call::BadInit) {
            self.last_init = id;
        }
        self.pending.push(id);
        let (what, args) = arguments(call);
        self.model.call(disks, id, pending_init, call);
        self.handle(Input::Call { id, pending_init, what, args: CanonicalJson::from_engine(args) });
    }
}

fn in_order(said: Vec<Said>) -> (Vec<Said>, Vec<Said>) {
    let (mut aside, mut line): (Vec<_>, Vec<_>) = said
        .into_iter()
        .partition(|said| matches!(said, Said::Clock(..) | Said::Cancelled(_) | Said::Asked(..)));
    aside.sort_by_key(|said| format!("{said:?}"));
    for run in line
        .chunk_by_mut(|one, other| matches!((one, other), (Said::Settled(..), Said::Settled(..))))
    {
        run.sort_by_key(|said| if let Said::Settled(call, _) = said { *call } else { 0 });
    }
    (line, aside)
}

fn sent(request: &Request) -> String {
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

fn settled(result: &Result<Answer, Rc<Exception>>) -> String {
    match result {
        Ok(Answer::Done) => "done".into(),
        Ok(Answer::NoUser) => "nobody".into(),
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

fn told(event: &Event) -> String {
    match event {
        Event::LoginSuccess(session) => format!("loginSuccess {}", session.user.as_str()),
        Event::LoginFailure(exception) => format!("loginFailure {}", code(exception)),
        Event::LogoutSuccess => "logoutSuccess".into(),
        Event::LogoutFailure(exception) => format!("logoutFailure {}", code(exception)),
    }
}

/// The call as the page's side makes it.
fn arguments(call: Call) -> (client::Call, String) {
    use client::Call as Of;
    let user =
        |uid: Uid| format!(r#"{{"user":{{"uid":"{}","name":"N"}},"authKey":"key-0"}}"#, uid.text());
    let held = |uid: Option<Uid>| {
        uid.map_or_else(String::new, |uid| format!(r#","uid":"{}""#, uid.text()))
    };
    match call {
        Call::Init { app, session_mode, timeout, moved } => {
            let region = if moved { "eu" } else { "us" };
            let (app, mode) = (APPS[app], if session_mode { "session" } else { "local" });
            let page = r#""isThisMachine":true,"userAgent":"b","forDevice":"d_1","forTab":"t-1""#;
            (
                Of::Init,
                format!(
                    r#"{{"appId":"{app}","storageMode":"{mode}","requestTimeout":"{timeout}","region":"{region}",{page}}}"#
                ),
            )
        }
        Call::BadInit => (Of::Init, r#"{"appId":"myapp","region":"mars"}"#.into()),
        Call::Login(Login::Key(uid, key)) => {
            (Of::Login, format!(r#"{{"authKey":"key-{key}"{}}}"#, held(Some(uid))))
        }
        Call::Login(Login::Token(token, uid)) => {
            (Of::Login, format!(r#"{{"authToken":"{}"{}}}"#, token.text(), held(uid)))
        }
        Call::Login(Login::Provider(uid, function)) => {
            (Of::Login, format!(r#"{{"provider":"{function}"{}}}"#, held(uid)))
        }
        Call::AbortedLogin => (Of::Login, r#"{"authToken":"t","aborted":"1"}"#.into()),
        Call::BadLogin => (Of::Login, r#"{"count":"3"}"#.into()),
        Call::Logout => (Of::Logout, "{}".into()),
        Call::Who => (Of::LoggedInUser, "{}".into()),
        Call::CreateUser(uid) => (Of::CreateUser, user(uid)),
        Call::UpdateUser(uid) => (Of::UpdateUser, user(uid)),
        // Somebody else's uid, which must not count.
        Call::UpdateMe => (Of::UpdateMe, r#"{"user":{"uid":"mallory","name":"N"}}"#.into()),
        Call::GetUser(uid) => (Of::GetUser, format!(r#"{{"uid":"{}"}}"#, uid.text())),
        Call::Verify => (Of::Verify, "{}".into()),
    }
}

fn wire(reply: Reply) -> Result<Box<Received>, NoResponse> {
    let (status, body) = match reply {
        Reply::Nothing => return Err(NoResponse),
        Reply::Html => (502, String::new()),
        Reply::NoStatus => (0, r#"{"error":{"code":"ERR_X"}}"#.into()),
        Reply::NoContent => (204, String::new()),
        Reply::Overload(status) => {
            (status, r#"{"error":{"code":"AUTH_ERR_AUTH_TOKEN_NOT_FOUND"}}"#.into())
        }
        Reply::Null => (200, r#"{"data":null}"#.into()),
        Reply::Refusal(code) => (
            if code == "ERR_TOO_MANY_REQUESTS" { 429 } else { 401 },
            format!(r#"{{"error":{{"code":"{code}"}}}}"#),
        ),
        Reply::Data(data) => (200, format!(r#"{{"data":{}}}"#, data.text())),
    };
    Ok(Box::new(Received { http: Http { status, retry_after: 0 }, body }))
}

// The play.

struct Play {
    tabs: [Tab; 2],
    disks: [Disk; 3],
    stores: Rc<RefCell<Stores>>,
    now: u64,
    replies: u16,
    covered: u128,
    /// The model's disks and the changes of the stores when they were compared last.
    compared: Option<([[crate::words::Entries; 2]; 3], u32)>,
}

impl Play {
    fn new() -> Self {
        let stores = Rc::new(RefCell::new(Stores {
            stores: Default::default(),
            refused: Refused::Nothing,
            blind: false,
        }));
        let tab = |tab| Tab::new(World { stores: stores.clone(), tab, last: None });
        Self {
            tabs: [tab(0), tab(1)],
            disks: [Disk::new(); 3],
            stores: stores.clone(),
            now: 0,
            replies: 0,
            covered: 0,
            compared: None,
        }
    }

    fn reply(&mut self, how: How, made: Made, method: &str, about: Uid) -> Reply {
        self.replies += 1;
        let number = self.replies;
        let who = if matches!(how, How::OtherUser) { (about.who + 1) % 3 } else { about.who };
        let good = Data {
            uid: Some(Uid { who, upper: made.upper }),
            // Of a request for a token, the token. Of any other one that is none of ours, which must not count.
            token: Some(Token { who, number: if method == "POST" { made.token } else { 9 } }),
            name: number,
            jwt: made.jwt.then_some(number),
            channel: made.channel.then_some(number),
            hosts: if made.hosts { Hosts::Own(number) } else { Hosts::Unsaid },
        };
        match how {
            How::Good | How::OtherUser => Reply::Data(good),
            How::Nobody => Reply::Data(Data { uid: None, token: None, ..good }),
            How::ForeignHost => Reply::Data(Data { hosts: Hosts::Foreign, ..good }),
            How::Refusal => Reply::Refusal("ERR_INTERNAL"),
            How::TooMany => Reply::Refusal("ERR_TOO_MANY_REQUESTS"),
            How::TokenUnknown => Reply::Refusal("AUTH_ERR_AUTH_TOKEN_NOT_FOUND"),
            How::UidUnknown => Reply::Refusal("ERR_UID_NOT_FOUND"),
            How::Html => Reply::Html,
            How::Null => Reply::Null,
            How::Nothing => Reply::Nothing,
            How::NoStatus => Reply::NoStatus,
            How::NoContent => Reply::NoContent,
            How::Overload(status) => Reply::Overload(status),
        }
    }

    fn answer(&mut self, tab: usize, at: usize, how: How, made: Made) {
        let (number, method, about) = self.tabs[tab].open.remove(at);
        let reply = self.reply(how, made, method, about);
        let tab = &mut self.tabs[tab];
        tab.model.replied(&mut self.disks, number, reply);
        let id = tab.ids[number];
        tab.handle(Input::Responded(id, wire(reply)));
    }

    /// Time passes; what it ends, ends in order.
    fn pass(&mut self, ms: u64, frozen: bool) -> Checked {
        self.now += ms;
        for tab in 0..2 {
            while let Some(at) = self.tabs[tab].clocks.iter().position(|clock| clock.1 <= self.now)
            {
                let (number, due) = self.tabs[tab].clocks.remove(at);
                self.time_is_up(tab, number, if frozen { self.now - due } else { 0 })?;
            }
        }
        Ok(())
    }

    fn time_is_up(&mut self, tab: usize, number: usize, late: u64) -> Checked {
        let tab = &mut self.tabs[tab];
        tab.model.time_is_up(&mut self.disks, number, late);
        tab.handle(Input::TimedOut(tab.ids[number], u32::try_from(late).unwrap()));
        tab.compare(self.now)
    }

    /// Another program. It is never refused anything.
    fn foreign(&mut self, at: usize, what: Foreign) {
        self.replies += 1;
        let entries = &mut self.disks[at].apps[0];
        let (before, number) = (*entries, self.replies);
        match what {
            Foreign::Login(token) | Foreign::EvilHost(token) => {
                let uid = Uid { who: token.who, upper: false };
                entries.app_id = true;
                let hosts = if matches!(what, Foreign::Login(_)) {
                    Hosts::Own(number)
                } else {
                    Hosts::Foreign
                };
                entries.hosts = hosts;
                entries.user = Entry::Of(Session {
                    uid,
                    token,
                    name: number,
                    jwt: None,
                    channel: Some(number),
                    hosts,
                });
            }
            Foreign::Rename => {
                if let Entry::Of(session) = &mut entries.user {
                    session.name = number;
                }
            }
            Foreign::Logout => (entries.user, entries.hosts) = (Entry::None, Hosts::Unsaid),
            Foreign::Damage => entries.user = Entry::Damaged,
            Foreign::Clear => {
                self.disks[at].apps = Disk::new().apps;
                self.stores.borrow_mut().stores[at].entries.clear();
                return;
            }
        }
        let after = *entries;
        let mut stores = self.stores.borrow_mut();
        let disk = &mut stores.stores[at].entries;
        for ((slot, text), (_, old)) in texts(&after, 0).into_iter().zip(texts(&before, 0)) {
            match text {
                _ if text == old => {}
                Some(text) => _ = disk.insert(slot.into(), text),
                None => _ = disk.remove(slot),
            }
        }
    }

    fn take(&mut self, at: usize, step: Step) -> Checked {
        let tab = &mut self.tabs[at];
        match step {
            Step::Call(call) => tab.call(&mut self.disks, call, false),
            Gated(call) => tab.call(&mut self.disks, call, true),
            Step::Reply(which, how, made) => {
                if !tab.open.is_empty() {
                    let which = which % tab.open.len();
                    self.answer(at, which, how, made);
                }
            }
            Serve(made) => {
                if !tab.open.is_empty() {
                    let newest = tab.open.len() - 1;
                    self.answer(at, newest, How::Good, made);
                }
            }
            Provide(which, given) => {
                if !tab.asked.is_empty() {
                    let number = tab.asked.remove(which % tab.asked.len());
                    tab.model.given(&mut self.disks, number, given);
                    let token = match given {
                        Given::Token(token) => token.text(),
                        Given::Blank => " ".into(),
                        Given::Unfit => "tökën".into(),
                    };
                    tab.handle(Input::Token(tab.ids[number], token));
                }
            }
            Pass(ms) => self.pass(ms, false)?,
            Step::Freeze(ms) => self.pass(ms, true)?,
            Step::Blink => {
                self.disks[0].blind = true;
                self.stores.borrow_mut().blind = true;
            }
            LateTime(which) => {
                if !tab.ids.is_empty() {
                    let number = which % tab.ids.len();
                    if tab.clocks.iter().all(|clock| clock.0 != number) {
                        self.time_is_up(at, number, 0)?;
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
                tab.model.abort(&mut self.disks, call);
                tab.handle(Input::Abort(call));
            }
            Look => {
                tab.model.look(&mut self.disks);
                tab.handle(Input::Sync);
            }
            Refuse(refused) => {
                self.disks[0].refused = refused;
                self.stores.borrow_mut().refused = refused;
            }
            Step::Foreign(store, what) => self.foreign(
                match store {
                    Store::Local => 0,
                    Store::Session => 1 + at,
                },
                what,
            ),
            Dispose => {
                tab.model.dispose();
                tab.handle(Input::Dispose);
            }
            Reload => {
                self.covered |= tab.model.covered;
                *tab = Tab::new(World { stores: self.stores.clone(), tab: at, last: None });
            }
        }
        self.tabs[at].compare(self.now)?;
        self.compare_disks()
    }

    fn compare_disks(&mut self) -> Checked {
        let stores = self.stores.borrow();
        let now = (
            self.disks.map(|disk| disk.apps),
            stores.stores.iter().map(|store| store.changes).sum(),
        );
        if self.compared == Some(now) {
            return Ok(());
        }
        for (at, (disk, store)) in self.disks.iter().zip(&stores.stores).enumerate() {
            if disk.trace != store.trace {
                return Err(format!("store {at}: written in another order"));
            }
            for (app, entries) in disk.apps.iter().enumerate() {
                for (slot, must) in texts(entries, app) {
                    let is = store.entries.get(slot);
                    if is != must.as_ref() {
                        return Err(format!("store {at}, {slot}: {is:?}, must be {must:?}"));
                    }
                }
            }
        }
        self.compared = Some(now);
        Ok(())
    }
}

/// The entries of an app as they must stand on disk.
fn texts(entries: &crate::words::Entries, app: usize) -> [(&'static str, Option<String>); 3] {
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
        Entry::None => None,
        Entry::Damaged => Some(DAMAGED.into()),
        Entry::Of(session) => Some(quoted(&session.text())),
    };
    [(id, id_text), (user, user_text), (settings, entries.hosts.text().map(|text| quoted(&text)))]
}

/// Plays it. When all time has run out nothing is pending (B1), and a page that is loaded then finds what stands on disk.
fn play(schedule: &[(usize, Step)]) -> Result<u128, String> {
    let mut play = Play::new();
    for (at, (tab, step)) in schedule.iter().enumerate() {
        play.take(*tab, *step).map_err(|why| format!("step {at}, tab {tab}, {step:?}: {why}"))?;
    }
    play.pass(60_000, false).map_err(|why| format!("when all time has run out: {why}"))?;
    for tab in &play.tabs {
        if !tab.pending.is_empty() || !tab.model.is_at_rest() {
            return Err(format!("pending: {:?}", tab.pending));
        }
    }
    for session_mode in [false, true] {
        let init = Call::Init { app: 0, session_mode, timeout: 10_000, moved: false };
        for step in [Refuse(Refused::Nothing), Reload, Step::Call(init), Step::Call(Call::Who)] {
            play.take(0, step).map_err(|why| format!("in a fresh page: {why}"))?;
        }
    }
    Ok(play.covered | play.tabs[0].model.covered | play.tabs[1].model.covered)
}

// Schedules out of a number.

/// SplitMix64. Proptest's own strategies for this take minutes in a build without optimisation.
struct Chance(u64);

impl Chance {
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

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// The first user more often, so that schedules have a thread.
    fn who(&mut self) -> u8 {
        self.one(&[0, 0, 1, 1, 2])
    }

    fn uid(&mut self) -> Uid {
        Uid { who: self.who(), upper: self.once_in(3) }
    }

    fn token(&mut self) -> Token {
        Token { who: self.who(), number: self.one(&[1, 1, 2]) }
    }

    fn made(&mut self) -> Made {
        Made {
            token: self.one(&[1, 2, 3]),
            upper: self.once_in(4),
            jwt: !self.once_in(3),
            channel: !self.once_in(3),
            hosts: !self.once_in(3),
        }
    }

    fn pick(&mut self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|weight| left.checked_sub(*weight).map(|less| left = less).is_none())
            .unwrap()
    }

    fn given(&mut self) -> Given {
        match self.below(8) {
            0 => Given::Blank,
            1 => Given::Unfit,
            _ => Given::Token(self.token()),
        }
    }

    fn init(&mut self) -> Call {
        Call::Init {
            app: usize::from(self.once_in(6)),
            session_mode: self.once_in(3),
            timeout: self.one(&[10_000, 10_000, 3_000, 30_000]),
            moved: self.once_in(4),
        }
    }
}

/// What a schedule is made of. Each has tastes of its own, some things often and others never: so that they come to combinations
/// which are all but impossible where everything is as likely everywhere.
struct Author {
    chance: Chance,
    steps: [usize; 20],
    calls: [usize; 11],
    last_login: Login,
}

impl Author {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0xd134_2543_de82_ef95));
        let mut tastes = [(); 31].map(|()| chance.one(&[0, 1, 1, 4]));
        tastes[..2].fill(1);
        let taste = |at: usize, weight: usize| weight * tastes[at];
        let mut at = 0;
        let mut next = |weight| {
            at += 1;
            taste(at - 1, weight)
        };
        let steps = [28, 14, 6, 3, 5, 3, 1, 4, 2, 2, 2, 3, 1, 1, 1, 2, 1, 1, 2, 1].map(&mut next);
        let calls = [6, 6, 5, 8, 2, 4, 4, 4, 2, 1, 1].map(&mut next);
        let last_login = Login::Token(chance.token(), None);
        Self { chance, steps, calls, last_login }
    }

    fn login(&mut self, login: Login) -> Call {
        // The same again, so that there is something to join.
        if !self.chance.once_in(3) {
            self.last_login = login;
        }
        Call::Login(self.last_login)
    }

    fn call(&mut self) -> Call {
        let (chance, mut calls) = (&mut self.chance, self.calls);
        calls[4] += 1;
        match chance.pick(&calls) {
            0 => {
                let login = Login::Key(chance.uid(), u8::from(chance.once_in(4)));
                self.login(login)
            }
            1 => {
                let login = Login::Token(chance.token(), chance.once_in(3).then(|| chance.uid()));
                self.login(login)
            }
            2 => {
                let login = Login::Provider(
                    chance.once_in(2).then(|| chance.uid()),
                    chance.one(&[1, 1, 2]),
                );
                self.login(login)
            }
            3 => Call::Logout,
            4 => Call::Who,
            5 => Call::Verify,
            6 => Call::UpdateMe,
            7 => Call::UpdateUser(chance.uid()),
            8 => Call::GetUser(chance.uid()),
            9 => Call::CreateUser(chance.uid()),
            _ => chance.one(&[Call::BadInit, Call::BadInit, Call::AbortedLogin, Call::BadLogin]),
        }
    }

    fn step(&mut self) -> Step {
        use How::{
            ForeignHost, Good, Html, Nobody, Nothing, Null, OtherUser, Refusal, TokenUnknown,
            TooMany, UidUnknown,
        };
        const HOW: [How; 16] = [
            Good,
            Good,
            OtherUser,
            OtherUser,
            Nobody,
            ForeignHost,
            Refusal,
            TooMany,
            UidUnknown,
            Html,
            Null,
            Nothing,
            How::NoStatus,
            How::NoContent,
            How::Overload(429),
            How::Overload(503),
        ];
        const REFUSED: [Refused; 6] = [
            Refused::AppId,
            Refused::Settings,
            Refused::User,
            Refused::Writes,
            Refused::All,
            Refused::All,
        ];
        let chance = &mut self.chance;
        match chance.pick(&self.steps) {
            0 => Step::Call(self.call()),
            1 => Serve(chance.made()),
            2 => Step::Reply(chance.below(64), chance.one(&HOW), chance.made()),
            3 => Step::Reply(chance.below(64), TokenUnknown, chance.made()),
            4 => Provide(chance.below(8), chance.given()),
            5 => Pass(chance.one(&[1, 2_999, 3_000, 5_000, 10_000])),
            6 => LateTime(chance.below(64)),
            7 => Abort(chance.below(64)),
            8 => Look,
            9 => Refuse(chance.one(&REFUSED)),
            10 => Refuse(Refused::Nothing),
            11 => Step::Foreign(Store::Local, Foreign::Login(chance.token())),
            12 => {
                let foreign = [
                    Foreign::Rename,
                    Foreign::Damage,
                    Foreign::EvilHost(chance.token()),
                    Foreign::Clear,
                ];
                Step::Foreign(Store::Local, chance.one(&foreign))
            }
            13 => Step::Foreign(Store::Local, Foreign::Logout),
            14 => {
                let token = chance.token();
                Step::Foreign(
                    Store::Session,
                    chance.one(&[Foreign::Login(token), Foreign::Login(token), Foreign::Logout]),
                )
            }
            15 => Step::Call(chance.init()),
            16 => chance.one(&[Dispose, Reload]),
            17 => Gated(self.call()),
            18 => Step::Freeze(chance.one(&[3_000, 5_600, 10_400, 10_600])),
            _ => Step::Blink,
        }
    }
}

fn schedule(seed: u64) -> Vec<(usize, Step)> {
    let mut author = Author::new(seed);
    let started = Call::Init {
        app: 0,
        session_mode: author.chance.once_in(8),
        timeout: 10_000,
        moved: false,
    };
    let mut schedule = Vec::with_capacity(64);
    if !author.chance.once_in(20) {
        schedule.extend([(0, Step::Call(started)), (1, Step::Call(started))]);
    }
    let (length, other_tab) = (6 + author.chance.below(50), author.chance.one(&[3, 5, 1_000]));
    for _ in 0..length {
        schedule.push((usize::from(author.chance.once_in(other_tab)), author.step()));
    }
    schedule
}

/// A panic in the client is a failure like any other.
fn played(schedule: &[(usize, Step)]) -> Result<u128, String> {
    std::panic::catch_unwind(|| play(schedule)).unwrap_or_else(|_| Err("a panic".into()))
}

/// What is left when every step goes without which it fails all the same.
fn shrunk(mut schedule: Vec<(usize, Step)>) -> Vec<(usize, Step)> {
    let mut at = schedule.len();
    while at > 0 {
        at -= 1;
        let mut shorter = schedule.clone();
        shorter.remove(at);
        if played(&shorter).is_err() {
            schedule = shorter;
            at = at.min(schedule.len());
        }
    }
    schedule
}

fn complaint(seed: u64) -> Option<String> {
    let full = schedule(seed);
    let why = played(&full).err()?;
    let short = shrunk(full);
    let again = played(&short).err().unwrap_or_default();
    let steps: String = short.iter().map(|step| format!("    {step:?},\n")).collect();
    Some(format!("SEED={seed}: {why}\n\nEnough for it is\n[\n{steps}]\n{again}"))
}

#[test]
fn the_client_does_what_the_rules_say_in_any_schedule() {
    let seed: Option<u64> = std::env::var("SEED").ok().map(|seed| seed.parse().expect("a number"));
    if let Some(seed) = seed {
        println!("{:#?}", schedule(seed));
        if let Some(complaint) = complaint(seed) {
            panic!("{complaint}");
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
            let Ok(covered) = played(&schedule(seed)) else {
                next.store(SCHEDULES, Ordering::Relaxed);
                return Err(
                    complaint(seed).unwrap_or_else(|| format!("SEED={seed} fails now and then"))
                );
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
            Err(complaint) => panic!("{complaint}"),
        }
    }
    println!("Of {SCHEDULES} schedules, so many show:");
    for (what, count) in COVERED.iter().zip(&counts) {
        println!("{count:>7} {what:?}");
    }
    let rare: Vec<_> =
        COVERED.iter().zip(&counts).filter(|(_, count)| **count < SCHEDULES / 1_000).collect();
    assert!(rare.is_empty(), "what hardly ever happens is hardly tried: {rare:?}");
}

#[test]
fn schedules_that_failed_once_do_not_fail_again() {
    for (what, schedule) in KEPT {
        assert_eq!(played(schedule).err(), None, "{what}");
    }
}

#[test]
fn a_schedule_is_the_same_for_the_same_seed() {
    assert_eq!(format!("{:?}", schedule(7)), format!("{:?}", schedule(7)));
    assert_ne!(format!("{:?}", schedule(7)), format!("{:?}", schedule(8)));
}
