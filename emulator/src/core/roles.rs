//! Roles: list, create, get, update, delete.

use super::call::{Call, Content};
use super::change::Change;
use super::entity::{Role, User};
use super::error::ErrorKind;
use super::failure::Failure;
use super::list::Page;
use super::validate::{Field, Kind, filled, optional, required};
use serde::Serialize;
use serde_json::{Map, Value};

/// The documentation's limit of roles an app.
const MOST: usize = 25;

const WHOM: &[&str] = &["all", "friendsOnly"];

/// The fields that can be set when a role is created and changed later.
const OPTIONAL: &[Field] = &[
    optional("description", Kind::Text(255), "What it is for."),
    optional("metadata", Kind::Metadata, "Custom data: an object, or its JSON text; at most 5 KB."),
    optional(
        "settings",
        Kind::Choices(&[("listUsers", WHOM), ("sendMessagesTo", WHOM)]),
        "Deprecated by CometChat: whom its users may list and message. Kept, but not applied.",
    ),
];

const NEW: &[Field] = &[
    required("role", Kind::Id, "The new role's id; kept in lower case."),
    required("name", Kind::Text(100), "The display name."),
];
const NAME: &[Field] = &[filled("name", Kind::Text(100), "The display name.")];
const UNSET: &[Field] = &[optional(
    "unset",
    Kind::Words(&["description", "metadata", "settings"]),
    "The fields to clear.",
)];

pub(crate) const CREATE: &[&[Field]] = &[NEW, OPTIONAL];
pub(crate) const UPDATE: &[&[Field]] = &[NAME, OPTIONAL, UNSET];

/// A role as callers see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    role: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<&'a Map<String, Value>>,
    created_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<u64>,
}

impl<'a> View<'a> {
    fn of(role: &'a Role) -> Self {
        Self {
            role: &role.role,
            name: &role.name,
            description: role.description.as_deref(),
            metadata: role.metadata.as_ref(),
            settings: role.settings.as_ref(),
            created_at: role.created_at,
            updated_at: role.updated_at,
        }
    }
}

/// `GET /roles`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Content, Failure> {
    let page = Page::of(&call.query()?);
    let mut roles: Vec<&Role> = call.site.app.roles.values().collect();
    roles.sort_by_key(|role| std::cmp::Reverse(role.seq));
    let (roles, meta) = page.take(roles.into_iter().map(View::of));
    Content::list(roles.iter(), meta)
}

/// `POST /roles`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Content, Failure> {
    let mut input = call.input();
    if input.peek("role").is_some_and(|role| call.site.app.roles.contains_key(role)) {
        input.refuse("role", "The role has already been taken.");
    }
    let mut values = input.done()?;
    if call.site.app.roles.len() >= MOST {
        return Err(Failure::new(
            ErrorKind::TooManyRoles,
            format!(
                "The app already has {MOST} roles, and more are not possible. Please delete one \
                 first."
            ),
        ));
    }
    let role = Role {
        role: values.required_text("role"),
        name: values.required_text("name"),
        description: values.text("description"),
        metadata: values.object("metadata"),
        settings: values.object("settings"),
        permissions: Map::new(),
        created_at: call.request.now,
        updated_at: None,
        seq: call.next_seq(),
    };
    call.changes.push(Change::PutRole { app: call.app_id(), role: role.clone() });
    Content::data(View::of(&role))
}

/// `GET /roles/{role}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Content, Failure> {
    Content::data(View::of(path_role(call)?))
}

/// `PUT /roles/{role}`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Content, Failure> {
    let mut role = path_role(call)?.clone();
    let mut values = call.input().done()?;
    role.name = values.text("name").unwrap_or(role.name);
    role.description = values.text("description").or(role.description);
    role.metadata = values.object("metadata").or(role.metadata);
    role.settings = values.object("settings").or(role.settings);
    for field in values.texts("unset").unwrap_or_default() {
        match field.as_str() {
            "description" => role.description = None,
            "metadata" => role.metadata = None,
            "settings" => role.settings = None,
            // `UNSET` lists no other field.
            _ => {}
        }
    }
    role.updated_at = Some(call.request.now);
    call.changes.push(Change::PutRole { app: call.app_id(), role: role.clone() });
    Content::data(View::of(&role))
}

/// `DELETE /roles/{role}`: its users get the default role.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Content, Failure> {
    let role = path_role(call)?.role.clone();
    if role == Role::DEFAULT {
        let message = "The default role cannot be deleted.";
        return Err(Failure::new(ErrorKind::RoleDeleteDenied, message));
    }
    for user in call.site.app.users.of_role(&role) {
        call.put_user(User { role: Role::DEFAULT.to_owned(), ..user.clone() });
    }
    let message = format!("Role {role} has been deleted successfully.");
    call.changes.push(Change::RemoveRole { app: call.app_id(), role });
    Content::done(&message)
}

pub(crate) fn path_role<'a>(call: &Call<'a>) -> Result<&'a Role, Failure> {
    let sent = call.path.decoded("{role}").trim().to_lowercase();
    call.site.app.roles.get(&sent).ok_or_else(|| {
        Failure::new(
            ErrorKind::RoleNotFound,
            format!(
                "The role {sent} does not exist, please make sure you have created a role with \
             the id {sent}."
            ),
        )
    })
}
