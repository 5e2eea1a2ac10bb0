//! The session ⇄ the stored entries, in the official client's layout (rule B12).
//!
//! | key in localStorage (or sessionStorage, in session mode) | encoding | content |
//! | --- | --- | --- |
//! | `{appId}:common_store/appId` | JSON twice | the app id; survives a logout |
//! | `{appId}:common_store/user` | JSON twice | the user with auth token, `wsChannel` and `jwt` |
//! | `{appId}:common_store/app_settings` | JSON twice | the settings of the response to the login |
//! | `{appId}:common_store/sessionId` | JSON twice | the official client's tab id while a page unloads; removed at logout |
//! | `{appId}:keys_store/deviceId` | JSON once | `{appId}_{uuid}_{ms}`; survives a logout |
//! | `{appId}:keys_store/integrationSource` | JSON once | `manual` |
//!
//! The id of this tab is `sessionId` in sessionStorage, as it is.

use std::fmt;
use std::rc::Rc;

use super::endpoint::Settings;
use super::error::{Code, Exception};
use super::json::{CanonicalJson, Json, quote};
use super::request::TAB_ID_PREFIX;
use super::response::Response;
use super::secret::{Secret, fits_header};
use super::text::{concat, is_same};
use super::user;

/// A stored entry of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The app id.
    AppId,
    /// The logged-in user: the session itself.
    User,
    /// The settings of the service.
    AppSettings,
    /// The official client's tab id while a page unloads.
    ParkedTabId,
    /// The device id.
    DeviceId,
    /// How the SDK is used.
    IntegrationSource,
}

impl Slot {
    /// The entries that end with a session.
    pub const OF_A_SESSION: [Self; 3] = [Self::User, Self::AppSettings, Self::ParkedTabId];

    /// The end of its key, after the app id.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AppId => ":common_store/appId",
            Self::User => ":common_store/user",
            Self::AppSettings => ":common_store/app_settings",
            Self::ParkedTabId => ":common_store/sessionId",
            Self::DeviceId => ":keys_store/deviceId",
            Self::IntegrationSource => ":keys_store/integrationSource",
        }
    }

    /// Its key.
    pub fn key(self, app_id: &str) -> String {
        concat(&[app_id, self.name()])
    }
}

/// The key of this tab's id, in sessionStorage.
pub const TAB_KEY: &str = "sessionId";
/// The value of `integrationSource` that the official client writes after a plain `init`.
pub const MANUAL: &str = "\"manual\"";

/// The longest stored ids that are used. With a longer one every request would fail.
const LONGEST_TAB_ID: usize = 200;
const LONGEST_DEVICE_ID: usize = 300;

/// Whether a stored tab id can be used (rule B13).
pub fn is_tab_id(id: &str) -> bool {
    id.starts_with(TAB_ID_PREFIX) && id.len() <= LONGEST_TAB_ID && fits_header(id)
}

/// Whether a stored device id can be used (rule B13).
pub fn is_device_id(id: &str) -> bool {
    (1..=LONGEST_DEVICE_ID).contains(&id.chars().count())
}

/// Encodes JSON text as a JSON string, as entries are stored.
pub fn stored(json: &CanonicalJson) -> CanonicalJson {
    quote(json.as_str())
}

/// A session: who is logged in. Debug output has no credential (rule B26).
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The uid as the service wrote it; empty if the stored entry has none.
    pub uid: String,
    /// The auth token.
    pub token: Secret,
    /// The user: the stored entry, and the data of the app's `User`.
    pub user: CanonicalJson,
    /// The settings of the service; empty if there are none.
    pub settings: CanonicalJson,
}

impl Session {
    /// The session of the stored entries, which are empty if they are absent or damaged.
    ///
    /// `None` without a token, and for a session with a host that is not accepted (rules B13, B16).
    pub fn from_entries(
        user: CanonicalJson,
        settings: CanonicalJson,
        app: &Settings,
    ) -> Option<Rc<Self>> {
        let uid = user.root().text_of("uid");
        let token = Secret::parse(&user.root().text_of("authToken"))?;
        let settings =
            if settings.root().is_object() { settings } else { CanonicalJson::default() };
        app.accept(settings.root()).then(|| Rc::new(Self { uid, token, user, settings }))
    }

    /// The session of a response to `PUT me` or `GET me` with this token.
    ///
    /// The user must be the requested one; `uid` is empty if none was requested (rule B6). With
    /// `before`, it is the same session: token and uid stay, and so do the fields that the response
    /// lacks.
    ///
    /// # Errors
    /// `Code::INVALID_RESPONSE`, or `Code::INVALID_HOST` if the settings name another host than the
    /// service's.
    pub fn from_response(
        response: &Response,
        data: Json<'_>,
        token: &Secret,
        uid: &str,
        before: Option<&Self>,
        app: &Settings,
    ) -> Result<Rc<Self>, Rc<Exception>> {
        let (token, uid, known_user, known_settings) = match before {
            Some(before) => {
                (&before.token, &*before.uid, before.user.root(), before.settings.root())
            }
            None => (token, uid, Json::default(), Json::default()),
        };
        let settings = data.at("settings");
        let settings = if settings.is_object() { settings } else { known_settings };
        // Read from its entries, so that it equals the session after a reload.
        let user = user::entry(data, token.expose(), known_user);
        let session = Self::from_entries(user, settings.into(), app)
            .ok_or(Exception::about(Code::INVALID_HOST, FOREIGN_HOST))?;
        if session.uid.is_empty() || !uid.is_empty() && !session.is_of(uid) {
            return Err(response.invalid());
        }
        Ok(session)
    }

    /// Whether it is the session of that uid. Uids are compared without ASCII case.
    pub fn is_of(&self, uid: &str) -> bool {
        is_same(self.uid.as_bytes(), uid.as_bytes())
    }

    /// Whether both are the same login of the same user (rule B15).
    pub fn same_login(&self, other: &Self) -> bool {
        self.is_of(&other.uid) && self.token == other.token
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The stored user contains the token.
        formatter.debug_struct("Session").field("uid", &self.uid).finish_non_exhaustive()
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
        Settings::check(Json::of(r#"{"appId":"a","region":"us"}"#)).unwrap()
    }

    fn json(text: &str) -> CanonicalJson {
        CanonicalJson::from_engine(text.into())
    }

    const USER: &str = r#"{"uid":"alice","name":"Alice","authToken":"tok"}"#;

    fn from_response(
        body: &str,
        token: &str,
        uid: &str,
        before: Option<&Session>,
    ) -> Result<Rc<Session>, Rc<Exception>> {
        let http = Http { status: 200, retry_after: 0 };
        let response = Response { http, body: json(body) };
        let token = Secret::parse(token).unwrap();
        Session::from_response(
            &response,
            response.data(Mask::default())?,
            &token,
            uid,
            before,
            &us(),
        )
    }

    #[test]
    fn b13_a_stored_id_that_is_too_long_is_not_used() {
        let of = |length| "x".repeat(length);
        assert!(is_tab_id(&format!("WEB-{}", of(196))));
        assert!(!is_tab_id(&format!("WEB-{}", of(197))) && !is_tab_id("web-1"));
        assert!(is_device_id(&of(300)) && is_device_id("x"));
        assert!(!is_device_id(&of(301)) && !is_device_id(""));
    }

    #[test]
    fn b26_debug_output_hides_the_token() {
        let session = Session::from_entries(json(USER), json(""), &us()).unwrap();
        let shown = format!("{session:?}");
        assert!(shown.contains("alice") && !shown.contains("tok"), "{shown}");
    }

    #[test]
    fn b12_an_entry_is_a_session() {
        let session = Session::from_entries(json(USER), json(""), &us()).unwrap();
        assert_eq!(
            (session.uid.as_str(), session.token.expose(), session.user.as_str()),
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
            assert_eq!(Session::from_entries(json(user), json(""), &us()), None, "{user}");
        }
    }

    #[test]
    fn b16_a_session_that_points_elsewhere_counts_as_none() {
        let elsewhere = r#"{"CLIENT_API_HOST":"evil.example","ADMIN_API_HOST":"a.cometchat.io"}"#;
        assert_eq!(Session::from_entries(json(USER), json(elsewhere), &us()), None);
        for harmless in ["", "null", "{}", "5"] {
            assert!(
                Session::from_entries(json(USER), json(harmless), &us()).is_some(),
                "{harmless}"
            );
        }
        let astray = r#"{"data":{"uid":"a","settings":{"CLIENT_API_HOST":"evil.example"}}}"#;
        assert_eq!(
            from_response(astray, "t", "", None),
            Err(Exception::about(Code::INVALID_HOST, FOREIGN_HOST))
        );
    }

    #[test]
    fn b11_the_token_of_a_login_is_the_one_that_was_sent() {
        let session = from_response(
            r#"{"data":{"uid":"alice","authToken":"other","settings":{"a":1}}}"#,
            "sent",
            "",
            None,
        )
        .unwrap();
        assert_eq!((session.token.expose(), session.settings.as_str()), ("sent", r#"{"a":1}"#));
        assert!(!session.user.as_str().contains("other"));
        let again =
            from_response(r#"{"data":{"uid":"alice","jwt":"j"}}"#, "sent", "Alice", Some(&session))
                .unwrap();
        assert_eq!(again.settings.as_str(), session.settings.as_str(), "what is not said stays");
    }

    #[test]
    fn b6_a_response_for_another_user_is_refused() {
        let mallory = r#"{"data":{"uid":"mallory"}}"#;
        let code = |result: Result<_, Rc<Exception>>| result.unwrap_err().code();
        let invalid = Some(Code::INVALID_RESPONSE);
        assert_eq!(code(from_response(mallory, "t", "alice", None)), invalid);
        assert!(from_response(mallory, "t", "MALLORY", None).is_ok());
        assert_eq!(code(from_response(r#"{"data":{"name":"x"}}"#, "t", "", None)), invalid);
    }
}
