//! `login`: decides, joins, aborts and commits logins (rules B5–B8, B25).
//!
//! With an auth key: `POST users/{uid}/auth_tokens`, then `PUT me` with the new token. With an auth
//! token, or with a token of a provider: `PUT me`.

use std::rc::Rc;

use super::Client;
use super::pending::Kind;
use super::ports::{Answer, CallId, Event, Platform, RequestId};
use super::sync::Notify;
use crate::protocol::error::{Code, Exception};
use crate::protocol::json::Json;
use crate::protocol::secret::Secret;
use crate::protocol::session::Session;
use crate::protocol::text::trim;

const ARGUMENTS: &str = "login: (authToken), (uid, authKey), (provider), or an object of these with an AbortSignal as signal; an argument is";
const KEY_IN_PRODUCTION: &str = "An auth key is for development: with it anyone can log in as any user. Use auth tokens made by your server.";

/// The user and the credential of a login.
struct Request<'a> {
    kind: Kind,
    /// Empty if only the token decides who the user is.
    uid: &'a str,
    /// The auth key or the auth token; empty for a login by a provider.
    secret: &'a str,
    /// The number of the provider function; empty without one.
    provider: &'a str,
}

impl<P: Platform> Client<P> {
    /// Begins a login. Its arguments are `uid`, `authKey`, `authToken` and `provider` (the number
    /// of a function); `count` if they have no known form; `aborted` if the signal is aborted
    /// already.
    pub(super) fn login(&mut self, call: CallId, args: Json<'_>) -> Result<(), Rc<Exception>> {
        if args.at("aborted").is_there() {
            return Err(Code::REQUEST_ABORTED.into());
        }
        if args.at("count").is_there() {
            return Err(Exception::about(Code::MISSING_PARAMETERS, ARGUMENTS));
        }
        let missing = |subject| Err(Exception::about(Code::MISSING_PARAMETERS, subject));
        let (uid, provider) = (args.text_of("uid"), args.text_of("provider"));
        let (key, token) = (credential(args, "authKey"), credential(args, "authToken"));
        let (kind, secret) = if args.at("provider").is_there() {
            (Kind::LoginByProvider, "")
        } else if args.at("authToken").is_there() {
            (Kind::LoginByToken, &*token)
        } else {
            (Kind::LoginByKey, &*key)
        };
        if kind == Kind::LoginByKey && uid.is_empty() {
            return missing("login: uid");
        }
        if kind != Kind::LoginByProvider && secret.is_empty() {
            return missing(if kind == Kind::LoginByKey {
                "login: authKey"
            } else {
                "login: authToken"
            });
        }
        let request = Request { kind, uid: &uid, secret, provider: &provider };
        if self.join(call, &request) || self.is_logged_in(call, &request) {
            return Ok(());
        }
        if is_dot_segment(&uid) {
            return Err(Code::INVALID_UID.into());
        }
        let secret = Secret::parse(secret);
        if kind != Kind::LoginByProvider && secret.is_none() {
            return Err(if kind == Kind::LoginByKey {
                Code::INVALID_AUTH_KEY
            } else {
                Code::INVALID_AUTH_TOKEN
            }
            .into());
        }
        if kind == Kind::LoginByKey && self.app.warns_of_key {
            self.app.warns_of_key = false;
            self.warn(KEY_IN_PRODUCTION);
        }
        let mut login = self.prepare(call, kind, &uid, secret);
        login.provider = provider;
        self.login = login.id;
        self.begin(login, Json::default());
        Ok(())
    }

    /// Handles a login while another one is pending: joins it if both are the same, else rejects
    /// (rule B7).
    fn join(&mut self, call: CallId, request: &Request<'_>) -> bool {
        let Some(login) = self.find(self.login) else { return false };
        let same_uid = login.is_of(request.uid);
        let has = |secret: &Option<Secret>| {
            secret.as_ref().is_some_and(|secret| secret.expose() == request.secret)
        };
        let joins = match request.kind {
            Kind::LoginByProvider if request.uid.is_empty() => {
                same_uid && login.provider == request.provider
            }
            Kind::LoginByProvider => same_uid,
            // A login without a uid accepts the user of the token.
            Kind::LoginByToken => has(&login.token) && (same_uid || request.uid.is_empty()),
            _ => has(&login.key) && same_uid,
        };
        if login.kind == request.kind && joins {
            login.callers.push(call);
        } else {
            self.settle(call, Err(Code::LOGIN_IN_PROGRESS.into()));
        }
        true
    }

    /// Resolves at once if the logged-in user has the requested uid, if one is given, and the given
    /// token, if one is given (rule B6).
    fn is_logged_in(&mut self, call: CallId, request: &Request<'_>) -> bool {
        let Some(session) = &self.app.session else { return false };
        let is_requested = (request.uid.is_empty() || session.is_of(request.uid))
            && (request.kind != Kind::LoginByToken || session.token.expose() == request.secret);
        if is_requested {
            let session = session.clone();
            self.notify(Event::LoginSuccess(session.clone()));
            self.settle(call, Ok(Answer::User(session)));
        }
        is_requested
    }

    /// Takes the token that a token provider returned.
    pub(super) fn token_given(&mut self, id: RequestId, token: &str) {
        let Some(mut login) = self.take(id) else { return };
        if login.kind != Kind::LoginByProvider || login.token.is_some() {
            // Ids of requests restart after a trap, so this token belongs to another request.
            self.keep(login);
            return;
        }
        let token = trim(token);
        login.token = Secret::parse(token);
        if login.token.is_some() {
            return self.send_token(login);
        }
        let code =
            if token.is_empty() { Code::TOKEN_PROVIDER_FAILED } else { Code::INVALID_AUTH_TOKEN };
        self.fail(login, code.into());
    }

    /// Replaces the session in one step, after the service has confirmed the token.
    pub(super) fn log_in(&mut self, session: Rc<Session>) {
        // A change by another tab comes first.
        self.sync_from_storage(Notify::Yes);
        let before = self.app.session.clone();
        self.commit(session);
        self.notify_of_change(&before);
    }

    /// Removes one caller. The login ends with its last caller (rule B7).
    pub(super) fn leave_login(&mut self, call: CallId) {
        let Some(login) = self.find(self.login) else { return };
        let Some(at) = login.callers.iter().position(|&caller| caller == call) else { return };
        if login.callers.len() == 1 {
            self.abort(self.login, Code::REQUEST_ABORTED);
        } else {
            login.callers.remove(at);
            self.settle(call, Err(Code::REQUEST_ABORTED.into()));
        }
    }
}

/// An auth key or an auth token of the arguments. Empty if it is absent, blank, or the text of an
/// unset variable, such as `undefined` (rule B23).
pub(super) fn credential(args: Json<'_>, name: &str) -> String {
    let mut credential = args.text_of(name);
    if ["undefined", "null", "0"].contains(&&*credential) {
        credential.clear();
    }
    credential
}

/// Whether a URL parser resolves a path segment as `.` or `..`.
pub(super) fn is_dot_segment(segment: &str) -> bool {
    [".", ".."].contains(&segment)
}
