//! One module per command.

pub mod bench;
pub mod build;
pub mod demo;
pub mod docs;
pub mod emulator;
pub mod lint;
pub mod release;
pub mod size;
pub mod test;
