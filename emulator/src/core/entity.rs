//! The things an app holds. Seeds, state documents and the database all use these shapes: one serde
//! description each.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A user, as stored. `users/view.rs` makes what callers see from it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct User {
    /// The id: lower-case, unique in the app.
    pub uid: String,
    /// The display name.
    pub name: String,
    /// The picture: an absolute URL, or a path of this emulator. Responses make paths absolute, so
    /// that they stay valid when the port changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// The profile page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Status message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// Custom data. Other users do not see its `@private` part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// One of the app's roles.
    #[serde(default = "default_role")]
    pub role: String,
    /// The labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Whether the user is a bot. Bots get no auth tokens. Only documents set it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
    /// UNIX seconds. A document may leave it out: it is then the time of loading.
    #[serde(default)]
    pub created_at: u64,
    /// UNIX seconds; absent until the first update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<u64>,
    /// UNIX seconds; absent while active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<u64>,
    /// The place in the order of creation. Documents say it by their order, the database in a
    /// column.
    #[serde(skip)]
    pub seq: u64,
}

fn default_role() -> String {
    Role::DEFAULT.to_owned()
}

impl User {
    /// A user with a uid and a name only.
    pub fn new(uid: impl Into<String>, name: impl Into<String>, created_at: u64, seq: u64) -> Self {
        Self {
            uid: uid.into(),
            name: name.into(),
            role: default_role(),
            created_at,
            seq,
            ..Self::default()
        }
    }

    /// Whether the user may log in and is found.
    pub fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }
}

/// An auth token: one session of one user.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Token {
    /// The secret itself.
    #[serde(rename = "authToken", alias = "token")]
    pub token: String,
    /// Its user.
    pub uid: String,
    /// UNIX seconds. A document may leave it out: it is then the time of loading.
    #[serde(default)]
    pub created_at: u64,
    /// The platform that the client reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The user agent that the client reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The details that the client reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_info: Option<Map<String, Value>>,
    /// The device that the client reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// The pass for the web socket; made when `me` is first read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwt: Option<String>,
    /// The secret of the socket channel; made together with `jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_secret: Option<String>,
    /// Whether a client logged in with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub used: bool,
    /// Outlives logout and the limit of tokens: the documentation's `AUTH_TOKEN`, whose snippets
    /// run again and again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// The place in the order of creation; see [`User::seq`].
    #[serde(skip)]
    pub seq: u64,
}

/// The scope of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// "Auth Key": create and update users, create auth tokens.
    AuthOnly,
    /// "REST API key": everything.
    FullAccess,
}

impl Scope {
    /// Its name in requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthOnly => "authOnly",
            Self::FullAccess => "fullAccess",
        }
    }

    /// The name of a key for which none is given.
    pub const fn key_name(self) -> &'static str {
        match self {
            Self::AuthOnly => "Auth Key",
            Self::FullAccess => "Rest API Key",
        }
    }
}

/// An API key of an app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKey {
    /// The secret itself.
    pub api_key: String,
    /// Its name in lists. A document may leave it out: it is then [`Scope::key_name`].
    #[serde(default)]
    pub name: String,
    /// The calls that it allows.
    pub scope: Scope,
    /// UNIX seconds. A document may leave it out: it is then the time of loading.
    #[serde(default)]
    pub created_at: u64,
    /// The place in the order of creation; see [`User::seq`].
    #[serde(skip)]
    pub seq: u64,
}

/// A role that users can have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Role {
    /// The id: lower-case, unique in the app.
    pub role: String,
    /// The display name.
    pub name: String,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Custom data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// The users that its users may list and message. Deprecated by CometChat: stored, but not
    /// applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Map<String, Value>>,
    /// Permissions by id, where they differ from the defaults.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub permissions: Map<String, Value>,
    /// UNIX seconds. A document may leave it out: it is then the time of loading.
    #[serde(default)]
    pub created_at: u64,
    /// UNIX seconds; absent until the first update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<u64>,
    /// The place in the order of creation; see [`User::seq`].
    #[serde(skip)]
    pub seq: u64,
}

impl Role {
    /// The id of the role of users without another one. Every app has it, and keeps it.
    pub const DEFAULT: &'static str = "default";

    /// The default role of a new app.
    pub fn default_role(created_at: u64, seq: u64) -> Self {
        Self {
            role: Self::DEFAULT.to_owned(),
            name: "Default Role".to_owned(),
            description: None,
            metadata: None,
            settings: None,
            permissions: Map::new(),
            created_at,
            updated_at: None,
            seq,
        }
    }
}
