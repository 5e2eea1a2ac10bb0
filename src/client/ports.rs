//! The ports of the client: the platform that it reads, and the outputs that it returns.
//!
//! The platform is a trait and answers at once, within a step: a storage or a `JSON` that the page
//! has patched runs while the client is borrowed. Requests, timers and events are [`Output`]s. They
//! are taken one at a time after a step, so their effects (a listener that calls the API, a patched
//! `fetch`) never run inside a step.

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

/// The result of reading an entry.
#[derive(Clone, PartialEq, Eq)]
pub enum Read {
    /// The entry is the same as last time.
    Unchanged,
    /// The entry, or `None` if there is none.
    Changed(Option<String>),
}

/// The web storages and the engine's JSON, or test doubles of them.
pub trait Platform {
    /// The entry of that key.
    ///
    /// # Errors
    /// If the area cannot be read.
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused>;
    /// The entry of that key. From now on [`Platform::read_again`] reads the same key.
    ///
    /// # Errors
    /// If the area cannot be read.
    fn read(&mut self, area: Area, key: &str) -> Result<Option<String>, Refused>;
    /// The entry that [`Platform::read`] read last, if it has changed since. Every call reads it: an
    /// unchanged entry is not copied.
    ///
    /// # Errors
    /// If the area cannot be read, or nothing was read before.
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
    /// JSON text as `JSON.stringify` writes it; empty if the text is not JSON.
    fn canonical(&self, text: &str) -> CanonicalJson;
}

/// The id of a call, chosen by the facade. No other call of the page has it.
pub type CallId = u32;
/// The id of a pending request, its timer and its token provider. No other pending request of this
/// instance has it; the instance after a trap starts at 1 again.
pub type RequestId = u32;

/// An effect to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this request and report the outcome ([`super::Input::Responded`]).
    Send(RequestId, Box<Request>),
    /// Abort the request and the timer of that id, if they still exist.
    Cancel(RequestId),
    /// Let that request continue until its timer fires, and ignore its outcome (rule B9).
    Release(RequestId),
    /// Report when so many milliseconds have passed ([`super::Input::TimedOut`]).
    StartTimer(RequestId, u32),
    /// Tell the watchdog that the call has so many milliseconds from now.
    Watch(CallId, u32),
    /// The session, its user or its persistence has changed. Comes before the events and results
    /// that follow from it.
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
    /// The service did not confirm a logout.
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
