//! What the client knows of the world: it asks a store and a clock, and it says what is to be done.
//!
//! The first two are traits, called and answered at once. Requests and events are [`Output`]s, taken out one at a time
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

/// The web storages, or what stands in for them.
pub trait Store {
    /// The entry of that key.
    ///
    /// # Errors
    /// Where the area cannot be read.
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused>;
    /// Writes an entry.
    ///
    /// # Errors
    /// Where it was not written.
    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused>;
    /// Removes an entry, where it is there and can be.
    fn remove(&mut self, area: Area, key: &str);
}

/// Time and chance.
pub trait Clock {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> u64;
    /// Sixteen random bytes.
    fn random(&self) -> [u8; 16];
}

/// The page around: what does not change while it lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The browser's own name for itself; empty where there is none.
    pub user_agent: String,
    /// The host name of the page's origin; empty where there is none.
    pub host_name: String,
}

/// All that is asked.
pub trait World: Store + Clock {}
impl<T: Store + Clock> World for T {}

/// The number by which a caller knows its call.
pub type CallId = u32;
/// The number by which a request, or the time it has, is known.
pub type RequestId = u32;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this request and say what came of it ([`super::Input::Replied`]).
    Send(RequestId, Request),
    /// Give up the request, or the reminder, of that number; it may be over already.
    Cancel(RequestId),
    /// Say when that many milliseconds have passed ([`super::Input::TimeIsUp`]).
    Remind(RequestId, u32),
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
    /// A plain object, as JSON text.
    Object(String),
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
pub type Outcome = Result<Reply, NoReply>;

/// The request failed without a reply: no connection, blocked, cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoReply;
