//! The steps of a schedule.

use crate::model::{Call, Provided, RefusedAccess, Token};

/// A step of a schedule. The number of the tab is stored next to it.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Call(Call),
    /// A call that waited for the tab's last `init`, which may have been rejected.
    AfterInit(Call),
    /// A response to one of the open requests, whether a call still waits for it or not.
    Respond(usize, ResponseKind, ResponseFields),
    /// A good response to the newest open request.
    RespondToNewest(ResponseFields),
    Provide(usize, Provided),
    Advance(u64),
    /// Timers fire late, as in a page that was frozen.
    Freeze(u64),
    /// A timer fires that was stopped.
    LateTimer(usize),
    /// An abort of a pending call, or of one that has settled.
    Abort(usize),
    Sync,
    Refuse(RefusedAccess),
    /// Only the next read of localStorage fails.
    RefuseNextRead,
    /// A change by another program.
    External(StorageKind, ExternalChange),
    Dispose,
    Reload,
}

#[derive(Clone, Copy, Debug)]
pub enum ResponseKind {
    Good,
    OtherUser,
    /// Neither a uid nor a token.
    NoUser,
    ForeignHost,
    Error,
    TooMany,
    TokenUnknown,
    UidUnknown,
    Html,
    NullData,
    ConnectionLost,
    StatusZero,
    NoContent,
    TokenUnknownAt(u16),
}

/// The fields of a good response.
#[derive(Clone, Copy, Debug)]
pub struct ResponseFields {
    pub token: u8,
    pub upper: bool,
    pub jwt: bool,
    pub channel: bool,
    pub hosts: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum StorageKind {
    Local,
    Session,
}

#[derive(Clone, Copy, Debug)]
pub enum ExternalChange {
    Login(Token),
    /// The same session with another name.
    Rename,
    Logout,
    Damage,
    ForeignHost(Token),
    Clear,
}
