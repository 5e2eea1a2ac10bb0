//! B22–B27: arguments, exceptions, the order of events, secrets, warnings.

mod arguments;
mod events;
mod exceptions;
mod secrets;
mod warnings;
