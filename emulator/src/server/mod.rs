//! What surrounds the core on a machine: HTTP, the database file, the log, the clock, chance.

mod http;
mod store;

use self::http::Shell;
use self::store::Store;
use crate::core::{Change, Config, State, seed, valid_app_id};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long open requests may take to end once the emulator was told to stop.
const GRACE: Duration = Duration::from_secs(3);

/// Why the emulator did not start. Every text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens there.
    #[error(
        "port {port} on {host} is taken. Stop the program that uses it, or choose another with --port N (--port 0 takes any free one)."
    )]
    PortTaken {
        /// The host asked for.
        host: String,
        /// The port asked for.
        port: u16,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {host} port {port}: {reason}. Check --host and --port.")]
    Listen {
        /// The host asked for.
        host: String,
        /// The port asked for.
        port: u16,
        /// The system's words.
        reason: std::io::Error,
    },
    /// The database file cannot be used.
    #[error("cannot use the database file {path}: {reason}")]
    Database {
        /// The file.
        path: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// An app id that cannot be part of a host name.
    #[error("\"{0}\" is no app id: letters, digits, - and _ only, at most 63.")]
    AppId(String),
    /// A region that cannot be part of a host name.
    #[error("\"{0}\" is no region: lower-case letters and digits only, as in us, eu, in.")]
    Region(String),
}

/// Sets up an [`Emulator`]. Everything has a default fit for a test: in memory, a free port of the loopback address.
#[derive(Debug, Clone)]
pub struct Builder {
    host: String,
    port: u16,
    apps: Vec<String>,
    regions: Vec<String>,
    db: Option<PathBuf>,
    docs: bool,
    config: Config,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: 0,
            apps: Vec::new(),
            regions: Vec::new(),
            db: None,
            docs: false,
            config: Config::default(),
        }
    }
}

impl Builder {
    /// The address to listen on; the loopback address if not set.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// The port; 0, as if not set, is any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Adds an app. The first is the one of requests that name none; with none at all it is [`seed::APP_ID`].
    #[must_use]
    pub fn app(mut self, id: impl Into<String>) -> Self {
        self.apps.push(id.into());
        self
    }

    /// Adds a region to answer for. The first is the one of requests that name none; with none at all it is `us`.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.regions.push(region.into());
        self
    }

    /// Keeps everything in this SQLite file, which is made if it is not there.
    #[must_use]
    pub fn db(mut self, path: impl Into<PathBuf>) -> Self {
        self.db = Some(path.into());
        self
    }

    /// Adds what the documentation's snippets name: user `UID`, key `AUTH_KEY`, token `AUTH_TOKEN`.
    #[must_use]
    pub fn seed_docs(mut self) -> Self {
        self.docs = true;
        self
    }

    /// Lets auth tokens outlive logging out.
    #[must_use]
    pub fn logout_keeps_token(mut self, keeps: bool) -> Self {
        self.config.logout_keeps_token = keeps;
        self
    }

    /// Lets an auth token serve for one login only: a second one, from another device, is refused.
    #[must_use]
    pub fn single_use_tokens(mut self, single: bool) -> Self {
        self.config.single_use_tokens = single;
        self
    }

    /// Lets Auth Keys create auth tokens and nothing else.
    #[must_use]
    pub fn strict_auth_keys(mut self, strict: bool) -> Self {
        self.config.strict_auth_keys = strict;
        self
    }

    /// Requests a minute and app before 429, for core and for standard operations; 0 is no limit.
    #[must_use]
    pub fn rate_limits(mut self, core: u64, standard: u64) -> Self {
        self.config.core_limit = core;
        self.config.standard_limit = standard;
        self
    }

    /// Starts it. It runs until [`Emulator::stop`] or until the [`Emulator`] is dropped.
    ///
    /// # Errors
    ///
    /// When the address is taken or not to be had, when the database file cannot be used, and when an app id or region is malformed.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let Self { host, port, mut apps, mut regions, db, docs, mut config } = self;
        if let Some(bad) = apps.iter().find(|id| !valid_app_id(id)) {
            return Err(StartError::AppId(bad.clone()));
        }
        let plain = |region: &String| {
            !region.is_empty() && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        if let Some(bad) = regions.iter().find(|region| !plain(region)) {
            return Err(StartError::Region(bad.clone()));
        }
        if apps.is_empty() {
            apps.push(seed::APP_ID.to_owned());
        }
        if regions.is_empty() {
            regions.push("us".to_owned());
        }
        let listener =
            TcpListener::bind((host.as_str(), port)).await.map_err(|error| listen_error(&host, port, error))?;
        let address = listener.local_addr().map_err(|error| listen_error(&host, port, error))?;
        config.public_url = public_url(address);
        config.default_app = apps.first().cloned().unwrap_or_default();
        config.regions = regions;

        let mut state = State::new(config);
        let store = match db {
            None => None,
            Some(path) => {
                let shown = path.display().to_string();
                let error = |reason: String| StartError::Database { path: shown.clone(), reason };
                let (store, rows) = Store::open(&path).map_err(error)?;
                rows.iter().for_each(|change| state.apply(change));
                Some(store)
            }
        };
        let mut changes = Vec::new();
        let now = now();
        let mut make = |state: &mut State, new: Vec<Change>| {
            new.iter().for_each(|change| state.apply(change));
            changes.extend(new);
        };
        for id in &apps {
            let new = seed::app(&state, id, now);
            make(&mut state, new);
            if docs && let Some(app) = state.app(id) {
                let new = seed::docs(&state, app, now);
                make(&mut state, new);
            }
        }
        if let Some(store) = &store
            && !changes.is_empty()
        {
            let path = store.path();
            store.commit(changes).await.map_err(|reason| StartError::Database { path, reason })?;
        }

        let users = state.default_app().map(|app| app.uids()).unwrap_or_default();
        let app_id = state.default_app().map_or_else(String::new, |app| app.id.clone());
        let region = state.config.regions.first().cloned().unwrap_or_default();
        let url = state.config.public_url.clone();
        let shell = Arc::new(Shell::new(state, store));
        let (stop, mut stopped) = watch::channel(false);
        let app = http::router(Arc::clone(&shell));
        let serving = tokio::spawn(async move {
            let told = async move {
                // An error means that the handle is gone, which says the same.
                let _gone = stopped.wait_for(|stop| *stop).await;
            };
            if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(told).await {
                tracing::error!(%error, "the HTTP server ended");
            }
        });
        Ok(Emulator { url, address, app_id, region, users, apps, shell, stop, serving: Some(serving) })
    }
}

/// A running emulator. Dropping it stops it; [`Emulator::stop`] also waits until everything is stored and the port is free.
pub struct Emulator {
    url: String,
    address: SocketAddr,
    app_id: String,
    region: String,
    users: Vec<String>,
    apps: Vec<String>,
    shell: Arc<Shell>,
    stop: watch::Sender<bool>,
    serving: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts to set one up.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts one with all defaults: in memory, on a free port.
    ///
    /// # Errors
    ///
    /// See [`Builder::start`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// The address for clients, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The socket address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The app of requests that name none.
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// All apps.
    pub fn apps(&self) -> &[String] {
        &self.apps
    }

    /// The region of requests that name none.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The Auth Key of every app, unless it was deleted.
    pub fn auth_key(&self) -> &'static str {
        seed::AUTH_KEY
    }

    /// The REST API key of every app, unless it was deleted.
    pub fn rest_api_key(&self) -> &'static str {
        seed::REST_API_KEY
    }

    /// The uids that were there at the start, in the order of creation.
    pub fn users(&self) -> &[String] {
        &self.users
    }

    /// Stops it: open requests may end, for at most three seconds; then the database file is closed.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(mut serving) = self.serving.take()
            && tokio::time::timeout(GRACE, &mut serving).await.is_err()
        {
            tracing::warn!("requests were still open after {} seconds and were cut off", GRACE.as_secs());
            serving.abort();
        }
        self.shell.close().await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

fn listen_error(host: &str, port: u16, error: std::io::Error) -> StartError {
    let host = host.to_owned();
    if error.kind() == std::io::ErrorKind::AddrInUse {
        StartError::PortTaken { host, port }
    } else {
        StartError::Listen { host, port, reason: error }
    }
}

/// Where clients on this machine reach it: an address that means "all" is not one to call.
fn public_url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

/// UNIX seconds.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
