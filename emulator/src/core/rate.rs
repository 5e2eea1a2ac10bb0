//! Counting requests by the minute, as the service's `X-Rate-Limit` headers do.

use serde::{Deserialize, Serialize};

/// The rate limit that counts a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RateClass {
    /// Logins, user creations and deletions: 10 000 per minute and app by the documentation.
    Core,
    /// Other calls: 20 000 per minute and app.
    Standard,
}

impl RateClass {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Core => "core operations (log in, create and delete users)",
            Self::Standard => "standard operations",
        }
    }
}

const WINDOW: u64 = 60;

/// One app's counts of the running minute. Never stored.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rates {
    minute: u64,
    core: u64,
    standard: u64,
}

impl Rates {
    pub(crate) fn used(&self, class: RateClass, now: u64) -> u64 {
        match class {
            _ if self.minute != now / WINDOW => 0,
            RateClass::Core => self.core,
            RateClass::Standard => self.standard,
        }
    }

    pub(crate) fn count(&mut self, class: RateClass, now: u64) {
        if self.minute != now / WINDOW {
            *self = Self { minute: now / WINDOW, ..Self::default() };
        }
        match class {
            RateClass::Core => self.core += 1,
            RateClass::Standard => self.standard += 1,
        }
    }
}

/// The second at which the minute that holds `now` is over.
pub(crate) fn window_end(now: u64) -> u64 {
    (now / WINDOW + 1) * WINDOW
}
