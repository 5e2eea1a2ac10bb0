//! Fault rules: which requests go wrong, and how. For tests of clients.

use super::bounds::{DELAY, RULES};
use super::head::Head;
use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A rule, as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Rule {
    /// Which requests; all of them if left out.
    #[serde(default, rename = "match")]
    matching: Matching,
    /// For so many requests, then never again; without it, for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    /// What happens to them.
    pub(crate) act: Act,
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
pub(crate) struct Act {
    /// Answers with this status instead of asking the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Answers with this body instead of asking the service: a text as it is, all else as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    /// Sets headers of the reply; `null` takes one away.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) headers: Map<String, Value>,
    /// Sets the reply's content type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    /// `false` leaves the CORS headers out, so that the page may not read the reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cors: Option<bool>,
    /// Waits so many milliseconds before the reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    /// Waits so many milliseconds in the middle of the reply's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body_delay_ms: Option<u64>,
    /// Cuts the connection after so many bytes of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) truncate: Option<usize>,
    /// Stops talking and keeps the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hang: Option<Hang>,
    /// Closes the connection without a reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drop: Option<When>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Hang {
    /// Before the service receives the request.
    Before,
    /// When the service has done its work.
    After,
    /// In the middle of the reply's body.
    Body,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum When {
    /// Before the service receives the request.
    Before,
    /// When the service has done its work: it happened, but the client does not learn it.
    After,
}

impl Rule {
    /// The app it is for, if it names one.
    pub(crate) fn app(&self) -> Option<&str> {
        self.matching.app.as_deref()
    }

    /// Reads and checks a rule. With `app` it is that app's own.
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
            return Err("nth and times count from 1.".to_owned());
        }
        rule.act.check()?;
        Ok(rule)
    }
}

impl Act {
    /// The reply in place of the service's, if the rule has one: status, content type, body.
    pub(crate) fn reply(&self) -> Option<(u16, &'static str, String)> {
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
            return Err("\"act\" has nothing to do. Give it one or more of status, body, headers, contentType, cors, delayMs, bodyDelayMs, truncate, hang, drop.".to_owned());
        }
        if let Some(status) = self.status.filter(|status| !(200..=599).contains(status)) {
            return Err(format!("act.status {status} is no status of a reply: 200 to 599."));
        }
        if self.cors == Some(true) {
            return Err("act.cors can only be false: replies have CORS headers anyway.".to_owned());
        }
        let too_long = [self.delay_ms, self.body_delay_ms].into_iter().flatten();
        if let Some(ms) = too_long.into_iter().find(|ms| *ms > DELAY) {
            return Err(format!(
                "A delay of {ms} ms is too long, {DELAY} is the most. For longer there is hang."
            ));
        }
        if self.content_type.as_ref().is_some_and(|text| !is_header_value(text)) {
            return Err("act.contentType has characters that a header cannot have.".to_owned());
        }
        for (name, value) in &self.headers {
            let valid = match value {
                Value::Null => true,
                Value::String(text) => is_header_value(text),
                _ => false,
            };
            if !is_header_name(name) || !valid {
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

/// A token of RFC 9110.
fn is_header_name(name: &str) -> bool {
    let valid = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(valid)
}

/// A field value of RFC 9110, in visible ASCII: what every shell can send.
fn is_header_value(value: &str) -> bool {
    value.chars().all(|c| c == '\t' || c == ' ' || c.is_ascii_graphic())
}

/// Where a rule came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Source {
    /// A seed document.
    Seed,
    /// `POST /emulator/v1/faults`.
    Api,
}

#[derive(Debug)]
struct Active {
    id: u64,
    rule: Arc<Rule>,
    path: Option<Regex>,
    host: Option<Regex>,
    source: Source,
    seen: u64,
    used: u64,
}

/// The rules in force, in their order.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Active>,
    last: u64,
}

impl Faults {
    /// Adds a rule behind the others, and gives it as [`Self::list`] does.
    pub(crate) fn add(&mut self, rule: Rule, source: Source) -> Result<Value, String> {
        if self.rules.len() >= RULES {
            return Err(format!("There are {RULES} fault rules already. Delete some."));
        }
        let active = Active::new(self.last + 1, rule, source)?;
        self.last += 1;
        let shown = active.show();
        self.rules.push(active);
        Ok(shown)
    }

    /// Puts a rule in another's place, with its counts at zero. `None` if there is no such rule.
    pub(crate) fn replace(&mut self, id: u64, rule: Rule) -> Option<Result<Value, String>> {
        let place = self.rules.iter_mut().find(|active| active.id == id)?;
        Some(Active::new(id, rule, Source::Api).map(|active| {
            let shown = active.show();
            *place = active;
            shown
        }))
    }

    /// The rules of an app, or all: each with what it was given, its id, how often it matched (`seen`) and took effect (`used`).
    pub(crate) fn list(&self, app: Option<&str>) -> Vec<Value> {
        self.rules.iter().filter(|active| active.is_of(app)).map(Active::show).collect()
    }

    /// The rules as a seed document has them: those of one app, or those of none.
    pub(crate) fn written(&self, app: Option<&str>) -> Vec<Value> {
        let of = |active: &&Active| match (app, &active.rule.matching.app) {
            (None, None) => true,
            (Some(app), Some(own)) => own.eq_ignore_ascii_case(app),
            _ => false,
        };
        let rules = self.rules.iter().filter(of);
        rules.map(|active| serde_json::to_value(&*active.rule).unwrap_or_default()).collect()
    }

    /// Removes one. False if there is no such rule.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|active| active.id != id);
        self.rules.len() < before
    }

    /// Removes those of an app, or all.
    pub(crate) fn clear(&mut self, app: Option<&str>) {
        self.rules.retain(|active| !active.is_of(app));
    }

    /// The first rule that takes effect on this request, which counts as one use of it.
    pub(crate) fn find(
        &mut self,
        head: &Head,
        app: Option<&str>,
        uid: Option<&str>,
    ) -> Option<(u64, Arc<Rule>)> {
        for active in &mut self.rules {
            if !active.matches(head, app, uid) {
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
}

impl Active {
    fn new(id: u64, rule: Rule, source: Source) -> Result<Self, String> {
        let compile = |name: &str, text: &Option<String>| {
            let compiled = text.as_ref().map(|text| Regex::new(text)).transpose();
            compiled.map_err(|error| format!("match.{name} is no regular expression: {error}"))
        };
        let (path, host) =
            (compile("path", &rule.matching.path)?, compile("host", &rule.matching.host)?);
        Ok(Self { id, rule: Arc::new(rule), path, host, source, seen: 0, used: 0 })
    }

    /// Whether it is a rule of this app; of `None` are all.
    fn is_of(&self, app: Option<&str>) -> bool {
        let own = self.rule.matching.app.as_ref();
        app.is_none_or(|app| own.is_some_and(|own| own.eq_ignore_ascii_case(app)))
    }

    fn matches(&self, head: &Head, app: Option<&str>, uid: Option<&str>) -> bool {
        let rule = &self.rule.matching;
        // A browser's own question before a request is not that request: only a rule that names the method means it.
        let method = match &rule.method {
            Some(method) => method.eq_ignore_ascii_case(&head.method),
            None => head.method != "OPTIONS",
        };
        let same = |wanted: &Option<String>, actual: Option<&str>| {
            wanted.as_ref().is_none_or(|wanted| {
                actual.is_some_and(|actual| actual.eq_ignore_ascii_case(wanted))
            })
        };
        let found = |wanted: &Option<Regex>, text: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.is_match(text))
        };
        method
            && found(&self.path, &head.path)
            && found(&self.host, head.header("host").unwrap_or_default())
            && same(&rule.app, app)
            && same(&rule.uid, uid)
    }

    fn show(&self) -> Value {
        let mut value = serde_json::to_value(&*self.rule).unwrap_or_default();
        if let Some(map) = value.as_object_mut() {
            map.insert("id".into(), json!(self.id));
            if let Some(app) = &self.rule.matching.app {
                map.insert("app".into(), json!(app));
            }
            map.insert("seen".into(), json!(self.seen));
            map.insert("used".into(), json!(self.used));
            map.insert("source".into(), json!(self.source));
        }
        value
    }
}
