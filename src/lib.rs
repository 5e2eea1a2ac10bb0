//! CometChat authentication for the browser, in Rust compiled to WebAssembly.
//!
//! Read the modules from the inside out. Dependencies point one way.
//!
//! 1. [`protocol`]: requests, responses and stored entries. Pure.
//! 2. [`client`]: the state machine. It reaches the platform through its ports.
//! 3. `browser`: the ports on the web platform. The only module with web-sys.
//! 4. `exports`: the JavaScript boundary. Converts in, steps the client, converts out.
//!
//! The npm package around it is in `pkg-template/`: classes, the loader, the watchdog. Where to
//! look:
//!
//! | question | module |
//! | --- | --- |
//! | where a login is decided | [`client::login`] |
//! | how a request is built | [`protocol::request`] |
//! | when a session is stored, and how tabs agree | [`client::sync`] |
//! | what a stored session looks like | [`protocol::session`] |
//!
//! Rule numbers (B1 …) are those of `docs/reference/rules.md`.

pub mod boundary;
pub mod client;
pub mod protocol;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
pub mod exports;
