//! What tests use around the service: apps, fault rules, the journal, the clock and the control API
//! `/emulator/v1`.
//!
//! The lab is pure, as the core is. The shell passes in the time, random bytes and requests, and
//! carries out the plans that come back. For each request a shell
//!
//! 1. calls [`Lab::admit`] with the request's head, which decides who may connect and what for;
//! 2. reads the body, at most [`bounds::BODY_KEPT`] or [`bounds::CONTROL_BODY`] bytes of it;
//! 3. for `/emulator/v1`: calls [`Lab::control`] and sends the answer;
//! 4. for the service: calls [`Lab::begin`], waits for the delay, calls [`Lab::serve`], carries out
//!    the plan and calls [`Lab::finish`].
//!
//! After each of these calls, a shell that keeps the state stores [`Lab::take_unstored`] in order.
//!
//! Dependencies point one way: `bounds`, `head` ← `faults` ← `response` ← `journal` ← `instance` ←
//! `socket` ← `exchange`, and `instance` ← `documents` ← `control` ← `admission`.

mod access;
mod admission;
pub mod bounds;
mod control;
mod documents;
mod exchange;
mod faults;
mod head;
mod hosts;
mod instance;
mod journal;
mod response;
mod secrets;
mod seed_schema;
mod settings;
mod setup;
mod socket;

pub use self::access::{AccessPolicy, SERVICE_DOMAINS};
pub use self::admission::{Destination, Refusal};
pub use self::control::{Answer, PREFIX};
pub use self::documents::{SEED_SCHEMA, SEED_STARTER};
pub use self::exchange::{Exchange, Plan, Sending};
pub use self::head::Head;
pub use self::hosts::valid_host_pattern;
pub use self::instance::{Lab, Start};
pub use self::response::{Outcome, Response, Step};
pub use self::seed_schema::{json_schema, typescript};
pub use self::settings::Readings;
pub use self::setup::{CheckedSetup, Setup, SetupError};
pub use self::socket::{Conversation, Event, Reaction};
