//! The settings of the emulator.

use super::rate::RateClass;

/// The default app's id when none is named.
pub const DEFAULT_APP: &str = "emulator-app";

/// The place where changes are kept, and whether writing works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Storage {
    /// In memory only.
    #[default]
    Memory,
    /// In a database file.
    File,
    /// In a database file that cannot be written at the moment.
    Failing,
}

impl Storage {
    /// Its name in the ready document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::File => "file",
            Self::Failing => "failing",
        }
    }
}

/// The settings of this emulator. They are not stored.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address of the emulator, without a slash at the end. Its own links (avatars) begin with
    /// it.
    pub public_url: String,
    /// The regions it serves; the first is the default.
    pub regions: Vec<String>,
    /// The app of requests that name no app.
    pub default_app: String,
    /// Whether an auth token outlives `DELETE /me`. The documentation contradicts itself.
    pub logout_keeps_token: bool,
    /// Whether an auth token allows one login only. The documentation contradicts itself.
    pub single_use_tokens: bool,
    /// Whether an Auth Key may create auth tokens and nothing else. The documentation contradicts
    /// itself.
    pub strict_auth_keys: bool,
    /// Core operations per minute and app; 0 means no limit.
    pub core_limit: u64,
    /// Standard operations per minute and app; 0 means no limit.
    pub standard_limit: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: String::new(),
            regions: vec!["us".to_owned()],
            default_app: DEFAULT_APP.to_owned(),
            logout_keeps_token: false,
            single_use_tokens: false,
            strict_auth_keys: false,
            core_limit: 10_000,
            standard_limit: 20_000,
        }
    }
}

impl Config {
    pub(crate) fn rate_limit(&self, class: RateClass) -> u64 {
        match class {
            RateClass::Core => self.core_limit,
            RateClass::Standard => self.standard_limit,
        }
    }

    pub(crate) fn default_region(&self) -> &str {
        self.regions.first().map_or("us", String::as_str)
    }
}
