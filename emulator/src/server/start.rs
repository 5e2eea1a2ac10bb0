//! The start of an emulator.

use super::builder::{Builder, Seed};
use super::emulator::Emulator;
use super::error::StartError;
use super::serve;
use super::shell::Shell;
use super::store::Store;
use super::system;
use super::tls;
use crate::core::App;
use crate::lab::{Lab, SetupError, Start};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

impl Builder {
    /// Starts the emulator. It runs until [`Emulator::stop`], or until the [`Emulator`] is dropped.
    ///
    /// # Errors
    ///
    /// When the address, the database file or a seed cannot be used, and when an app id, region or
    /// host name is malformed.
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
        let start = Start {
            public_url: url.clone(),
            shell: "native",
            rows,
            at_ms: system::now_ms(),
            entropy,
        };
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
    /// The name for errors, and the text.
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

impl Emulator {
    /// The configuration of an emulator, with all defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts an emulator with all defaults: in memory, on a free port.
    ///
    /// # Errors
    ///
    /// See [`Builder::start`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
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

/// The address for clients on this machine. The unspecified address becomes the loopback address.
fn public_url(address: SocketAddr, tls: bool) -> String {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
}
