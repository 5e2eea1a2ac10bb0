//! A simple model of the rules B2–B11, B14, B15 and B29, independent of the client's code.
//!
//! A session is a few numbers, a storage is three entries, and a step returns its expected outputs.
//! [`crate::schedules`] passes the same inputs to the model and to the client and compares them
//! after every step.

mod coverage;
mod response;
mod step;
mod storage;
mod tab;
mod values;

pub use coverage::COVERED;
pub use response::*;
pub use step::*;
pub use storage::*;
pub use tab::Model;
pub use values::*;
