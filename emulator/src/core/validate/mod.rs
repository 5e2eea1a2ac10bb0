//! The checks of what a request brings: bodies and query strings against tables of [`Field`]s.
//! `openapi.rs` describes the same tables.
//!
//! The messages are the default messages of Laravel, which were seen in the service's responses:
//! "The … field is required.", "The … field must have a value.", "The avatar must be a valid URL.";
//! the others follow the same grammar. As in Laravel, strings are trimmed first, and a blank string
//! counts as absent.

mod check;
mod field;
mod input;
mod problems;
mod url;
mod values;

pub use self::field::Field;
pub(crate) use self::field::{Kind, MAX_ID, MAX_URL, Need, filled, optional, required};
pub(crate) use self::input::Input;
pub(crate) use self::values::Values;
