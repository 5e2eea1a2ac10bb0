//! What the client knows of the world: it asks the store and the engine, and it says what is to be done.
//!
//! The first two are a trait, called and answered at once. Requests and events are [`Output`]s, taken out one at a time
//! after the client has finished its step, so that whatever they set off (a listener that calls the API, a patched `fetch`)
//! finds the client at rest.

use std::rc::Rc;

use crate::protocol::error::Exception;
use crate::protocol::reply::Reply;
use crate::protocol::request::Request;
use crate::protocol::session::Session;

/// Which of the two web storages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// localStorage.
    Local,
    /// sessionStorage.
    Session,
}

/// The store said no: it is not there, not allowed, or full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// What a storage holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// The same as last time.
    Unchanged,
    /// This entry, or none.
    Changed(Option<String>),
}

/// The web storages and the engine's JSON, or what stands in for them.
pub trait World {
    /// The entry of that key.
    ///
    /// # Errors
    /// Where the area cannot be read.
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused>;
    /// The entry of that key, compared with the entry that this gave last if that is `known`. Asked
    /// at every call: an unchanged entry is not copied.
    ///
    /// # Errors
    /// If the area cannot be read.
    fn read_if_changed(&mut self, area: Area, key: &str, known: bool) -> Result<Read, Refused>;
    /// Writes an entry.
    ///
    /// # Errors
    /// Where it was not written.
    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused>;
    /// Removes an entry, if there is one.
    ///
    /// # Errors
    /// If it was not removed.
    fn remove(&mut self, area: Area, key: &str) -> Result<(), Refused>;
    /// JSON as `JSON.stringify` writes it (see [`crate::protocol::json`]); `None` where the text is none.
    fn json(&self, text: &str) -> Option<String>;
}

/// The number by which a caller knows its call.
pub type CallId = u32;
/// The number by which a request, or the time it has, is known.
pub type RequestId = u32;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this request and say what came of it ([`super::Input::Replied`]).
    Send(RequestId, Box<Request>),
    /// Give up the request, or the reminder, of that number; it may be over already.
    Cancel(RequestId),
    /// Nobody waits for that request any more, but it goes on until its time is up (rule B9).
    Release(RequestId),
    /// Say when that many milliseconds have passed ([`super::Input::TimeIsUp`]).
    Remind(RequestId, u32),
    /// The time of that call runs: so many milliseconds from now.
    Watch(CallId, u32),
    /// The session, its user's data or where it is kept has changed. Comes before what follows from
    /// that.
    SessionChanged {
        /// The session, if a user is logged in.
        session: Option<Rc<Session>>,
        /// Whether it lives in memory.
        in_memory: bool,
    },
    /// Ask that call's provider for an auth token and say what it gave ([`super::Input::Token`]).
    Ask(RequestId, CallId),
    /// Settle the promise of that call.
    Settle(CallId, Result<Answer, Exception>),
    /// Tell every login listener.
    Tell(Event),
    /// Tell the developer, once for each text.
    Warn(&'static str),
}

/// What a promise resolves with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `true`.
    Done,
    /// `null`: nobody.
    Nobody,
    /// The user of a session.
    User(Rc<Session>),
    /// A user as the service describes one, as JSON text.
    Profile(Rc<String>),
    /// A plain object, as JSON text.
    Object(Rc<String>),
}

impl Answer {
    /// A plain object.
    pub fn object(json: &str) -> Self {
        Self::Object(Rc::new(json.into()))
    }
}

/// What login listeners are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody is logged in now: the user of the session.
    LoginSuccess(Rc<Session>),
    /// A login did not succeed.
    LoginFailure(Exception),
    /// A session has ended.
    LogoutSuccess,
    /// The service could not be told of a logout.
    LogoutFailure(Exception),
}

/// What came of a request: a reply, or none at all.
pub type Outcome = Result<Box<Reply>, NoReply>;

/// The request failed without a reply: no connection, blocked, cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoReply;
