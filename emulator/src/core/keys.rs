//! API keys: list, create, get, update, delete.

use super::access::{Caller, mask};
use super::call::{Call, Content};
use super::change::Change;
use super::entity::{ApiKey, Scope};
use super::error::ErrorKind;
use super::failure::Failure;
use super::list::Page;
use super::validate::{Field, Kind, Values, filled, optional, required};
use serde::Serialize;

/// The documentation's limit of keys an app.
const MOST: usize = 25;

const SCOPE: Kind = Kind::Word(&["authOnly", "fullAccess"]);

/// The query of `GET /apikeys`, besides the page.
pub(crate) const FILTERS: &[Field] = &[
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

pub(crate) const CREATE: &[&[Field]] = &[&[
    required("name", Kind::Text(100), "Its name in lists, unique in the app."),
    filled("scope", SCOPE, "What it may do; authOnly if left out."),
]];

pub(crate) const UPDATE: &[&[Field]] = &[&[
    filled("name", Kind::Text(100), "Its name in lists, unique in the app."),
    filled("scope", SCOPE, "What it may do."),
]];

/// A key as callers see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    api_key: &'a str,
    name: &'a str,
    scope: Scope,
    created_at: u64,
}

impl<'a> View<'a> {
    fn of(key: &'a ApiKey) -> Self {
        let ApiKey { api_key, name, scope, created_at, .. } = key;
        Self { api_key, name, scope: *scope, created_at: *created_at }
    }
}

/// `GET /apikeys`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Content, Failure> {
    let mut values = call.query()?;
    let scope = values.text("scope");
    let search = values.text("searchKey").map(|text| text.to_lowercase());
    let fits = |key: &&ApiKey| {
        let name = key.name.to_lowercase();
        scope.as_deref().is_none_or(|scope| scope == key.scope.name())
            && search.as_deref().is_none_or(|search| name.starts_with(search))
    };
    let mut keys: Vec<&ApiKey> = call.site.app.keys.values().filter(fits).collect();
    keys.sort_by_key(|key| std::cmp::Reverse(key.seq));
    let (keys, meta) = Page::of(&values).take(keys.into_iter().map(View::of));
    Content::list(keys.iter(), meta)
}

/// `POST /apikeys`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Content, Failure> {
    let mut values = checked(call, None)?;
    if call.site.app.keys.len() >= MOST {
        return Err(Failure::new(
            ErrorKind::TooManyKeys,
            format!(
                "The app already has {MOST} API keys, and more are not possible. Please delete one \
                 first."
            ),
        ));
    }
    let key = ApiKey {
        api_key: call.random_hex::<20>()?,
        name: values.required_text("name"),
        scope: scope(&mut values).unwrap_or(Scope::AuthOnly),
        created_at: call.request.now,
        seq: call.next_seq(),
    };
    call.changes.push(Change::PutKey { app: call.app_id(), key: key.clone() });
    Content::data(View::of(&key))
}

/// `GET /apikeys/{apiKey}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Content, Failure> {
    Content::data(View::of(path_key(call)?))
}

/// `PUT /apikeys/{apiKey}`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Content, Failure> {
    let mut key = other_key(call, "updated")?.clone();
    let mut values = checked(call, Some(&key))?;
    key.name = values.text("name").unwrap_or(key.name);
    key.scope = scope(&mut values).unwrap_or(key.scope);
    call.changes.push(Change::PutKey { app: call.app_id(), key: key.clone() });
    Content::data(View::of(&key))
}

/// `DELETE /apikeys/{apiKey}`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Content, Failure> {
    let key = other_key(call, "deleted")?;
    call.changes.push(Change::RemoveKey { app: call.app_id(), api_key: key.api_key.clone() });
    Content::done(&format!("The Api Key {} has been deleted successfully.", mask(&key.api_key)))
}

/// The body's values. No other key may have the name.
fn checked(call: &Call<'_>, own: Option<&ApiKey>) -> Result<Values, Failure> {
    let mut input = call.input();
    let is_other = |key: &&ApiKey| own.is_none_or(|own| own.api_key != key.api_key);
    let mut others = call.site.app.keys.values().filter(is_other);
    if input.peek("name").is_some_and(|name| others.any(|key| key.name == name)) {
        input.refuse("name", "The name has already been taken.");
    }
    input.done()
}

fn scope(values: &mut Values) -> Option<Scope> {
    let scope = values.text("scope")?;
    Some(if scope == Scope::FullAccess.name() { Scope::FullAccess } else { Scope::AuthOnly })
}

fn path_key<'a>(call: &Call<'a>) -> Result<&'a ApiKey, Failure> {
    let sent = call.path.decoded("{apiKey}");
    call.site.app.keys.get(&sent).ok_or_else(|| {
        let message = format!("The API key {} does not exist.", mask(&sent));
        Failure::new(ErrorKind::KeyNotFound, message)
    })
}

/// The key named in the path. The key of the call itself is refused: a key must not change or
/// delete itself.
fn other_key<'a>(call: &Call<'a>, action: &str) -> Result<&'a ApiKey, Failure> {
    let key = path_key(call)?;
    if matches!(call.caller, Caller::Key(own) if own.api_key == key.api_key) {
        return Err(Failure::new(
            ErrorKind::NoSelfAction,
            format!(
                "The API key {} cannot be {action} with itself. Please use another API key with \
                 fullAccess scope.",
                mask(&key.api_key)
            ),
        ));
    }
    Ok(key)
}
