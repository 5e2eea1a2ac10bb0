//! CometChat's authentication service on one machine: users, auth tokens and `me`, for development, demos and tests without an account.
//! Unofficial.
//!
//! Two rooms:
//!
//! * [`core`] is the service itself and nothing else: [`core::handle`] takes the state and one request and gives the reply and the
//!   changes, as data. It has no clock, no randomness, no I/O; time and random bytes come in with the request. It compiles for wasm32.
//! * `server` (feature `server`, on by default) is what surrounds it on a machine: HTTP, the database file, the log, the clock.
//!
//! Read `core/routes.rs` for what can be called, `core/status.rs` for what can go wrong, then the file named after the resource.
//!
//! In a Rust test (`start` gives a running emulator on a free port; dropping it stops it):
//!
//! ```
//! # #[cfg(feature = "server")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let emulator = cometchat_emulator::Emulator::builder().start().await?;
//! assert!(emulator.url().starts_with("http://127.0.0.1:"));
//! emulator.stop().await;
//! # Ok(()) })
//! # }
//! # #[cfg(not(feature = "server"))]
//! # fn main() {}
//! ```

pub mod core;
pub mod document;
pub mod lab;
#[cfg(feature = "server")]
pub mod server;

pub use lab::SetupError;
#[cfg(feature = "server")]
pub use server::{Builder, Emulator, StartError};
