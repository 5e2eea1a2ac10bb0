//! The clock and the random numbers of the system.

use std::time::{SystemTime, UNIX_EPOCH};

/// The time in UNIX milliseconds.
pub(super) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// Random bytes; `None` if the system provides none.
pub(super) fn entropy() -> Option<[u8; 64]> {
    let mut bytes = [0; 64];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Some(bytes),
        Err(error) => {
            tracing::error!(%error, "the system provides no random bytes");
            None
        }
    }
}
