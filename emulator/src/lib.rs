//! CometChat's authentication service on one machine: users, auth tokens and `me`, for development,
//! demos and tests without an account. Unofficial.
//!
//! * [`core`] is the service as a pure function: [`core::handle`] takes the state and a request,
//!   and returns the response and the changes.
//! * [`document`] is the JSON format of seeds, exports and imports.
//! * [`lab`] has what tests use: fault rules, the journal, the control API, several apps.
//! * `server` (feature `server`, on by default) is the native shell: HTTP, database file, log,
//!   clock.
//!
//! The first three are pure and compile for wasm32.
//!
//! Start reading at `core/routes.rs` (what can be called), then `core/error` (what can go wrong),
//! then the file of a resource.
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
