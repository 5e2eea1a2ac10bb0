//! The situations that schedules reach.

macro_rules! covered {
    ($($name:ident),+ $(,)?) => {
        /// The situations that a schedule can reach. They are counted: each has to occur often
        /// enough.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Covered { $($name),+ }
        pub const COVERED: &[Covered] = &[$(Covered::$name),+];
    };
}

covered! {
    KeyLogin, TokenLogin, ProviderLogin, JoinedKeyLogin, JoinedTokenLogin, JoinedProviderLogin,
    LoginInProgress, SameUser, ProviderNotAsked, NewTokenOfSameUser, UserSwitch, WrongUser,
    WrongUserForKey, FailureDuringSession, OneCallerAborts, LastCallerAborts, LogoutDuringLogin,
    LogoutDuringLoginWithSession, LogoutSucceeds, JoinedLogout, LoginDuringLogout,
    LogoutDuringOlderLogout, LogoutOfUnknown, LogoutFails, NotLoggedIn, SessionEndedByResponse,
    OldTokenEndsNothing, LoginSessionEndedByOwnToken, Refreshed, RefreshedInMemory, RefreshRefused,
    WriteRetried, ReadRetried, MemorySessionReplaced, BaseUrlChanged, BaseUrlChangedAborts,
    Extended, ExtendedBetweenRequests, OverloadEndsNothing, InvalidStatus, LogoutWithoutContent,
    OtherProvider, AnotherUserInResponse, RefreshKeepsAbsentFields, RefreshWithForeignHost,
    UpdatedSelf, UpdatedOther, SessionReplacedMeanwhile, SessionEndedMeanwhile,
    VerifyWithoutSession, VerifyEnds, MemorySession, MemoryThenStored, MemoryLoggedOut,
    ReadingRefused, NoticedLogin, NoticedLogout, NoticedUserSwitch, NoticedToken, NoticedName,
    Damaged, ForeignHostStored, ForeignHostInResponse, TimeoutOfLogin, TimeoutOfLogout,
    TimeoutOfOther, LateResponse, LateTimer, LateToken, LateAbort, ProviderBlank,
    ProviderTokenNonAscii, DisposedLogin, DisposedLogout, DisposedOther, OtherApp, OtherAppAborts,
    OtherStorageMode, OtherStorageModeFindsSession, WarmStart, AfterFailedInit, BeforeInit,
    AbortedBeforeCall,
}
