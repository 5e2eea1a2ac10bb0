//! The calls that read and write users, and `verifySession` (rules B23, B29).

use std::rc::Rc;

use super::Client;
use super::login::{credential, is_dot_segment};
use super::pending::Kind;
use super::ports::{CallId, Platform};
use crate::protocol::error::{Code, Exception};
use crate::protocol::json::{CanonicalJson, Json};
use crate::protocol::secret::Secret;
use crate::protocol::user;

impl<P: Platform> Client<P> {
    /// Begins a call about a user. The arguments by kind:
    ///
    /// * `createUser`, `updateUser`: `user`, `authKey`, and `plain` if the user is a plain object
    /// * `updateCurrentUserDetails`: `user` and `plain`; the uid is the session's
    /// * `getUser`: `uid`
    /// * `verifySession`: none
    pub(super) fn request(
        &mut self,
        call: CallId,
        kind: Kind,
        args: Json<'_>,
    ) -> Result<(), Rc<Exception>> {
        let user = args.at("user");
        let writes = !matches!(kind, Kind::GetUser | Kind::Verify);
        if writes && !user.is_object() {
            return Err(Exception::about(Code::MISSING_PARAMETERS, "The user"));
        }
        let uid = if writes { user } else { args }.text_of("uid");
        let session = self.app.session.clone();
        let (secret, uid) = if kind.takes_key() {
            let key = Secret::parse(&credential(args, "authKey"));
            if key.is_none() {
                return Err(Code::INVALID_AUTH_KEY.into());
            }
            user::check(user, &uid, kind == Kind::CreateUser)?;
            (key, &uid)
        } else {
            if kind == Kind::GetUser && uid.is_empty() {
                return Err(Exception::about(Code::MISSING_PARAMETERS, "getUser: uid"));
            }
            if kind == Kind::GetUser && is_dot_segment(&uid) {
                return Err(Code::INVALID_UID.into());
            }
            let session = session.as_ref().ok_or(Code::USER_NOT_LOGGED_IN)?;
            user::check_metadata(user)?;
            // The response must be about this user.
            let uid = if kind == Kind::UpdateMe { &session.uid } else { &uid };
            (Some(session.token.clone()), uid)
        };
        let body = if writes {
            user::body(user, args.at("plain").is_there(), uid)
        } else {
            CanonicalJson::default()
        };
        let pending = self.prepare(call, kind, uid, secret);
        self.begin(pending, body.root());
        Ok(())
    }
}
