//! The changes of the state.

use super::entity::{ApiKey, Role, Token, User};
use super::rate::RateClass;

/// One change of one thing. The same changes in the same order give the same state.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields say what the variants do")]
pub enum Change {
    /// Removes everything: all apps with all they hold.
    Clear,
    /// Adds an app.
    AddApp { app: String },
    /// Removes an app with all it holds.
    RemoveApp { app: String },
    /// Adds or replaces a user.
    PutUser { app: String, user: User },
    /// Removes a user with all of the user's tokens.
    RemoveUser { app: String, uid: String },
    /// Adds or replaces a token.
    PutToken { app: String, token: Token },
    /// Removes a token.
    RemoveToken { app: String, token: String },
    /// Adds or replaces an API key.
    PutKey { app: String, key: ApiKey },
    /// Removes an API key.
    RemoveKey { app: String, api_key: String },
    /// Adds or replaces a role.
    PutRole { app: String, role: Role },
    /// Removes a role. Its users got another one before.
    RemoveRole { app: String, role: String },
    /// Counts a request against its rate limit. Not stored.
    Counted { app: String, class: RateClass, at: u64 },
}

impl Change {
    /// The app that it changes; [`Change::Clear`] changes all.
    pub fn app(&self) -> Option<&str> {
        match self {
            Self::Clear => None,
            Self::AddApp { app }
            | Self::RemoveApp { app }
            | Self::PutUser { app, .. }
            | Self::RemoveUser { app, .. }
            | Self::PutToken { app, .. }
            | Self::RemoveToken { app, .. }
            | Self::PutKey { app, .. }
            | Self::RemoveKey { app, .. }
            | Self::PutRole { app, .. }
            | Self::RemoveRole { app, .. }
            | Self::Counted { app, .. } => Some(app),
        }
    }

    /// Whether the change is stored.
    pub fn is_row(&self) -> bool {
        !matches!(self, Self::Counted { .. })
    }
}
