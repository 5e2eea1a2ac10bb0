//! The one state machine: who is logged in, and what every call makes of it.
//!
//! [`Client::handle`] takes one [`Input`] (a call, a reply, a time that is up, a look at the disk), changes the state in one
//! step and queues [`Output`]s; [`Client::outputs`] gives them out. Nothing waits in here and nothing is borrowed across a
//! call out, so a late answer finds either the call it belongs to or nothing. Runs natively under tests as it runs in a page.
//!
//! * [`init`](mod@init): settings, the app, the warm start
//! * [`login`](mod@login): where a login is decided and committed
//! * [`logout`](mod@logout): where a session is ended
//! * [`users`]: the calls that read and write users, and the one that verifies the session
//! * [`errand`]: calls that wait for the service: sent, answered, timed out, given up
//! * [`sync`]: the session in storage, whoever wrote it
//! * [`ports`]: what the client knows of the world

pub mod errand;
pub mod init;
pub mod login;
pub mod logout;
pub mod ports;
pub mod sync;
pub mod users;

use std::rc::Rc;

use crate::protocol::error::{Code, Exception};
use crate::protocol::json::Json;
use crate::protocol::mask::Mask;
use crate::protocol::session::Session;
use crate::protocol::user;
use errand::{Errand, Kind};
use init::App;
use ports::{Answer, CallId, Event, Outcome, Output, RequestId, World};
use sync::{Change, Home, Notify};

/// What happens to the client.
#[derive(Clone, Debug)]
pub enum Input {
    /// A call of the API. `gate` is the `init` call that was under way when it was made, 0 for none (rule B2).
    Call {
        /// Settles this promise.
        id: CallId,
        /// The `init` it waited for.
        gate: CallId,
        /// Which call.
        what: Call,
        /// Its arguments by name, as a JSON object; empty where it has none.
        args: String,
    },
    /// What came of a request.
    Replied(RequestId, Outcome),
    /// The time of a request is up, and was so many milliseconds before.
    TimeIsUp(RequestId, u32),
    /// What a token provider gave for the login of that number; empty where it failed.
    Token(RequestId, String),
    /// The caller no longer wants that call.
    Abort(CallId),
    /// The storage may have changed: the page is shown again.
    Look,
    /// Another tab has changed an entry.
    StorageChanged(Change),
    /// End everything.
    Dispose,
}

/// The calls of the API, in the order of their numbers on the page's side.
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
#[derive(Debug)]
pub struct Client<W> {
    world: W,
    outputs: Vec<Output>,
    requests: RequestId,
    app: App,
    failed_init: Option<(CallId, Exception)>,
    /// What [`Output::SessionChanged`] said last: the session, and whether it lives in memory.
    announced: Option<(Option<Rc<Session>>, bool)>,
    #[allow(
        clippy::vec_box,
        reason = "they are handed on from step to step: one word each in place of fifteen"
    )]
    errands: Vec<Box<Errand>>,
    /// The last login that began.
    login: RequestId,
    /// The last logout; 0 where a session has begun since: another logout is another one.
    logout: RequestId,
}

impl<W: World> Client<W> {
    /// A client before `init`.
    pub fn new(world: W) -> Self {
        Self {
            world,
            outputs: Vec::new(),
            requests: 0,
            app: App::default(),
            failed_init: None,
            announced: None,
            errands: Vec::new(),
            login: 0,
            logout: 0,
        }
    }

    /// One step.
    pub fn handle(&mut self, input: Input) {
        match input {
            Input::Call { id, gate, what, args } => {
                if let Err(exception) = self.call(id, gate, what, Json(&args)) {
                    if what == Call::Init {
                        self.failed_init = Some((id, exception.clone()));
                    }
                    if what == Call::Login {
                        self.tell(Event::LoginFailure(exception.clone()));
                    }
                    self.settle(id, Err(exception));
                }
            }
            Input::Replied(request, outcome) => self.replied(request, outcome),
            Input::TimeIsUp(request, late_ms) => self.timed_out(request, late_ms),
            Input::Token(request, token) => self.token_given(request, &token),
            Input::Abort(call) => self.leave_login(call),
            Input::Look => self.sync_from_storage(Notify::Yes),
            Input::StorageChanged(change) => self.storage_changed(&change),
            Input::Dispose => {
                self.drop_calls(Notify::No);
                // As before `init`: whatever else is known of an app without an id, nothing asks for it.
                self.app.settings.app_id.clear();
                self.app.session = None;
                self.app.home = Home::Memory;
                self.failed_init = None;
                // The facade lets go of the user it was told of last (rule B26).
                self.announced = None;
                self.outputs.push(Output::SessionChanged { session: None, in_memory: false });
            }
        }
        self.announce_session();
    }

    /// Says that the session has changed, if it has since this was said last (rules B15, B32).
    fn announce_session(&mut self) {
        if self.app_id().is_none() {
            return;
        }
        let (session, in_memory) = (&self.app.session, self.app.home != Home::Storage);
        let unchanged = self.announced.as_ref().is_some_and(|(said, was_in_memory)| {
            *was_in_memory == in_memory
                && said.as_ref().map(|said| &said.user) == session.as_ref().map(|now| &now.user)
        });
        if !unchanged {
            let session = session.clone();
            self.announced = Some((session.clone(), in_memory));
            self.outputs.push(Output::SessionChanged { session, in_memory });
        }
    }

    /// Masks the credentials of the call that an input is about, and of the session, in a text
    /// about what happened (rule B26).
    pub fn mask(&self, input: &Input, text: &str) -> String {
        let pending = match input {
            Input::Replied(request, _) | Input::Token(request, _) => {
                self.errands.iter().find(|errand| errand.id == *request)
            }
            Input::Abort(call) => self.errands.iter().find(|errand| errand.callers.contains(call)),
            _ => None,
        };
        let [key, token] =
            pending.map_or(["", ""], |errand| [&errand.key, &errand.token].map(String::as_str));
        Mask([key, token, self.auth_token().unwrap_or_default()]).text(text)
    }

    /// What is to be done now, in order: to be taken out.
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

    /// The token of the session as last looked at.
    pub fn auth_token(&self) -> Option<&str> {
        self.app.session.as_ref().map(|session| session.token.as_str())
    }

    /// The call. What it returns an error for has not begun.
    fn call(
        &mut self,
        id: CallId,
        gate: CallId,
        what: Call,
        args: Json<'_>,
    ) -> Result<(), Exception> {
        if what == Call::Init {
            user::check_readable(args)?;
            self.init(args)?;
            self.announced = None;
            self.settle(id, Ok(Answer::Done));
            return Ok(());
        }
        self.sync_from_storage(Notify::Yes);
        if let Some((failed, exception)) = &self.failed_init
            && *failed == gate
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
            // Nobody is asked about nobody.
            Call::Verify if self.app.session.is_some() => Kind::Verify,
            Call::Init | Call::LoggedInUser | Call::Verify => {
                self.settle(id, Ok(self.who()));
                return Ok(());
            }
        };
        self.ask(id, kind, args)
    }

    /// The answer to the question who is logged in.
    fn who(&self) -> Answer {
        match &self.app.session {
            Some(session) => Answer::User(session.clone()),
            None => Answer::Nobody,
        }
    }

    fn settle(&mut self, call: CallId, result: Result<Answer, Exception>) {
        self.announce_session();
        self.outputs.push(Output::Settle(call, result));
    }

    fn warn(&mut self, text: &'static str) {
        self.outputs.push(Output::Warn(text));
    }

    fn tell(&mut self, event: Event) {
        self.announce_session();
        self.outputs.push(Output::Tell(event));
    }
}
