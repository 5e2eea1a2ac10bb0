//! The REST interface as its public documents and the observations of others describe it: a test
//! for each row of what is known. Every reply here is also held against `/openapi.json` (see
//! `lab`).
#![cfg(test)]
#![allow(clippy::string_slice, reason = "tests slice ASCII texts")]

#[path = "../lab/mod.rs"]
mod lab;
mod rows;

mod create_user;
mod deactivate_user;
mod description;
mod envelope;
mod keys;
mod limits;
mod list_users;
mod permissions;
mod roles;
mod tokens;
mod update_user;
