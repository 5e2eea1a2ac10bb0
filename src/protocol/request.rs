//! One builder per call. The forms are the official client's (rule B16); the one place that knows header names.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::json::quote;
use super::text::{cat, segment};

/// The protocol version spoken, as the `sdk` header says it: that of the official client whose forms these are.
const SDK: &str = "javascript@4.2.0";
/// The same version, as the `appInfo` of a login says it.
const SDK_VERSION: &str = "v4.2.0";
/// How the `resource` header begins, whoever wrote it.
pub const RESOURCE_PREFIX: &str = "WEB-";
/// Who we are, said in a field of our own.
const CLIENT: &str = concat!("cometchat-auth/", env!("CARGO_PKG_VERSION"));

/// What every request of an app in a page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The app.
    pub app_id: String,
    /// The session id of this tab: `WEB-4_2_0-{uuid}-{ms}`.
    pub resource: String,
    /// The id of this device: `{appId}_{uuid}_{ms}`.
    pub device_id: String,
    /// The browser's own name for itself.
    pub user_agent: String,
}

/// A new id for a tab.
pub fn new_resource(uuid: &str, ms: &str) -> String {
    cat(&[RESOURCE_PREFIX, "4_2_0-", uuid, "-", ms])
}

/// A request, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `POST`, `PUT`, `DELETE`.
    pub method: &'static str,
    /// The whole URL.
    pub url: String,
    /// The headers.
    pub headers: Headers,
    /// The body, JSON.
    pub body: Option<String>,
    /// Whether it goes on when the page is closed (rule B9).
    pub keepalive: bool,
}

/// The headers of a request, each value printable ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers(Vec<(&'static str, String)>);

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The plain object that `fetch` takes beside the URL. `keepalive` is a number there: JavaScript takes 1 as true, and a type
/// less is handed over.
impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("method", self.method)?;
        map.serialize_entry("headers", &self.headers)?;
        if let Some(body) = &self.body {
            map.serialize_entry("body", body)?;
        }
        map.serialize_entry("keepalive", &u32::from(self.keepalive))?;
        // The service does not redirect, and a redirect would take the credentials along.
        map.serialize_entry("redirect", "error")?;
        map.end()
    }
}

/// What lets a request in.
enum Credential<'a> {
    AuthKey(&'a str),
    AuthToken(&'a str),
}

impl Sender {
    /// `POST {admin}/users/{uid}/auth_tokens`: a new token for the uid.
    pub fn create_auth_token(&self, admin_base: &str, uid: &str, auth_key: &str) -> Request {
        let url = cat(&[admin_base, "/users/", &segment(uid), "/auth_tokens"]);
        self.request("POST", url, Credential::AuthKey(auth_key), Some(self.device()))
    }

    /// `PUT {client}/me`: the login with a token.
    pub fn put_me(&self, client_base: &str, auth_token: &str) -> Request {
        self.request("PUT", cat(&[client_base, "/me"]), Credential::AuthToken(auth_token), Some(self.device()))
    }

    /// `DELETE {client}/me`: the logout. It survives the page.
    pub fn delete_me(&self, client_base: &str, auth_token: &str) -> Request {
        let request = self.request("DELETE", cat(&[client_base, "/me"]), Credential::AuthToken(auth_token), None);
        Request { keepalive: true, ..request }
    }

    fn request(&self, method: &'static str, url: String, credential: Credential<'_>, body: Option<String>) -> Request {
        let (name, value) = match credential {
            Credential::AuthKey(key) => ("apiKey", key),
            Credential::AuthToken(token) => ("authToken", token),
        };
        let headers = Headers(vec![
            ("appId", self.app_id.clone()),
            ("Accept", "application/json".into()),
            ("Content-Type", "application/json".into()),
            ("sdk", SDK.into()),
            ("resource", self.resource.clone()),
            (name, value.into()),
        ]);
        Request { method, url, headers, body, keepalive: false }
    }

    fn device(&self) -> String {
        cat(&[
            "{\"platform\":\"WEB\",\"deviceId\":",
            &quote(&self.device_id),
            ",\"appInfo\":{\"version\":\"",
            SDK_VERSION,
            "\",\"apiVersion\":\"",
            super::endpoint::API_VERSION,
            "\",\"userAgent\":",
            &quote(&self.user_agent),
            ",\"client\":\"",
            CLIENT,
            "\"}}",
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender() -> Sender {
        Sender {
            app_id: "myapp".into(),
            resource: "WEB-4_2_0-u-1".into(),
            device_id: "myapp_u_1".into(),
            user_agent: "Some \"Browser\"".into(),
        }
    }

    #[test]
    fn b16_headers_and_body_have_the_official_form() {
        let request = sender().create_auth_token("https://h/v3.0", "alice", "some key");
        let headers: Vec<_> = request.headers.0.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(
            headers,
            [
                ("appId", "myapp"),
                ("Accept", "application/json"),
                ("Content-Type", "application/json"),
                ("sdk", "javascript@4.2.0"),
                ("resource", "WEB-4_2_0-u-1"),
                ("apiKey", "some key")
            ]
        );
        let body: serde_json::Value = serde_json::from_str(&request.body.unwrap()).unwrap();
        assert_eq!(
            body,
            serde_json::json!({"platform": "WEB", "deviceId": "myapp_u_1", "appInfo": {
                "version": "v4.2.0", "apiVersion": "v3.0", "userAgent": "Some \"Browser\"", "client": format!("cometchat-auth/{}", env!("CARGO_PKG_VERSION"))}})
        );
    }

    #[test]
    fn b17_the_uid_is_one_segment_of_the_path() {
        assert_eq!(
            sender().create_auth_token("https://h", "a/b?c#d", "k").url,
            "https://h/users/a%2Fb%3Fc%23d/auth_tokens"
        );
    }

    #[test]
    fn b9_only_the_logout_outlives_the_page() {
        let delete = sender().delete_me("https://h/v3.0", "t");
        assert_eq!(
            (delete.method, delete.url.as_str(), delete.body, delete.keepalive),
            ("DELETE", "https://h/v3.0/me", None, true)
        );
        assert!(!sender().put_me("https://h", "t").keepalive);
    }
}
