//! A browser made of plain values, and a driver that plays the page and the network.
//!
//! These invariants are checked in every test:
//!
//! - A promise settles once.
//! - A response to a request that is done, or a timer that was stopped, has no effect.
//! - Credentials are sent in headers only. No URL, exception or warning contains one.
//! - Every request carries exactly one credential.
//! - At the end every call has settled, unless the test sets [`Tab::closed`].

mod app;
mod javascript;
mod log;
mod platform;
mod responses;
mod storage;
mod tab;

pub use app::*;
pub use javascript::{ExceptionFields, collect_strings, exception_fields};
pub use log::{LogEntry, event_text};
pub use platform::TestPlatform;
pub use responses::*;
pub use storage::{Entries, Storage};
pub use tab::Tab;
