//! What surrounds core and lab on a machine: HTTP, TLS, the database file, the log, the clock, chance.

mod control;
mod dashboard;
mod http;
mod serve;
mod shell;
mod socket;
mod store;
mod tls;

pub use self::tls::Certificate;

use self::serve::Limits;
use self::shell::Shell;
use self::store::Store;
use crate::core::App;
use crate::lab::{Lab, Setup, SetupError, Start};
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
    /// An app id, a region, a host name, an origin or a seed that cannot be used.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A seed file that cannot be read.
    #[error("cannot use the seed {name}: {reason}")]
    Seed {
        /// The file.
        name: String,
        /// The system's words.
        reason: std::io::Error,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Entropy(String),
    /// The TLS certificate could not be made.
    #[error("cannot make a TLS certificate: {0}. Check --tls-name, or start without --tls.")]
    Tls(String),
}

/// Sets up an [`Emulator`]. Everything has a default fit for a test: in memory, a free port of the loopback address.
#[derive(Debug, Clone)]
pub struct Builder {
    host: String,
    port: u16,
    db: Option<PathBuf>,
    seeds: Vec<Seed>,
    tls: bool,
    tls_names: Vec<String>,
    limits: Limits,
    setup: Setup,
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

    /// Adds an app. The first is the one of requests that name none; with none at all it is [`crate::core::seed::APP_ID`].
    #[must_use]
    pub fn app(mut self, id: impl Into<String>) -> Self {
        self.setup.apps.push(id.into());
        self
    }

    /// Adds a region to answer for. The first is the one of requests that name none; with none at all it is `us`.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.setup.regions.push(region.into());
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
        self.setup.docs = true;
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
        self.setup.hosts.push(name.into());
        self
    }

    /// Answers the pages of this origin too; `*` stands for all. Pages of this machine are answered anyway.
    #[must_use]
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.setup.origins.push(origin.into());
        self
    }

    /// Lets other machines use `/emulator/v1` and the dashboard, too: for containers, whose port is published on loopback only.
    #[must_use]
    pub fn open_control(mut self, open: bool) -> Self {
        self.setup.open_control = open;
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
        self.setup.readings.logout_keeps_token = keeps;
        self
    }

    /// Lets an auth token serve for one login only: a second one, from another device, is refused.
    #[must_use]
    pub fn single_use_tokens(mut self, single: bool) -> Self {
        self.setup.readings.single_use_tokens = single;
        self
    }

    /// Lets Auth Keys create auth tokens and nothing else.
    #[must_use]
    pub fn strict_auth_keys(mut self, strict: bool) -> Self {
        self.setup.readings.strict_auth_keys = strict;
        self
    }

    /// Requests a minute and app before 429, for core and for standard operations; 0 is no limit.
    #[must_use]
    pub fn rate_limits(mut self, core: u64, standard: u64) -> Self {
        self.setup.readings.core_limit = core;
        self.setup.readings.standard_limit = standard;
        self
    }

    /// Starts it. It runs until [`Emulator::stop`] or until the [`Emulator`] is dropped.
    ///
    /// # Errors
    ///
    /// When the address is taken or not to be had, when the database file or a seed cannot be used, and when an app id, region or host
    /// name is malformed.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let Self { host, port, db, seeds, tls, tls_names, limits, mut setup } = self;
        setup.seeds = seeds.into_iter().map(Seed::read).collect::<Result<_, _>>()?;
        if let Some(name) = tls_names.iter().find(|name| *name == "*") {
            return Err(SetupError::HostName(name.clone()).into());
        }
        setup.hosts.extend(tls_names.iter().cloned());
        let mut plan = setup.check()?;
        plan.answer_host(&host);
        let listener = TcpListener::bind((host.as_str(), port))
            .await
            .map_err(|error| listen_error(&host, port, error))?;
        let address = listener.local_addr().map_err(|error| listen_error(&host, port, error))?;
        let (acceptor, certificate) = if tls {
            let (acceptor, certificate) =
                tls::make(&tls_names, plan.regions(), address.ip()).map_err(StartError::Tls)?;
            (Some(acceptor), Some(certificate))
        } else {
            (None, None)
        };
        let url = public_url(address, tls);
        let shown = db.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let database_error = |reason| StartError::Database { path: shown.clone(), reason };
        let (store, rows) = match db {
            None => (None, None),
            Some(path) => {
                let (store, rows) = Store::open(&path).map_err(database_error)?;
                (Some(store), Some(rows))
            }
        };
        let mut entropy = [0; 16];
        getrandom::fill(&mut entropy).map_err(|error| StartError::Entropy(error.to_string()))?;
        let start =
            Start { public_url: url.clone(), shell: "native", rows, at_ms: now_ms(), entropy };
        let mut lab = Lab::new(&plan, start)?;
        let rows = lab.take_unstored();
        if let Some(store) = store.as_ref().filter(|_| !rows.is_empty()) {
            store.commit(rows, drop).await.map_err(database_error)?;
        }

        let app = lab.state().default_app();
        let (auth_key, rest_api_key) = app.map(Lab::keys_of).unwrap_or_default();
        let users: Vec<String> = app.into_iter().flat_map(App::uids).map(str::to_owned).collect();
        let app_id = app.map_or_else(String::new, |app| app.id.clone());
        let (apps, region) = (plan.apps().to_vec(), plan.region().to_owned());
        let shell = Arc::new(Shell::new(lab, store, limits));
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
    /// What to call it in an error, and its text.
    fn read(self) -> Result<(String, String), StartError> {
        match self {
            Self::Text(text) => Ok(("given".to_owned(), text)),
            Self::File(path) => {
                let name = path.display().to_string();
                let text = std::fs::read_to_string(path);
                let text =
                    text.map_err(|reason| StartError::Seed { name: name.clone(), reason })?;
                Ok((name, text))
            }
        }
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
        self.shell
            .change(|lab| lab.reset(None))
            .await
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

/// UNIX milliseconds.
fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
