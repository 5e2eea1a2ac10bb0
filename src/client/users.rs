//! The calls that read and write users, and the one that asks whether the session still stands (rules B23, B29).

use super::Client;
use super::errand::Kind;
use super::login::{is_step, secret};
use super::ports::{CallId, World};
use crate::protocol::error::{Code, Exception};
use crate::protocol::json::Json;
use crate::protocol::text::fits_header;
use crate::protocol::user;

impl<W: World> Client<W> {
    /// What they take: `createUser` and `updateUser` a `user`, which is a plain object where `plain` is there, and an
    /// `authKey`; `updateCurrentUserDetails` a `user` likewise, and whatever uid it has, it is the session's; `getUser` a
    /// `uid`; `verifySession` nothing.
    pub(super) fn ask(
        &mut self,
        call: CallId,
        kind: Kind,
        args: Json<'_>,
    ) -> Result<(), Exception> {
        let user = args.at("user");
        let writes = !matches!(kind, Kind::GetUser | Kind::Verify);
        if writes && !user.is_object() {
            return Err(Exception::about(Code::MISSING_PARAMETERS, "The user"));
        }
        let uid = if writes { user } else { args }.text_of("uid");
        let key = secret(args, "authKey");
        let session = self.app.session.clone();
        let (secret, of_body) = if kind.takes_key() {
            if !fits_header(&key) {
                return Err(Code::INVALID_AUTH_KEY.into());
            }
            user::check(user, &uid, kind == Kind::CreateUser)?;
            (&key, &uid)
        } else {
            if kind == Kind::GetUser && uid.is_empty() {
                return Err(Exception::about(Code::MISSING_PARAMETERS, "getUser: uid"));
            }
            if kind == Kind::GetUser && is_step(&uid) {
                return Err(Code::INVALID_UID.into());
            }
            let session = session.as_ref().ok_or(Code::USER_NOT_LOGGED_IN)?;
            (&session.token, &session.uid)
        };
        let body = if writes {
            user::body(user, args.at("plain").is_there(), of_body)
        } else {
            String::new()
        };
        // Of the user that is updated the path has the uid; of one's own, the answer.
        let uid = if kind == Kind::UpdateMe { of_body } else { &uid };
        let errand = self.prepare(call, kind, uid, secret);
        self.begin(errand, &body);
        Ok(())
    }
}
