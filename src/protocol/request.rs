//! One builder for all requests, in the official client's form (rule B16).

use std::fmt;

use super::endpoint::API_VERSION;
use super::json::{CanonicalJson, Json, JsonWriter};
use super::secret::Secret;
use super::text::{concat, push_segment};

/// The version of the official client whose requests these are like: in the `sdk` header, the tab
/// id and the body of a login.
const SDK_VERSION: &str = "4.2.0";
/// The name and version of this package.
const CLIENT: &str = concat!("cometchat-auth/", env!("CARGO_PKG_VERSION"));
/// The start of every tab id.
pub const TAB_ID_PREFIX: &str = "WEB-";

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads. The browser's cache is not used, because a cached response must not verify a session.
    Get,
    /// Creates.
    Post,
    /// Changes.
    Put,
    /// Ends the session at the service. The request continues when the page is closed (rule B9).
    Delete,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// The credential of a request.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'a> {
    /// The app's auth key.
    Key(&'a Secret),
    /// A user's auth token.
    Token(&'a Secret),
}

/// What all requests of this tab share.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The app id.
    pub app_id: String,
    /// The id of this tab, `WEB-4_2_0-{uuid}-{ms}`.
    pub tab_id: String,
    /// The id of this device, `{appId}_{uuid}_{ms}`.
    pub device_id: String,
    /// `navigator.userAgent`.
    pub user_agent: String,
}

impl Sender {
    /// The body of a login's requests.
    pub fn device(&self) -> CanonicalJson {
        let mut app_info = JsonWriter::object();
        app_info.text("version", &concat(&["v", SDK_VERSION]));
        app_info.text("apiVersion", API_VERSION);
        app_info.text("userAgent", &self.user_agent);
        app_info.text("client", CLIENT);
        let mut device = JsonWriter::object();
        device.text("platform", "WEB");
        device.text("deviceId", &self.device_id);
        device.value("appInfo", app_info.finish().root());
        device.finish()
    }

    /// A request to a path below a base URL. The segments of the path are escaped here.
    pub fn request(
        &self,
        method: Method,
        base: &str,
        path: &[&str],
        credential: Credential<'_>,
        body: Json<'_>,
    ) -> Request {
        let mut url = base.to_owned();
        for segment in path {
            url.push('/');
            push_segment(&mut url, segment);
        }
        let (name, secret) = match credential {
            Credential::Key(key) => ("apiKey", key),
            Credential::Token(token) => ("authToken", token),
        };
        let mut headers = JsonWriter::object();
        headers.text("appId", &self.app_id);
        headers.text("Accept", "application/json");
        headers.text("Content-Type", "application/json");
        headers.text("sdk", &concat(&["javascript@", SDK_VERSION]));
        headers.text("resource", &self.tab_id);
        headers.text(name, secret.expose());
        let mut init = JsonWriter::object();
        init.text("method", method.name());
        init.value("headers", headers.finish().root());
        if body.is_there() {
            init.text("body", body.raw());
        }
        match method {
            // With this option browsers repeat the preflight of every request, so only reads set
            // it. Responses to other methods are never cached.
            Method::Get => init.text("cache", "no-store"),
            Method::Delete => init.value("keepalive", Json::literal("true")),
            Method::Post | Method::Put => {}
        }
        // The service does not redirect, and a redirect would forward the credential.
        init.text("redirect", "error");
        init.text("credentials", "omit");
        Request { url, init: init.finish(), keepalive: method == Method::Delete }
    }
}

/// A request, ready to be sent. Debug output has no credential (rule B26).
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    url: String,
    init: CanonicalJson,
    keepalive: bool,
}

impl Request {
    /// The URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The second argument of `fetch`, as a plain object, because test doubles of `fetch` expect
    /// one.
    pub fn init(&self) -> &CanonicalJson {
        &self.init
    }

    /// Whether it continues when the page is closed.
    pub fn keepalive(&self) -> bool {
        self.keepalive
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Request").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A new tab id. `unique` is `{uuid}-{ms}`.
pub fn new_tab_id(unique: &str) -> String {
    concat(&[TAB_ID_PREFIX, "4_2_0-", unique])
}

/// A new device id. `unique` is `{uuid}_{ms}`.
pub fn new_device_id(app_id: &str, unique: &str) -> String {
    concat(&[app_id, "_", unique])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sender() -> Sender {
        Sender {
            app_id: "myapp".into(),
            tab_id: "WEB-4_2_0-u-1".into(),
            device_id: "myapp_u_1".into(),
            user_agent: "Some \"Browser\"".into(),
        }
    }

    fn init(method: Method, with_key: bool, body: Json<'_>) -> serde_json::Value {
        let secret = Secret::parse("some secret").unwrap();
        let credential =
            if with_key { Credential::Key(&secret) } else { Credential::Token(&secret) };
        let request = sender().request(method, "https://h/v3.0", &["me", "a/b"], credential, body);
        assert_eq!(request.url(), "https://h/v3.0/me/a%2Fb");
        assert_eq!(request.keepalive(), method == Method::Delete);
        serde_json::from_str(request.init().as_str()).unwrap()
    }

    #[test]
    fn b26_debug_output_hides_the_credential() {
        let secret = Secret::parse("some secret").unwrap();
        let credential = Credential::Key(&secret);
        let request =
            sender().request(Method::Get, "https://h", &["me"], credential, Json::default());
        assert!(request.init().as_str().contains("some secret"));
        let shown = format!("{request:?} {credential:?}");
        assert!(shown.contains("https://h/me") && !shown.contains("some secret"), "{shown}");
    }

    #[test]
    fn b16_a_read_is_never_answered_from_the_cache() {
        assert_eq!(init(Method::Get, false, Json::default())["cache"], json!("no-store"));
        for method in [Method::Put, Method::Post, Method::Delete] {
            assert_eq!(init(method, false, Json::default()).get("cache"), None, "{method:?}");
        }
    }

    #[test]
    fn b16_headers_and_body_have_the_official_form() {
        let init = init(Method::Put, true, sender().device().root());
        assert_eq!(
            init["headers"],
            json!({"appId": "myapp", "Accept": "application/json", "Content-Type": "application/json",
                "sdk": "javascript@4.2.0", "resource": "WEB-4_2_0-u-1", "apiKey": "some secret"})
        );
        assert_eq!((&init["method"], &init["redirect"]), (&json!("PUT"), &json!("error")));
        assert_eq!(init["credentials"], json!("omit"), "no cookie may go along");
        let body: serde_json::Value = serde_json::from_str(init["body"].as_str().unwrap()).unwrap();
        assert_eq!(
            body,
            json!({"platform": "WEB", "deviceId": "myapp_u_1", "appInfo": {
                "version": "v4.2.0", "apiVersion": "v3.0", "userAgent": "Some \"Browser\"", "client": format!("cometchat-auth/{}", env!("CARGO_PKG_VERSION"))}})
        );
    }

    #[test]
    fn b9_only_the_logout_outlives_the_page_and_it_has_no_body() {
        assert_eq!(init(Method::Delete, false, Json::default())["keepalive"], true);
        assert_eq!(init(Method::Get, false, Json::default()).get("keepalive"), None);
        assert_eq!(init(Method::Delete, false, Json::default()).get("body"), None);
        assert_eq!(
            init(Method::Get, false, Json::default())["headers"]["authToken"],
            "some secret"
        );
    }
}
