//! Pending requests: what is sent for each call that needs the service, and how the call ends.
//!
//! At most one of them is a login.

use std::rc::Rc;

use super::Client;
use super::ports::{Answer, CallId, Event, Outcome, Output, Platform, RequestId};
use super::sync::Notify;
use crate::protocol::error::{Code, Exception, Meaning};
use crate::protocol::json::{CanonicalJson, Json, MAX_DEPTH_OF_RESPONSE, depth};
use crate::protocol::request::{Credential, Method};
use crate::protocol::response::Response;
use crate::protocol::secret::Secret;
use crate::protocol::session::Session;
use crate::protocol::text::is_same;
use crate::protocol::user;

/// The longest time that a logout waits for the service, in milliseconds (rule B9).
const LONGEST_LOGOUT_MS: u32 = 5_000;
/// A timer that fires later than this, in milliseconds, is extended once (rule B1).
const LATE_MS: u32 = 500;
/// The extension, in milliseconds.
const EXTENSION_MS: u32 = 1_000;
/// The status of a response without a body.
const NO_CONTENT: u16 = 204;

/// The call that a pending request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A login with an auth key.
    LoginByKey,
    /// A login with an auth token.
    LoginByToken,
    /// A login with the token of a provider.
    LoginByProvider,
    /// A logout.
    Logout,
    /// A new user.
    CreateUser,
    /// A change of any user, with the auth key.
    UpdateUser,
    /// A change of the logged-in user.
    UpdateMe,
    /// Another user's data.
    GetUser,
    /// Whether the service still knows the session.
    Verify,
}

impl Kind {
    /// Whether it is a login.
    pub fn is_login(self) -> bool {
        matches!(self, Self::LoginByKey | Self::LoginByToken | Self::LoginByProvider)
    }

    /// Whether it begins with an auth key. The others begin with an auth token.
    pub fn takes_key(self) -> bool {
        matches!(self, Self::LoginByKey | Self::CreateUser | Self::UpdateUser)
    }
}

/// What the client keeps for a call, or for joined calls, until the service has answered. A login
/// may send two requests.
#[derive(Debug)]
pub struct PendingRequest {
    /// The id of its requests and its timer.
    pub id: RequestId,
    /// The call that it is for.
    pub kind: Kind,
    /// The calls whose promises it settles: more than one if they have joined.
    pub callers: Vec<CallId>,
    /// The uid of its user; empty if none is given.
    pub uid: String,
    /// The auth key, if it has one.
    pub key: Option<Secret>,
    /// The auth token of its request, once there is one.
    pub token: Option<Secret>,
    /// The number of the provider function of a login; empty without one.
    pub provider: String,
    /// Whether its timer was extended (rule B1).
    pub extended: bool,
    /// The base URL of its requests with an auth token, as of the start of the call.
    pub client: String,
}

impl PendingRequest {
    /// Whether it is about that uid. Uids are compared without ASCII case.
    pub fn is_of(&self, uid: &str) -> bool {
        is_same(self.uid.as_bytes(), uid.as_bytes())
    }
}

impl<P: Platform> Client<P> {
    /// A pending request with the present base URLs (rule B16). `secret` is the auth key or the
    /// auth token; a login by a provider has none yet.
    pub(super) fn prepare(
        &mut self,
        call: CallId,
        kind: Kind,
        uid: &str,
        secret: Option<Secret>,
    ) -> Box<PendingRequest> {
        let id = self.last_request.wrapping_add(1);
        self.last_request = id;
        let settings = &self.app.settings;
        let client = match &self.app.session {
            Some(session) if !kind.is_login() => settings.session_base(session.settings.root()),
            _ => settings.client_url.clone(),
        };
        let (key, token) = if kind.takes_key() { (secret, None) } else { (None, secret) };
        Box::new(PendingRequest {
            id,
            kind,
            callers: vec![call],
            uid: uid.into(),
            key,
            token,
            provider: String::new(),
            extended: false,
            client,
        })
    }

    /// Starts the timer and the request, or asks the token provider.
    pub(super) fn begin(&mut self, pending: Box<PendingRequest>, body: Json<'_>) {
        let mut timeout_ms = self.app.settings.timeout_ms;
        if pending.kind == Kind::Logout {
            timeout_ms = timeout_ms.min(LONGEST_LOGOUT_MS);
        }
        self.start_timer(&pending, timeout_ms);
        if pending.kind == Kind::LoginByProvider {
            let call = pending.callers.first().copied().unwrap_or_default();
            self.outputs.push(Output::AskProvider(pending.id, call));
        } else {
            self.send(&pending, body);
        }
        self.keep(pending);
    }

    fn start_timer(&mut self, pending: &PendingRequest, ms: u32) {
        self.outputs.push(Output::StartTimer(pending.id, ms));
        for &call in &pending.callers {
            self.outputs.push(Output::Watch(call, ms));
        }
    }

    /// Handles a timer. A timer that fires late (a frozen page, a busy thread) is extended once,
    /// because the response may have arrived already (rule B1).
    pub(super) fn timed_out(&mut self, id: RequestId, late_ms: u32) {
        if let Some(mut pending) = self.take(id) {
            if late_ms > LATE_MS && !pending.extended {
                pending.extended = true;
                self.start_timer(&pending, EXTENSION_MS);
                self.keep(pending);
            } else {
                self.fail(pending, Code::REQUEST_TIMEOUT.into());
            }
        }
    }

    /// Sends the next request of a call.
    fn send(&mut self, pending: &PendingRequest, body: Json<'_>) {
        let (base, credential) = match (&pending.token, &pending.key) {
            (Some(token), _) => (&pending.client, Credential::Token(token)),
            // A key is sent only when its call begins, so the settings are those of the call.
            (None, Some(key)) => (&self.app.settings.admin_url, Credential::Key(key)),
            // No request is sent without a credential.
            (None, None) => return,
        };
        let uid = &*pending.uid;
        let (method, path): (_, &[&str]) = match pending.kind {
            Kind::LoginByKey if pending.token.is_none() => {
                (Method::Post, &["users", uid, "auth_tokens"])
            }
            Kind::LoginByKey | Kind::LoginByToken | Kind::LoginByProvider | Kind::UpdateMe => {
                (Method::Put, &["me"])
            }
            Kind::Logout => (Method::Delete, &["me"]),
            Kind::CreateUser => (Method::Post, &["users"]),
            Kind::UpdateUser => (Method::Put, &["users", uid]),
            Kind::GetUser => (Method::Get, &["users", uid]),
            Kind::Verify => (Method::Get, &["me"]),
        };
        let sender = &self.app.sender;
        let body = if pending.kind.is_login() { sender.device() } else { body.into() };
        let request = sender.request(method, base, path, credential, body.root());
        self.outputs.push(Output::Send(pending.id, Box::new(request)));
    }

    /// Sends the request of a login that carries the auth token.
    pub(super) fn send_token(&mut self, login: Box<PendingRequest>) {
        if login.extended {
            // An extended deadline leaves no time for a second request.
            return self.fail(login, Code::REQUEST_TIMEOUT.into());
        }
        self.send(&login, Json::default());
        self.keep(login);
    }

    /// Adds a pending request.
    pub(super) fn keep(&mut self, pending: Box<PendingRequest>) {
        self.pending.push(pending);
    }

    pub(super) fn find(&mut self, id: RequestId) -> Option<&mut PendingRequest> {
        self.pending.iter_mut().map(AsMut::as_mut).find(|pending| pending.id == id)
    }

    pub(super) fn take(&mut self, id: RequestId) -> Option<Box<PendingRequest>> {
        let at = self.pending.iter().position(|pending| pending.id == id)?;
        Some(self.pending.remove(at))
    }

    /// Handles the outcome of a request. The outcome of an unknown request is ignored.
    pub(super) fn responded(&mut self, id: RequestId, outcome: Outcome) {
        let Some(mut pending) = self.take(id) else { return };
        let Ok(received) = outcome else {
            return self.fail(pending, Code::FAILED_TO_FETCH.into());
        };
        if pending.kind == Kind::Logout && received.http.status == NO_CONTENT {
            return self.end(pending, Ok(object(Json::EMPTY_OBJECT)));
        }
        let mut response = Response { http: received.http, ..Response::default() };
        if depth(&received.body) <= MAX_DEPTH_OF_RESPONSE {
            response.body = self.platform.canonical(&received.body);
        }
        let data = match response.data(self.mask_of(Some(&pending))) {
            Ok(data) => data,
            Err(exception) => return self.fail(pending, exception),
        };
        if pending.kind == Kind::LoginByKey && pending.token.is_none() {
            let uid = data.text_of("uid");
            let is_right = uid.is_empty() || pending.is_of(&uid);
            pending.token = Secret::parse(&data.text_of("authToken")).filter(|_| is_right);
            return if pending.token.is_some() {
                self.send_token(pending)
            } else {
                self.fail(pending, response.invalid())
            };
        }
        match self.answer(&pending, &response, data) {
            Ok(answer) => self.end(pending, Ok(answer)),
            Err(exception) => self.fail(pending, exception),
        }
    }

    /// The result of a call, and the changes that the response makes to the session.
    fn answer(
        &mut self,
        pending: &PendingRequest,
        response: &Response,
        data: Json<'_>,
    ) -> Result<Answer, Rc<Exception>> {
        let kind = pending.kind;
        if kind == Kind::Logout {
            return Ok(object(if data.is_object() { data } else { Json::EMPTY_OBJECT }));
        }
        let is_of_user = || pending.is_of(&data.text_of("uid"));
        let may_be_of_any = kind.is_login() || kind == Kind::Verify;
        if !data.is_object() || !may_be_of_any && !is_of_user() {
            return Err(response.invalid());
        }
        if !kind.is_login() {
            // A change by another tab comes first.
            self.sync_from_storage(Notify::Yes);
        }
        let token = pending.token.as_ref();
        let own = self.app.session.as_deref().filter(|session| match kind {
            Kind::UpdateUser => session.is_of(&pending.uid),
            Kind::UpdateMe | Kind::Verify => Some(&session.token) == token,
            _ => false,
        });
        let token = own.map(|session| &session.token).or(token);
        if let Some(token) = token
            && (kind.is_login() || own.is_some())
        {
            let settings = &self.app.settings;
            let session =
                Session::from_response(response, data, token, &pending.uid, own, settings)?;
            if kind.is_login() {
                self.log_in(session.clone());
                return Ok(Answer::User(session));
            }
            self.refresh(session);
        }
        Ok(match kind {
            Kind::Verify => self.logged_in_user(),
            _ => {
                let own_token = pending.token.as_ref().filter(|_| kind == Kind::UpdateMe);
                Answer::Profile(Rc::new(user::profile(data, own_token.map(Secret::expose))))
            }
        })
    }

    /// Ends a pending request with a code. Returns whether there was one.
    pub(super) fn abort(&mut self, id: RequestId, code: Code) -> bool {
        let Some(pending) = self.take(id) else { return false };
        self.fail(pending, code.into());
        true
    }

    /// Ends a pending request with an error. Only an error that says that the present token is
    /// unknown ends the session (rule B10).
    pub(super) fn fail(&mut self, pending: Box<PendingRequest>, exception: Rc<Exception>) {
        let unknown = exception.means(Meaning::TokenUnknown);
        if unknown && pending.token.is_some() {
            self.sync_from_storage(Notify::Yes);
            if self.auth_token() == pending.token.as_ref() {
                self.clear_session();
                self.notify(Event::LogoutSuccess);
            }
        }
        let result = match pending.kind {
            // If the service does not know the token or the user, the logout is done.
            Kind::Logout if unknown || exception.means(Meaning::UidUnknown) => {
                Ok(object(Json::EMPTY_OBJECT))
            }
            Kind::Logout => {
                self.notify(Event::LogoutFailure(exception.clone()));
                Err(exception)
            }
            Kind::Verify if unknown => Ok(self.logged_in_user()),
            kind => {
                if kind.is_login() {
                    self.notify(Event::LoginFailure(exception.clone()));
                }
                Err(exception)
            }
        };
        self.end(pending, result);
    }

    #[allow(clippy::boxed_local, reason = "it ends here: the box is given back in one place")]
    fn end(&mut self, pending: Box<PendingRequest>, result: Result<Answer, Rc<Exception>>) {
        self.outputs.push(Output::Cancel(pending.id));
        self.settle_all(pending.callers, result);
    }

    /// Rejects every pending call. Responses are ignored, and a logout request continues.
    pub(super) fn abort_all(&mut self, notify: Notify) {
        while !self.pending.is_empty() {
            let pending = self.pending.remove(0);
            let is_login = pending.kind.is_login();
            let code = if is_login { Code::LOGIN_ABORTED } else { Code::REQUEST_ABORTED };
            if is_login && notify == Notify::Yes {
                self.notify(Event::LoginFailure(code.into()));
            }
            self.outputs.push(if pending.kind == Kind::Logout {
                Output::Release(pending.id)
            } else {
                Output::Cancel(pending.id)
            });
            self.settle_all(pending.callers, Err(code.into()));
        }
    }
}

/// A plain object as an answer.
pub(super) fn object(json: Json<'_>) -> Answer {
    Answer::Object(Rc::new(CanonicalJson::from(json)))
}
