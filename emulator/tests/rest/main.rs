//! The REST interface as public documents and published observations describe it: a test for each
//! row. The lab also checks each response against `/openapi.json`.
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
