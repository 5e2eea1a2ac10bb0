//! The behaviour of the service without HTTP: a request in, a response and changes out.
#![cfg(test)]
#![allow(clippy::string_slice, reason = "tests slice ASCII texts")]

#[path = "../lab/mod.rs"]
mod lab;

mod apps;
mod keys;
mod me;
mod pages;
mod properties;
mod statuses;
mod tokens;
mod users;
