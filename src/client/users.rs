//! The calls that read and write users, and the one that asks whether the session still stands (rules B23, B29).

use super::Client;
use super::errand::Kind;
use super::login::{is_step, secret};
use super::ports::{Answer, CallId, World};
use crate::protocol::error::{Code, Exception};
use crate::protocol::json::Json;
use crate::protocol::text::fits_header;
use crate::protocol::user;

impl<W: World> Client<W> {
    /// `createUser` and `updateUser`: `user`, which is a plain object where `plain` is there, and `authKey`.
    pub(super) fn write_user(&mut self, call: CallId, new: bool, args: Json<'_>) -> Result<(), Exception> {
        let given = given_user(args)?;
        let key = secret(args, "authKey");
        if !fits_header(&key) {
            return Err(Code::INVALID_AUTH_KEY.into());
        }
        let uid = given.text_of("uid");
        user::check(given, &uid, new)?;
        let body = user::body(given, args.at("plain").is_there(), &uid);
        let kind = if new { Kind::CreateUser } else { Kind::UpdateUser };
        self.begin(call, kind, uid, key, body);
        Ok(())
    }

    /// `updateCurrentUserDetails`: whatever uid the object has, it is the session's.
    pub(super) fn update_me(&mut self, call: CallId, args: Json<'_>) -> Result<(), Exception> {
        let given = given_user(args)?;
        let session = self.logged_in()?;
        let body = user::body(given, args.at("plain").is_there(), &session.uid);
        self.begin(call, Kind::UpdateMe, String::new(), session.token.clone(), body);
        Ok(())
    }

    /// `getUser`.
    pub(super) fn get_user(&mut self, call: CallId, args: Json<'_>) -> Result<(), Exception> {
        let uid = args.text_of("uid");
        if uid.is_empty() {
            return Err(Exception::about(Code::MISSING_PARAMETERS, "getUser: uid"));
        }
        if is_step(&uid) {
            return Err(Code::INVALID_UID.into());
        }
        let session = self.logged_in()?;
        self.begin(call, Kind::GetUser, uid, session.token.clone(), String::new());
        Ok(())
    }

    /// `verifySession`: nobody is asked about nobody.
    pub(super) fn verify(&mut self, call: CallId) {
        match self.session().cloned() {
            None => self.settle(call, Ok(Answer::Nobody)),
            Some(session) => {
                self.begin(call, Kind::Verify, String::new(), session.token.clone(), String::new());
            }
        }
    }
}

fn given_user<'a>(args: Json<'a>) -> Result<Json<'a>, Exception> {
    let user = args.at("user");
    if user.is_object() { Ok(user) } else { Err(Exception::about(Code::MISSING_PARAMETERS, "The user")) }
}
