//! The service's behaviour, without HTTP: one request in, reply and changes out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

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
