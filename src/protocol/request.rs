//! One builder for all requests. The forms are the official client's (rule B16); the one place that knows header names.

use super::text::fill;

/// The body of a login's requests, for the device and the browser's name of itself. The version is the protocol's: that of the official client whose forms
/// these are. Who we are is said in a field of our own.
const DEVICE: &str = concat!(
    "{\"platform\":\"WEB\",\"deviceId\":\0,\"appInfo\":{\"version\":\"v4.2.0\",\"apiVersion\":\"v3.0\",\"userAgent\":\"\x11\",\"client\":\"cometchat-auth/",
    env!("CARGO_PKG_VERSION"),
    "\"}}"
);
/// What `fetch` takes, for the method, the app, the tab, the name of the credential, it, the name of the body, it, and whether it goes on. The
/// service does not redirect, and a redirect would take the credentials along.
const INIT: &str = "{\"method\":\"\0\",\"headers\":{\"appId\":\"\x01\",\"Accept\":\"application/json\",\"Content-Type\":\"application/json\",\
    \"sdk\":\"javascript@4.2.0\",\"resource\":\"\x12\",\"\x03\":\"\x14\"}\x05\x16\x07\x08,\"redirect\":\"error\",\"credentials\":\"omit\"}";
/// How the `resource` header begins, whoever wrote it.
pub const RESOURCE_PREFIX: &str = "WEB-";
/// How it begins where we make it.
pub const OUR_RESOURCE: &str = "WEB-4_2_0-";
/// The method of a logout, and of nothing else.
pub const DELETE: &str = "DELETE";

/// What every request of an app in a page says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The app.
    pub app_id: String,
    /// The session id of this tab: `WEB-4_2_0-{uuid}-{ms}`.
    pub resource: String,
    /// The id of this device, `{appId}_{uuid}_{ms}`, as JSON text.
    pub device_id: String,
    /// The browser's own name for itself.
    pub user_agent: String,
}

impl Sender {
    /// The body of a login's requests: the device.
    pub fn device(&self) -> String {
        fill(DEVICE, &[&self.device_id, &self.user_agent])
    }

    /// The request of that method (`GET`, `POST`, `PUT`, `DELETE`), let in by the app's auth key where it is `with_key`, or else by the user's auth token;
    /// the body is JSON, or empty.
    pub fn request(
        &self,
        method: &str,
        url: String,
        with_key: bool,
        secret: &str,
        body: &str,
    ) -> Request {
        // It goes on when the page is closed, and when nobody waits for it any more (rule B9).
        let keepalive = *method == *DELETE;
        let (before, after) = if body.is_empty() { ("", "") } else { (",\"body\":\"", "\"") };
        let init = fill(
            INIT,
            &[
                method,
                &self.app_id,
                &self.resource,
                if with_key { "apiKey" } else { "authToken" },
                secret,
                before,
                body,
                after,
                match method {
                    // A cached response must not verify a session. Other methods are never cached;
                    // the option would make browsers repeat the preflight of every request.
                    "GET" => ",\"cache\":\"no-store\"",
                    DELETE => ",\"keepalive\":true",
                    _ => "",
                },
            ],
        );
        Request { url, init, keepalive }
    }
}

/// A request, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The whole URL.
    pub url: String,
    /// The plain object that `fetch` takes beside it, as JSON text.
    init: String,
    keepalive: bool,
}

impl Request {
    /// Whether it goes on when the page is closed, and when nobody waits for it any more (rule B9).
    pub fn keepalive(&self) -> bool {
        self.keepalive
    }

    /// The plain object that `fetch` takes beside the URL, as JSON text.
    pub fn init(&self) -> &str {
        &self.init
    }
}

/// The id of this tab as we make it; `made` is `{uuid}-{ms}`.
pub fn new_resource(made: &str) -> String {
    fill("WEB-4_2_0-\0", &[made])
}

/// The id of this device as we make it, as JSON text; `made` is `{uuid}_{ms}`.
pub fn new_device_id(app_id: &str, made: &str) -> String {
    fill("\"\x10_\x11\"", &[app_id, made])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sender() -> Sender {
        Sender {
            app_id: "myapp".into(),
            resource: "WEB-4_2_0-u-1".into(),
            device_id: "\"myapp_u_1\"".into(),
            user_agent: "Some \"Browser\"".into(),
        }
    }

    fn plain(method: &str, with_key: bool, body: &str) -> serde_json::Value {
        let request =
            sender().request(method, "https://h/v3.0/me".into(), with_key, "some secret", body);
        assert_eq!(
            (request.url.as_str(), request.keepalive()),
            ("https://h/v3.0/me", method == "DELETE")
        );
        serde_json::from_str(request.init()).unwrap()
    }

    #[test]
    fn b16_a_read_is_never_answered_from_the_cache() {
        assert_eq!(plain("GET", false, "")["cache"], json!("no-store"));
        for method in ["PUT", "POST", "DELETE"] {
            assert_eq!(plain(method, false, "").get("cache"), None, "{method}");
        }
    }

    #[test]
    fn b16_headers_and_body_have_the_official_form() {
        let plain = plain("PUT", true, &sender().device());
        assert_eq!(
            plain["headers"],
            json!({"appId": "myapp", "Accept": "application/json", "Content-Type": "application/json",
                "sdk": "javascript@4.2.0", "resource": "WEB-4_2_0-u-1", "apiKey": "some secret"})
        );
        assert_eq!((&plain["method"], &plain["redirect"]), (&json!("PUT"), &json!("error")));
        assert_eq!(plain["credentials"], json!("omit"), "no cookie may go along");
        let body: serde_json::Value =
            serde_json::from_str(plain["body"].as_str().unwrap()).unwrap();
        assert_eq!(
            body,
            json!({"platform": "WEB", "deviceId": "myapp_u_1", "appInfo": {
                "version": "v4.2.0", "apiVersion": "v3.0", "userAgent": "Some \"Browser\"", "client": format!("cometchat-auth/{}", env!("CARGO_PKG_VERSION"))}})
        );
    }

    #[test]
    fn b9_only_the_logout_outlives_the_page_and_it_has_no_body() {
        assert_eq!(plain("DELETE", false, "")["keepalive"], true);
        assert_eq!(plain("GET", false, "").get("keepalive"), None);
        assert_eq!(plain("DELETE", false, "").get("body"), None);
        assert_eq!(plain("GET", false, "")["headers"]["authToken"], "some secret");
    }
}
