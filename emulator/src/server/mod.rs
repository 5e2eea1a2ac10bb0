//! The native shell around core and lab: HTTP, TLS, the database file, the log, the clock and
//! random numbers.
//!
//! Dependencies point one way: `system`, `limits` ← `store` ← `shell` ← `message` ← `socket`,
//! `control` ← `http` ← `serve` ← `emulator`, `builder` ← `start`.

mod builder;
mod control;
mod dashboard;
mod emulator;
mod error;
mod http;
mod limits;
mod message;
mod serve;
mod shell;
mod socket;
mod start;
mod store;
mod system;
mod tls;

pub use self::builder::Builder;
pub use self::emulator::Emulator;
pub use self::error::StartError;
pub use self::tls::Certificate;
