//! The errors as one table: the code, the HTTP status, and the evidence for each status.
//!
//! CometChat publishes its error codes but not their HTTP statuses. Most statuses here come from
//! observation by others, and some are assumed. Clients should rely on `error.code` alone.

mod kind;
mod table;

pub use self::kind::{ErrorKind, Evidence};
pub use self::table::{Row, TABLE};
