//! The emulator as a program and as a library: over HTTP, with a database file, through signals.
#![cfg(feature = "server")]
#![cfg(test)]
#![allow(clippy::string_slice, reason = "tests slice ASCII texts")]

mod support;

mod database;
mod in_process;
mod program;
