//! The options of an emulator, as JavaScript passes them.

use cometchat_emulator::lab::{Readings, Setup};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Options {
    apps: Vec<String>,
    regions: Vec<String>,
    docs: bool,
    /// The name for errors, and the text of each.
    seeds: Vec<(String, String)>,
    allow_hosts: Vec<String>,
    allow_origins: Vec<String>,
    open_control: bool,
    single_use_tokens: bool,
    logout_keeps_token: bool,
    strict_auth_keys: bool,
    core_limit: u64,
    standard_limit: u64,
}

impl Default for Options {
    fn default() -> Self {
        let readings = Readings::default();
        Self {
            apps: Vec::new(),
            regions: Vec::new(),
            docs: false,
            seeds: Vec::new(),
            allow_hosts: Vec::new(),
            allow_origins: Vec::new(),
            open_control: false,
            single_use_tokens: readings.single_use_tokens,
            logout_keeps_token: readings.logout_keeps_token,
            strict_auth_keys: readings.strict_auth_keys,
            core_limit: readings.core_limit,
            standard_limit: readings.standard_limit,
        }
    }
}

impl Options {
    pub(crate) fn setup(self) -> Setup {
        Setup {
            apps: self.apps,
            regions: self.regions,
            docs: self.docs,
            seeds: self.seeds,
            hosts: self.allow_hosts,
            origins: self.allow_origins,
            open_control: self.open_control,
            readings: Readings {
                single_use_tokens: self.single_use_tokens,
                logout_keeps_token: self.logout_keeps_token,
                strict_auth_keys: self.strict_auth_keys,
                core_limit: self.core_limit,
                standard_limit: self.standard_limit,
            },
        }
    }
}
