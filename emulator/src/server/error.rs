//! The errors of a start.

use crate::lab::SetupError;

/// The reason why the emulator did not start. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program uses the port.
    #[error(
        "port {port} on {host} is taken. Stop the program that uses it, or choose another with \
         --port N (--port 0 takes any free one)."
    )]
    PortTaken {
        /// The requested host.
        host: String,
        /// The requested port.
        port: u16,
    },
    /// The emulator cannot listen on the address for another reason.
    #[error("cannot listen on {host} port {port}: {reason}. Check --host and --port.")]
    Listen {
        /// The requested host.
        host: String,
        /// The requested port.
        port: u16,
        /// The error of the system.
        reason: std::io::Error,
    },
    /// The database file cannot be used.
    #[error("cannot use the database file {path}: {reason}")]
    Database {
        /// The file.
        path: String,
        /// The problem, and what to do.
        reason: String,
    },
    /// An app id, a region, a host name, an origin or a seed cannot be used.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A seed file cannot be read.
    #[error("cannot use the seed {name}: {reason}")]
    Seed {
        /// The file.
        name: String,
        /// The error of the system.
        reason: std::io::Error,
    },
    /// The system provides no random bytes.
    #[error("the system provides no random bytes: {0}")]
    Entropy(String),
    /// The TLS certificate could not be created.
    #[error("cannot create a TLS certificate: {0}. Check --tls-name, or start without --tls.")]
    Tls(String),
}
