//! B4–B7, B11, B21: the warm start; logins that succeed, join, fail.

mod failures;
mod joining;
mod login;
mod switching;
