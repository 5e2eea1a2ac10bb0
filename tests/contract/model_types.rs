//! The data types of [`crate::model`] and [`crate::schedules`], and their text forms.
//!
//! Users, tokens, sessions, storages and responses are a few numbers each.

pub const APPS: [&str; 2] = ["myapp", "otherapp"];

/// A uid in upper or lower case. Both spellings mean the same user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uid {
    pub user: u8,
    pub upper: bool,
}

/// A token. It contains its user, so that a mix of two sessions is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub user: u8,
    pub number: u8,
}

/// The host that the service's settings name for the calls of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    Absent,
    OfService(u16),
    Foreign,
}

/// A session. Its data carry the number of the response that they come from.
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

/// The entries of one app in one storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppEntries {
    pub app_id: bool,
    pub user: Entry,
    pub hosts: Hosts,
}

/// The entries of an app that the model knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    AppId,
    Settings,
    User,
}

/// The accesses to a storage that fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedAccess {
    None,
    WritesOf(EntryKind),
    AllWrites,
    All,
}

impl RefusedAccess {
    pub fn includes_write_of(self, entry: EntryKind) -> bool {
        matches!(self, Self::AllWrites | Self::All) || self == Self::WritesOf(entry)
    }
}

/// localStorage, or the sessionStorage of one tab.
#[derive(Clone, Copy, Debug)]
pub struct ModelStorage {
    pub apps: [AppEntries; 2],
    pub refused: RefusedAccess,
    /// Only the next read fails.
    pub refuses_next_read: bool,
    /// A hash of the writes so far, in order: see [`extend_trace`].
    pub trace: u64,
}

/// Adds a write to the hash: the entry, and whether the app's `user` entry existed then. Two orders
/// of writes differ in it, and so does the state after a crash between them (B12).
pub fn extend_trace(trace: u64, entry: EntryKind, user: bool) -> u64 {
    trace.rotate_left(5).wrapping_mul(31).wrapping_add(2 * entry as u64 + u64::from(user) + 1)
}

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    ConnectionLost,
    /// An HTML error page.
    Html,
    /// An envelope with `null` as data.
    NullData,
    /// An error of the service.
    Error(&'static str),
    /// The code of an unknown token with a status that must not end a session: 429 or 5xx.
    TokenUnknownAt(u16),
    /// Status 0.
    StatusZero,
    /// Status 204.
    NoContent,
    Data(Data),
}

/// The `data` of a response.
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
        /// Whether the region differs from the default one, so that every base URL changes.
        other_region: bool,
    },
    InvalidInit,
    Login(Login),
    /// Its signal is aborted already.
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

/// The credentials of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    Key(Uid, u8),
    Token(Token, Option<Uid>),
    /// With the number of the provider function.
    Provider(Option<Uid>, u8),
}

/// What a token provider returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provided {
    Token(Token),
    Blank,
    /// A text that no header can carry.
    NonAscii,
}

pub type CallId = u32;

/// An expected output. `usize` is the number of the request, or of the provider call, in order of
/// their start.
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
    /// The settings as the service sends them.
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

    /// The stored user in the form of the official client.
    pub fn text(&self) -> String {
        let (uid, token, name) = (self.uid.text(), self.token.text(), self.name);
        let mut text = r#"{"hasBlockedMe":false,"blockedByMe":false,"deactivatedAt":0,"#.to_owned();
        text.push_str(&format!(
            r#""authToken":"{token}","status":"online","uid":"{uid}","name":"n{name}""#
        ));
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

    /// The session that a response makes with a token. Absent fields keep their earlier values
    /// (B29).
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
        Self { apps: [none; 2], refused: RefusedAccess::None, refuses_next_read: false, trace: 0 }
    }

    /// The session that a page reads.
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
        (!refuses_next_read && self.refused != RefusedAccess::All).then_some(self.apps[app].user)
    }

    pub fn write(
        &mut self,
        app: usize,
        entry: EntryKind,
        set: impl FnOnce(&mut AppEntries),
    ) -> bool {
        let refused = self.refused.includes_write_of(entry);
        if !refused {
            let entries = &mut self.apps[app];
            self.trace = extend_trace(self.trace, entry, entries.user != Entry::Absent);
            set(entries);
        }
        !refused
    }

    pub fn remove(&mut self, app: usize, set: impl FnOnce(&mut AppEntries)) -> bool {
        let refused = self.refused == RefusedAccess::All;
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
