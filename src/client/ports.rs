//! The client's ports: what it asks of the platform, and the effects that it orders.
//!
//! Storage and JSON are a trait, answered at once. Requests, timers and events are [`Output`]s. They
//! are taken out one at a time after a step, so that their effects (a listener that calls the API, a
//! patched `fetch`) find the client at rest.

use std::rc::Rc;

use crate::protocol::error::{Exception, Http};
use crate::protocol::json::CanonicalJson;
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

/// The storage is missing, not allowed, or full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// What a storage holds.
#[derive(Clone, PartialEq, Eq)]
pub enum Read {
    /// The same as last time.
    Unchanged,
    /// This entry, or none.
    Changed(Option<String>),
}

/// The web storages and the engine's JSON, or test doubles of them.
pub trait Platform {
    /// The entry of that key.
    ///
    /// # Errors
    /// If the area cannot be read.
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused>;
    /// The entry of that key, which [`Platform::read_again`] reads from now on.
    ///
    /// # Errors
    /// If the area cannot be read.
    fn read(&mut self, area: Area, key: &str) -> Result<Option<String>, Refused>;
    /// The entry that [`Platform::read`] read last, if it has changed since. Every call reads it: an
    /// unchanged entry is not copied.
    ///
    /// # Errors
    /// If the area cannot be read.
    fn read_again(&mut self) -> Result<Read, Refused>;
    /// Writes an entry.
    ///
    /// # Errors
    /// If it was not written.
    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused>;
    /// Removes an entry, if there is one.
    ///
    /// # Errors
    /// If it was not removed.
    fn remove(&mut self, area: Area, key: &str) -> Result<(), Refused>;
    /// JSON text as `JSON.stringify` writes it; `None` if the text is no JSON.
    fn canonical(&self, text: &str) -> Option<CanonicalJson>;
}

/// The number of a call, given by the caller. The caller never uses a number twice.
pub type CallId = u32;
/// The number of a pending request, its timer and its token provider. Never used twice.
pub type RequestId = u32;

/// An effect to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this request and report the outcome ([`super::Input::Responded`]).
    Send(RequestId, Box<Request>),
    /// Abort the request and the timer of that number, which may be over already.
    Cancel(RequestId),
    /// Let that request go on until its time is up: its outcome is of no interest (rule B9).
    Release(RequestId),
    /// Report when so many milliseconds have passed ([`super::Input::TimedOut`]).
    StartTimer(RequestId, u32),
    /// That call has so many milliseconds from now.
    Watch(CallId, u32),
    /// The session, its user's data or where it is kept has changed. Comes before what follows from
    /// it.
    SessionChanged {
        /// The session, if a user is logged in.
        session: Option<Rc<Session>>,
        /// Whether it is kept in memory.
        in_memory: bool,
    },
    /// Ask that call's token provider and report the token ([`super::Input::Token`]).
    AskProvider(RequestId, CallId),
    /// Settle the promises of these calls, which share a request.
    Settle(Vec<CallId>, Result<Answer, Rc<Exception>>),
    /// Notify the login listeners.
    Notify(Event),
    /// Warn the developer, once for each text.
    Warn(&'static str),
}

/// What a promise resolves with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `true`.
    Done,
    /// `null`: no user is logged in.
    NoUser,
    /// The user of a session.
    User(Rc<Session>),
    /// A user as the service describes it.
    Profile(Rc<CanonicalJson>),
    /// A plain object.
    Object(Rc<CanonicalJson>),
}

/// What login listeners are notified of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The user of this session is logged in now.
    LoginSuccess(Rc<Session>),
    /// A login failed.
    LoginFailure(Rc<Exception>),
    /// A session has ended.
    LogoutSuccess,
    /// The service was not told of a logout.
    LogoutFailure(Rc<Exception>),
}

/// The outcome of a request.
pub type Outcome = Result<Box<Received>, NoResponse>;

/// A response as it was received.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// Status and `Retry-After`.
    pub http: Http,
    /// The whole body.
    pub body: String,
}

/// The request failed without a response: no connection, blocked, aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoResponse;
