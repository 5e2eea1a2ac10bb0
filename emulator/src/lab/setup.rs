//! The configuration of an emulator: its apps, seeds and settings.

use super::faults::{Rule, Source};
use super::hosts::{valid_host_pattern, valid_origin};
use super::settings::Readings;
use crate::core::{App, Change, Scope, State, seed, valid_app_id};
use crate::document::Document;
use std::collections::BTreeSet;

/// The configuration of an emulator. Every field has a default that suits a test.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The apps. Requests without an app use the first. The apps of the seeds are added; if there
    /// is none at all, it is [`seed::APP_ID`].
    pub apps: Vec<String>,
    /// The regions. Requests without a region use the first; if there is none, it is `us`.
    pub regions: Vec<String>,
    /// Whether to add the user, key and token of the documentation's snippets.
    pub docs: bool,
    /// The seed documents: the name for errors, and the text.
    pub seeds: Vec<(String, String)>,
    /// More host names that the emulator answers to.
    pub hosts: Vec<String>,
    /// More origins whose pages may use the emulator.
    pub origins: Vec<String>,
    /// Whether other machines may use `/emulator/v1` and the dashboard.
    pub open_control: bool,
    /// The initial readings.
    pub readings: Readings,
}

/// The reason why a setup cannot be used. Every message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The app id cannot be part of a host name.
    #[error("\"{0}\" is not an app id. Use letters, digits, - and _, at most 63.")]
    AppId(String),
    /// The region cannot be part of a host name.
    #[error("\"{0}\" is not a region. Use lower-case letters and digits, as in us, eu, in.")]
    Region(String),
    /// The text is not a host name.
    #[error("\"{0}\" is not a host name. Use a name, or *. and a domain, without scheme and port.")]
    HostName(String),
    /// The text is not an origin.
    #[error(
        "\"{0}\" is not an origin. Use scheme, host and port as in https://app.example.test:8443, \
         or * for all."
    )]
    Origin(String),
    /// The seed document cannot be used.
    #[error("cannot use the seed {name}: {reason}")]
    Seed {
        /// The file, or the name of another source.
        name: String,
        /// The problem.
        reason: String,
    },
}

/// A setup that passed all checks, with its defaults filled in.
#[derive(Debug, Clone)]
pub struct CheckedSetup {
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
    /// Checks all fields and fills in the defaults.
    ///
    /// # Errors
    ///
    /// When an app id, region, host name, origin or seed cannot be used.
    pub fn check(self) -> Result<CheckedSetup, SetupError> {
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
        Ok(CheckedSetup {
            apps,
            regions,
            docs,
            documents,
            rules,
            hosts,
            origins,
            open_control,
            readings,
        })
    }
}

impl CheckedSetup {
    /// All apps; the first is the default.
    pub fn apps(&self) -> &[String] {
        &self.apps
    }

    /// The regions; the first is the default.
    pub fn regions(&self) -> &[String] {
        &self.regions
    }

    /// The region of requests without one.
    pub fn region(&self) -> &str {
        self.regions.first().map_or("us", String::as_str)
    }

    /// Adds a host name that the emulator answers to.
    pub fn answer_host(&mut self, host: &str) {
        self.hosts.push(host.to_owned());
    }

    /// Adds the apps that the state does not have, with the content of the documents, or with the
    /// test users and keys. Returns the changes.
    pub(crate) fn seed_apps(&self, state: &mut State, now: u64) -> Result<Vec<Change>, SetupError> {
        let mut changes = Vec::new();
        let mut apply = |state: &mut State, new: Vec<Change>| {
            new.iter().for_each(|change| state.apply(change));
            changes.extend(new);
        };
        for (name, document) in &self.documents {
            let new = document.without_apps_of(state).changes(state, now);
            let error = |reason| SetupError::Seed { name: name.clone(), reason };
            apply(state, new.map_err(error)?);
        }
        for id in &self.apps {
            let new = seed::app(state, id, now);
            apply(state, new);
            if self.docs
                && let Some(app) = state.app(id)
            {
                let new = seed::docs(state, app, now);
                apply(state, new);
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
    // Regular expressions are compiled when a rule is added, so each rule is added once for a
    // check.
    let mut trial = super::faults::Faults::default();
    for rule in &rules {
        trial.add(rule.clone(), Source::Seed)?;
    }
    Ok(rules)
}

/// The emulator's usual key of a scope if the app has it, else the oldest of that scope, else an
/// empty text.
pub(crate) fn key_of(app: &App, scope: Scope) -> String {
    let usual = match scope {
        Scope::AuthOnly => seed::AUTH_KEY,
        Scope::FullAccess => seed::REST_API_KEY,
    };
    let of_scope = app.keys().filter(|key| key.scope == scope);
    let key = of_scope.min_by_key(|key| (key.api_key != usual, key.seq));
    key.map_or_else(String::new, |key| key.api_key.clone())
}
