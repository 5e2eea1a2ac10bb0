//! Being logged in to CometChat from a web page: the authentication part of its chat SDK, in Rust compiled to WebAssembly.
//!
//! Read it from the inside out; arrows run one way.
//!
//! 1. [`protocol`]: what is said to the service and what is kept on disk. Pure.
//! 2. [`client`]: the one state machine. It knows the protocol, and the world through its ports.
//! 3. `browser`: the ports on the web platform. The only room that knows web-sys.
//! 4. `exports`: what JavaScript sees. Converts in, steps the client, converts out.
//!
//! Around it stands the npm package (`pkg-template/`): classes, the loader, the watchdog. Where is …
//!
//! | a login decided | [`client::login`] |
//! | --- | --- |
//! | a request built | [`protocol::request`] |
//! | a session stored | [`client::tabs`] (when), [`protocol::session`] (as what) |
//!
//! Rule numbers (B1 …) are those of `docs/reference/rules.md`.

pub mod boundary;
pub mod client;
pub mod protocol;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
pub mod exports;
