//! The clock and the readings: the common values, and the overrides of each app.

use super::bounds::CLOCK;
use crate::core::Config;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The readings: choices where the documentation contradicts itself, and the rate limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Readings {
    /// Whether an auth token allows only one login.
    pub single_use_tokens: bool,
    /// Whether an auth token stays valid after a logout.
    pub logout_keeps_token: bool,
    /// Whether an Auth Key can only create auth tokens.
    pub strict_auth_keys: bool,
    /// Core operations per minute and app; 0 means no limit.
    pub core_limit: u64,
    /// Other operations per minute and app; 0 means no limit.
    pub standard_limit: u64,
}

impl Default for Readings {
    fn default() -> Self {
        let config = Config::default();
        Self {
            single_use_tokens: config.single_use_tokens,
            logout_keeps_token: config.logout_keeps_token,
            strict_auth_keys: config.strict_auth_keys,
            core_limit: config.core_limit,
            standard_limit: config.standard_limit,
        }
    }
}

impl Readings {
    /// Writes the readings into the configuration of the core.
    pub(crate) fn apply(self, config: &mut Config) {
        config.single_use_tokens = self.single_use_tokens;
        config.logout_keeps_token = self.logout_keeps_token;
        config.strict_auth_keys = self.strict_auth_keys;
        config.core_limit = self.core_limit;
        config.standard_limit = self.standard_limit;
    }
}

/// A change of readings. Absent fields stay, `null` restores the common value.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct ReadingsPatch {
    #[serde(deserialize_with = "set")]
    single_use_tokens: Option<Option<bool>>,
    #[serde(deserialize_with = "set")]
    logout_keeps_token: Option<Option<bool>>,
    #[serde(deserialize_with = "set")]
    strict_auth_keys: Option<Option<bool>>,
    #[serde(deserialize_with = "set")]
    core_limit: Option<Option<u64>>,
    #[serde(deserialize_with = "set")]
    standard_limit: Option<Option<u64>>,
}

/// Distinguishes `null` from an absent field.
fn set<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// The overrides of one app, or of all. `None` inherits the value.
#[derive(Debug, Clone, Copy, Default)]
struct Overrides {
    offset: Option<i64>,
    single_use_tokens: Option<bool>,
    logout_keeps_token: Option<bool>,
    strict_auth_keys: Option<bool>,
    core_limit: Option<u64>,
    standard_limit: Option<u64>,
}

impl Overrides {
    fn patch(&mut self, patch: ReadingsPatch) {
        fn put<T>(own: &mut Option<T>, patch: Option<Option<T>>) {
            if let Some(value) = patch {
                *own = value;
            }
        }
        put(&mut self.single_use_tokens, patch.single_use_tokens);
        put(&mut self.logout_keeps_token, patch.logout_keeps_token);
        put(&mut self.strict_auth_keys, patch.strict_auth_keys);
        put(&mut self.core_limit, patch.core_limit);
        put(&mut self.standard_limit, patch.standard_limit);
    }

    fn over(&self, base: Readings) -> Readings {
        Readings {
            single_use_tokens: self.single_use_tokens.unwrap_or(base.single_use_tokens),
            logout_keeps_token: self.logout_keeps_token.unwrap_or(base.logout_keeps_token),
            strict_auth_keys: self.strict_auth_keys.unwrap_or(base.strict_auth_keys),
            core_limit: self.core_limit.unwrap_or(base.core_limit),
            standard_limit: self.standard_limit.unwrap_or(base.standard_limit),
        }
    }
}

/// The settings of all apps.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The readings at the start.
    started: Readings,
    common: Overrides,
    /// The overrides of each app, by app id in lower case.
    own: BTreeMap<String, Overrides>,
}

impl Settings {
    pub(crate) fn new(started: Readings) -> Self {
        Self { started, ..Self::default() }
    }

    /// The offset of the clock, in seconds.
    pub(crate) fn offset(&self, app: Option<&str>) -> i64 {
        let own = app.and_then(|app| self.own.get(&app.to_ascii_lowercase())?.offset);
        own.or(self.common.offset).unwrap_or(0)
    }

    pub(crate) fn set_offset(&mut self, app: Option<&str>, offset: i64) -> Result<(), String> {
        if offset.unsigned_abs() > CLOCK {
            return Err(
                "offsetSeconds can be at most a hundred years, forwards or back.".to_owned()
            );
        }
        self.own(app).offset = Some(offset);
        Ok(())
    }

    /// The time of an app, in UNIX seconds.
    pub(crate) fn now(&self, app: Option<&str>, at_ms: u64) -> u64 {
        (at_ms / 1000).saturating_add_signed(self.offset(app))
    }

    pub(crate) fn readings(&self, app: Option<&str>) -> Readings {
        let common = self.common.over(self.started);
        let own = app.and_then(|app| self.own.get(&app.to_ascii_lowercase()));
        own.map_or(common, |own| own.over(common))
    }

    pub(crate) fn patch(&mut self, app: Option<&str>, patch: ReadingsPatch) {
        self.own(app).patch(patch);
    }

    /// Restores the values at the start, for one app or for all.
    pub(crate) fn reset(&mut self, app: Option<&str>) {
        match app {
            Some(app) => drop(self.own.remove(&app.to_ascii_lowercase())),
            None => *self = Self::new(self.started),
        }
    }

    fn own(&mut self, app: Option<&str>) -> &mut Overrides {
        match app {
            Some(app) => self.own.entry(app.to_ascii_lowercase()).or_default(),
            None => &mut self.common,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m11_an_app_has_a_clock_and_readings_of_its_own() {
        let mut settings = Settings::new(Readings::default());
        settings.set_offset(None, 10).unwrap();
        settings.set_offset(Some("A"), -5).unwrap();
        assert_eq!((settings.offset(Some("a")), settings.offset(Some("b"))), (-5, 10));
        assert_eq!(settings.now(Some("a"), 100_999), 95);
        let patch = |text: &str| serde_json::from_str::<ReadingsPatch>(text).unwrap();
        settings.patch(Some("a"), patch(r#"{"singleUseTokens":true,"coreLimit":0}"#));
        settings.patch(None, patch(r#"{"strictAuthKeys":true}"#));
        let (a, b) = (settings.readings(Some("A")), settings.readings(Some("b")));
        assert!(a.single_use_tokens && a.strict_auth_keys && a.core_limit == 0);
        assert!(!b.single_use_tokens && b.strict_auth_keys && b.core_limit == 10_000);
        settings.patch(Some("a"), patch(r#"{"singleUseTokens":null}"#));
        assert!(!settings.readings(Some("a")).single_use_tokens);
        settings.reset(Some("a"));
        assert_eq!(settings.readings(Some("a")).core_limit, 10_000);
        settings.reset(None);
        assert_eq!(settings.readings(None), Readings::default());
        assert!(settings.set_offset(None, i64::MAX).is_err());
        assert!(serde_json::from_str::<ReadingsPatch>(r#"{"x":1}"#).is_err());
    }
}
