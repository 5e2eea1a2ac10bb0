//! What is said to the service and what is kept on disk. Pure: no JavaScript type, no I/O, no clock, no randomness.
//!
//! * [`endpoint`]: settings, region and overrides → the URL a call goes to
//! * [`host`]: the grammar of hosts
//! * [`request`]: one builder per call, and the one place that knows the header names
//! * [`reply`]: status and body → the `data` of the reply, or an exception
//! * [`user`]: the user of a reply → the entry that is stored
//! * [`session`]: the session ⇄ the stored entries, and the one place that knows the storage keys
//! * [`error`]: the one table of codes
//! * [`mask`]: credentials in texts that are shown
//! * [`json`], [`text`]: the two small tools of all these

pub mod endpoint;
pub mod error;
pub mod host;
pub mod json;
pub mod mask;
pub mod reply;
pub mod request;
pub mod session;
pub mod text;
pub mod user;
