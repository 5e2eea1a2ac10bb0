//! Calls that wait for the service: what is sent for each, and how each ends. At most one of them is a login.

use std::rc::Rc;

use super::Client;
use super::ports::{Answer, CallId, Event, Outcome, Output, RequestId, World};
use crate::protocol::error::{Code, Exception, TOKEN_UNKNOWN, UID_UNKNOWN};
use crate::protocol::json::Json;
use crate::protocol::reply::Reply;
use crate::protocol::request::DELETE;
use crate::protocol::session::Session;
use crate::protocol::text::{fill, fits_header, segment};
use crate::protocol::user;

/// The longest that a logout waits for the service, in milliseconds (rule B9).
const LONGEST_LOGOUT_MS: u32 = 5_000;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A login with an auth key: a token for the uid first.
    LoginByKey,
    /// A login with an auth token.
    LoginByToken,
    /// A login with a token that a provider gives.
    LoginByProvider,
    /// A logout; no session has begun since.
    Logout,
    /// A logout before the last session began: another logout is another one.
    OldLogout,
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
    fn takes_key(self) -> bool {
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
}

impl<W: World> Client<W> {
    /// Begins one, with a request unless a provider is to give the token first. `secret` is the auth key or the auth token.
    pub(super) fn begin(&mut self, call: CallId, kind: Kind, uid: String, secret: String, body: String) {
        let Some(app) = &self.app else { return };
        let timeout_ms = app.settings.timeout_ms;
        let wait = if kind == Kind::Logout { timeout_ms.min(LONGEST_LOGOUT_MS) } else { timeout_ms };
        self.requests = self.requests.wrapping_add(1);
        let (key, token) = if kind.takes_key() { (secret, String::new()) } else { (String::new(), secret) };
        let errand = Box::new(Errand { id: self.requests, kind, callers: vec![call], uid, key, token });
        self.outputs.push(Output::Remind(errand.id, wait));
        if kind == Kind::LoginByProvider {
            self.outputs.push(Output::Ask(errand.id, call));
        } else {
            self.send(&errand, body);
        }
        self.errands.push(errand);
    }

    /// The request that an errand comes to now.
    fn send(&mut self, errand: &Errand, mut body: String) {
        let Some(app) = &self.app else { return };
        let settings = &app.settings;
        let of_session = settings.session_base(Json(app.session.as_ref().map_or("", |session| &session.settings)));
        let with_key = errand.token.is_empty();
        let base = match errand.kind {
            _ if with_key => &settings.admin.url,
            kind if kind.is_login() => &settings.client.url,
            _ => &of_session,
        };
        // The method, and the path before and after the uid.
        let (method, path, after) = match errand.kind {
            Kind::LoginByKey if with_key => ("POST", "/users/", "/auth_tokens"),
            Kind::LoginByKey | Kind::LoginByToken | Kind::LoginByProvider | Kind::UpdateMe => ("PUT", "/me", ""),
            Kind::Logout | Kind::OldLogout => (DELETE, "/me", ""),
            Kind::CreateUser => ("POST", "/users", ""),
            Kind::UpdateUser => ("PUT", "/users/", ""),
            Kind::GetUser => ("GET", "/users/", ""),
            Kind::Verify => ("GET", "/me", ""),
        };
        let uid = if path.ends_with("/") { segment(&errand.uid) } else { String::new() };
        if errand.kind.is_login() {
            body = app.sender.device();
        }
        let url = fill("\0\x01\x02\x03", &[base, path, &uid, after]);
        let secret = if with_key { &errand.key } else { &errand.token };
        let request = app.sender.request(method, url, with_key, secret, &body);
        self.outputs.push(Output::Send(errand.id, Rc::new(request)));
    }

    /// The token is there: the request of a login that carries it.
    pub(super) fn carry_on(&mut self, mut errand: Box<Errand>, token: String) {
        errand.token = token;
        self.send(&errand, String::new());
        self.errands.push(errand);
    }

    pub(super) fn take(&mut self, id: RequestId) -> Option<Box<Errand>> {
        self.take_where(&|errand| errand.id == id)
    }

    pub(super) fn take_where(&mut self, wanted: &dyn Fn(&Errand) -> bool) -> Option<Box<Errand>> {
        let at = self.errands.iter().position(|errand| wanted(errand))?;
        Some(self.errands.swap_remove(at))
    }

    /// What came of a request. Nobody's any more: nothing.
    pub(super) fn replied(&mut self, id: RequestId, outcome: Outcome) {
        let Some(errand) = self.take(id) else { return };
        let Ok(reply) = outcome else { return self.fail(errand, Code::FAILED_TO_FETCH.into()) };
        let data = match reply.data([&errand.key, &errand.token]) {
            Ok(data) => data,
            Err(exception) => return self.fail(errand, exception),
        };
        if errand.kind == Kind::LoginByKey && errand.token.is_empty() {
            // For the uid that was asked for, and fit to be sent.
            let (uid, token) = (data.text_of("uid"), data.text_of("authToken"));
            let right = uid.is_empty() || errand.uid.eq_ignore_ascii_case(&uid);
            return if right && fits_header(&token) {
                self.carry_on(errand, token)
            } else {
                self.fail(errand, reply.invalid())
            };
        }
        match self.answer(&errand, &reply, data) {
            Ok(answer) => self.end(&errand, &Ok(answer)),
            Err(exception) => self.fail(errand, exception),
        }
    }

    /// The answer to a call out of the reply, and what follows from it for the session.
    fn answer(&mut self, errand: &Errand, reply: &Reply, data: Json<'_>) -> Result<Answer, Exception> {
        let kind = errand.kind;
        if matches!(kind, Kind::Logout | Kind::OldLogout) {
            return Ok(Answer::object(if data.is_object() { data.raw() } else { "{}" }));
        }
        if !data.is_object() {
            return Err(reply.invalid());
        }
        if kind.is_login() {
            let Some(app) = &self.app else { return Err(Code::LOGIN_ABORTED.into()) };
            let session = Session::of_reply(reply, data, &errand.token, &errand.uid, None, &app.settings)?;
            self.take_over(session.clone());
            return Ok(Answer::User(session));
        }
        // Another tab may have been quicker; what it did comes first.
        self.look();
        if let Some((app, session)) = self.app.as_ref().and_then(|app| Some((app, app.session.as_ref()?))) {
            let own = match kind {
                Kind::UpdateUser => session.is_of(&errand.uid),
                Kind::UpdateMe | Kind::Verify => session.token == errand.token,
                _ => false,
            };
            if own {
                let fresh = Session::of_reply(reply, data, &session.token, &session.uid, Some(session), &app.settings)?;
                self.commit(fresh);
            }
        }
        Ok(match kind {
            Kind::Verify => self.who(),
            _ => Answer::Profile(Rc::new(user::profile(data, (kind == Kind::UpdateMe).then_some(&errand.token)))),
        })
    }

    /// The wait is over. The request of a logout goes on.
    pub(super) fn timed_out(&mut self, id: RequestId) {
        if let Some(errand) = self.take(id) {
            self.fail(errand, Code::REQUEST_TIMEOUT.into());
        }
    }

    /// It ends with an error. Only that the service does not know the session's present token ends the session (rule B10).
    pub(super) fn fail(&mut self, errand: Box<Errand>, exception: Exception) {
        let unknown = exception.is_from_service(TOKEN_UNKNOWN);
        if unknown && !errand.token.is_empty() {
            self.look();
            if self.auth_token() == Some(&errand.token) {
                self.clear_session();
                self.tell(Event::LogoutSuccess);
            }
        }
        let result = match errand.kind {
            // A token or a user that the service does not know is as gone as can be.
            Kind::Logout | Kind::OldLogout if unknown || exception.is_from_service(UID_UNKNOWN) => {
                Ok(Answer::object("{}"))
            }
            Kind::Logout | Kind::OldLogout => {
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
        self.end(&errand, &result);
    }

    /// Its promises are settled, and nobody waits for it any more.
    pub(super) fn end(&mut self, errand: &Errand, result: &Result<Answer, Exception>) {
        self.outputs.push(Output::Cancel(errand.id));
        for &call in &errand.callers {
            self.settle(call, result.clone());
        }
    }

    /// The app turns away from what is under way: each promise is settled, nobody is told, nothing will be written.
    pub(super) fn drop_calls(&mut self) {
        while !self.errands.is_empty() {
            let errand = self.errands.remove(0);
            let code = if errand.kind.is_login() { Code::LOGIN_ABORTED } else { Code::REQUEST_ABORTED };
            self.end(&errand, &Err(code.into()));
        }
    }
}
