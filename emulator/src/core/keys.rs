//! API keys: list, create, get, update, delete.

use super::access::{Caller, mask};
use super::call::{Call, Failure};
use super::list;
use super::state::{ApiKey, Change, Scope};
use super::status::Fault;
use super::validate::{Field, Kind, Values, filled, optional, required};
use serde_json::{Value, json};

/// So many keys an app can have, by the documentation.
const MAX_KEYS: usize = 25;

const SCOPE: Kind = Kind::Word(&["authOnly", "fullAccess"]);

pub(crate) const LIST: &[Field] = &[
    list::PER_PAGE,
    list::PAGE,
    optional(
        "scope",
        Kind::Text(100),
        "Only keys of this scope; with an unknown one the list is empty.",
    ),
    optional(
        "searchKey",
        Kind::Text(100),
        "Only keys whose name begins with this, in any letter case.",
    ),
];

pub(crate) const CREATE: &[Field] = &[
    required("name", Kind::Text(100), "Its name in lists; no two keys have the same."),
    filled("scope", SCOPE, "What it may do; authOnly if left out."),
];

pub(crate) const UPDATE: &[Field] = &[
    filled("name", Kind::Text(100), "Its name in lists; no two keys have the same."),
    filled("scope", SCOPE, "What it may do."),
];

/// `GET /apikeys`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut values = call.query()?;
    let scope = values.text("scope");
    let search = values.text("searchKey").map(|text| text.to_lowercase());
    let mut keys: Vec<&ApiKey> = call
        .site
        .app
        .keys
        .values()
        .filter(|key| scope.as_deref().is_none_or(|scope| scope == key.scope.name()))
        .filter(|key| {
            search.as_deref().is_none_or(|search| key.name.to_lowercase().starts_with(search))
        })
        .collect();
    keys.sort_by_key(|key| std::cmp::Reverse(key.seq));
    let (keys, pagination) = list::page(keys.into_iter(), &values);
    let data: Vec<Value> = keys.into_iter().map(show).collect();
    Ok(json!({ "data": data, "meta": { "pagination": pagination } }))
}

/// `POST /apikeys`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut values = checked(call, CREATE, None)?;
    if call.site.app.keys.len() >= MAX_KEYS {
        return Err(Failure::new(
            Fault::TooManyKeys,
            format!(
                "The app already has {MAX_KEYS} API keys, and more are not possible. Please delete one first."
            ),
        ));
    }
    let key = ApiKey {
        api_key: call.random_hex(20),
        name: values.required_text("name"),
        scope: scope(&mut values).unwrap_or(Scope::AuthOnly),
        created_at: call.request.now,
        seq: call.next_seq(),
    };
    let data = show(&key);
    call.changes.push(Change::PutKey { app: call.app_id(), key });
    Ok(json!({ "data": data }))
}

/// `GET /apikeys/{apiKey}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(json!({ "data": show(path_key(call)?) }))
}

/// `PUT /apikeys/{apiKey}`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut key = other_key(call, "updated")?.clone();
    let mut values = checked(call, UPDATE, Some(&key))?;
    key.name = values.text("name").unwrap_or(key.name);
    key.scope = scope(&mut values).unwrap_or(key.scope);
    let data = show(&key);
    call.changes.push(Change::PutKey { app: call.app_id(), key });
    Ok(json!({ "data": data }))
}

/// `DELETE /apikeys/{apiKey}`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Value, Failure> {
    let key = other_key(call, "deleted")?;
    let message = format!("The Api Key {} has been deleted successfully.", mask(&key.api_key));
    call.changes.push(Change::RemoveKey { app: call.app_id(), api_key: key.api_key.clone() });
    Ok(json!({ "data": { "success": true, "message": message } }))
}

/// The body's values; the name must be no other key's.
fn checked(call: &Call<'_>, fields: &[Field], own: Option<&ApiKey>) -> Result<Values, Failure> {
    let mut input = call.body_input(fields);
    let taken = input.peek("name").is_some_and(|name| {
        let others = call
            .site
            .app
            .keys
            .values()
            .filter(|key| own.is_none_or(|own| own.api_key != key.api_key));
        others.into_iter().any(|key| key.name == name)
    });
    if taken {
        input.refuse("name", "The name has already been taken.");
    }
    input.done()
}

fn scope(values: &mut Values) -> Option<Scope> {
    values.text("scope").map(|scope| {
        if scope == Scope::FullAccess.name() { Scope::FullAccess } else { Scope::AuthOnly }
    })
}

fn path_key<'a>(call: &Call<'a>) -> Result<&'a ApiKey, Failure> {
    let sent = call.found.decoded("{apiKey}");
    call.site.app.keys.get(&sent).ok_or_else(|| {
        Failure::new(Fault::KeyNotFound, format!("The API key {} does not exist.", mask(&sent)))
    })
}

/// The key named in the path, unless it is the one the call was made with: a key must not change or delete itself.
fn other_key<'a>(call: &Call<'a>, what: &str) -> Result<&'a ApiKey, Failure> {
    let key = path_key(call)?;
    if matches!(call.caller, Caller::Key(own) if own.api_key == key.api_key) {
        return Err(Failure::new(
            Fault::NoSelfAction,
            format!(
                "The API key {} cannot be {what} with itself. Please use another API key with fullAccess scope.",
                mask(&key.api_key)
            ),
        ));
    }
    Ok(key)
}

fn show(key: &ApiKey) -> Value {
    json!({ "apiKey": key.api_key, "name": key.name, "scope": key.scope.name(), "createdAt": key.created_at })
}
