//! The numbers that cross between JavaScript and Rust.
//!
//! Each enum is defined here once; `cargo xtask build` generates the TypeScript enums. An unknown
//! number does nothing.

/// Declares an enum whose variants are numbered in order, with its names for the generator.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// All variants, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// The name of the enum and those of its variants.
            pub const NAMES: (&str, &[&str]) = (stringify!($name), &[$(stringify!($variant)),+]);

            /// The variant with that number.
            pub fn from_number(number: u32) -> Option<Self> {
                Self::ALL.get(number as usize).copied()
            }
        }
    };
}

numbered! {
    /// What JavaScript calls.
    Call {
        /// `init`.
        Init,
        /// `login`.
        Login,
        /// `logout`.
        Logout,
        /// `getLoggedinUser`.
        LoggedInUser,
        /// `createUser`.
        CreateUser,
        /// `updateUser`.
        UpdateUser,
        /// `updateCurrentUserDetails`.
        UpdateMe,
        /// `getUser`.
        GetUser,
        /// `verifySession`.
        Verify,
        /// The caller aborts its call.
        Abort,
        /// The token of a token provider. The id is the request's.
        Token,
        /// `dispose`.
        Dispose,
    }
}

numbered! {
    /// What JavaScript reads synchronously.
    Query {
        /// The app id.
        AppId,
        /// Where the session is kept.
        Persistence,
        /// The session's auth token.
        AuthToken,
    }
}

numbered! {
    /// What Rust reports to JavaScript.
    Message {
        /// A call settles: it resolves by `tell`, it rejects by `fail`.
        Settle,
        /// A user is logged in.
        LoginSuccess,
        /// A login failed.
        LoginFailure,
        /// A session has ended.
        LogoutSuccess,
        /// The service was not told of a logout.
        LogoutFailure,
        /// The session, its user's data or where it is kept has changed.
        SessionChanged,
        /// A warning for the developer.
        Warn,
    }
}

numbered! {
    /// The form of the text of a message.
    Form {
        /// JSON of the value itself.
        Value,
        /// The session's user, or null. The text is in `SessionChanged` alone.
        User,
        /// JSON of a user as the service describes it.
        Profile,
    }
}

/// The enums of this module, for the generator.
pub const ENUMS: [(&str, &[&str]); 4] = [Call::NAMES, Query::NAMES, Message::NAMES, Form::NAMES];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_number_has_no_variant() {
        assert_eq!(Call::from_number(0), Some(Call::Init));
        assert_eq!(Call::from_number(11), Some(Call::Dispose));
        assert_eq!(Call::from_number(12), None);
        assert_eq!(Query::from_number(3), None);
        assert_eq!(Query::from_number(u32::MAX), None);
    }
}
