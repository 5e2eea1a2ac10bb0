//! What surrounds the service: TLS, web sockets, the emulator's own calls, whom it answers, how
//! long it waits, how it ends, `exec`.
#![cfg(feature = "server")]
#![cfg(test)]

mod support;

mod access;
mod control;
mod exec;
mod sockets;
mod tls;
