//! The time limits of connections.

use crate::lab::bounds::{BODY_TIME, HEADER_TIME};
use std::time::Duration;

/// How long in-flight requests may continue after the emulator was stopped.
pub(super) const GRACE: Duration = Duration::from_secs(3);

/// The time that a client may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For a request's header, the TLS handshake before it, and the pause between two requests.
    pub(super) header: Duration,
    /// For a request's body.
    pub(super) body: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { header: HEADER_TIME, body: BODY_TIME }
    }
}
