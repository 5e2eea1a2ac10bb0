//! What happens to a tab, and the expected outputs.

use super::values::{Token, Uid};

/// A call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Init {
        app: usize,
        session_mode: bool,
        timeout: u32,
        /// Whether the region differs from the default one, so that every base URL changes.
        other_region: bool,
    },
    InvalidInit,
    Login(Login),
    /// Its signal is aborted already.
    AbortedLogin,
    InvalidLogin,
    Logout,
    LoggedInUser,
    CreateUser(Uid),
    UpdateUser(Uid),
    UpdateMe,
    GetUser(Uid),
    Verify,
}

/// The credentials of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    Key(Uid, u8),
    Token(Token, Option<Uid>),
    /// With the number of the provider function.
    Provider(Option<Uid>, u8),
}

/// What a token provider returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provided {
    Token(Token),
    Blank,
    /// A text that no header can carry.
    NonAscii,
}

pub type CallId = u32;

/// An expected output. `usize` is the number of the request, or of the provider call, in order of
/// their start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelOutput {
    Notify(String),
    Settle(CallId, String),
    Send(usize, String),
    StartTimer(usize, u32),
    AskProvider(usize, CallId),
    Cancel(usize),
}
