//! The words of [`crate::model`] and [`crate::schedules`]: users, tokens, sessions, stores and replies as a few numbers each, and
//! how each is spelled where the client reads or writes it.

pub const APPS: [&str; 2] = ["myapp", "otherapp"];

/// A user as somebody spells them; who they are does not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uid {
    pub user: u8,
    pub upper: bool,
}

/// A token says whose it is, so that a mixture can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub user: u8,
    pub number: u8,
}

/// Where the service's settings send the calls of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    Absent,
    OfService(u16),
    Foreign,
}

/// A session. What the service says in one reply carries that reply's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub uid: Uid,
    pub token: Token,
    pub name: u16,
    pub jwt: Option<u16>,
    pub channel: Option<u16>,
    pub hosts: Hosts,
}

/// The `user` entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Absent,
    Damaged,
    Session(Session),
}

/// The entries of one app in one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppEntries {
    pub app_id: bool,
    pub user: Entry,
    pub hosts: Hosts,
}

/// What a store refuses: nothing, the writing of one entry or of all, or everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Nothing,
    AppId,
    Settings,
    User,
    Writes,
    All,
}

/// localStorage, or the sessionStorage of one tab.
#[derive(Clone, Copy, Debug)]
pub struct ModelStorage {
    pub apps: [AppEntries; 2],
    pub refused: Refused,
    /// The next read fails, that one alone.
    pub refuses_next_read: bool,
    /// The writes so far, in order: see [`traced`].
    pub trace: u64,
}

/// Adds a write to the ones so far: of which entry, and whether the app's `user` stood on disk then. It tells two orders apart,
/// and so how a crash in between would have left the disk (B12).
pub fn extend_trace(trace: u64, entry: Refused, user: bool) -> u64 {
    trace.rotate_left(5).wrapping_mul(31).wrapping_add(2 * entry as u64 + u64::from(user) + 1)
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    ConnectionLost,
    /// An error page.
    Html,
    /// An envelope with `null` for data.
    NullData,
    /// An error of the service.
    Error(&'static str),
    /// The code of an unknown token with a status that does not mean it: 429 or 5xx.
    TokenUnknownAt(u16),
    /// A status that is none.
    StatusZero,
    /// 204.
    NoContent,
    Data(Data),
}

/// The `data` of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data {
    pub uid: Option<Uid>,
    pub token: Option<Token>,
    pub name: u16,
    pub jwt: Option<u16>,
    pub channel: Option<u16>,
    pub hosts: Hosts,
}

/// A call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Init {
        app: usize,
        session_mode: bool,
        timeout: u32,
        /// In another region, so that every base URL is another.
        other_region: bool,
    },
    InvalidInit,
    Login(Login),
    /// Its signal has gone off already.
    AbortedLogin,
    InvalidLogin,
    Logout,
    LoggedInUser,
    CreateUser(Uid),
    UpdateUser(Uid),
    UpdateMe,
    GetUser(Uid),
    Verify,
}

/// What a login is asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    Key(Uid, u8),
    Token(Token, Option<Uid>),
    /// Which function it is stands beside it.
    Provider(Option<Uid>, u8),
}

/// What a token provider gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provided {
    Token(Token),
    Blank,
    /// A text that no header can carry.
    NonAscii,
}

pub type CallId = u32;

/// What must come out. `usize` is the number of the request, or of the wait for a provider, in the order in which they began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelOutput {
    Notify(String),
    Settle(CallId, String),
    Send(usize, String),
    StartTimer(usize, u32),
    AskProvider(usize, CallId),
    Cancel(usize),
}

impl Uid {
    pub fn text(self) -> &'static str {
        let names = if self.upper { ["ALICE", "BOB", "CAROL"] } else { ["alice", "bob", "carol"] };
        names[usize::from(self.user)]
    }

    pub fn same_user(self, other: Self) -> bool {
        self.user == other.user
    }
}

impl Token {
    pub fn text(self) -> String {
        let mut text = Uid { user: self.user, upper: false }.text().to_owned();
        text.push_str("-token-");
        text.push(char::from(b'0' + self.number));
        text
    }
}

impl Hosts {
    /// The service's settings as it says them.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::OfService(number) => {
                Some(format!(r#"{{"CLIENT_API_HOST":"h{number}.cometchat.io"}}"#))
            }
            Self::Foreign => Some(r#"{"CLIENT_API_HOST":"evil.example"}"#.into()),
        }
    }
}

impl Session {
    pub fn same_login(&self, other: &Self) -> bool {
        self.uid.same_user(other.uid) && self.token == other.token
    }

    /// The user in the official client's form.
    pub fn text(&self) -> String {
        let (uid, token, name) = (self.uid.text(), self.token.text(), self.name);
        let mut text = format!(
            r#"{{"hasBlockedMe":false,"blockedByMe":false,"deactivatedAt":0,"authToken":"{token}","status":"online","uid":"{uid}","name":"n{name}""#
        );
        if let Some(number) = self.channel {
            text.push_str(&format!(r#","wsChannel":{{"identity":"c{number}"}}"#));
        }
        if let Some(number) = self.jwt {
            text.push_str(&format!(r#","jwt":"j{number}""#));
        }
        text.push('}');
        text
    }
}

impl Data {
    /// As the service writes it.
    pub fn text(&self) -> String {
        let mut text = format!(r#"{{"name":"n{}""#, self.name);
        if let Some(uid) = self.uid {
            text.push_str(&format!(r#","uid":"{}""#, uid.text()));
        }
        if let Some(token) = self.token {
            text.push_str(&format!(r#","authToken":"{}""#, token.text()));
        }
        if let Some(number) = self.channel {
            text.push_str(&format!(r#","wsChannel":{{"identity":"c{number}"}}"#));
        }
        if let Some(number) = self.jwt {
            text.push_str(&format!(r#","jwt":"j{number}""#));
        }
        if let Some(hosts) = self.hosts.text() {
            text.push_str(&format!(r#","settings":{hosts}"#));
        }
        text.push('}');
        text
    }

    /// The session it makes with that token. What it does not say of the same login's session before stays (B29).
    pub fn session(&self, uid: Uid, token: Token, before: Option<&Session>) -> Session {
        Session {
            uid,
            token,
            name: self.name,
            jwt: self.jwt.or(before.and_then(|before| before.jwt)),
            channel: self.channel.or(before.and_then(|before| before.channel)),
            hosts: match (self.hosts, before) {
                (Hosts::Absent, Some(before)) => before.hosts,
                (hosts, _) => hosts,
            },
        }
    }
}

impl ModelStorage {
    pub fn new() -> Self {
        let none = AppEntries { app_id: false, user: Entry::Absent, hosts: Hosts::Absent };
        Self { apps: [none; 2], refused: Refused::Nothing, refuses_next_read: false, trace: 0 }
    }

    /// The session, for a page that can read.
    pub fn session(&self, app: usize) -> Option<Session> {
        let entries = &self.apps[app];
        match (entries.user, entries.hosts) {
            (Entry::Session(session), hosts @ (Hosts::Absent | Hosts::OfService(_))) => {
                Some(Session { hosts, ..session })
            }
            _ => None,
        }
    }

    /// The `user` entry, if it can be read.
    pub fn read(&mut self, app: usize) -> Option<Entry> {
        let refuses_next_read = std::mem::take(&mut self.refuses_next_read);
        (!refuses_next_read && self.refused != Refused::All).then_some(self.apps[app].user)
    }

    pub fn write(&mut self, app: usize, entry: Refused, set: impl FnOnce(&mut AppEntries)) -> bool {
        let refused =
            matches!(self.refused, Refused::All | Refused::Writes) || self.refused == entry;
        if !refused {
            let entries = &mut self.apps[app];
            self.trace = extend_trace(self.trace, entry, entries.user != Entry::Absent);
            set(entries);
        }
        !refused
    }

    pub fn remove(&mut self, app: usize, set: impl FnOnce(&mut AppEntries)) -> bool {
        let refused = self.refused == Refused::All;
        if !refused {
            set(&mut self.apps[app]);
        }
        !refused
    }

    pub fn clear_session(&mut self, app: usize) -> bool {
        self.remove(app, |entries| {
            entries.user = Entry::Absent;
            entries.hosts = Hosts::Absent;
        })
    }
}
