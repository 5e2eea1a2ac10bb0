//! `login`: decided, joined, given up, committed (rules B5–B8, B25). What is sent for it is in [`super::errand`].
//!
//! With an auth key: `POST users/{uid}/auth_tokens`, then `PUT me` with the token that came. With an auth token, or with one
//! that a provider gives: `PUT me`.

use std::rc::Rc;

use super::Client;
use super::errand::Kind;
use super::ports::{Answer, CallId, Event, RequestId, World};
use super::sync::Notify;
use crate::protocol::error::{Code, Exception};
use crate::protocol::json::Json;
use crate::protocol::session::Session;
use crate::protocol::text::{fits_header, is_one_of};

const ARGUMENTS: &str = "login: (authToken), (uid, authKey), (provider), or an object of these with an AbortSignal as signal; an argument is";
const KEY_IN_PRODUCTION: &str = "An auth key is for development: with it anyone can be anyone. Use auth tokens made by your server.";

impl<W: World> Client<W> {
    /// The call. Its arguments by name: `uid`, `authKey`, `authToken`, `provider` (there or not); `count` where they were of
    /// no known form; `aborted` where the caller's signal has gone off already.
    pub(super) fn login(&mut self, call: CallId, args: Json<'_>) -> Result<(), Exception> {
        if args.at("aborted").is_there() {
            return Err(Code::REQUEST_ABORTED.into());
        }
        if args.at("count").is_there() {
            return Err(Exception::about(Code::MISSING_PARAMETERS, ARGUMENTS));
        }
        let (uid, provider) = (args.text_of("uid"), args.text_of("provider"));
        let (kind, name, about) = if args.at("provider").is_there() {
            (Kind::LoginByProvider, "", "")
        } else if args.at("authToken").is_there() {
            (Kind::LoginByToken, "authToken", "login: authToken")
        } else {
            (
                Kind::LoginByKey,
                "authKey",
                if uid.is_empty() { "login: uid" } else { "login: authKey" },
            )
        };
        let secret = secret(args, name);
        if kind != Kind::LoginByProvider && secret.is_empty()
            || kind == Kind::LoginByKey && uid.is_empty()
        {
            return Err(Exception::about(Code::MISSING_PARAMETERS, about));
        }

        if let Some(login) = self.find(self.login) {
            let same_uid = login.uid.eq_ignore_ascii_case(&uid);
            let joins = match kind {
                Kind::LoginByProvider if uid.is_empty() => same_uid && login.provider == provider,
                Kind::LoginByProvider => same_uid,
                // A caller without a uid takes the user of the token.
                Kind::LoginByToken => login.token == secret && (same_uid || uid.is_empty()),
                _ => login.key == secret && same_uid,
            };
            if login.kind == kind && joins {
                login.callers.push(call);
            } else {
                self.settle(call, Err(Code::LOGIN_IN_PROGRESS.into()));
            }
            return Ok(());
        }
        // The one asked for: the uid where one is given, and the token where one is (rule B6).
        if let Some(session) = &self.app.session
            && (uid.is_empty() || session.is_of(&uid))
            && (kind != Kind::LoginByToken || session.token == secret)
        {
            let session = session.clone();
            self.tell(Event::LoginSuccess(session.clone()));
            self.settle(call, Ok(Answer::User(session)));
            return Ok(());
        }
        if is_step(&uid) {
            return Err(Code::INVALID_UID.into());
        }
        if kind != Kind::LoginByProvider && !fits_header(&secret) {
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
        let mut login = self.prepare(call, kind, &uid, &secret);
        login.provider = provider;
        self.login = login.id;
        self.begin(login, "");
        Ok(())
    }

    /// What the provider gave.
    pub(super) fn token_given(&mut self, id: RequestId, token: &str) {
        // Of an instance before this one it may be the answer to what had that number there.
        if self
            .find(id)
            .is_none_or(|errand| errand.kind != Kind::LoginByProvider || !errand.token.is_empty())
        {
            return;
        }
        let Some(errand) = self.take(id) else { return };
        let token = token.trim_ascii();
        if fits_header(token) {
            return self.carry_on(errand, token);
        }
        let code =
            if token.is_empty() { Code::TOKEN_PROVIDER_FAILED } else { Code::INVALID_AUTH_TOKEN };
        self.fail(errand, code.into());
    }

    /// The service agrees: the session is replaced in one step.
    pub(super) fn take_over(&mut self, session: Rc<Session>) {
        // Another tab may have been quicker; what it did comes first.
        self.sync_from_storage(Notify::Yes);
        let before = self.app.session.clone();
        self.commit(session);
        self.tell_of_change(&before);
    }

    /// One caller leaves; with the last one the login ends (rule B7).
    pub(super) fn leave_login(&mut self, call: CallId) {
        let Some(login) = self.find(self.login) else { return };
        let Some(at) = login.callers.iter().position(|&caller| caller == call) else { return };
        if login.callers.len() == 1 {
            self.give_up(self.login, Code::REQUEST_ABORTED);
        } else {
            login.callers.remove(at);
            self.settle(call, Err(Code::REQUEST_ABORTED.into()));
        }
    }
}

/// A key or a token of the arguments; empty where it is absent or blank, or what an unset variable turns into (rule B23).
pub(super) fn secret(args: Json<'_>, name: &str) -> String {
    let secret = args.text_of(name);
    if is_one_of(&secret, "undefined,null,0,") { String::new() } else { secret }
}

/// Whether a path would take a uid as a step in it.
pub(super) fn is_step(uid: &str) -> bool {
    is_one_of(uid, ".,..,")
}
