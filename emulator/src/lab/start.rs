//! What an emulator starts with: its apps, seeds and settings.

use super::access::{valid_host_pattern, valid_origin};
use super::faults::{Rule, Source};
use super::settings::Readings;
use crate::core::{App, Change, Scope, State, seed, valid_app_id};
use crate::document::Document;
use std::collections::BTreeSet;

/// How an emulator is set up. Everything has a default fit for a test.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The apps; the first is the one of requests that name none. Those of the seeds are added; with none at all it is [`seed::APP_ID`].
    pub apps: Vec<String>,
    /// The regions; the first is the one of requests that name none. With none at all it is `us`.
    pub regions: Vec<String>,
    /// Whether to add what the documentation's snippets name.
    pub docs: bool,
    /// Seed documents: what to call each in an error, and its text.
    pub seeds: Vec<(String, String)>,
    /// More host names to answer to.
    pub hosts: Vec<String>,
    /// More origins whose pages are answered.
    pub origins: Vec<String>,
    /// Whether other machines may use `/emulator/v1` and the dashboard, too.
    pub open_control: bool,
    /// The readings to start with.
    pub readings: Readings,
}

/// Why a setup cannot be used. Every text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// An app id that cannot be part of a host name.
    #[error("\"{0}\" is no app id: letters, digits, - and _ only, at most 63.")]
    AppId(String),
    /// A region that cannot be part of a host name.
    #[error("\"{0}\" is no region: lower-case letters and digits only, as in us, eu, in.")]
    Region(String),
    /// A text that is no host name.
    #[error("\"{0}\" is no host name: give a name, or *. and a domain, without scheme and port.")]
    HostName(String),
    /// A text that is no origin.
    #[error(
        "\"{0}\" is no origin: give scheme, host and port as in https://app.example.test:8443, or * for all."
    )]
    Origin(String),
    /// A seed document that cannot be used.
    #[error("cannot use the seed {name}: {reason}")]
    Seed {
        /// The file, or what else it came from.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A setup that was checked.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) apps: Vec<String>,
    pub(crate) regions: Vec<String>,
    docs: bool,
    documents: Vec<(String, Document)>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) hosts: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) open_control: bool,
    pub(crate) readings: Readings,
}

impl Setup {
    /// Checks everything and fills in the defaults.
    ///
    /// # Errors
    ///
    /// When an app id, region, host name, origin or seed cannot be used.
    pub fn check(self) -> Result<Plan, SetupError> {
        let Self { mut apps, mut regions, docs, seeds, hosts, origins, open_control, readings } =
            self;
        if let Some(bad) = apps.iter().find(|id| !valid_app_id(id)) {
            return Err(SetupError::AppId(bad.clone()));
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if let Some(bad) =
            regions.iter().find(|region| region.is_empty() || !region.chars().all(plain))
        {
            return Err(SetupError::Region(bad.clone()));
        }
        if let Some(bad) = hosts.iter().find(|name| !valid_host_pattern(name)) {
            return Err(SetupError::HostName(bad.clone()));
        }
        if let Some(bad) = origins.iter().find(|origin| !valid_origin(origin)) {
            return Err(SetupError::Origin(bad.clone()));
        }
        let mut documents = Vec::new();
        let mut rules = Vec::new();
        for (name, text) in seeds {
            let error = |reason: String| SetupError::Seed { name: name.clone(), reason };
            let document = Document::parse(text.as_bytes()).map_err(error)?;
            rules.extend(rules_of(&document).map_err(error)?);
            apps.extend(document.apps().map(str::to_owned));
            documents.push((name, document));
        }
        if apps.is_empty() {
            apps.push(seed::APP_ID.to_owned());
        }
        let mut seen = BTreeSet::new();
        apps.retain(|id| seen.insert(id.to_ascii_lowercase()));
        if regions.is_empty() {
            regions.push("us".to_owned());
        }
        Ok(Plan { apps, regions, docs, documents, rules, hosts, origins, open_control, readings })
    }
}

impl Plan {
    /// All apps; the first is the default one.
    pub fn apps(&self) -> &[String] {
        &self.apps
    }

    /// The regions; the first is the default one.
    pub fn regions(&self) -> &[String] {
        &self.regions
    }

    /// The region of requests that name none.
    pub fn region(&self) -> &str {
        self.regions.first().map_or("us", String::as_str)
    }

    /// Answers to the name that is listened on, too.
    pub fn answer_host(&mut self, host: &str) {
        self.hosts.push(host.to_owned());
    }

    /// Gives every app that is not there yet what it starts with: what the documents say, else the test users and keys.
    pub(crate) fn seed_apps(&self, state: &mut State, now: u64) -> Result<Vec<Change>, SetupError> {
        let mut changes = Vec::new();
        let mut make = |state: &mut State, new: Vec<Change>| {
            new.iter().for_each(|change| state.apply(change));
            changes.extend(new);
        };
        for (name, document) in &self.documents {
            let new = document.without_apps_of(state).changes(state, now);
            let error = |reason| SetupError::Seed { name: name.clone(), reason };
            make(state, new.map_err(error)?);
        }
        for id in &self.apps {
            let new = seed::app(state, id, now);
            make(state, new);
            if self.docs
                && let Some(app) = state.app(id)
            {
                let new = seed::docs(state, app, now);
                make(state, new);
            }
        }
        Ok(changes)
    }
}

/// The fault rules of a document.
pub(crate) fn rules_of(document: &Document) -> Result<Vec<Rule>, String> {
    let mut rules = Vec::new();
    for (place, app, written) in document.faults() {
        for (at, rule) in written.iter().enumerate() {
            let rule = Rule::parse(rule.clone(), app);
            rules.push(rule.map_err(|error| format!("{place}faults[{at}]: {error}"))?);
        }
    }
    // A rule's regular expressions are read when it is put into force, so that is tried.
    let mut trial = super::faults::Faults::default();
    for rule in &rules {
        trial.add(rule.clone(), Source::Seed)?;
    }
    Ok(rules)
}

/// The usual key of that scope if the app has it, else another one of that scope, else nothing.
pub(crate) fn key_of(app: &App, scope: Scope) -> String {
    let usual = match scope {
        Scope::AuthOnly => seed::AUTH_KEY,
        Scope::FullAccess => seed::REST_API_KEY,
    };
    let of_scope = app.keys().filter(|key| key.scope == scope);
    let key = of_scope.min_by_key(|key| (key.api_key != usual, key.seq));
    key.map_or_else(String::new, |key| key.api_key.clone())
}
