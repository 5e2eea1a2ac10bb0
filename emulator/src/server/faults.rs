//! Fault rules: which requests shall go wrong, and how. For tests of clients.

use crate::core::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The longest delay a rule may ask for, in milliseconds: ten minutes. For longer there is `hang`.
const LONGEST: u64 = 600_000;

/// A rule, as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Rule {
    /// Which requests; all of them if left out.
    #[serde(default, rename = "match")]
    matching: Matching,
    /// For so many requests, then never again; without it, for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    /// What happens to them.
    pub(super) act: Act,
}

/// Which requests. What is left out matches every one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Matching {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// A regular expression, searched in the path (without query).
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// A regular expression, searched in the Host header.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    /// From the n-th matching request on, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
}

/// What happens. Without `status` and `body` the service does its work, and its reply is tampered with.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Act {
    /// Answers with this status instead of asking the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    /// Answers with this body instead of asking the service: a text as it is, all else as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Value>,
    /// Sets headers of the reply; `null` takes one away.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) headers: Map<String, Value>,
    /// Sets the reply's content type.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    /// `false` leaves the CORS headers out, so that the page may not read the reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cors: Option<bool>,
    /// Waits so many milliseconds before the reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    /// Waits so many milliseconds in the middle of the reply's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_delay_ms: Option<u64>,
    /// Cuts the connection after so many bytes of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) truncate: Option<usize>,
    /// Stops talking and keeps the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hang: Option<Hang>,
    /// Closes the connection without a reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) drop: Option<When>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Hang {
    /// Before the service hears of the request.
    Before,
    /// When the service has done its work.
    After,
    /// In the middle of the reply's body.
    Body,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum When {
    /// Before the service hears of the request.
    Before,
    /// When the service has done its work: it happened, but the client does not learn it.
    After,
}

impl Act {
    pub(super) fn delay(&self) -> Option<Duration> {
        self.delay_ms.map(Duration::from_millis)
    }

    pub(super) fn body_delay(&self) -> Option<Duration> {
        self.body_delay_ms.map(Duration::from_millis)
    }

    /// The reply in place of the service's, if the rule has one: status, content type, body.
    pub(super) fn reply(&self) -> Option<(u16, &'static str, String)> {
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

    pub(super) fn content_type(&self) -> Option<HeaderValue> {
        self.content_type.as_ref().and_then(|text| HeaderValue::try_from(text).ok())
    }

    fn check(&self) -> Result<(), String> {
        if serde_json::to_value(self)
            .is_ok_and(|value| value.as_object().is_some_and(Map::is_empty))
        {
            return Err("\"act\" has nothing to do. Give it one or more of status, body, headers, contentType, cors, delayMs, bodyDelayMs, truncate, hang, drop.".to_owned());
        }
        if let Some(status) = self.status
            && (!(200..=599).contains(&status) || StatusCode::from_u16(status).is_err())
        {
            return Err(format!("act.status {status} is no status of a reply: 200 to 599."));
        }
        if self.cors == Some(true) {
            return Err("act.cors can only be false: replies have CORS headers anyway.".to_owned());
        }
        if let Some(ms) =
            [self.delay_ms, self.body_delay_ms].into_iter().flatten().find(|ms| *ms > LONGEST)
        {
            return Err(format!(
                "A delay of {ms} ms is too long, {LONGEST} is the most. For longer there is hang."
            ));
        }
        if self.content_type.as_ref().is_some_and(|text| HeaderValue::try_from(text).is_err()) {
            return Err("act.contentType has characters that a header cannot have.".to_owned());
        }
        for (name, value) in &self.headers {
            let good = match value {
                Value::Null => true,
                Value::String(text) => HeaderValue::try_from(text).is_ok(),
                _ => false,
            };
            if HeaderName::try_from(name).is_err() || !good {
                return Err(format!(
                    "act.headers: \"{name}\" must be a header's name with a text that a header can have, or null to take it away."
                ));
            }
            if ["content-length", "transfer-encoding", "connection"]
                .contains(&name.to_ascii_lowercase().as_str())
            {
                return Err(format!(
                    "act.headers: \"{name}\" belongs to the connection; for broken bodies there are truncate and hang."
                ));
            }
        }
        Ok(())
    }
}

struct Active {
    id: u64,
    rule: Arc<Rule>,
    path: Option<Regex>,
    host: Option<Regex>,
    seen: u64,
    used: u64,
}

#[derive(Default)]
struct List {
    rules: Vec<Active>,
    last: u64,
}

/// The rules in force.
#[derive(Default)]
pub(super) struct Faults {
    list: Mutex<List>,
}

impl Faults {
    /// Adds a rule behind the others, and gives it as [`Self::list`] does.
    pub(super) fn add(&self, rule: Rule) -> Result<Value, String> {
        rule.act.check()?;
        if rule.matching.nth == Some(0) || rule.times == Some(0) {
            return Err("nth and times count from 1.".to_owned());
        }
        let compile = |name: &str, text: &Option<String>| {
            let compiled = text.as_ref().map(|text| Regex::new(text)).transpose();
            compiled.map_err(|error| format!("match.{name} is no regular expression: {error}"))
        };
        let (path, host) =
            (compile("path", &rule.matching.path)?, compile("host", &rule.matching.host)?);
        let mut list = self.lock();
        list.last += 1;
        let active = Active { id: list.last, rule: Arc::new(rule), path, host, seen: 0, used: 0 };
        let shown = show(&active);
        list.rules.push(active);
        Ok(shown)
    }

    /// The rules in their order, each with what it was given, its id, how often it matched (`seen`) and took effect (`used`).
    pub(super) fn list(&self) -> Vec<Value> {
        self.lock().rules.iter().map(show).collect()
    }

    /// Removes one. False if there is no such rule.
    pub(super) fn remove(&self, id: u64) -> bool {
        let mut list = self.lock();
        let before = list.rules.len();
        list.rules.retain(|active| active.id != id);
        list.rules.len() < before
    }

    /// Removes all.
    pub(super) fn clear(&self) {
        self.lock().rules.clear();
    }

    /// The first rule that takes effect on this request, which counts as one use of it.
    pub(super) fn find(
        &self,
        request: &Request,
        app: Option<&str>,
        uid: Option<&str>,
    ) -> Option<(u64, Arc<Rule>)> {
        let mut list = self.lock();
        for active in &mut list.rules {
            if !matches(active, request, app, uid) {
                continue;
            }
            active.seen += 1;
            let due = active.seen >= active.rule.matching.nth.unwrap_or(1);
            let left = active.rule.times.is_none_or(|times| active.used < times);
            if due && left {
                active.used += 1;
                return Some((active.id, Arc::clone(&active.rule)));
            }
        }
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn matches(active: &Active, request: &Request, app: Option<&str>, uid: Option<&str>) -> bool {
    let rule = &active.rule.matching;
    // A browser's own question before a request is not that request: only a rule that names the method means it.
    let method = match &rule.method {
        Some(method) => method.eq_ignore_ascii_case(&request.method),
        None => request.method != "OPTIONS",
    };
    let same = |wanted: &Option<String>, actual: Option<&str>| {
        wanted
            .as_ref()
            .is_none_or(|wanted| actual.is_some_and(|actual| actual.eq_ignore_ascii_case(wanted)))
    };
    method
        && active.path.as_ref().is_none_or(|path| path.is_match(&request.path))
        && active
            .host
            .as_ref()
            .is_none_or(|host| host.is_match(request.header("host").unwrap_or_default()))
        && same(&rule.app, app)
        && same(&rule.uid, uid)
}

fn show(active: &Active) -> Value {
    let mut value = serde_json::to_value(&*active.rule).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.insert("id".into(), json!(active.id));
        map.insert("seen".into(), json!(active.seen));
        map.insert("used".into(), json!(active.used));
    }
    value
}
