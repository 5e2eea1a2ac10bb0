//! The shell around the service: TLS, web sockets, the control API, access, timeouts, shutdown,
//! `exec`.
#![cfg(feature = "server")]
#![cfg(test)]

mod support;

mod access;
mod control;
mod exec;
mod sockets;
mod tls;
