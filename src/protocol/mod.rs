//! Requests, responses and stored entries. Pure: no JavaScript type, no I/O, no clock, no
//! randomness.
//!
//! * [`endpoint`]: settings, region and overrides → the URL of a call
//! * [`request`]: one builder for all requests, and the only place with header names
//! * [`response`]: status and body → the `data` of the response, or an exception
//! * [`user`]: the user of a response → the stored entry, and the user of an app → a request's body
//! * [`session`]: the session ⇄ the stored entries, and the only place with storage keys
//! * [`error`]: the one table of codes, and exceptions
//! * [`mask`]: masks credentials in texts
//! * [`secret`]: auth keys and auth tokens
//! * [`json`]: reading and writing JSON
//! * [`text`]: escapes of JSON and URLs, comparison without regard to ASCII case

pub mod endpoint;
pub mod error;
pub mod json;
pub mod mask;
pub mod request;
pub mod response;
pub mod secret;
pub mod session;
pub(crate) mod text;
pub mod user;
