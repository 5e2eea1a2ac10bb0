//! The one state machine: who is logged in, and what every call makes of it.
//!
//! [`Client::handle`] takes one [`Input`] (a call, a reply, a time that is up, a look at the disk), changes the state in one
//! step and queues [`Output`]s; [`Client::take_outputs`] gives them out. Nothing waits in here and nothing is borrowed across a
//! call out, so a late answer finds either the login it belongs to or nothing. Runs natively under tests as it runs in a page.
//!
//! * [`init`](mod@init): settings, the app, the warm start
//! * [`login`](mod@login): where a login is decided, carried on and committed
//! * [`logout`](mod@logout): where a session is ended
//! * [`tabs`]: the session as it stands on disk, whoever wrote it
//! * [`ports`]: what the client knows of the world

pub mod init;
pub mod login;
pub mod logout;
pub mod ports;
pub mod tabs;

use crate::protocol::error::{Code, Exception};
use crate::protocol::json::Json;
use init::App;
use login::{Login, arguments};
use logout::Logout;
use ports::{Answer, CallId, Event, Outcome, Output, Page, RequestId, World};

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
        /// Its arguments by name, as a JSON object.
        args: String,
    },
    /// What came of a request.
    Replied(RequestId, Outcome),
    /// The time of a request is up.
    TimeIsUp(RequestId),
    /// The caller no longer wants that call.
    Abort(CallId),
    /// The disk may have changed: a storage event, the page is shown again.
    Look,
    /// End everything.
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
}

/// The state of one page.
#[derive(Debug)]
pub struct Client<W> {
    world: W,
    page: Page,
    outputs: Vec<Output>,
    requests: RequestId,
    app: Option<App>,
    failed_init: Option<(CallId, Exception)>,
    login: Option<Login>,
    logouts: Vec<Logout>,
    warned_of_auth_key: bool,
}

impl<W: World> Client<W> {
    /// A client before `init`.
    pub fn new(world: W, page: Page) -> Self {
        Self {
            world,
            page,
            outputs: Vec::new(),
            requests: 0,
            app: None,
            failed_init: None,
            login: None,
            logouts: Vec::new(),
            warned_of_auth_key: false,
        }
    }

    /// One step.
    pub fn handle(&mut self, input: Input) {
        match input {
            Input::Call { id, gate, what, args } => {
                // Whoever sends something else gets the error for arguments that are missing.
                self.call(id, gate, what, Json::parse(&args).unwrap_or_default());
            }
            Input::Replied(request, outcome) => {
                if self.login.as_ref().is_some_and(|login| login.request == request) {
                    self.login_replied(outcome);
                } else {
                    self.logout_replied(request, outcome);
                }
            }
            Input::TimeIsUp(request) => {
                if self.login.as_ref().is_some_and(|login| login.timer == request) {
                    self.end_login(Code::RequestTimeout);
                } else {
                    self.logout_timed_out(request);
                }
            }
            Input::Abort(call) => self.leave_login(call),
            Input::Look => self.look(),
            Input::Dispose => self.dispose(),
        }
    }

    /// What is to be done now, in order.
    pub fn take_outputs(&mut self) -> Vec<Output> {
        core::mem::take(&mut self.outputs)
    }

    /// The app of the last `init` that succeeded.
    pub fn app_id(&self) -> Option<&str> {
        self.app.as_ref().map(|app| app.sender.app_id.as_str())
    }

    /// Where the session is kept: `local`, `session` or `memory`; `None` before `init`.
    pub fn persistence(&self) -> Option<&'static str> {
        self.app.as_ref().map(App::persistence)
    }

    /// The token of the session as last looked at.
    pub fn auth_token(&self) -> Option<&str> {
        self.session().map(|session| session.token.as_str())
    }

    /// The world, for the tests that change it.
    pub fn world_mut(&mut self) -> &mut W {
        &mut self.world
    }

    fn call(&mut self, id: CallId, gate: CallId, what: Call, args: Json<'_>) {
        if what == Call::Init {
            let result = self.init(args);
            if let Err(exception) = &result {
                self.failed_init = Some((id, exception.clone()));
            }
            return self.settle(id, result.map(|()| Answer::Done));
        }
        self.look();
        let ready = match &self.failed_init {
            Some((failed, exception)) if *failed == gate => Err(exception.clone()),
            _ if self.app.is_none() => Err(Code::InitializationNotDone.into()),
            _ => Ok(()),
        };
        match (what, ready) {
            (Call::Login, ready) => match ready.and_then(|()| arguments(args)) {
                Ok((uid, credential)) => self.login(id, uid, credential),
                Err(exception) => self.refuse_login(id, exception),
            },
            (_, Err(exception)) => self.settle(id, Err(exception)),
            (Call::Logout, Ok(())) => self.logout(id),
            (_, Ok(())) => {
                let user = self.session().cloned();
                self.settle(id, Ok(user.map_or(Answer::Nobody, Answer::User)));
            }
        }
    }

    fn dispose(&mut self) {
        self.drop_calls();
        self.app = None;
        self.failed_init = None;
    }

    /// The app turns away from what is under way: each promise is settled, nobody is told, nothing will be written.
    fn drop_calls(&mut self) {
        self.drop_login();
        self.forget_logouts();
    }

    fn settle(&mut self, call: CallId, result: Result<Answer, Exception>) {
        self.outputs.push(Output::Settle(call, result));
    }

    fn tell(&mut self, event: Event) {
        self.outputs.push(Output::Tell(event));
    }

    fn next_request(&mut self) -> RequestId {
        self.requests = self.requests.wrapping_add(1);
        self.requests
    }
}
