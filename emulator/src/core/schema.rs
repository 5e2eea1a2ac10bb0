//! The schemas of responses, for the description in `openapi`. The tests check every response
//! against them, and that responses have every property listed here.

use super::users;
use super::validate::{Field, Kind};

/// The type of a property.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Type {
    Text,
    /// UNIX time in seconds.
    Seconds,
    Flag,
    Object,
    Texts,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any JSON: the service returns what was sent.
    Any,
    /// Another model.
    Is(&'static Model),
}

/// One property of a model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) holds: Type,
    pub(crate) always: bool,
    pub(crate) about: &'static str,
}

/// A kind of object in responses.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// The model whose properties it has, too.
    pub(crate) extends: Option<&'static Model>,
    properties: &'static [Property],
    /// Fields of requests that responses have as well.
    fields: &'static [Field],
    /// Whether it may have other properties.
    pub(crate) open: bool,
}

impl Model {
    /// Its properties, without those of the model that it extends.
    pub(crate) fn all_properties(&self) -> impl Iterator<Item = Property> {
        self.properties.iter().copied().chain(self.fields.iter().map(Property::of))
    }
}

impl Property {
    fn of(field: &Field) -> Self {
        let holds = match field.kind {
            Kind::Text(_) | Kind::Id | Kind::Url => Type::Text,
            Kind::Metadata | Kind::Object | Kind::Choices(_) => Type::Object,
            Kind::Flag => Type::Flag,
            Kind::Word(words) => Type::Word(words),
            Kind::Texts { .. } | Kind::Words(_) => Type::Texts,
            Kind::Whole { .. } => Type::Any,
        };
        maybe(field.name, holds, field.about)
    }
}

/// The type of `data` in a response.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    One(&'static Model),
    Either(&'static Model, &'static Model),
    /// A page of items, and whether `meta` has a cursor.
    List(&'static Model, bool),
}

const fn always(name: &'static str, holds: Type, about: &'static str) -> Property {
    Property { name, holds, always: true, about }
}

const fn maybe(name: &'static str, holds: Type, about: &'static str) -> Property {
    Property { name, holds, always: false, about }
}

const fn model(name: &'static str, about: &'static str, properties: &'static [Property]) -> Model {
    Model { name, about, extends: None, properties, fields: &[], open: false }
}

static PROFILE: Model = Model {
    fields: users::PROFILE,
    ..model(
        "Profile",
        "What every user may read of a user.",
        &[
            always("uid", Type::Text, "The id, in lower case."),
            always("name", Type::Text, "The display name."),
            always(
                "status",
                Type::Word(&["offline", "available"]),
                "Whether the user is online. Here no user ever is.",
            ),
            always("role", Type::Text, "One of the app's roles."),
            always("createdAt", Type::Seconds, "When the user was created."),
            maybe("updatedAt", Type::Seconds, "When the user was last changed."),
        ],
    )
};

pub(crate) static USER: Model = Model {
    extends: Some(&PROFILE),
    ..model(
        "User",
        "A user.",
        &[
            maybe(
                "deactivatedAt",
                Type::Seconds,
                "When the user was deactivated: in lists that include such users.",
            ),
            maybe(
                "conversationId",
                Type::Text,
                "The conversation of the two users, when read on behalf of another user.",
            ),
            maybe("hasBlockedMe", Type::Flag, "When read on behalf of another user."),
            maybe("blockedByMe", Type::Flag, "When read on behalf of another user."),
            maybe("authToken", Type::Text, "When the user was created with one."),
        ],
    )
};

pub(crate) static ME: Model = Model {
    extends: Some(&PROFILE),
    ..model(
        "Me",
        "The logged-in user, and what the client needs for the session.",
        &[
            always("authToken", Type::Text, "The session's auth token."),
            always("jwt", Type::Text, "Pass for the web socket."),
            always("wsChannel", Type::Is(&CHANNEL), "The session's channel on the web socket."),
            always("settings", Type::Is(&SETTINGS), "The service's addresses."),
        ],
    )
};

static CHANNEL: Model = model(
    "Channel",
    "A channel on the web socket.",
    &[
        always("identity", Type::Text, "The app's id in brackets, and the uid."),
        always("secret", Type::Text, "The channel's secret."),
        always("service", Type::Text, "The web socket's host."),
    ],
);

pub(crate) static SETTINGS: Model = Model {
    open: true,
    ..model(
        "Settings",
        "The service's addresses: the document that the official client keeps. It has more fields \
         than are listed here.",
        &[
            always("CHAT_HOST", Type::Text, "The web socket's host."),
            always("CHAT_WSS_PORT", Type::Text, "The web socket's port."),
            always("ADMIN_API_HOST", Type::Text, "Host and port for calls with an API key."),
            always("CLIENT_API_HOST", Type::Text, "Host and port for calls with an auth token."),
            always("CHAT_API_VERSION", Type::Text, "The version segment of paths."),
            always("REGION", Type::Text, "The app's region."),
            always("settingsHash", Type::Text, "Differs when the document does."),
            always("settingsHashReceivedAt", Type::Seconds, "When the document was given out."),
        ],
    )
};

pub(crate) static TOKEN: Model = model(
    "AuthToken",
    "An auth token: one session of one user.",
    &[
        always("uid", Type::Text, "Its user."),
        always(
            "authToken",
            Type::Text,
            "The token: `<uid>_`, ten digits of seconds, 30 of hex. To be treated as opaque.",
        ),
        always("createdAt", Type::Seconds, "When it was created."),
        maybe("platform", Type::Text, "The platform of its client."),
        maybe("userAgent", Type::Text, "Its client's user agent."),
        maybe("appInfo", Type::Object, "Details that the client reports."),
    ],
);

pub(crate) static API_KEY: Model = model(
    "ApiKey",
    "An API key.",
    &[
        always("apiKey", Type::Text, "The key itself."),
        always("name", Type::Text, "Its name in lists."),
        always("scope", Type::Word(&["authOnly", "fullAccess"]), "What it may do."),
        always("createdAt", Type::Seconds, "When it was created."),
    ],
);

pub(crate) static ROLE: Model = model(
    "Role",
    "A role that users can have.",
    &[
        always("role", Type::Text, "The id, in lower case."),
        always("name", Type::Text, "The display name."),
        maybe("description", Type::Text, "What it is for."),
        maybe("metadata", Type::Object, "Custom data."),
        maybe(
            "settings",
            Type::Object,
            "Deprecated by CometChat: whom its users may list and message.",
        ),
        always("createdAt", Type::Seconds, "When it was created."),
        maybe("updatedAt", Type::Seconds, "When it was last changed."),
    ],
);

pub(crate) static PERMISSION: Model = model(
    "Permission",
    "A permission that roles can have.",
    &[
        always("id", Type::Text, "Its id."),
        always("type", Type::Word(&["role"]), "Whose permission it is."),
        always("title", Type::Text, "What it is about."),
        always("description", Type::Text, "The same."),
        always(
            "dataType",
            Type::Word(&["string", "stringArray", "rolesStringArray", "customStringArray"]),
            "The type of its values.",
        ),
        always("availableValues", Type::Texts, "The possible values; empty when they are open."),
        always("defaultValue", Type::Any, "The value of roles that do not set it."),
        always("createdAt", Type::Seconds, "When it was created."),
        always("updatedAt", Type::Seconds, "When it was last changed."),
    ],
);

static ROLE_PERMISSIONS: &[Property] =
    &[always("permissions", Type::Object, "All permissions that the role sets, by id.")];

pub(crate) static PERMISSIONS_SET: Model = Model {
    open: true,
    ..model(
        "PermissionsSet",
        "The result for each permission sent, by id, and the permissions of the role.",
        ROLE_PERMISSIONS,
    )
};

pub(crate) static PERMISSIONS_OF_ROLE: Model =
    model("PermissionsOfRole", "The permissions of a role.", ROLE_PERMISSIONS);

pub(crate) static DONE: Model = model(
    "Done",
    "The call succeeded.",
    &[always("success", Type::Flag, "True."), always("message", Type::Text, "The same in words.")],
);

pub(crate) static DEACTIVATED: Model = model(
    "Deactivated",
    "The result for each uid; empty groups are left out.",
    &[
        maybe("deactivatedUids", Type::Texts, "Deactivated now."),
        maybe("alreadyDeactivatedUids", Type::Texts, "Deactivated before."),
        maybe("notFound", Type::Texts, "Unknown uids, as sent."),
    ],
);

pub(crate) static REACTIVATED: Model = model(
    "Reactivated",
    "The result for each uid; empty groups are left out.",
    &[
        maybe("reactivatedUids", Type::Texts, "Active again."),
        maybe("nonDeactivatedUids", Type::Texts, "Were not deactivated."),
        maybe("notFound", Type::Texts, "Unknown uids, as sent."),
    ],
);

pub(crate) static PASS: Model =
    model("Pass", "A pass for the web socket.", &[always("jwt", Type::Text, "In a JWT's form.")]);

pub(crate) static USER_SESSION: Model = model(
    "UserSession",
    "The usage report was accepted.",
    &[always("sessionId", Type::Any, "The report's own id, as sent; null without one.")],
);

pub(crate) static PONG: Model =
    model("Pong", "Accepted.", &[always("success", Type::Flag, "True.")]);
