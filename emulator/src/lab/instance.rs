//! The emulator's state: the service, and what tests add to it.

use super::access::AccessPolicy;
use super::faults::{Faults, Rule, Source};
use super::journal::Journal;
use super::secrets::{Mask, Secrets};
use super::settings::Settings;
use super::setup::{self, CheckedSetup, SetupError};
use crate::core::{App, Change, Config, Scope, State, Storage};
use crate::document::Document;
use std::collections::{BTreeMap, BTreeSet};

/// The values that a shell passes in at the start.
#[derive(Debug, Clone)]
pub struct Start {
    /// The address for clients, without a slash at the end.
    pub public_url: String,
    /// The shell's name in `GET /emulator/v1`.
    pub shell: &'static str,
    /// The content of a database file, if there is one: the changes that lead to it from an empty
    /// state.
    pub rows: Option<Vec<Change>>,
    /// UNIX milliseconds.
    pub at_ms: u64,
    /// Random bytes.
    pub entropy: [u8; 16],
}

/// The emulator without I/O.
#[derive(Debug)]
pub struct Lab {
    pub(super) state: State,
    pub(super) access: AccessPolicy,
    pub(super) shell: &'static str,
    /// Whether a database file keeps the state.
    pub(super) kept: bool,
    unstored: Vec<Change>,
    /// The content that a reset restores, by app id in lower case.
    pub(super) baselines: BTreeMap<String, Baseline>,
    /// The apps that the emulator started with, in lower case.
    pub(super) initial_apps: BTreeSet<String>,
    /// The fault rules of the seeds that apply to all apps.
    pub(super) common_rules: Vec<Rule>,
    pub(super) faults: Faults,
    pub(super) journal: Journal,
    /// Grows when the journal is emptied.
    pub(super) epoch: u64,
    pub(super) settings: Settings,
    pub(super) secrets: Secrets,
    /// Grows when a session may have ended.
    sessions: u64,
    pub(super) open_sockets: usize,
    /// The snapshots by app id in lower case (`None`: of everything) and name.
    pub(super) snapshots: BTreeMap<(Option<String>, String), Document>,
}

/// The initial content of an app.
#[derive(Debug, Clone, Default)]
pub(super) struct Baseline {
    pub(super) changes: Vec<Change>,
    pub(super) rules: Vec<Rule>,
}

impl Lab {
    /// Creates the state. [`Lab::take_unstored`] then has the changes that must be stored.
    ///
    /// # Errors
    ///
    /// When a seed cannot be used.
    pub fn new(setup: &CheckedSetup, start: Start) -> Result<Self, SetupError> {
        let mut config = Config {
            public_url: start.public_url,
            regions: setup.regions.clone(),
            default_app: setup.apps.first().cloned().unwrap_or_default(),
            ..Config::default()
        };
        setup.readings.apply(&mut config);
        let now = start.at_ms / 1000;
        let mut fresh = State::new(config);
        let mut state = fresh.clone();
        let changes = setup.seed_apps(&mut fresh, now)?;
        let kept = start.rows.is_some();
        let mut unstored = Vec::new();
        match start.rows {
            None => state = fresh,
            Some(rows) => {
                rows.iter().for_each(|change| state.apply(change));
                unstored = setup.seed_apps(&mut state, now)?;
            }
        }
        let mut lab = Self {
            state,
            access: AccessPolicy::new(&setup.hosts, &setup.origins)
                .open_control(setup.open_control),
            shell: start.shell,
            kept,
            unstored,
            baselines: BTreeMap::new(),
            initial_apps: BTreeSet::new(),
            common_rules: Vec::new(),
            faults: Faults::default(),
            journal: Journal::default(),
            epoch: 0,
            settings: Settings::new(setup.readings),
            secrets: Secrets::new(start.entropy),
            sessions: 0,
            open_sockets: 0,
            snapshots: BTreeMap::new(),
        };
        lab.secrets.add_state(&lab.state);
        lab.record_baselines(changes, &setup.rules);
        lab.initial_apps = lab.baselines.keys().cloned().collect();
        let common = setup.rules.iter().filter(|rule| rule.app().is_none());
        lab.common_rules = common.cloned().collect();
        lab.add_rules(&setup.rules);
        Ok(lab)
    }

    /// The state of the service.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The changes since the last call of this method. A shell with a database stores them.
    pub fn take_unstored(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.unstored)
    }

    /// Replaces the state, for example with the database's content when a change could not be
    /// stored.
    pub fn replace_state(&mut self, rows: &[Change]) {
        let mut state = State::new(self.state.config.clone());
        rows.iter().for_each(|change| state.apply(change));
        self.state = state;
        self.unstored.clear();
        self.sessions += 1;
    }

    /// Sets where changes are kept, and whether that works.
    pub fn set_storage(&mut self, storage: Storage) {
        self.state.storage = storage;
    }

    /// Sets the address for clients, for shells that learn it only after the start.
    pub fn set_public_url(&mut self, url: String) {
        self.state.config.public_url = url;
    }

    /// A number that grows when a session may have ended.
    pub fn sessions_revision(&self) -> u64 {
        self.sessions
    }

    /// A number that grows with each change of the journal.
    pub fn journal_revision(&self) -> u64 {
        self.journal.revision() + self.epoch
    }

    /// The time of an app, or the common time, in UNIX seconds.
    pub fn now(&self, app: Option<&str>, at_ms: u64) -> u64 {
        self.settings.now(app, at_ms)
    }

    /// The Auth Key and the REST API key of an app; empty where it has none.
    pub fn keys_of(app: &App) -> (String, String) {
        (setup::key_of(app, Scope::AuthOnly), setup::key_of(app, Scope::FullAccess))
    }

    /// A text without secrets, for the log.
    pub fn masked(&self, text: &str) -> String {
        Mask::new(&self.secrets).guess(text)
    }

    /// Applies changes to the state, and records which sessions end and what must be stored.
    pub(super) fn apply(&mut self, changes: Vec<Change>) {
        let ends_sessions = |change: &Change| match change {
            Change::Clear
            | Change::RemoveApp { .. }
            | Change::RemoveToken { .. }
            | Change::RemoveUser { .. } => true,
            Change::PutUser { user, .. } => user.deactivated_at.is_some(),
            _ => false,
        };
        for change in changes {
            if ends_sessions(&change) {
                self.sessions += 1;
            }
            self.state.apply(&change);
            self.secrets.note(&change, &self.state);
            if self.kept && change.is_row() {
                self.unstored.push(change);
            }
        }
    }

    /// Records the baseline of each app that has none yet.
    pub(super) fn record_baselines(&mut self, changes: Vec<Change>, rules: &[Rule]) {
        let mut new: BTreeMap<String, Baseline> = BTreeMap::new();
        for change in changes {
            let Some(app) = change.app().map(str::to_ascii_lowercase) else { continue };
            if !self.baselines.contains_key(&app) {
                new.entry(app).or_default().changes.push(change);
            }
        }
        for rule in rules {
            let app = rule.app().map(str::to_ascii_lowercase);
            if let Some(baseline) = app.and_then(|app| new.get_mut(&app)) {
                baseline.rules.push(rule.clone());
            }
        }
        self.baselines.extend(new);
    }

    /// Enables a document's fault rules. They were checked when the document was read.
    pub(super) fn add_rules(&mut self, rules: &[Rule]) {
        for rule in rules {
            // The only possible error is that there are too many rules. The surplus is left out.
            let _too_many = self.faults.add(rule.clone(), Source::Seed);
        }
    }

    /// Empties the journal of an app, or of all apps.
    pub(super) fn clear_journal(&mut self, app: Option<&str>) {
        self.journal.clear(app);
        self.epoch += 1;
    }
}
