//! Schedules that failed once.

use super::step::{ExternalChange, ResponseFields, Step, StorageKind};
use crate::model::{Call, Login, RefusedAccess, Token};

/// Schedules that failed once, each with the rule that it broke.
pub const REGRESSIONS: &[(&str, &[(usize, Step)])] = &[
    (
        "A session that init finds in another storage is new: its logout joins no earlier one.",
        &[
            (0, Step::External(StorageKind::Local, ExternalChange::Login(BOB))),
            (0, Step::External(StorageKind::Session, ExternalChange::Login(CAROL))),
            (
                0,
                Step::Call(Call::Init {
                    app: 0,
                    session_mode: false,
                    timeout: 10_000,
                    other_region: false,
                }),
            ),
            (0, Step::Call(Call::Logout)),
            (
                0,
                Step::Call(Call::Init {
                    app: 0,
                    session_mode: true,
                    timeout: 10_000,
                    other_region: false,
                }),
            ),
            (0, Step::Call(Call::Logout)),
            (0, Step::Call(Call::Logout)),
        ],
    ),
    (
        "A login stores a session in memory again, even if it is the same session.",
        &[
            (
                1,
                Step::Call(Call::Init {
                    app: 0,
                    session_mode: false,
                    timeout: 10_000,
                    other_region: false,
                }),
            ),
            (1, Step::Call(Call::Login(Login::Token(BOB, None)))),
            (0, Step::External(StorageKind::Local, ExternalChange::Login(BOB))),
            (1, Step::Sync),
            (0, Step::Refuse(RefusedAccess::All)),
            (1, Step::Sync),
            (0, Step::Refuse(RefusedAccess::None)),
            (
                1,
                Step::RespondToNewest(ResponseFields {
                    token: 1,
                    upper: false,
                    jwt: true,
                    channel: false,
                    hosts: true,
                }),
            ),
        ],
    ),
];

const BOB: Token = Token { user: 1, number: 1 };
const CAROL: Token = Token { user: 2, number: 1 };
