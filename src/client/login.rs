//! `login`: decided, carried on from reply to reply, committed (rules B5–B8, B25).
//!
//! With an auth key: `POST users/{uid}/auth_tokens`, then `PUT me` with the token that came. With an auth token: `PUT me`.

use std::rc::Rc;

use super::Client;
use super::init::App;
use super::ports::{Answer, CallId, Event, NoReply, Outcome, Output, RequestId, World};
use crate::protocol::endpoint::is_this_machine;
use crate::protocol::error::{Code, Exception};
use crate::protocol::json::Json;
use crate::protocol::reply::Reply;
use crate::protocol::session::Session;
use crate::protocol::text::fits_header;

const ARGUMENTS: &str =
    "login takes (authToken), (uid, authKey) or an object of these, with an AbortSignal as its signal if need be.";
const KEY_IN_PRODUCTION: &str = "login() with an auth key is for development: the key lets anyone log in as anyone. Give the page an auth token made by your server.";

/// What lets a user in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The app's auth key: a token is made with it first.
    AuthKey(String),
    /// The user's auth token.
    AuthToken(String),
}

/// The login under way.
#[derive(Debug)]
pub struct Login {
    uid: Option<String>,
    credential: Credential,
    /// The token that `PUT me` was sent with; `None` while it is being made.
    token: Option<String>,
    callers: Vec<CallId>,
    /// The request whose reply it waits for.
    pub request: RequestId,
    /// What its deadline is known by.
    pub timer: RequestId,
}

impl Login {
    /// Whether a call with these arguments is this login again (rule B7).
    fn is_same(&self, uid: Option<&str>, credential: &Credential) -> bool {
        // Whoever names no uid takes the user of the token; whoever names one joins only a login that is held to it.
        let same_uid = uid.is_none_or(|uid| self.uid.as_ref().is_some_and(|mine| mine.eq_ignore_ascii_case(uid)));
        same_uid && self.credential == *credential
    }

    fn secrets(&self) -> [&str; 2] {
        let (Credential::AuthKey(secret) | Credential::AuthToken(secret)) = &self.credential;
        [secret, self.token.as_deref().unwrap_or_default()]
    }
}

impl<W: World> Client<W> {
    /// The call, its arguments told apart.
    pub(super) fn login(&mut self, call: CallId, uid: Option<String>, credential: Credential) {
        if let Some(login) = &mut self.login {
            if login.is_same(uid.as_deref(), &credential) {
                return login.callers.push(call);
            }
            return self.settle(call, Err(Code::LoginInProgress.into()));
        }
        if let Some(session) = self.session_if_of(uid.as_deref(), &credential) {
            self.tell(Event::LoginSuccess(session.clone()));
            return self.settle(call, Ok(Answer::User(session)));
        }
        if let Err(code) = check(uid.as_deref(), &credential) {
            return self.refuse_login(call, code.into());
        }
        self.begin_login(call, uid, credential);
    }

    /// The session where it is the one asked for: the uid where one is given, else the token (rule B6).
    fn session_if_of(&self, uid: Option<&str>, credential: &Credential) -> Option<Rc<Session>> {
        let session = self.session()?;
        let same_uid = uid.is_none_or(|uid| session.is_of(uid));
        let same_token = match credential {
            Credential::AuthKey(_) => true,
            Credential::AuthToken(token) => session.token == *token,
        };
        (same_uid && same_token).then(|| session.clone())
    }

    fn begin_login(&mut self, call: CallId, uid: Option<String>, credential: Credential) {
        let (request, timer) = (self.next_request(), self.next_request());
        let Some(app) = &self.app else { return };
        let (sender, id) = (&app.sender, &app.sender.app_id);
        let (token, first) = match (&credential, &uid) {
            (Credential::AuthKey(key), uid) => {
                let uid = uid.as_deref().unwrap_or_default();
                (None, sender.create_auth_token(&app.settings.admin_base(id), uid, key))
            }
            (Credential::AuthToken(token), _) => {
                (Some(token.clone()), sender.put_me(&app.settings.client_base(id), token))
            }
        };
        let timeout_ms = app.settings.timeout_ms;
        if token.is_none() && !self.warned_of_auth_key && !is_this_machine(&self.page.host_name) {
            self.warned_of_auth_key = true;
            self.outputs.push(Output::Warn(KEY_IN_PRODUCTION));
        }
        self.outputs.push(Output::Remind(timer, timeout_ms));
        self.outputs.push(Output::Send(request, first));
        self.login = Some(Login { uid, credential, token, callers: vec![call], request, timer });
    }

    /// The reply that the login waited for.
    pub(super) fn login_replied(&mut self, outcome: Outcome) {
        let (Some(login), Some(app)) = (&self.login, &self.app) else { return };
        match &login.token {
            None => match token_of(login, outcome) {
                Ok(token) => self.carry_on(token),
                Err(exception) => self.fail_login(exception),
            },
            Some(token) => match session_of(login, token, app, outcome) {
                Ok(session) => self.succeed(Rc::new(session)),
                Err(exception) => self.fail_login(exception),
            },
        }
    }

    /// The token is there: the second request.
    fn carry_on(&mut self, token: String) {
        let request = self.next_request();
        let (Some(login), Some(app)) = (&mut self.login, &self.app) else { return };
        let put_me = app.sender.put_me(&app.settings.client_base(&app.sender.app_id), &token);
        login.token = Some(token);
        login.request = request;
        self.outputs.push(Output::Send(request, put_me));
    }

    /// The service agrees: the session is replaced in one step.
    fn succeed(&mut self, session: Rc<Session>) {
        // Another tab may have been quicker; what it did comes first.
        self.look();
        let before = self.session().cloned();
        self.commit(session.clone());
        self.tell_of_change(before.as_ref());
        self.settle_login(&Ok(Answer::User(session)));
    }

    fn settle_login(&mut self, result: &Result<Answer, Exception>) {
        let Some(login) = self.login.take() else { return };
        self.outputs.push(Output::Cancel(login.timer));
        for call in login.callers {
            self.settle(call, result.clone());
        }
    }

    /// The login under way ends with an error; the session that was there is still there (rule B5).
    fn fail_login(&mut self, exception: Exception) {
        if self.login.is_some() {
            self.tell(Event::LoginFailure(exception.clone()));
        }
        self.settle_login(&Err(exception));
    }

    /// The login under way, if one is, is given up: nothing of it will be written.
    pub(super) fn end_login(&mut self, code: Code) {
        self.cancel_login_request();
        self.fail_login(code.into());
    }

    /// The same without an event: the app has turned away from it (rule B3).
    pub(super) fn drop_login(&mut self) {
        self.cancel_login_request();
        self.settle_login(&Err(Code::LoginAborted.into()));
    }

    fn cancel_login_request(&mut self) {
        if let Some(login) = &self.login {
            self.outputs.push(Output::Cancel(login.request));
        }
    }

    /// One caller leaves; with the last one the login ends (rule B7).
    pub(super) fn leave_login(&mut self, call: CallId) {
        let Some(login) = &mut self.login else { return };
        match login.callers.as_slice() {
            [only] if *only == call => self.end_login(Code::RequestAborted),
            callers if callers.contains(&call) => {
                login.callers.retain(|&caller| caller != call);
                self.settle(call, Err(Code::RequestAborted.into()));
            }
            _ => {}
        }
    }

    /// A login that never begins.
    pub(super) fn refuse_login(&mut self, call: CallId, exception: Exception) {
        self.tell(Event::LoginFailure(exception.clone()));
        self.settle(call, Err(exception));
    }
}

/// Tells the arguments of a login apart: those of a call in their order (`count`, and texts `0` and `1`), or those of an
/// object by their names (`uid`, `authKey`, `authToken`). `aborted` says that the caller's signal has gone off already.
///
/// # Errors
/// `REQUEST_ABORTED`; `MISSING_PARAMETERS`: what is absent or blank, and for keys and tokens what an unset variable turns into (rule B23).
pub fn arguments(args: Json<'_>) -> Result<(Option<String>, Credential), Exception> {
    let given = |name: &str, called: &str| args.get_text(name).ok_or_else(|| Exception::missing("login", called));
    let secret = |name: &str, called: &str| match given(name, called)?.as_str() {
        "undefined" | "null" | "0" => Err(Exception::missing("login", called)),
        secret => Ok(secret.to_owned()),
    };
    if args.get("aborted").is_some() {
        return Err(Code::RequestAborted.into());
    }
    match args.get("count").map(Json::raw) {
        Some("1") => Ok((None, Credential::AuthToken(secret("0", "authToken")?))),
        Some("2") => Ok((Some(given("0", "uid")?), Credential::AuthKey(secret("1", "authKey")?))),
        Some(_) => Err(Exception::new(Code::MissingParameters, ARGUMENTS)),
        None if args.get("authToken").is_some() => {
            Ok((args.get_text("uid"), Credential::AuthToken(secret("authToken", "authToken")?)))
        }
        None => Ok((Some(given("uid", "uid")?), Credential::AuthKey(secret("authKey", "authKey")?))),
    }
}

/// What can be seen to be wrong without asking anybody.
fn check(uid: Option<&str>, credential: &Credential) -> Result<(), Code> {
    match (uid, credential) {
        (Some("." | ".."), _) => Err(Code::InvalidUid),
        (_, Credential::AuthKey(key)) if !fits_header(key) => Err(Code::InvalidAuthKey),
        (_, Credential::AuthToken(token)) if !fits_header(token) => Err(Code::InvalidAuthToken),
        _ => Ok(()),
    }
}

/// The token in the reply to the first request: for the uid that was asked for, and fit to be sent.
fn token_of(login: &Login, outcome: Outcome) -> Result<String, Exception> {
    let reply = outcome.map_err(unanswered)?;
    let data = reply.data(login.secrets())?;
    let uid = data.get_text("uid");
    let right = uid.is_none_or(|uid| login.uid.as_ref().is_none_or(|asked| asked.eq_ignore_ascii_case(&uid)));
    data.get_text("authToken").filter(|token| right && fits_header(token)).ok_or_else(|| Reply::invalid(&reply))
}

/// The session in the reply to `PUT me`.
fn session_of(login: &Login, token: &str, app: &App, outcome: Outcome) -> Result<Session, Exception> {
    Session::of_login(&outcome.map_err(unanswered)?, token, login.uid.as_deref(), login.secrets(), &app.settings)
}

/// No reply at all.
pub(super) fn unanswered(_: NoReply) -> Exception {
    Code::FailedToFetch.into()
}
