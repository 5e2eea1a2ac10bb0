//! Permissions of roles (RBAC): list, set, unset, and the checks of calls by users.
//!
//! The emulator applies the permissions of the calls that it has: reading another user
//! (`getUserDetails`) and changing one's own profile (`editProfile`). The others are kept.

use super::call::{Call, Content};
use super::change::Change;
use super::entity::{Role, User};
use super::error::ErrorKind;
use super::failure::Failure;
use super::list::Page;
use super::roles;
use super::state::App;
use super::validate::{Field, Kind, required};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The values that a permission takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    /// `allow` or `deny`.
    Allow,
    /// `all` or `friends`.
    Mode,
    /// A list of these words; empty for all of them.
    Words(&'static [&'static str]),
    /// A list of the app's roles; empty for all of them.
    Roles,
    /// A list of any words; empty for all of them.
    Custom,
}

impl Values {
    const fn data_type(self) -> &'static str {
        match self {
            Self::Allow | Self::Mode => "string",
            Self::Words(_) => "stringArray",
            Self::Roles => "rolesStringArray",
            Self::Custom => "customStringArray",
        }
    }

    const fn available(self) -> &'static [&'static str] {
        match self {
            Self::Allow => &["allow", "deny"],
            Self::Mode => &["all", "friends"],
            Self::Words(words) => words,
            Self::Roles | Self::Custom => &[],
        }
    }

    fn default_value(self) -> Value {
        match self {
            Self::Allow => json!("allow"),
            Self::Mode => json!("all"),
            Self::Words(_) | Self::Roles | Self::Custom => json!([]),
        }
    }

    /// Whether a value is one of them. `null` means no restriction, as an empty list does.
    fn accept(self, app: &App, value: &Value) -> bool {
        let is_text = |fits: &dyn Fn(&str) -> bool| value.as_str().is_some_and(fits);
        let are_texts = |fits: &dyn Fn(&str) -> bool| {
            let items = value.as_array();
            value.is_null()
                || items
                    .is_some_and(|items| items.iter().all(|item| item.as_str().is_some_and(fits)))
        };
        match self {
            Self::Allow | Self::Mode => is_text(&|text| self.available().contains(&text)),
            Self::Words(words) => are_texts(&|text| words.contains(&text)),
            Self::Roles => are_texts(&|text| app.roles.contains_key(text)),
            Self::Custom => are_texts(&|text| !text.trim().is_empty()),
        }
    }
}

/// A permission that roles can have.
struct Permission {
    id: &'static str,
    values: Values,
    title: &'static str,
}

const fn permission(id: &'static str, values: Values, title: &'static str) -> Permission {
    Permission { id, values, title }
}

const GROUP_TYPES: Values = Values::Words(&["public", "private", "password"]);
const MESSAGE_TYPES: Values = Values::Words(&["text", "image", "audio", "video", "file"]);
const CATEGORIES: Values = Values::Words(&["message", "custom", "action", "call", "interactive"]);
const RECEIVERS: Values = Values::Words(&["user", "group"]);
const SCOPES: Values = Values::Words(&["admin", "moderator", "participant"]);

const GET_USER_MODE: &str = "getUserDetails.mode";
const GET_USER_ROLES: &str = "getUserDetails.allowedRoles";
const EDIT_PROFILE: &str = "editProfile";

/// The published permissions.
const PERMISSIONS: &[Permission] = &[
    permission("listUsers", Values::Allow, "List users"),
    permission("listUsers.mode", Values::Mode, "Which users are listed"),
    permission("listUsers.allowedRoles", Values::Roles, "The roles of the users listed"),
    permission(GET_USER_MODE, Values::Mode, "Whose details are shown"),
    permission(GET_USER_ROLES, Values::Roles, "The roles of the users whose details are shown"),
    permission(EDIT_PROFILE, Values::Allow, "Change the own profile"),
    permission("listMessages.allowedMessageCategories", CATEGORIES, "Message categories listed"),
    permission("listMessages.allowedMessageTypes", MESSAGE_TYPES, "Message types listed"),
    permission("sendMessage", Values::Allow, "Send messages"),
    permission("sendMessage.mode", Values::Mode, "Whom messages are sent to"),
    permission("sendMessage.allowedReceiverTypes", RECEIVERS, "Receivers of messages"),
    permission("sendMessage.allowedReceiverRoles", Values::Roles, "Roles of receivers"),
    permission("sendMessage.allowedMessageCategories", CATEGORIES, "Message categories sent"),
    permission("sendMessage.allowedMessageTypes", MESSAGE_TYPES, "Message types sent"),
    permission("sendMessage.allowedCustomTypes", Values::Custom, "Custom message types sent"),
    permission("sendMessage.allowedMimeTypes", Values::Custom, "MIME types of files sent"),
    permission("editMessage", Values::Allow, "Edit messages"),
    permission("editMessage.denyForScopes", SCOPES, "Scopes that do not edit messages"),
    permission("deleteMessage", Values::Allow, "Delete messages"),
    permission("deleteMessage.denyForScopes", SCOPES, "Scopes that do not delete messages"),
    permission("initiateCall", Values::Allow, "Start calls"),
    permission("initiateCall.mode", Values::Mode, "Whom calls are started with"),
    permission("initiateCall.allowedReceiverRoles", Values::Roles, "Roles of the users called"),
    permission("createGroup", Values::Allow, "Create groups"),
    permission("createGroup.allowedGroupTypes", GROUP_TYPES, "Group types created"),
    permission("listGroups", Values::Allow, "List groups"),
    permission("listGroups.allowedGroupTypes", GROUP_TYPES, "Group types listed"),
    permission("joinGroup", Values::Allow, "Join groups"),
    permission("joinGroup.allowedGroupTypes", GROUP_TYPES, "Group types joined"),
];

pub(crate) const SET: &[&[Field]] = &[&[required(
    "permissions",
    Kind::Object,
    "Permission ids and their values; other permissions keep theirs.",
)]];

fn find(id: &str) -> Option<&'static Permission> {
    PERMISSIONS.iter().find(|permission| permission.id == id)
}

/// A permission as callers see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    id: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    description: &'static str,
    data_type: &'static str,
    available_values: &'static [&'static str],
    default_value: Value,
    created_at: u64,
    updated_at: u64,
}

/// `GET /roles/{role}/permissions`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Content, Failure> {
    let page = Page::of(&call.query()?);
    let at = roles::path_role(call)?.created_at;
    let views = PERMISSIONS.iter().map(|Permission { id, values, title }| View {
        id,
        kind: "role",
        title,
        description: title,
        data_type: values.data_type(),
        available_values: values.available(),
        default_value: values.default_value(),
        created_at: at,
        updated_at: at,
    });
    let (views, meta) = page.take(views);
    Content::list(views.iter(), meta)
}

/// `PUT /roles/{role}/permissions`
pub(crate) fn set(call: &mut Call<'_>) -> Result<Content, Failure> {
    let mut role = roles::path_role(call)?.clone();
    let mut input = call.input();
    let sent = input.peek_object("permissions").cloned().unwrap_or_default();
    let app = call.site.app;
    for (id, value) in &sent {
        if !find(id).is_some_and(|permission| permission.values.accept(app, value)) {
            input.refuse(
                &format!("permissions.{id}"),
                format!("The selected permissions.{id} is invalid."),
            );
        }
    }
    input.done()?;
    let mut data = Map::new();
    for (id, value) in sent {
        let message =
            format!("Permission with id {id} have been mapped successfully to role {}.", role.role);
        data.insert(id.clone(), json!({ "success": true, "message": message }));
        role.permissions.insert(id, value);
    }
    data.insert("permissions".to_owned(), Value::Object(role.permissions.clone()));
    put(call, role);
    Content::data(data)
}

/// `DELETE /roles/{role}/permissions/{permission}`
pub(crate) fn unset(call: &mut Call<'_>) -> Result<Content, Failure> {
    let mut role = roles::path_role(call)?.clone();
    let id = call.path.decoded("{permission}");
    if find(&id).is_none() {
        return Err(Failure::new(
            ErrorKind::UnknownPermission,
            format!("The permission {id} does not exist."),
        ));
    }
    role.permissions.shift_remove(&id);
    let permissions = role.permissions.clone();
    put(call, role);
    Content::data(json!({ "permissions": permissions }))
}

fn put(call: &mut Call<'_>, mut role: Role) {
    role.updated_at = Some(call.request.now);
    call.changes.push(Change::PutRole { app: call.app_id(), role });
}

fn denied(what: &str) -> Failure {
    let message = format!("The role of the logged-in user does not permit {what}.");
    Failure::new(ErrorKind::PermissionDenied, message)
}

fn value<'a>(app: &'a App, user: &User, id: &str) -> Option<&'a Value> {
    app.roles.get(&user.role)?.permissions.get(id)
}

/// Whether a user may read another one. There are no friends here: with the mode `friends`, users
/// read themselves only.
pub(crate) fn check_read(app: &App, reader: &User, user: &User) -> Result<(), Failure> {
    if reader.uid == user.uid {
        return Ok(());
    }
    let friends_only = value(app, reader, GET_USER_MODE).is_some_and(|mode| mode == "friends");
    let roles = value(app, reader, GET_USER_ROLES).and_then(Value::as_array);
    let of_role = roles.is_none_or(|roles| {
        roles.is_empty() || roles.iter().any(|role| role.as_str() == Some(user.role.as_str()))
    });
    if friends_only || !of_role { Err(denied("reading this user")) } else { Ok(()) }
}

/// Whether a user may change the own profile.
pub(crate) fn check_edit(app: &App, user: &User) -> Result<(), Failure> {
    let is_denied = value(app, user, EDIT_PROFILE).is_some_and(|value| value == "deny");
    if is_denied { Err(denied("changing the profile")) } else { Ok(()) }
}
