//! Seed documents: loading, exporting, restoring, and the reset to the initial content.

use super::bounds::SNAPSHOTS;
use super::instance::Lab;
use super::setup::rules_of;
use crate::core::{Change, State};
use crate::document::Document;

/// The JSON schema of seed documents.
pub const SEED_SCHEMA: &str = include_str!("../../seed.schema.json");

/// A seed document to start from.
pub const SEED_STARTER: &str = include_str!("../../seed.starter.json");

impl Lab {
    /// Restores the initial content of one app, or of all: the data, the fault rules of the seeds,
    /// an empty journal and the machine's time.
    pub fn reset(&mut self, app: Option<&str>) {
        self.settings.reset(app);
        self.faults.clear(app);
        self.clear_journal(app);
        let mut changes = Vec::new();
        let mut rules = Vec::new();
        match app {
            None => {
                self.baselines.retain(|app, _| self.initial_apps.contains(app));
                changes.push(Change::Clear);
                rules.extend(self.common_rules.iter().cloned());
            }
            Some(app) => changes.push(Change::RemoveApp { app: app.to_owned() }),
        }
        for (id, baseline) in &self.baselines {
            if app.is_none_or(|app| app.eq_ignore_ascii_case(id)) {
                changes.extend(baseline.changes.iter().cloned());
                rules.extend(baseline.rules.iter().cloned());
            }
        }
        self.apply(changes);
        self.add_rules(&rules);
    }

    /// Adds a document to the state.
    pub(super) fn load(&mut self, document: &Document, at_ms: u64) -> Result<(), String> {
        let rules = rules_of(document)?;
        let changes = document.changes(&self.state, self.now(None, at_ms))?;
        self.record_baselines(changes.clone(), &rules);
        self.apply(changes);
        self.add_rules(&rules);
        Ok(())
    }

    /// Replaces one app, or everything, with a document.
    pub(super) fn restore(
        &mut self,
        document: &Document,
        app: Option<&str>,
        at_ms: u64,
    ) -> Result<(), String> {
        let rules = rules_of(document)?;
        let mut changes = match app {
            None => vec![Change::Clear],
            Some(app) => vec![Change::RemoveApp { app: app.to_owned() }],
        };
        changes.extend(document.changes(&State::default(), self.now(app, at_ms))?);
        self.record_baselines(changes.clone(), &rules);
        self.apply(changes);
        self.faults.clear(app);
        self.add_rules(&rules);
        Ok(())
    }

    /// The document of one app, or of everything.
    pub(super) fn export(&self, app: Option<&str>) -> Document {
        let mut document = Document::of(&self.state);
        if let Some(app) = app {
            document.keep_app(app);
        }
        document.set_faults(|of| match (app, of) {
            (Some(_), None) => Vec::new(),
            _ => self.faults.written(of),
        });
        document
    }

    /// The names of the snapshots of an app, or of everything.
    pub(super) fn snapshots(&self, app: Option<&str>) -> impl Iterator<Item = &str> {
        let app = app.map(str::to_ascii_lowercase);
        self.snapshots.keys().filter(move |(of, _)| *of == app).map(|(_, name)| name.as_str())
    }

    /// Saves a snapshot of an app, or of everything. False if there are too many.
    pub(super) fn save_snapshot(&mut self, app: Option<&str>, name: &str) -> bool {
        let key = (app.map(str::to_ascii_lowercase), name.to_owned());
        if self.snapshots.len() >= SNAPSHOTS && !self.snapshots.contains_key(&key) {
            return false;
        }
        let snapshot = self.export(app);
        self.snapshots.insert(key, snapshot);
        true
    }

    /// Restores a snapshot. `None` if there is no such snapshot.
    pub(super) fn restore_snapshot(
        &mut self,
        app: Option<&str>,
        name: &str,
        at_ms: u64,
    ) -> Option<Result<(), String>> {
        let key = (app.map(str::to_ascii_lowercase), name.to_owned());
        let snapshot = self.snapshots.get(&key)?.clone();
        Some(self.restore(&snapshot, app, at_ms))
    }

    /// Removes a snapshot. False if there is no such snapshot.
    pub(super) fn remove_snapshot(&mut self, app: Option<&str>, name: &str) -> bool {
        let key = (app.map(str::to_ascii_lowercase), name.to_owned());
        self.snapshots.remove(&key).is_some()
    }

    /// Removes an app with its baseline, settings, fault rules, snapshots and journal.
    pub(super) fn remove_app(&mut self, app: &str) {
        self.apply(vec![Change::RemoveApp { app: app.to_owned() }]);
        self.baselines.remove(&app.to_ascii_lowercase());
        self.snapshots
            .retain(|(of, _), _| !of.as_deref().is_some_and(|of| app.eq_ignore_ascii_case(of)));
        self.settings.reset(Some(app));
        self.faults.clear(Some(app));
        self.clear_journal(Some(app));
    }
}
