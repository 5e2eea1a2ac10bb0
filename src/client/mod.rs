//! The state machine: who is logged in, and what each call does.
//!
//! [`Client::handle`] takes one [`Input`] (a call, a response, a timer, a change of storage),
//! changes the state in one step and queues [`Output`]s, which [`Client::outputs`] gives out.
//! Nothing waits here, so a late response finds either its pending request or nothing. Tests run
//! the client natively.
//!
//! Within a step the client calls only its [`Platform`]: storage and the engine's JSON, at once.
//! Outputs are carried out after the step, while the client is not borrowed.
//!
//! * [`init`](mod@init): settings, the app, the stored session
//! * [`login`](mod@login): where a login is decided and committed
//! * [`logout`](mod@logout): where a session is ended
//! * [`users`]: the calls that read and write users, and `verifySession`
//! * [`pending`]: calls that wait for the service: sent, answered, timed out, aborted
//! * [`sync`]: the session in storage, and other tabs
//! * [`ports`]: the platform and the outputs

pub mod init;
pub mod login;
pub mod logout;
pub mod pending;
pub mod ports;
pub mod sync;
pub mod users;

use std::rc::Rc;

use crate::protocol::error::{Code, Exception};
use crate::protocol::json::{CanonicalJson, Json};
use crate::protocol::mask::Mask;
use crate::protocol::secret::Secret;
use crate::protocol::session::Session;
use crate::protocol::user;
use init::App;
use pending::{Kind, PendingRequest};
use ports::{Answer, CallId, Event, Outcome, Output, Platform, RequestId};
use sync::{Change, Home, Notify};

/// An input: what happens to the client.
#[derive(Clone)]
pub enum Input {
    /// A call of the API.
    Call {
        /// The call, whose promise is settled.
        id: CallId,
        /// The `init` that was under way when the call was made, 0 if none (rule B2).
        pending_init: CallId,
        /// Which call.
        what: Call,
        /// The arguments by name, as an object; empty without arguments.
        args: CanonicalJson,
    },
    /// The outcome of a request.
    Responded(RequestId, Outcome),
    /// The timer of a request fired, so many milliseconds late.
    TimedOut(RequestId, u32),
    /// The token of a token provider; empty if it failed.
    Token(RequestId, String),
    /// The caller aborts that call.
    Abort(CallId),
    /// Storage may have changed: the page is shown again.
    Sync,
    /// Another tab has changed an entry.
    StorageChanged(Box<Change>),
    /// End every call and forget the app.
    Dispose,
}

/// The calls of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `init`.
    Init,
    /// `login`.
    Login,
    /// `logout`.
    Logout,
    /// `getLoggedinUser`.
    LoggedInUser,
    /// `createUser`.
    CreateUser,
    /// `updateUser`.
    UpdateUser,
    /// `updateCurrentUserDetails`.
    UpdateMe,
    /// `getUser`.
    GetUser,
    /// `verifySession`.
    Verify,
}

/// The state of one page.
pub struct Client<P> {
    platform: P,
    outputs: Vec<Output>,
    last_request: RequestId,
    app: App,
    failed_init: Option<(CallId, Rc<Exception>)>,
    /// The last [`Output::SessionChanged`]: the session, and whether it is kept in memory.
    announced: Option<(Option<Rc<Session>>, bool)>,
    #[allow(clippy::vec_box, reason = "moved from step to step: a box is one word, not fifteen")]
    pending: Vec<Box<PendingRequest>>,
    /// The last login that began.
    login: RequestId,
    /// The last logout; 0 if a session has begun since.
    logout: RequestId,
}

impl<P: Platform> Client<P> {
    /// A client before `init`.
    pub fn new(platform: P) -> Self {
        Self {
            platform,
            outputs: Vec::new(),
            last_request: 0,
            app: App::default(),
            failed_init: None,
            announced: None,
            pending: Vec::new(),
            login: 0,
            logout: 0,
        }
    }

    /// Takes one input.
    pub fn handle(&mut self, input: Input) {
        match input {
            Input::Call { id, pending_init, what, args } => {
                if let Err(exception) = self.call(id, pending_init, what, args.root()) {
                    if what == Call::Init {
                        self.failed_init = Some((id, exception.clone()));
                    }
                    if what == Call::Login {
                        self.notify(Event::LoginFailure(exception.clone()));
                    }
                    self.settle(id, Err(exception));
                }
            }
            Input::Responded(request, outcome) => self.responded(request, outcome),
            Input::TimedOut(request, late_ms) => self.timed_out(request, late_ms),
            Input::Token(request, token) => self.token_given(request, &token),
            Input::Abort(call) => self.leave_login(call),
            Input::Sync => self.sync_from_storage(Notify::Yes),
            Input::StorageChanged(change) => self.storage_changed(&change),
            Input::Dispose => {
                self.abort_all(Notify::No);
                // As before `init`. Without an app id no other field of the app is used.
                self.app.settings.app_id.clear();
                self.app.session = None;
                self.app.home = Home::Memory;
                self.failed_init = None;
                // Makes the facade drop its copy of the user (rule B26).
                self.announced = None;
                self.outputs.push(Output::SessionChanged { session: None, in_memory: false });
            }
        }
        self.announce_session();
    }

    /// Reports the session if it has changed since the last time (rules B15, B32).
    fn announce_session(&mut self) {
        if self.app_id().is_none() {
            return;
        }
        let (session, in_memory) = (&self.app.session, self.app.home != Home::Storage);
        let is_known = self.announced.as_ref().is_some_and(|(announced, was_in_memory)| {
            *was_in_memory == in_memory
                && match (announced, session) {
                    // Mostly it is the same one, and its user is long.
                    (Some(old), Some(new)) => Rc::ptr_eq(old, new) || old.user == new.user,
                    (None, None) => true,
                    _ => false,
                }
        });
        if !is_known {
            let session = session.clone();
            self.announced = Some((session.clone(), in_memory));
            self.outputs.push(Output::SessionChanged { session, in_memory });
        }
    }

    /// The credentials of the session and of the call that an input is about. A text about what
    /// happened must not contain them (rule B26).
    pub fn mask(&self, input: &Input) -> Mask<'_> {
        let id = match input {
            Input::Responded(request, _) | Input::Token(request, _) => *request,
            // Only a login can be aborted.
            Input::Abort(_) => self.login,
            // No pending request has this id.
            _ => 0,
        };
        self.mask_of(self.pending.iter().map(AsRef::as_ref).find(|pending| pending.id == id))
    }

    /// The credentials of the session and of a pending request.
    fn mask_of<'a>(&'a self, pending: Option<&'a PendingRequest>) -> Mask<'a> {
        let expose = |secret: Option<&'a Secret>| secret.map_or("", Secret::expose);
        Mask([
            expose(pending.and_then(|pending| pending.key.as_ref())),
            expose(pending.and_then(|pending| pending.token.as_ref())),
            expose(self.auth_token()),
        ])
    }

    /// The effects to carry out, in order.
    pub fn outputs(&mut self) -> &mut Vec<Output> {
        &mut self.outputs
    }

    /// The app of the last `init` that succeeded.
    pub fn app_id(&self) -> Option<&str> {
        Some(self.app.settings.app_id.as_str()).filter(|id| !id.is_empty())
    }

    /// Where the session is kept: `local`, `session` or `memory`; `None` before `init`.
    pub fn persistence(&self) -> Option<&'static str> {
        self.app_id().map(|_| self.app.persistence())
    }

    /// The token of the session, as last read from storage.
    pub fn auth_token(&self) -> Option<&Secret> {
        self.app.session.as_ref().map(|session| &session.token)
    }

    /// Begins a call. If it returns an error, no request has begun.
    fn call(
        &mut self,
        id: CallId,
        pending_init: CallId,
        what: Call,
        args: Json<'_>,
    ) -> Result<(), Rc<Exception>> {
        if what == Call::Init {
            user::check_readable(args)?;
            self.init(args)?;
            self.announced = None;
            self.settle(id, Ok(Answer::Done));
            return Ok(());
        }
        self.sync_from_storage(Notify::Yes);
        if let Some((failed, exception)) = &self.failed_init
            && *failed == pending_init
        {
            return Err(exception.clone());
        }
        if self.app_id().is_none() {
            return Err(Code::COMETCHAT_INITIALIZATION_NOT_DONE.into());
        }
        user::check_readable(args)?;
        let kind = match what {
            Call::Login => return self.login(id, args),
            Call::Logout => return self.logout(id),
            Call::CreateUser => Kind::CreateUser,
            Call::UpdateUser => Kind::UpdateUser,
            Call::UpdateMe => Kind::UpdateMe,
            Call::GetUser => Kind::GetUser,
            Call::Verify if self.app.session.is_some() => Kind::Verify,
            Call::Init | Call::LoggedInUser | Call::Verify => {
                self.settle(id, Ok(self.logged_in_user()));
                return Ok(());
            }
        };
        self.request(id, kind, args)
    }

    fn logged_in_user(&self) -> Answer {
        match &self.app.session {
            Some(session) => Answer::User(session.clone()),
            None => Answer::NoUser,
        }
    }

    fn settle(&mut self, call: CallId, result: Result<Answer, Rc<Exception>>) {
        self.settle_all(vec![call], result);
    }

    fn settle_all(&mut self, calls: Vec<CallId>, result: Result<Answer, Rc<Exception>>) {
        self.announce_session();
        self.outputs.push(Output::Settle(calls, result));
    }

    fn warn(&mut self, text: &'static str) {
        self.outputs.push(Output::Warn(text));
    }

    fn notify(&mut self, event: Event) {
        self.announce_session();
        self.outputs.push(Output::Notify(event));
    }
}
