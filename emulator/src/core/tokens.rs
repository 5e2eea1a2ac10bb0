//! Auth tokens: create, list, get, update, delete, flush.

use super::call::{Call, Failure};
use super::list;
use super::state::{Change, Token};
use super::status::Fault;
use super::validate::{Field, Kind, optional};
use serde_json::{Map, Value, json};

/// So many tokens of a user stay alive; the oldest gives way.
pub(crate) const RING: usize = 100;

pub(crate) const CREATE: &[Field] =
    &[optional("force", Kind::Flag, "Taken; there is a new token each time, whatever it says.")];

pub(crate) const UPDATE: &[Field] = &[
    optional("platform", Kind::Text(100), "What the token's client runs on."),
    optional("userAgent", Kind::Text(1000), "The client's user agent."),
    optional("appInfo", Kind::Object, "What the client tells about itself."),
];

/// Makes a new token for a user that is there or is about to be, and gives its text: `<uid>_<10-digit seconds><30 hex>`.
pub(crate) fn mint(call: &mut Call<'_>, uid: &str) -> String {
    let now = call.request.now;
    let text = format!("{uid}_{now:010}{}", call.random_hex(15));
    let token = Token {
        token: text.clone(),
        uid: uid.to_owned(),
        created_at: now,
        seq: call.next_seq(),
        platform: None,
        user_agent: None,
        app_info: None,
        device_id: None,
        jwt: None,
        channel_secret: None,
        used: false,
        pinned: false,
    };
    let app = call.app_id();
    if let Some(of) = call.site.app.tokens_of.get(uid) {
        let loose = of
            .values()
            .filter(|token| call.site.app.tokens.get(*token).is_some_and(|token| !token.pinned));
        let too_many = (of.len() + 1).saturating_sub(RING);
        for old in loose.take(too_many) {
            call.changes.push(Change::RemoveToken { app: app.clone(), token: old.clone() });
        }
    }
    call.changes.push(Change::PutToken { app, token });
    text
}

/// `POST /users/{uid}/auth_tokens`: always a new one, whatever `force` says (what `force: false` does is not known).
pub(crate) fn create(call: &mut Call<'_>) -> Result<Value, Failure> {
    call.body_input(CREATE).done()?;
    let uid = call.path_user()?.uid.clone();
    let created_at = call.request.now;
    let token = mint(call, &uid);
    Ok(json!({ "data": { "uid": uid, "authToken": token, "createdAt": created_at } }))
}

/// `GET /users/{uid}/auth_tokens`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let values = call.query()?;
    let app = call.site.app;
    let user = call.path_user()?;
    let tokens = app.tokens_of.get(&user.uid).into_iter().flat_map(|of| of.values().rev());
    let (tokens, pagination) =
        list::page(tokens.filter_map(|token| app.tokens.get(token)), &values);
    let data: Vec<Value> = tokens.into_iter().map(|token| Value::Object(show(token))).collect();
    Ok(json!({ "data": data, "meta": { "pagination": pagination } }))
}

/// `GET /users/{uid}/auth_tokens/{authToken}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Value, Failure> {
    let token = path_token(call)?;
    Ok(json!({ "data": show(token) }))
}

/// `PUT /users/{uid}/auth_tokens/{authToken}`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut token = path_token(call)?.clone();
    let mut values = call.body_input(UPDATE).done()?;
    token.platform = values.text("platform").or(token.platform);
    token.user_agent = values.text("userAgent").or(token.user_agent);
    token.app_info = values.object("appInfo").or(token.app_info);
    let data = show(&token);
    call.changes.push(Change::PutToken { app: call.app_id(), token });
    Ok(json!({ "data": data }))
}

/// `DELETE /users/{uid}/auth_tokens/{authToken}`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Value, Failure> {
    let token = path_token(call)?;
    let message = format!("Auth token of user {} has been deleted successfully.", token.uid);
    call.changes.push(Change::RemoveToken { app: call.app_id(), token: token.token.clone() });
    Ok(json!({ "data": { "success": true, "message": message } }))
}

/// `DELETE /users/{uid}/auth_tokens`
pub(crate) fn flush(call: &mut Call<'_>) -> Result<Value, Failure> {
    let uid = call.path_user()?.uid.clone();
    let app = call.app_id();
    for token in call.site.app.tokens_of.get(&uid).into_iter().flat_map(|of| of.values()) {
        call.changes.push(Change::RemoveToken { app: app.clone(), token: token.clone() });
    }
    let message = format!("Cleared Auth Tokens successfully for uid {uid}.");
    Ok(json!({ "data": { "success": true, "message": message } }))
}

/// The token named in the path, if it is one of the user named in the path.
fn path_token<'a>(call: &Call<'a>) -> Result<&'a Token, Failure> {
    let user = call.path_user()?;
    let text = call.found.decoded("{authToken}");
    call.site.app.tokens.get(&text).filter(|token| token.uid == user.uid).ok_or_else(|| {
        Failure::new(
            Fault::PathTokenNotFound,
            format!("The auth token does not exist for the user with UID {}.", user.uid),
        )
    })
}

fn show(token: &Token) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("uid".into(), json!(token.uid));
    data.insert("authToken".into(), json!(token.token));
    data.insert("createdAt".into(), json!(token.created_at));
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            data.insert(name.to_owned(), value);
        }
    };
    put("platform", token.platform.as_ref().map(|text| json!(text)));
    put("userAgent", token.user_agent.as_ref().map(|text| json!(text)));
    put("appInfo", token.app_info.as_ref().map(|map| json!(map)));
    data
}
