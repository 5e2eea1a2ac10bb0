//! B1–B3 and B8: every promise settles.

mod dispose;
mod init;
mod timeouts;
