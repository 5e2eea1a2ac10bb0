//! Calls that wait for the service: what is sent for each, and how each ends. At most one of them is a login.

use std::rc::Rc;

use super::Client;
use super::ports::{Answer, CallId, Event, Outcome, Output, RequestId, World};
use super::sync::Notify;
use crate::protocol::error::{Code, Exception, Meaning};
use crate::protocol::json::{Json, MAX_DEPTH_OF_RESPONSE, depth};
use crate::protocol::mask::Mask;
use crate::protocol::reply::Reply;
use crate::protocol::request::DELETE;
use crate::protocol::session::Session;
use crate::protocol::text::{fill, fits_header, segment};
use crate::protocol::user;

/// The longest that a logout waits for the service, in milliseconds (rule B9).
const LONGEST_LOGOUT_MS: u32 = 5_000;

/// From how late on, in milliseconds, a timer gives its call more time, and how much (rule B1).
const LATE_MS: u32 = 500;
const EXTENSION_MS: u32 = 1_000;
/// The status of a response without a body.
const NO_CONTENT: u16 = 204;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A login with an auth key: a token for the uid first.
    LoginByKey,
    /// A login with an auth token.
    LoginByToken,
    /// A login with a token that a provider gives.
    LoginByProvider,
    /// A logout.
    Logout,
    /// A new user.
    CreateUser,
    /// A change of any user, with the auth key.
    UpdateUser,
    /// A change of the logged-in user.
    UpdateMe,
    /// Another user is asked for.
    GetUser,
    /// Whether the session still stands.
    Verify,
}

impl Kind {
    /// Whether it is a login.
    pub fn is_login(self) -> bool {
        matches!(self, Self::LoginByKey | Self::LoginByToken | Self::LoginByProvider)
    }

    /// Whether it begins with an auth key, and not with a token.
    pub fn takes_key(self) -> bool {
        matches!(self, Self::LoginByKey | Self::CreateUser | Self::UpdateUser)
    }
}

/// A call that waits.
#[derive(Debug)]
pub struct Errand {
    /// What its requests and its time are known by.
    pub id: RequestId,
    /// What it is.
    pub kind: Kind,
    /// Whose promises it settles.
    pub callers: Vec<CallId>,
    /// The uid it is about; empty where none was said.
    pub uid: String,
    /// The auth key; empty where there is none.
    pub key: String,
    /// The auth token that its request carries; empty where it carries none yet.
    pub token: String,
    /// Which provider function it asks; empty if none.
    pub provider: String,
    /// Whether its timer was late, so that it got one more second (rule B1).
    pub extended: bool,
    /// The base of its requests with an auth key.
    pub admin: String,
    /// The base of its requests with an auth token.
    pub client: String,
}

impl<W: World> Client<W> {
    /// Prepares one, with the bases as they are now (rule B16). `secret` is the auth key or the auth
    /// token.
    pub(super) fn prepare(
        &mut self,
        call: CallId,
        kind: Kind,
        uid: &str,
        secret: &str,
    ) -> Box<Errand> {
        let id = self.requests.wrapping_add(1);
        self.requests = id;
        let settings = &self.app.settings;
        let session = self.app.session.as_ref();
        let client = if kind.is_login() {
            settings.client.url.clone()
        } else {
            settings.session_base(Json(session.map_or("", |session| &session.settings)))
        };
        let (key, token) = if kind.takes_key() { (secret, "") } else { ("", secret) };
        Box::new(Errand {
            id,
            kind,
            callers: vec![call],
            uid: uid.into(),
            key: key.into(),
            token: token.into(),
            provider: String::new(),
            extended: false,
            admin: settings.admin.url.clone(),
            client,
        })
    }

    /// Begins it: its timer, and its request unless a provider is to give the token first.
    pub(super) fn begin(&mut self, errand: Box<Errand>, body: &str) {
        let timeout_ms = self.app.settings.timeout_ms;
        let wait = if errand.kind == Kind::Logout {
            timeout_ms.min(LONGEST_LOGOUT_MS)
        } else {
            timeout_ms
        };
        self.start_timer(&errand, wait);
        if errand.kind == Kind::LoginByProvider {
            let call = errand.callers.first().copied().unwrap_or_default();
            self.outputs.push(Output::Ask(errand.id, call));
        } else {
            self.send(&errand, body);
        }
        self.errands.push(errand);
    }

    fn start_timer(&mut self, errand: &Errand, ms: u32) {
        self.outputs.push(Output::Remind(errand.id, ms));
        self.outputs.extend(errand.callers.iter().map(|&call| Output::Watch(call, ms)));
    }

    /// The time is up. A timer that is late (a frozen page, a busy thread) gives one more second,
    /// once: the response may have arrived already (rule B1).
    pub(super) fn timed_out(&mut self, id: RequestId, late_ms: u32) {
        if let Some(mut errand) = self.take(id) {
            if late_ms > LATE_MS && !errand.extended {
                errand.extended = true;
                self.start_timer(&errand, EXTENSION_MS);
                self.errands.push(errand);
            } else {
                self.fail(errand, Code::REQUEST_TIMEOUT.into());
            }
        }
    }

    /// The request that an errand comes to now.
    fn send(&mut self, errand: &Errand, body: &str) {
        let app = &self.app;
        let with_key = errand.token.is_empty();
        let base = if with_key { &errand.admin } else { &errand.client };
        // The method, and the URL of base and uid.
        let (method, form) = match errand.kind {
            Kind::LoginByKey if with_key => ("POST", "\0/users/\x01/auth_tokens"),
            Kind::LoginByKey | Kind::LoginByToken | Kind::LoginByProvider | Kind::UpdateMe => {
                ("PUT", "\0/me")
            }
            Kind::Logout => (DELETE, "\0/me"),
            Kind::CreateUser => ("POST", "\0/users"),
            Kind::UpdateUser => ("PUT", "\0/users/\x01"),
            Kind::GetUser => ("GET", "\0/users/\x01"),
            Kind::Verify => ("GET", "\0/me"),
        };
        let device;
        let body = if errand.kind.is_login() {
            device = app.sender.device();
            &device
        } else {
            body
        };
        let url = fill(form, &[base, &segment(&errand.uid)]);
        let secret = if with_key { &errand.key } else { &errand.token };
        let request = app.sender.request(method, url, with_key, secret, body);
        self.outputs.push(Output::Send(errand.id, Box::new(request)));
    }

    /// The token is there: the request of a login that carries it.
    pub(super) fn carry_on(&mut self, mut errand: Box<Errand>, token: &str) {
        if errand.extended {
            // The time for two requests is over.
            return self.fail(errand, Code::REQUEST_TIMEOUT.into());
        }
        errand.token += token;
        self.send(&errand, "");
        self.errands.push(errand);
    }

    pub(super) fn find(&mut self, id: RequestId) -> Option<&mut Errand> {
        self.errands.iter_mut().map(AsMut::as_mut).find(|errand| errand.id == id)
    }

    pub(super) fn take(&mut self, id: RequestId) -> Option<Box<Errand>> {
        let at = self.errands.iter().position(|errand| errand.id == id)?;
        Some(self.errands.remove(at))
    }

    /// What came of a request. Nobody's any more: nothing.
    pub(super) fn replied(&mut self, id: RequestId, outcome: Outcome) {
        let Some(errand) = self.take(id) else { return };
        let Ok(mut reply) = outcome else { return self.fail(errand, Code::FAILED_TO_FETCH.into()) };
        if errand.kind == Kind::Logout && reply.http.status == NO_CONTENT {
            return self.end(errand, Ok(Answer::object("{}")));
        }
        let body = Some(&reply.body).filter(|body| depth(body) <= MAX_DEPTH_OF_RESPONSE);
        reply.body = body.and_then(|body| self.world.json(body)).unwrap_or_default();
        let reply = &*reply;
        let session = self.app.session.clone();
        let session_token = session.as_ref().map_or("", |session| &session.token);
        let data = match reply.data(Mask([&errand.key, &errand.token, session_token])) {
            Ok(data) => data,
            Err(exception) => return self.fail(errand, exception),
        };
        if errand.kind == Kind::LoginByKey && errand.token.is_empty() {
            // For the uid that was asked for, and fit to be sent.
            let (uid, token) = (data.text_of("uid"), data.text_of("authToken"));
            let right = uid.is_empty() || errand.uid.eq_ignore_ascii_case(&uid);
            return if right && fits_header(&token) {
                self.carry_on(errand, &token)
            } else {
                self.fail(errand, reply.invalid())
            };
        }
        match self.answer(&errand, reply, data) {
            Ok(answer) => self.end(errand, Ok(answer)),
            Err(exception) => self.fail(errand, exception),
        }
    }

    /// The answer to a call out of the reply, and what follows from it for the session.
    fn answer(
        &mut self,
        errand: &Errand,
        reply: &Reply,
        data: Json<'_>,
    ) -> Result<Answer, Exception> {
        let kind = errand.kind;
        if kind == Kind::Logout {
            return Ok(Answer::object(if data.is_object() { data.raw() } else { "{}" }));
        }
        let is_of = |uid: &str| errand.uid.eq_ignore_ascii_case(uid);
        if !data.is_object()
            || !kind.is_login() && kind != Kind::Verify && !is_of(&data.text_of("uid"))
        {
            return Err(reply.invalid());
        }
        if !kind.is_login() {
            // Another tab may have been quicker; what it did comes first.
            self.sync_from_storage(Notify::Yes);
        }
        let own = self.app.session.as_deref().filter(|session| match kind {
            Kind::UpdateUser => session.is_of(&errand.uid),
            Kind::UpdateMe | Kind::Verify => session.token == errand.token,
            _ => false,
        });
        if kind.is_login() || own.is_some() {
            let session = Session::of_reply(
                reply,
                data,
                &errand.token,
                &errand.uid,
                own,
                &self.app.settings,
            )?;
            if kind.is_login() {
                self.take_over(session.clone());
                return Ok(Answer::User(session));
            }
            self.refresh(session);
        }
        Ok(match kind {
            Kind::Verify => self.who(),
            _ => Answer::Profile(Rc::new(user::profile(
                data,
                (kind == Kind::UpdateMe).then_some(&errand.token),
            ))),
        })
    }

    /// Gives it up, if it waits, and says whether it did.
    pub(super) fn give_up(&mut self, id: RequestId, why: Code) -> bool {
        let Some(errand) = self.take(id) else { return false };
        self.fail(errand, why.into());
        true
    }

    /// It ends with an error. Only that the service does not know the session's present token ends the session (rule B10).
    pub(super) fn fail(&mut self, errand: Box<Errand>, exception: Exception) {
        let unknown = exception.means(Meaning::TokenUnknown);
        if unknown && !errand.token.is_empty() {
            self.sync_from_storage(Notify::Yes);
            if self.auth_token() == Some(&errand.token) {
                self.clear_session();
                self.tell(Event::LogoutSuccess);
            }
        }
        let result = match errand.kind {
            // A token or a user that the service does not know is as gone as can be.
            Kind::Logout if unknown || exception.means(Meaning::UidUnknown) => {
                Ok(Answer::object("{}"))
            }
            Kind::Logout => {
                self.tell(Event::LogoutFailure(exception.clone()));
                Err(exception)
            }
            Kind::Verify if unknown => Ok(self.who()),
            kind => {
                if kind.is_login() {
                    self.tell(Event::LoginFailure(exception.clone()));
                }
                Err(exception)
            }
        };
        self.end(errand, result);
    }

    /// Its promises are settled, and nobody waits for it any more.
    #[allow(
        clippy::boxed_local,
        reason = "it ends here: it is given back in one place, as the box that it is"
    )]
    fn end(&mut self, errand: Box<Errand>, result: Result<Answer, Exception>) {
        self.outputs.push(Output::Cancel(errand.id));
        self.settle_all(&errand, &result);
    }

    fn settle_all(&mut self, errand: &Errand, result: &Result<Answer, Exception>) {
        for &call in &errand.callers {
            self.settle(call, result.clone());
        }
    }

    /// Rejects every call that waits; nothing of it is written any more. A logout goes on at the
    /// service. `notify`: whether listeners hear of a login.
    pub(super) fn drop_calls(&mut self, notify: Notify) {
        while !self.errands.is_empty() {
            let errand = self.errands.remove(0);
            let is_login = errand.kind.is_login();
            let code = if is_login { Code::LOGIN_ABORTED } else { Code::REQUEST_ABORTED };
            if is_login && notify == Notify::Yes {
                self.tell(Event::LoginFailure(code.into()));
            }
            self.outputs.push(if errand.kind == Kind::Logout {
                Output::Release(errand.id)
            } else {
                Output::Cancel(errand.id)
            });
            self.settle_all(&errand, &Err(code.into()));
        }
    }
}
