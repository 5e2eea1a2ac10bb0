//! The contract of the client: the rules of `docs/reference/rules.md`, tested natively.
//!
//! Requests and timers are outputs of the client, so no test waits or sleeps. [`harness`] plays the
//! browser: storages, a clock that a test moves, and requests that a test responds to in any order.
//! It also checks in every test what must always hold, such as that a promise settles once.
//!
//! | module | rules and subject |
//! | --- | --- |
//! | [`settling`] | B1–B3, B8: timeouts, `init`, `dispose` |
//! | [`session`] | B4–B7, B11, B21: warm start; logins that succeed, join, fail |
//! | [`provider`] | B7: logins with a token provider |
//! | [`users`] | B10, B11, B23, B29: the calls about users, and `verifySession` |
//! | [`logout`] | B9 |
//! | [`storage`] | B12–B14: layout, commits, damaged entries, failed writes |
//! | [`sync`], [`lag`] | B12, B14, B15, B32: partial commits, single failures, delayed storage |
//! | [`tabs`] | B15 |
//! | [`requests`] | B16–B19: what is sent and where |
//! | [`errors`] | B22–B27: arguments, exceptions, events, secrets, warnings |
//! | [`model`] | a simple model of the rules |
//! | [`schedules`] | random sequences of steps, on the client and on the model |

#![cfg(not(target_arch = "wasm32"))]
#![cfg(test)]

mod errors;
mod harness;
mod lag;
mod logout;
mod model;
mod provider;
mod requests;
mod schedules;
mod session;
mod settling;
mod storage;
mod sync;
mod tabs;
mod users;
