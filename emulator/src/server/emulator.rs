//! A running emulator.

use super::error::StartError;
use super::limits::GRACE;
use super::shell::Shell;
use super::tls::Certificate;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// A running emulator. Dropping it stops it; [`Emulator::stop`] also waits until everything is
/// stored and the port is free.
pub struct Emulator {
    pub(super) url: String,
    pub(super) address: SocketAddr,
    pub(super) app_id: String,
    pub(super) region: String,
    pub(super) users: Vec<String>,
    pub(super) apps: Vec<String>,
    pub(super) auth_key: String,
    pub(super) rest_api_key: String,
    pub(super) certificate: Option<Certificate>,
    pub(super) shell: Arc<Shell>,
    pub(super) serving: Option<JoinHandle<()>>,
}

impl Emulator {
    /// The address for clients, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The socket address that the emulator listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The app of requests without one.
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// All apps.
    pub fn apps(&self) -> &[String] {
        &self.apps
    }

    /// The region of requests without one.
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

    /// The certificate, if TLS is enabled.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Restores the initial content: the data of the seeds, their fault rules, an empty journal and
    /// the machine's time. Sessions end.
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

    /// The uids of the default app at the start, in the order of creation.
    pub fn users(&self) -> &[String] {
        &self.users
    }

    /// Stops the emulator. In-flight requests have three seconds to end and web sockets are closed,
    /// then the database file is closed.
    pub async fn stop(mut self) {
        self.shell.stop();
        if let Some(serving) = self.serving.take()
            && let Err(error) = serving.await
        {
            tracing::error!(%error, "the server failed");
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
