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

use super::endpoint::{Hosts, Settings};
use super::error::{Code, Exception};
use super::json::{Json, quote};
use super::reply::Reply;
use super::request::RESOURCE_PREFIX;
use super::text::{cat, decimal, uuid};
use super::user;

/// An entry of an app's store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The app id.
    AppId,
    /// The logged-in user: the session itself.
    User,
    /// What the service said at login about hosts.
    AppSettings,
    /// The official client's parked tab id.
    ParkedSessionId,
    /// The device id.
    DeviceId,
    /// Who set the SDK up.
    IntegrationSource,
}

/// The entries that end with a session.
pub const OF_A_SESSION: [Slot; 3] = [Slot::User, Slot::AppSettings, Slot::ParkedSessionId];

impl Slot {
    /// The key of the entry.
    pub fn key(self, app_id: &str) -> String {
        let name = match self {
            Self::AppId => ":common_store/appId",
            Self::User => ":common_store/user",
            Self::AppSettings => ":common_store/app_settings",
            Self::ParkedSessionId => ":common_store/sessionId",
            Self::DeviceId => ":keys_store/deviceId",
            Self::IntegrationSource => ":keys_store/integrationSource",
        };
        cat(&[app_id, name])
    }
}

/// The key of this tab's id, in sessionStorage.
pub const TAB_KEY: &str = "sessionId";
/// What we say in `integrationSource`: what the official client says after a plain `init`.
pub const INTEGRATION_SOURCE: &str = "\"manual\"";

/// Whether a tab id that stands in sessionStorage is one of this protocol (rule B13).
pub fn is_tab_id(value: &str) -> bool {
    value.starts_with(RESOURCE_PREFIX) && super::text::fits_header(value)
}

/// A new device id.
pub fn new_device_id(app_id: &str, random: [u8; 16], ms: u64) -> String {
    cat(&[app_id, "_", &uuid(random), "_", &decimal(ms)])
}

/// JSON text as it is stored: once more as a JSON string.
pub fn stored(json: &str) -> String {
    quote(json)
}

/// The JSON text in an entry, which may have been written through one layer or two; `None` where it is damaged.
fn unwrapped(raw: &str) -> Option<String> {
    let outer = Json::parse(raw)?;
    Some(outer.text().unwrap_or_else(|| outer.raw().into()))
}

/// A device id from its entry.
pub fn device_id(raw: &str) -> Option<String> {
    Json::parse(raw)?.text().filter(|id| !id.is_empty())
}

const FOREIGN_HOST: &str = "The service's settings name a host that is not CometChat's. If it is right, name it with overrideAdminHost() and overrideClientHost().";

/// Who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The uid, as the service wrote it; empty where an entry on disk has none.
    pub uid: String,
    /// The auth token.
    pub token: String,
    /// The user, as JSON text: what is stored, and what the app's `User` is made of.
    pub user: String,
    /// The service's settings, as JSON text.
    pub settings: Option<String>,
    /// Where its calls go.
    pub hosts: Hosts,
}

impl Session {
    /// The session in the entries on disk. Whatever is damaged, has no token or points away from the service is none
    /// (rules B13, B16).
    pub fn on_disk(user: &str, app_settings: Option<&str>, settings: &Settings) -> Option<Self> {
        let user = unwrapped(user)?;
        let json = Json::parse(&user).filter(|json| json.is_object())?;
        let token = json.get_text("authToken").filter(|token| super::text::fits_header(token))?;
        let uid = json.get_text("uid").unwrap_or_default();
        let text = app_settings.and_then(unwrapped).filter(|text| Json::parse(text).is_some_and(Json::is_object));
        let hosts = settings.hosts(text.as_deref().and_then(Json::parse))?;
        Some(Self { uid, token, user: json.raw().into(), settings: text, hosts })
    }

    /// The session that a `PUT me` with this token began. The user must be the one asked for, if one was (rule B6).
    ///
    /// # Errors
    /// The service's own, `INVALID_RESPONSE`, or `INVALID_HOST` where the reply points away from the service.
    pub fn of_login(
        reply: &Reply,
        token: &str,
        uid: Option<&str>,
        secrets: [&str; 2],
        settings: &Settings,
    ) -> Result<Self, Exception> {
        let data = reply.data(secrets)?;
        let got = data
            .get_text("uid")
            .filter(|got| uid.is_none_or(|uid| got.eq_ignore_ascii_case(uid)))
            .ok_or_else(|| reply.invalid())?;
        let from_service = data.get("settings").filter(|json| json.is_object());
        Ok(Self {
            user: user::entry(data, &got, token),
            uid: got,
            token: token.into(),
            settings: from_service.map(|json| json.raw().into()),
            hosts: settings.hosts(from_service).ok_or_else(|| Exception::new(Code::InvalidHost, FOREIGN_HOST))?,
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn us() -> Settings {
        Settings::check(Json::parse(r#"{"region":"us"}"#).unwrap()).unwrap()
    }

    const USER: &str = r#"{"uid":"alice","name":"Alice","authToken":"tok"}"#;

    #[test]
    fn b12_an_entry_is_read_through_one_layer_or_two() {
        for raw in [USER.to_owned(), stored(USER)] {
            let session = Session::on_disk(&raw, None, &us()).unwrap();
            assert_eq!((session.uid.as_str(), session.token.as_str(), session.user.as_str()), ("alice", "tok", USER));
        }
    }

    #[test]
    fn b13_a_damaged_entry_is_no_session() {
        for raw in [
            "",
            "{not json",
            "null",
            "\"null\"",
            "5",
            "\"[]\"",
            "\"{}\"",
            "\"hello\"",
            "[]",
            r#"{"uid":"alice"}"#,
            r#"{"authToken":5}"#,
            r#"{"authToken":""}"#,
            r#"{"authToken":"t\u00f6k"}"#,
        ] {
            assert_eq!(Session::on_disk(raw, None, &us()), None, "{raw}");
        }
    }

    #[test]
    fn b16_a_session_that_points_elsewhere_counts_as_none() {
        let elsewhere = stored(r#"{"CLIENT_API_HOST":"evil.example","ADMIN_API_HOST":"a.cometchat.io"}"#);
        assert_eq!(Session::on_disk(USER, Some(&elsewhere), &us()), None);
        for harmless in ["{damaged", "null", "\"{}\"", "5"] {
            assert!(Session::on_disk(USER, Some(harmless), &us()).is_some(), "{harmless}");
        }
    }

    #[test]
    fn b11_the_token_of_a_login_is_the_one_that_was_sent() {
        let reply = Reply {
            status: 200,
            body: r#"{"data":{"uid":"alice","authToken":"other","settings":{"a":1}}}"#.into(),
            retry_after: None,
        };
        let session = Session::of_login(&reply, "sent", None, ["", ""], &us()).unwrap();
        assert_eq!((session.token.as_str(), session.settings.as_deref()), ("sent", Some(r#"{"a":1}"#)));
        assert!(!session.user.contains("other"));
    }

    #[test]
    fn b6_a_reply_for_another_user_is_refused() {
        let reply = Reply { status: 200, body: r#"{"data":{"uid":"mallory"}}"#.into(), retry_after: None };
        assert!(Session::of_login(&reply, "t", Some("alice"), ["", ""], &us()).unwrap_err().is(Code::InvalidResponse));
        assert!(Session::of_login(&reply, "t", Some("MALLORY"), ["", ""], &us()).is_ok());
        let astray = Reply {
            status: 200,
            body: r#"{"data":{"uid":"a","settings":{"CLIENT_API_HOST":"evil.example"}}}"#.into(),
            retry_after: None,
        };
        assert!(Session::of_login(&astray, "t", None, ["", ""], &us()).unwrap_err().is(Code::InvalidHost));
        let nobody = Reply { status: 200, body: r#"{"data":{"name":"x"}}"#.into(), retry_after: None };
        assert!(Session::of_login(&nobody, "t", None, ["", ""], &us()).unwrap_err().is(Code::InvalidResponse));
    }
}
