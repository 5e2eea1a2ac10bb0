//! What surrounds the core on a machine: HTTP, the database file, the log, the clock, chance.

mod control;
mod document;
mod faults;
mod hosts;
mod http;
mod journal;
mod serve;
mod socket;
mod store;
mod tls;

pub use self::tls::Certificate;

use self::document::Document;
use self::hosts::Hosts;
use self::http::{Ingredients, Shell};
use self::serve::Limits;
use self::store::Store;
use crate::core::{App, Change, Config, Scope, State, seed, valid_app_id};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
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
    /// A host name that can be none.
    #[error("\"{0}\" is no host name: give a name, or *. and a domain, without scheme and port.")]
    HostName(String),
    /// A seed document that cannot be used.
    #[error("cannot use the seed {name}: {reason}")]
    Seed {
        /// The file, or what else it came from.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The TLS certificate could not be made.
    #[error("cannot make a TLS certificate: {0}. Check --tls-name, or start without --tls.")]
    Tls(String),
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
    seeds: Vec<Seed>,
    tls: bool,
    tls_names: Vec<String>,
    allowed_hosts: Vec<String>,
    limits: Limits,
    config: Config,
}

#[derive(Debug, Clone)]
enum Seed {
    File(PathBuf),
    Text(String),
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
            seeds: Vec::new(),
            tls: false,
            tls_names: Vec::new(),
            allowed_hosts: Vec::new(),
            limits: Limits::default(),
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

    /// Starts with the apps of this JSON file, as far as the database file does not have them. The README describes the format.
    #[must_use]
    pub fn seed_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.seeds.push(Seed::File(path.into()));
        self
    }

    /// The same, with the document itself.
    #[must_use]
    pub fn seed_json(mut self, document: impl Into<String>) -> Self {
        self.seeds.push(Seed::Text(document.into()));
        self
    }

    /// Speaks TLS, with a certificate made at the start ([`Emulator::certificate`]). Plain HTTP stays possible on the same port.
    #[must_use]
    pub fn tls(mut self, on: bool) -> Self {
        self.tls = on;
        self
    }

    /// Makes the certificate also for this name, and answers to it; `*.example.test` stands for every name below `example.test`.
    #[must_use]
    pub fn tls_name(mut self, name: impl Into<String>) -> Self {
        self.tls_names.push(name.into());
        self
    }

    /// Answers to this host name too; `*.example.test` stands for every name below `example.test`, `*` for all names.
    #[must_use]
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.allowed_hosts.push(name.into());
        self
    }

    /// How long a client may take to send a request's header (30 seconds if not set) and its body (10).
    #[must_use]
    pub fn patience(mut self, header: Duration, body: Duration) -> Self {
        self.limits = Limits { header, body };
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
    /// When the address is taken or not to be had, when the database file or a seed cannot be used, and when an app id, region or host
    /// name is malformed.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let Self {
            host,
            port,
            mut apps,
            mut regions,
            db,
            docs,
            seeds,
            tls,
            tls_names,
            mut allowed_hosts,
            limits,
            mut config,
        } = self;
        if let Some(bad) = apps.iter().find(|id| !valid_app_id(id)) {
            return Err(StartError::AppId(bad.clone()));
        }
        let plain = |region: &String| {
            !region.is_empty()
                && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        if let Some(bad) = regions.iter().find(|region| !plain(region)) {
            return Err(StartError::Region(bad.clone()));
        }
        let mut names = tls_names.iter().chain(&allowed_hosts);
        if let Some(bad) = names
            .find(|name| !hosts::valid_pattern(name))
            .or(tls_names.iter().find(|name| *name == "*"))
        {
            return Err(StartError::HostName(bad.clone()));
        }
        let documents = seeds.iter().map(Seed::read).collect::<Result<Vec<_>, _>>()?;
        for (_, document) in &documents {
            apps.extend(document.apps().map(str::to_owned));
        }
        if apps.is_empty() {
            apps.push(seed::APP_ID.to_owned());
        }
        let mut seen = std::collections::BTreeSet::new();
        apps.retain(|id| seen.insert(id.to_ascii_lowercase()));
        if regions.is_empty() {
            regions.push("us".to_owned());
        }
        let listener = TcpListener::bind((host.as_str(), port))
            .await
            .map_err(|error| listen_error(&host, port, error))?;
        let address = listener.local_addr().map_err(|error| listen_error(&host, port, error))?;
        let (acceptor, certificate) = if tls {
            let (acceptor, certificate) =
                tls::make(&tls_names, &regions, address.ip()).map_err(StartError::Tls)?;
            (Some(acceptor), Some(certificate))
        } else {
            (None, None)
        };
        config.public_url = public_url(address, tls);
        config.default_app = apps.first().cloned().unwrap_or_default();
        config.regions = regions;

        let now = now();
        let mut state = State::new(config);
        // What a reset goes back to, whatever the database file holds.
        let mut fresh = state.clone();
        let initial = plant(&mut fresh, &apps, docs, &documents, now)?;
        let store = match db {
            None => {
                state = fresh;
                None
            }
            Some(path) => {
                let shown = path.display().to_string();
                let error = |reason: String| StartError::Database { path: shown.clone(), reason };
                let (store, rows) = Store::open(&path).map_err(error)?;
                rows.iter().for_each(|change| state.apply(change));
                let changes = plant(&mut state, &apps, docs, &documents, now)?;
                if !changes.is_empty() {
                    store.commit(changes).await.map_err(error)?;
                }
                Some(store)
            }
        };

        let app = state.default_app();
        let users = app.map(App::uids).unwrap_or_default();
        let app_id = app.map_or_else(String::new, |app| app.id.clone());
        let auth_key = key_of(app, seed::AUTH_KEY, Scope::AuthOnly);
        let rest_api_key = key_of(app, seed::REST_API_KEY, Scope::FullAccess);
        let region = state.config.regions.first().cloned().unwrap_or_default();
        let url = state.config.public_url.clone();
        allowed_hosts.extend(tls_names);
        allowed_hosts.push(host);
        let hosts = Hosts::new(allowed_hosts);
        let shell = Arc::new(Shell::new(Ingredients { state, store, hosts, limits, initial }));
        let serving = Some(tokio::spawn(serve::serve(listener, Arc::clone(&shell), acceptor)));
        Ok(Emulator {
            url,
            address,
            app_id,
            region,
            users,
            apps,
            auth_key,
            rest_api_key,
            certificate,
            shell,
            serving,
        })
    }
}

impl Seed {
    fn read(&self) -> Result<(String, Document), StartError> {
        let (name, text) = match self {
            Self::Text(text) => ("given".to_owned(), Ok(text.clone())),
            Self::File(path) => (path.display().to_string(), std::fs::read_to_string(path)),
        };
        let read = text
            .map_err(|error| error.to_string())
            .and_then(|text| Document::parse(text.as_bytes()));
        match read {
            Ok(document) => Ok((name, document)),
            Err(reason) => Err(StartError::Seed { name, reason }),
        }
    }
}

/// Gives every app that is not there yet what it starts with: what the documents say, else the test users and keys.
fn plant(
    state: &mut State,
    apps: &[String],
    docs: bool,
    documents: &[(String, Document)],
    now: u64,
) -> Result<Vec<Change>, StartError> {
    let mut changes = Vec::new();
    let mut make = |state: &mut State, new: Vec<Change>| {
        new.iter().for_each(|change| state.apply(change));
        changes.extend(new);
    };
    for (name, document) in documents {
        let new = document.without_apps_of(state).changes(state, now);
        make(state, new.map_err(|reason| StartError::Seed { name: name.clone(), reason })?);
    }
    for id in apps {
        let new = seed::app(state, id, now);
        make(state, new);
        if docs && let Some(app) = state.app(id) {
            let new = seed::docs(state, app, now);
            make(state, new);
        }
    }
    Ok(changes)
}

/// The usual key of that scope if the app has it, else another one of that scope, else nothing.
fn key_of(app: Option<&App>, usual: &str, scope: Scope) -> String {
    let keys = app.into_iter().flat_map(|app| app.keys.values()).filter(|key| key.scope == scope);
    let mut keys: Vec<&str> = keys.map(|key| key.api_key.as_str()).collect();
    keys.sort_by_key(|key| *key != usual);
    keys.first().map_or_else(String::new, |key| (*key).to_owned())
}

/// A running emulator. Dropping it stops it; [`Emulator::stop`] also waits until everything is stored and the port is free.
pub struct Emulator {
    url: String,
    address: SocketAddr,
    app_id: String,
    region: String,
    users: Vec<String>,
    apps: Vec<String>,
    auth_key: String,
    rest_api_key: String,
    certificate: Option<Certificate>,
    shell: Arc<Shell>,
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

    /// The Auth Key of the default app at the start; empty if a seed left it without one.
    pub fn auth_key(&self) -> &str {
        &self.auth_key
    }

    /// The REST API key of the default app at the start; empty if a seed left it without one.
    pub fn rest_api_key(&self) -> &str {
        &self.rest_api_key
    }

    /// What a client needs to trust the emulator's certificate, if it speaks TLS.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Goes back to what a first start has: the data of the seeds, no fault rules, an empty journal, the machine's time. Sessions end.
    ///
    /// # Errors
    ///
    /// When the database file cannot be written.
    pub async fn reset(&self) -> Result<(), StartError> {
        let stored = self.shell.reset().await;
        stored
            .map_err(|reason| StartError::Database { path: "of this emulator".to_owned(), reason })
    }

    /// The uids that were there at the start, in the order of creation.
    pub fn users(&self) -> &[String] {
        &self.users
    }

    /// Stops it: open requests may end, for at most three seconds; web sockets are told; then the database file is closed.
    pub async fn stop(mut self) {
        self.shell.stop();
        if let Some(serving) = self.serving.take()
            && let Err(error) = serving.await
        {
            tracing::error!(%error, "the server broke");
        }
        if tokio::time::timeout(GRACE, self.shell.no_sockets()).await.is_err() {
            tracing::warn!("web sockets were still open after {} seconds", GRACE.as_secs());
        }
        self.shell.close().await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.shell.stop();
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
fn public_url(address: SocketAddr, tls: bool) -> String {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
}

/// UNIX seconds.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// UNIX milliseconds.
fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
