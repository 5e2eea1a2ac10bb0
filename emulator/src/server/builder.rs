//! The configuration of an emulator.

use super::limits::Limits;
use crate::lab::Setup;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

/// The configuration of an [`Emulator`](super::Emulator). The defaults suit a test: in memory, on a
/// free port of the loopback address.
#[derive(Debug, Clone)]
pub struct Builder {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) db: Option<PathBuf>,
    pub(super) seeds: Vec<Seed>,
    pub(super) tls: bool,
    pub(super) tls_names: Vec<String>,
    pub(super) limits: Limits,
    pub(super) setup: Setup,
}

/// A seed document, or the file that contains it.
#[derive(Debug, Clone)]
pub(super) enum Seed {
    File(PathBuf),
    Text(String),
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: 0,
            db: None,
            seeds: Vec::new(),
            tls: false,
            tls_names: Vec::new(),
            limits: Limits::default(),
            setup: Setup::default(),
        }
    }
}

impl Builder {
    /// Sets the address to listen on. The default is the loopback address.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Sets the port. The default, 0, takes any free port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Adds an app. Requests without an app use the first; the default is
    /// [`crate::core::seed::APP_ID`].
    #[must_use]
    pub fn app(mut self, id: impl Into<String>) -> Self {
        self.setup.apps.push(id.into());
        self
    }

    /// Adds a region. Requests without a region use the first; the default is `us`.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.setup.regions.push(region.into());
        self
    }

    /// Keeps the state in this SQLite file, which is created if it is missing.
    #[must_use]
    pub fn db(mut self, path: impl Into<PathBuf>) -> Self {
        self.db = Some(path.into());
        self
    }

    /// Adds the user `UID`, the key `AUTH_KEY` and the token `AUTH_TOKEN` of the documentation's
    /// snippets.
    #[must_use]
    pub fn seed_docs(mut self) -> Self {
        self.setup.docs = true;
        self
    }

    /// Adds the apps of this JSON file that the database file does not have. The README describes
    /// the format.
    #[must_use]
    pub fn seed_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.seeds.push(Seed::File(path.into()));
        self
    }

    /// Adds the apps of a seed document, as [`Builder::seed_file`] does.
    #[must_use]
    pub fn seed_json(mut self, document: impl Into<String>) -> Self {
        self.seeds.push(Seed::Text(document.into()));
        self
    }

    /// Enables TLS, with a certificate created at the start
    /// ([`Emulator::certificate`](super::Emulator::certificate)). Plain HTTP still works on the
    /// same port.
    #[must_use]
    pub fn tls(mut self, on: bool) -> Self {
        self.tls = on;
        self
    }

    /// Adds a host name to the certificate and to the allowed host names. `*.example.test` stands
    /// for every name below `example.test`.
    #[must_use]
    pub fn tls_name(mut self, name: impl Into<String>) -> Self {
        self.tls_names.push(name.into());
        self
    }

    /// Allows a host name. `*.example.test` stands for every name below `example.test`, `*` for all
    /// names.
    #[must_use]
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.setup.hosts.push(name.into());
        self
    }

    /// Allows the pages of an origin; `*` stands for all. Pages of this machine are always allowed.
    #[must_use]
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.setup.origins.push(origin.into());
        self
    }

    /// Allows other machines to use `/emulator/v1` and the dashboard. For containers whose port is
    /// published on loopback only.
    #[must_use]
    pub fn open_control(mut self, open: bool) -> Self {
        self.setup.open_control = open;
        self
    }

    /// Sets how long a client may take to send a request's header and its body. The defaults are 30
    /// and 10 seconds.
    #[must_use]
    pub fn patience(mut self, header: Duration, body: Duration) -> Self {
        self.limits = Limits { header, body };
        self
    }

    /// Keeps auth tokens valid after a logout.
    #[must_use]
    pub fn logout_keeps_token(mut self, keeps: bool) -> Self {
        self.setup.readings.logout_keeps_token = keeps;
        self
    }

    /// Allows only one login with an auth token. A second one, from another device, is refused.
    #[must_use]
    pub fn single_use_tokens(mut self, single: bool) -> Self {
        self.setup.readings.single_use_tokens = single;
        self
    }

    /// Restricts Auth Keys to the creation of auth tokens.
    #[must_use]
    pub fn strict_auth_keys(mut self, strict: bool) -> Self {
        self.setup.readings.strict_auth_keys = strict;
        self
    }

    /// Sets the rate limits of core and standard operations, per minute and app; 0 means no limit.
    #[must_use]
    pub fn rate_limits(mut self, core: u64, standard: u64) -> Self {
        self.setup.readings.core_limit = core;
        self.setup.readings.standard_limit = standard;
        self
    }
}
