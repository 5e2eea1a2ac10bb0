//! The session ⇄ the entries on disk, in the official client's layout (rule B12); the one place that knows storage keys.
//!
//! | key in localStorage (or sessionStorage, in session mode) | encoding | what |
//! | --- | --- | --- |
//! | `{appId}:common_store/appId` | JSON twice | the app id; survives a logout |
//! | `{appId}:common_store/user` | JSON twice | the user with auth token, `wsChannel` and `jwt` |
//! | `{appId}:common_store/app_settings` | JSON twice | the settings that the service sent at login |
//! | `{appId}:common_store/sessionId` | JSON twice | the official client's, parked while a page unloads; removed at logout |
//! | `{appId}:keys_store/deviceId` | JSON once | `{appId}_{uuid}_{ms}`; survives a logout |
//! | `{appId}:keys_store/integrationSource` | JSON once | `manual` |
//!
//! and `sessionId`, raw, in sessionStorage always: the id of this tab.

use std::rc::Rc;

use super::endpoint::Settings;
use super::error::{Code, Exception};
use super::json::{Json, quote};
use super::reply::Reply;
use super::request::RESOURCE_PREFIX;
use super::text::{fill, fits_header};
use super::user;

/// An entry of an app's store: the end of its key.
pub type Slot = &'static str;
/// The app id.
pub const APP_ID: Slot = ":common_store/appId";
/// The logged-in user: the session itself.
pub const USER: Slot = ":common_store/user";
/// What the service said at login about hosts.
pub const APP_SETTINGS: Slot = ":common_store/app_settings";
/// The official client's parked tab id.
const PARKED_SESSION_ID: Slot = ":common_store/sessionId";
/// The device id.
pub const DEVICE_ID: Slot = ":keys_store/deviceId";
/// Who set the SDK up.
pub const INTEGRATION_SOURCE: Slot = ":keys_store/integrationSource";
/// The entries that end with a session.
pub const OF_A_SESSION: [Slot; 3] = [USER, APP_SETTINGS, PARKED_SESSION_ID];

/// The key of an app's entry.
pub fn key(app_id: &str, slot: Slot) -> String {
    fill("\0\x01", &[app_id, slot])
}

/// The key of this tab's id, in sessionStorage.
pub const TAB_KEY: &str = "sessionId";
/// What we say in `integrationSource`: what the official client says after a plain `init`.
pub const MANUAL: &str = "\"manual\"";

/// Whether a tab id that stands in sessionStorage is one of this protocol (rule B13).
pub fn is_tab_id(value: &str) -> bool {
    value.starts_with(RESOURCE_PREFIX) && value.len() <= LONGEST_TAB_ID && fits_header(value)
}

/// Whether a stored device id, as JSON text, can be used (rule B13).
pub fn is_device_id(json: &str) -> bool {
    let characters = Json(json).text().chars().count();
    (1..=LONGEST_DEVICE_ID).contains(&characters)
}

/// A longer one would make every request fail.
const LONGEST_TAB_ID: usize = 200;
const LONGEST_DEVICE_ID: usize = 300;

/// JSON text as it is stored: once more as a JSON string.
pub fn stored(json: &str) -> String {
    quote(json)
}

/// Who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The uid, as the service wrote it; empty where an entry on disk has none.
    pub uid: String,
    /// The auth token.
    pub token: String,
    /// The user, as JSON text: what is stored, and what the app's `User` is made of.
    pub user: String,
    /// The service's settings, as JSON text; empty where there are none.
    pub settings: String,
}

impl Session {
    /// The session in the JSON texts of the entries on disk; empty for one that is absent or damaged. What has no token or
    /// points away from the service is none (rules B13, B16).
    pub fn on_disk(user: String, mut settings: String, app: &Settings) -> Option<Rc<Self>> {
        let json = Json(&user);
        let (uid, token) = (json.text_of("uid"), json.text_of("authToken"));
        if !Json(&settings).is_object() {
            settings.clear();
        }
        let counts = fits_header(&token) && app.accept(Json(&settings));
        if counts { Some(Rc::new(Self { uid, token, user, settings })) } else { None }
    }

    /// The session that a reply to `PUT me` or `GET me` with this token tells of. The user must be the one asked for, if one
    /// was: `uid` is empty otherwise (rule B6). Where there is a session before, it is the same login: its are the token and the
    /// uid, and what the reply does not say of it stays.
    ///
    /// # Errors
    /// `Code::INVALID_RESPONSE`, or `Code::INVALID_HOST` where the reply points away from the service.
    pub fn of_reply(
        reply: &Reply,
        data: Json<'_>,
        token: &str,
        uid: &str,
        before: Option<&Self>,
        app: &Settings,
    ) -> Result<Rc<Self>, Exception> {
        let (token, uid, known_user, known_settings) = match before {
            Some(before) => (&*before.token, &*before.uid, &*before.user, &*before.settings),
            None => (token, uid, "", ""),
        };
        let settings = data.at("settings");
        let settings = if settings.is_object() { settings.raw() } else { known_settings };
        // As it will be read again.
        let user = user::entry(data, token, Json(known_user));
        match Self::on_disk(user, settings.into(), app) {
            None => Err(Exception::about(Code::INVALID_HOST, FOREIGN_HOST)),
            Some(session) if session.uid.is_empty() || !uid.is_empty() && !session.is_of(uid) => {
                Err(reply.invalid())
            }
            Some(session) => Ok(session),
        }
    }

    /// Whether it is the session of that uid, ASCII case aside.
    pub fn is_of(&self, uid: &str) -> bool {
        self.uid.eq_ignore_ascii_case(uid)
    }

    /// Whether both are the same login of the same user: then nothing happened in between (rule B15).
    pub fn same_login(&self, other: &Self) -> bool {
        self.is_of(&other.uid) && self.token == other.token
    }
}

const FOREIGN_HOST: &str = "The host in the service's settings (override the hosts if it is right)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::error::Http;
    use crate::protocol::json::Json;
    use crate::protocol::mask::Mask;

    fn us() -> Box<Settings> {
        Settings::check(Json(r#"{"appId":"a","region":"us"}"#)).unwrap()
    }

    const USER: &str = r#"{"uid":"alice","name":"Alice","authToken":"tok"}"#;

    fn of_reply(
        body: &str,
        token: &str,
        uid: &str,
        before: Option<&Session>,
    ) -> Result<Rc<Session>, Exception> {
        let http = Http { status: 200, retry_after: 0 };
        let reply = Reply { http, body: body.into() };
        Session::of_reply(&reply, reply.data(Mask::default())?, token, uid, before, &us())
    }

    #[test]
    fn b13_a_stored_id_that_is_too_long_is_not_used() {
        let of = |length| "x".repeat(length);
        assert!(is_tab_id(&format!("WEB-{}", of(196))));
        assert!(!is_tab_id(&format!("WEB-{}", of(197))) && !is_tab_id("web-1"));
        assert!(is_device_id(&quote(&of(300))) && is_device_id(&quote("x")));
        assert!(!is_device_id(&quote(&of(301))) && !is_device_id("\"\"") && !is_device_id("5"));
    }

    #[test]
    fn b12_an_entry_is_a_session() {
        let session = Session::on_disk(USER.into(), String::new(), &us()).unwrap();
        assert_eq!(
            (session.uid.as_str(), session.token.as_str(), session.user.as_str()),
            ("alice", "tok", USER)
        );
    }

    #[test]
    fn b13_a_damaged_entry_is_no_session() {
        for user in [
            "",
            "null",
            "5",
            "[]",
            "{}",
            "\"hello\"",
            r#"{"uid":"alice"}"#,
            r#"{"authToken":5}"#,
            r#"{"authToken":""}"#,
            r#"{"authToken":"t\u00f6k"}"#,
        ] {
            assert_eq!(Session::on_disk(user.into(), String::new(), &us()), None, "{user}");
        }
    }

    #[test]
    fn b16_a_session_that_points_elsewhere_counts_as_none() {
        let elsewhere = r#"{"CLIENT_API_HOST":"evil.example","ADMIN_API_HOST":"a.cometchat.io"}"#;
        assert_eq!(Session::on_disk(USER.into(), elsewhere.into(), &us()), None);
        for harmless in ["", "null", "{}", "5"] {
            assert!(Session::on_disk(USER.into(), harmless.into(), &us()).is_some(), "{harmless}");
        }
        let astray = r#"{"data":{"uid":"a","settings":{"CLIENT_API_HOST":"evil.example"}}}"#;
        assert_eq!(
            of_reply(astray, "t", "", None),
            Err(Exception::about(Code::INVALID_HOST, FOREIGN_HOST))
        );
    }

    #[test]
    fn b11_the_token_of_a_login_is_the_one_that_was_sent() {
        let session = of_reply(
            r#"{"data":{"uid":"alice","authToken":"other","settings":{"a":1}}}"#,
            "sent",
            "",
            None,
        )
        .unwrap();
        assert_eq!((session.token.as_str(), session.settings.as_str()), ("sent", r#"{"a":1}"#));
        assert!(!session.user.contains("other"));
        let again =
            of_reply(r#"{"data":{"uid":"alice","jwt":"j"}}"#, "sent", "Alice", Some(&session))
                .unwrap();
        assert_eq!(again.settings, session.settings, "what is not said stays");
    }

    #[test]
    fn b6_a_reply_for_another_user_is_refused() {
        let mallory = r#"{"data":{"uid":"mallory"}}"#;
        let code = |result: Result<_, Exception>| result.unwrap_err().code();
        let invalid = Some(Code::INVALID_RESPONSE);
        assert_eq!(code(of_reply(mallory, "t", "alice", None)), invalid);
        assert!(of_reply(mallory, "t", "MALLORY", None).is_ok());
        assert_eq!(code(of_reply(r#"{"data":{"name":"x"}}"#, "t", "", None)), invalid);
    }
}
