//! Roles, as far as users need them: list, create, get, update, delete. What a role forbids belongs to messaging, which is not here.

use super::call::{Call, Failure};
use super::list;
use super::state::{Change, Role};
use super::status::Fault;
use super::validate::{Field, Kind, filled, optional, required};
use serde_json::{Map, Value, json};

const WHOM: &[&str] = &["all", "friendsOnly"];
const DESCRIPTION: Field = optional("description", Kind::Text(255), "What it is for.");
const METADATA: Field =
    optional("metadata", Kind::Metadata, "Free data: an object, or the text of one; at most 5 KB.");
const SETTINGS: Field = optional(
    "settings",
    Kind::Choices(&[("listUsers", WHOM), ("sendMessagesTo", WHOM)]),
    "Whom its users may see and write to. Kept, but the emulator has nothing to apply it to.",
);

pub(crate) const CREATE: &[Field] = &[
    required("role", Kind::Id, "The new role's id; kept in lower case."),
    required("name", Kind::Text(100), "The name shown."),
    DESCRIPTION,
    METADATA,
    SETTINGS,
];

pub(crate) const UPDATE: &[Field] = &[
    filled("name", Kind::Text(100), "The name shown."),
    DESCRIPTION,
    METADATA,
    SETTINGS,
    optional("unset", Kind::Words(&["description", "metadata", "settings"]), "What to clear."),
];

/// `GET /roles`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let values = call.query()?;
    let mut roles: Vec<&Role> = call.site.app.roles.values().collect();
    roles.sort_by_key(|role| std::cmp::Reverse(role.seq));
    let (roles, pagination) = list::page(roles.into_iter(), &values);
    let data: Vec<Value> = roles.into_iter().map(show).collect();
    Ok(json!({ "data": data, "meta": { "pagination": pagination } }))
}

/// `POST /roles`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut input = call.body_input(CREATE);
    if input.peek("role").is_some_and(|role| call.site.app.roles.contains_key(role)) {
        input.refuse("role", "The role has already been taken.");
    }
    let mut values = input.done()?;
    let role = Role {
        role: values.required_text("role"),
        name: values.required_text("name"),
        description: values.text("description"),
        metadata: values.object("metadata"),
        settings: values.object("settings"),
        created_at: call.request.now,
        updated_at: None,
        seq: call.next_seq(),
    };
    let data = show(&role);
    call.changes.push(Change::PutRole { app: call.app_id(), role });
    Ok(json!({ "data": data }))
}

/// `GET /roles/{role}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(json!({ "data": show(path_role(call)?) }))
}

/// `PUT /roles/{role}`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut role = path_role(call)?.clone();
    let mut values = call.body_input(UPDATE).done()?;
    role.name = values.text("name").unwrap_or(role.name);
    role.description = values.text("description").or(role.description);
    role.metadata = values.object("metadata").or(role.metadata);
    role.settings = values.object("settings").or(role.settings);
    for field in values.texts("unset").unwrap_or_default() {
        match field.as_str() {
            "description" => role.description = None,
            "metadata" => role.metadata = None,
            _ => role.settings = None,
        }
    }
    role.updated_at = Some(call.request.now);
    let data = show(&role);
    call.changes.push(Change::PutRole { app: call.app_id(), role });
    Ok(json!({ "data": data }))
}

/// `DELETE /roles/{role}`: users who had it get the default role.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Value, Failure> {
    let role = path_role(call)?.role.clone();
    if role == Role::DEFAULT {
        return Err(Failure::new(Fault::RoleDeleteDenied, "The default role cannot be deleted."));
    }
    for user in call.site.app.users.values().filter(|user| user.role == role) {
        let mut user = user.clone();
        user.role = Role::DEFAULT.to_owned();
        call.put_user(user);
    }
    let message = format!("Role {role} has been deleted successfully.");
    call.changes.push(Change::RemoveRole { app: call.app_id(), role });
    Ok(json!({ "data": { "success": true, "message": message } }))
}

fn path_role<'a>(call: &Call<'a>) -> Result<&'a Role, Failure> {
    let sent = call.found.decoded("{role}").trim().to_lowercase();
    call.site.app.roles.get(&sent).ok_or_else(|| {
        Failure::new(
            Fault::RoleNotFound,
            format!("The role {sent} does not exist, please make sure you have created a role with the id {sent}."),
        )
    })
}

fn show(role: &Role) -> Value {
    let mut data = Map::new();
    data.insert("role".into(), json!(role.role));
    data.insert("name".into(), json!(role.name));
    let rest = [
        ("description", role.description.as_ref().map(|text| json!(text))),
        ("metadata", role.metadata.as_ref().map(|map| json!(map))),
        ("settings", role.settings.as_ref().map(|map| json!(map))),
        ("createdAt", Some(json!(role.created_at))),
        ("updatedAt", role.updated_at.map(|at| json!(at))),
    ];
    for (name, value) in rest {
        if let Some(value) = value {
            data.insert(name.to_owned(), value);
        }
    }
    Value::Object(data)
}
