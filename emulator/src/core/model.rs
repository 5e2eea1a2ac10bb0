//! The shapes of what goes out, for the description in `openapi.rs`. The tests hold every reply against them, and see to it that nothing
//! is listed here that no reply has.

/// What a property holds.
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
    /// Anything: what was sent comes back.
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

/// An object that replies are made of.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Its properties are this one's, too.
    pub(crate) extends: Option<&'static Model>,
    pub(crate) properties: &'static [Property],
    /// Whether it may have others, which are not listed.
    pub(crate) open: bool,
}

/// What `data` of a reply holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    One(&'static Model),
    Either(&'static Model, &'static Model),
    /// A page of them, and whether `meta` has a cursor.
    List(&'static Model, bool),
}

const fn always(name: &'static str, holds: Type, about: &'static str) -> Property {
    Property { name, holds, always: true, about }
}

const fn maybe(name: &'static str, holds: Type, about: &'static str) -> Property {
    Property { name, holds, always: false, about }
}

const fn model(name: &'static str, about: &'static str, properties: &'static [Property]) -> Model {
    Model { name, about, extends: None, properties, open: false }
}

static PROFILE: Model = model(
    "Profile",
    "What everybody knows of a user.",
    &[
        always("uid", Type::Text, "The id, in lower case."),
        always("name", Type::Text, "The name shown."),
        maybe("avatar", Type::Text, "Picture."),
        maybe("link", Type::Text, "Profile page."),
        maybe("statusMessage", Type::Text, "Status text."),
        maybe("metadata", Type::Object, "Free data; not in lists."),
        always(
            "status",
            Type::Word(&["offline", "available"]),
            "Whether the user is online: here nobody ever is.",
        ),
        always("role", Type::Text, "One of the app's roles."),
        maybe("tags", Type::Texts, "Labels; in lists only on request."),
        always("createdAt", Type::Seconds, "When the user was created."),
        maybe("updatedAt", Type::Seconds, "When the user was last changed."),
    ],
);

pub(crate) static USER: Model = Model {
    extends: Some(&PROFILE),
    ..model(
        "User",
        "A user.",
        &[
            maybe(
                "deactivatedAt",
                Type::Seconds,
                "When the user was deactivated: in lists that show such users.",
            ),
            maybe(
                "conversationId",
                Type::Text,
                "The conversation with the user looked on behalf of.",
            ),
            maybe("hasBlockedMe", Type::Flag, "Looked at on behalf of another user."),
            maybe("blockedByMe", Type::Flag, "Looked at on behalf of another user."),
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
            always("settings", Type::Is(&SETTINGS), "Where everything is."),
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
        "Where everything is: the document that the official client keeps. It has more fields than are listed here.",
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
        always("uid", Type::Text, "Whose it is."),
        always(
            "authToken",
            Type::Text,
            "The token: `<uid>_`, ten digits of seconds, 30 of hex. To be treated as opaque.",
        ),
        always("createdAt", Type::Seconds, "When it was created."),
        maybe("platform", Type::Text, "What its client runs on."),
        maybe("userAgent", Type::Text, "Its client's user agent."),
        maybe("appInfo", Type::Object, "What its client tells about itself."),
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
        always("name", Type::Text, "The name shown."),
        maybe("description", Type::Text, "What it is for."),
        maybe("metadata", Type::Object, "Free data."),
        maybe("settings", Type::Object, "Whom its users may see and write to."),
        always("createdAt", Type::Seconds, "When it was created."),
        maybe("updatedAt", Type::Seconds, "When it was last changed."),
    ],
);

pub(crate) static DONE: Model = model(
    "Done",
    "It was done.",
    &[always("success", Type::Flag, "True."), always("message", Type::Text, "The same in words.")],
);

pub(crate) static DEACTIVATED: Model = model(
    "Deactivated",
    "What became of each uid; empty groups are left out.",
    &[
        maybe("deactivatedUids", Type::Texts, "Deactivated now."),
        maybe("alreadyDeactivatedUids", Type::Texts, "Deactivated before."),
        maybe("notFound", Type::Texts, "Nobody's uid; as sent."),
    ],
);

pub(crate) static REACTIVATED: Model = model(
    "Reactivated",
    "What became of each uid; empty groups are left out.",
    &[
        maybe("reactivatedUids", Type::Texts, "Active again."),
        maybe("nonDeactivatedUids", Type::Texts, "Were active all along."),
        maybe("notFound", Type::Texts, "Nobody's uid; as sent."),
    ],
);

pub(crate) static PASS: Model =
    model("Pass", "A pass for the web socket.", &[always("jwt", Type::Text, "In a JWT's form.")]);

pub(crate) static USER_SESSION: Model = model(
    "UserSession",
    "The usage report was taken.",
    &[always("sessionId", Type::Any, "The report's own id, as sent; null without one.")],
);

pub(crate) static PONG: Model = model("Pong", "Taken.", &[always("success", Type::Flag, "True.")]);
