//! The emulator as a program and as a library: over HTTP, with a database file, through signals.
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

mod database;
mod in_process;
mod program;
