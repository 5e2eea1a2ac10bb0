//! Fault rules, for tests of clients: which requests fail, and how.

mod rule;

pub(crate) use self::rule::{Act, Hang, Rule, When};

use super::bounds::RULES;
use super::head::Head;
use regex_lite::Regex;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The origin of a rule.
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

/// The active rules, in their order.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Active>,
    last: u64,
}

impl Faults {
    /// Adds a rule after the others, and returns it as [`Self::list`] does.
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

    /// Replaces a rule and sets its counts to zero. `None` if there is no such rule.
    pub(crate) fn replace(&mut self, id: u64, rule: Rule) -> Option<Result<Value, String>> {
        let place = self.rules.iter_mut().find(|active| active.id == id)?;
        Some(Active::new(id, rule, Source::Api).map(|active| {
            let shown = active.show();
            *place = active;
            shown
        }))
    }

    /// The rules of an app, or all: each as written, with its id, how often it matched (`seen`) and
    /// how often it was applied (`used`).
    pub(crate) fn list(&self, app: Option<&str>) -> Vec<Value> {
        self.rules.iter().filter(|active| active.is_of(app)).map(Active::show).collect()
    }

    /// The rules as written in a seed document: those of one app, or those without an app.
    pub(crate) fn written(&self, app: Option<&str>) -> Vec<Value> {
        let of = |active: &&Active| match (app, &active.rule.matching.app) {
            (None, None) => true,
            (Some(app), Some(own)) => own.eq_ignore_ascii_case(app),
            _ => false,
        };
        let rules = self.rules.iter().filter(of);
        rules.map(|active| serde_json::to_value(&*active.rule).unwrap_or_default()).collect()
    }

    /// Removes a rule. False if there is no such rule.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|active| active.id != id);
        self.rules.len() < before
    }

    /// Removes the rules of an app, or all.
    pub(crate) fn clear(&mut self, app: Option<&str>) {
        self.rules.retain(|active| !active.is_of(app));
    }

    /// The first rule that applies to a request. This counts as one use of the rule.
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
            compiled.map_err(|error| format!("match.{name} is not a regular expression: {error}"))
        };
        let (path, host) =
            (compile("path", &rule.matching.path)?, compile("host", &rule.matching.host)?);
        Ok(Self { id, rule: Arc::new(rule), path, host, source, seen: 0, used: 0 })
    }

    /// Whether the rule belongs to this app. Every rule belongs to `None`.
    fn is_of(&self, app: Option<&str>) -> bool {
        let own = self.rule.matching.app.as_ref();
        app.is_none_or(|app| own.is_some_and(|own| own.eq_ignore_ascii_case(app)))
    }

    fn matches(&self, head: &Head, app: Option<&str>, uid: Option<&str>) -> bool {
        let rule = &self.rule.matching;
        // A preflight is not the request itself, so only a rule with the method OPTIONS applies to
        // it.
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
