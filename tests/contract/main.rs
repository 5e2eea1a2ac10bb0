//! The contract of the client, rule by rule (B1 … B29 of `docs/reference/rules.md`), tried natively under a deterministic executor.
//!
//! The client is sans-I/O, so nothing here waits, sleeps or talks: [`harness`] plays the browser (storages, a clock moved by
//! hand, requests answered in any order) and holds for every test what must hold always, such as that a promise settles once.
//!
//! | [`settling`] | B1–B3, B8: promises, timeouts, `init`, `dispose` |
//! | --- | --- |
//! | [`session`] | B4–B7, B11, B21: warm start, logins, joining, failing |
//! | [`provider`] | B7: logins with a token provider |
//! | [`users`] | B10, B11, B23, B29: the calls about users, and verifySession |
//! | [`logout`] | B9 |
//! | [`storage`] | B12–B14: the layout, crashes, damage, refusal |
//! | [`sync`], [`lag`] | B12, B14, B15: what is refused half way, what fails once, what lags |
//! | [`tabs`] | B15 |
//! | [`requests`] | B16–B19: what is sent and where |
//! | [`errors`] | B22–B27: arguments, exceptions, events, secrets, warnings |
//! | [`model`], [`model_types`] | the rules once more, in the plainest form; what it speaks of |
//! | [`schedules`] | everything at once, in random order, beside the model |

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod errors;
mod harness;
mod lag;
mod logout;
mod model;
mod model_types;
mod provider;
mod requests;
mod schedules;
mod session;
mod settling;
mod storage;
mod sync;
mod tabs;
mod users;
