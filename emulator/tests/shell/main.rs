//! What surrounds the service: TLS, web sockets, the emulator's own calls, whom it answers, how
//! long it waits, how it ends, `exec`.
#![cfg(feature = "server")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod support;

mod access;
mod control;
mod exec;
mod sockets;
mod tls;
