//! The state as one JSON document: the format of seeds, exports and imports. Pure: it reads and
//! writes no file.
//!
//! The entities in it are those of [`core::entity`](crate::core::entity). Lists are oldest first;
//! that order is the order of creation.

mod changes;
mod check;
mod model;

pub use self::model::{AppDocument, Document};
