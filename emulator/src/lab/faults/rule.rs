//! A fault rule as written, and its checks.

use crate::lab::bounds::DELAY;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A fault rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Rule {
    /// Which requests; all if left out.
    #[serde(default, rename = "match")]
    pub(super) matching: Matching,
    /// How many requests; all if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<u64>,
    /// What happens to the requests.
    pub(crate) act: Act,
}

/// Which requests. A field that is left out matches every request.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Matching {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) method: Option<String>,
    /// A regular expression, searched in the path (without query).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    /// A regular expression, searched in the Host header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) app: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uid: Option<String>,
    /// The first matching request to which the rule applies, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nth: Option<u64>,
}

/// What happens. Without `status` and `body` the service handles the request, and its response is
/// modified.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Act {
    /// Responds with this status in place of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Responds with this body in place of the service: a text as it is, other values as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    /// Sets headers of the response; `null` removes a header.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) headers: Map<String, Value>,
    /// Sets the content type of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    /// `false` removes the CORS headers, so that a page cannot read the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cors: Option<bool>,
    /// Delays the response by so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    /// Pauses for so many milliseconds in the middle of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body_delay_ms: Option<u64>,
    /// Closes the connection after so many bytes of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) truncate: Option<usize>,
    /// Sends nothing more and keeps the connection open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hang: Option<Hang>,
    /// Closes the connection without a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drop: Option<When>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Hang {
    /// Before the service receives the request.
    Before,
    /// After the service has handled the request.
    After,
    /// In the middle of the body.
    Body,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum When {
    /// Before the service receives the request.
    Before,
    /// After the service has handled the request, so that the client does not learn the result.
    After,
}

impl Rule {
    /// The app of the rule, if it has one.
    pub(crate) fn app(&self) -> Option<&str> {
        self.matching.app.as_deref()
    }

    /// Parses and checks a rule. With `app`, the rule is only for that app.
    pub(crate) fn parse(value: Value, app: Option<&str>) -> Result<Self, String> {
        let mut rule: Self = serde_json::from_value(value).map_err(|error| error.to_string())?;
        match (app, &rule.matching.app) {
            (Some(app), Some(named)) if !named.eq_ignore_ascii_case(app) => {
                return Err(format!("match.app is \"{named}\", but the rule is for \"{app}\"."));
            }
            (Some(app), _) => rule.matching.app = Some(app.to_owned()),
            (None, _) => {}
        }
        if rule.matching.nth == Some(0) || rule.times == Some(0) {
            return Err("nth and times must be at least 1.".to_owned());
        }
        rule.act.check()?;
        Ok(rule)
    }
}

impl Act {
    /// The response in place of the service's, if the rule has one: status, content type, body.
    pub(crate) fn response(&self) -> Option<(u16, &'static str, String)> {
        if self.status.is_none() && self.body.is_none() {
            return None;
        }
        let status = self.status.unwrap_or(200);
        Some(match &self.body {
            Some(Value::String(text)) => (status, "text/plain; charset=utf-8", text.clone()),
            Some(json) => (status, "application/json", json.to_string()),
            None if status < 400 => (status, "application/json", json!({ "data": {} }).to_string()),
            None => {
                let message =
                    format!("A fault rule of the emulator answered with the status {status}.");
                let error =
                    json!({ "error": { "code": "ERR_EMULATED_FAULT", "message": message } });
                (status, "application/json", error.to_string())
            }
        })
    }

    fn check(&self) -> Result<(), String> {
        if serde_json::to_value(self)
            .is_ok_and(|value| value.as_object().is_some_and(Map::is_empty))
        {
            return Err(
                "\"act\" is empty. Set one or more of status, body, headers, contentType, cors, \
                 delayMs, bodyDelayMs, truncate, hang, drop."
                    .to_owned(),
            );
        }
        if let Some(status) = self.status.filter(|status| !(200..=599).contains(status)) {
            return Err(format!(
                "act.status {status} is not the status of a response. Use 200 to 599."
            ));
        }
        if self.cors == Some(true) {
            return Err(
                "act.cors can only be false: responses have CORS headers by default.".to_owned()
            );
        }
        let too_long = [self.delay_ms, self.body_delay_ms].into_iter().flatten();
        if let Some(ms) = too_long.into_iter().find(|ms| *ms > DELAY) {
            return Err(format!(
                "A delay of {ms} ms is too long. Use at most {DELAY}, or \"hang\"."
            ));
        }
        if self.content_type.as_ref().is_some_and(|text| !is_header_value(text)) {
            return Err(
                "act.contentType contains characters that are not allowed in a header. Use visible \
                 ASCII characters and spaces."
                    .to_owned()
            );
        }
        for (name, value) in &self.headers {
            let valid = match value {
                Value::Null => true,
                Value::String(text) => is_header_value(text),
                _ => false,
            };
            if !is_header_name(name) || !valid {
                return Err(format!(
                    "act.headers: \"{name}\" must be the name of a header, with a valid header \
                     value or null to remove it."
                ));
            }
            if ["content-length", "transfer-encoding", "connection"]
                .contains(&name.to_ascii_lowercase().as_str())
            {
                return Err(format!(
                    "act.headers: \"{name}\" is set by the connection. Use truncate or hang for \
                     broken bodies."
                ));
            }
        }
        Ok(())
    }
}

/// A token of RFC 9110.
fn is_header_name(name: &str) -> bool {
    let valid = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(valid)
}

/// A field value of RFC 9110, in visible ASCII: what every shell can send.
fn is_header_value(value: &str) -> bool {
    value.chars().all(|c| c == '\t' || c == ' ' || c.is_ascii_graphic())
}
