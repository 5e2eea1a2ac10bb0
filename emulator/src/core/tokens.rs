//! Auth tokens: create, list, get, update, delete, flush.

use super::call::{Call, Content};
use super::change::Change;
use super::entity::{Token, User};
use super::error::ErrorKind;
use super::failure::Failure;
use super::list::Page;
use super::validate::{Field, Kind, optional};
use serde::Serialize;
use serde_json::{Map, Value};

/// A user keeps this many tokens; a new one replaces the oldest.
pub(crate) const MOST: usize = 100;

pub(crate) const CREATE: &[&[Field]] =
    &[&[optional("force", Kind::Flag, "Accepted; each call creates a new token.")]];

pub(crate) const UPDATE: &[&[Field]] = &[&[
    optional("platform", Kind::Text(100), "The platform of the token's client."),
    optional("userAgent", Kind::Text(1000), "The client's user agent."),
    optional("appInfo", Kind::Object, "Details that the client reports."),
]];

/// A token as callers see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    uid: &'a str,
    auth_token: &'a str,
    created_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_info: Option<&'a Map<String, Value>>,
}

impl<'a> View<'a> {
    fn of(token: &'a Token) -> Self {
        Self {
            uid: &token.uid,
            auth_token: &token.token,
            created_at: token.created_at,
            platform: token.platform.as_deref(),
            user_agent: token.user_agent.as_deref(),
            app_info: token.app_info.as_ref(),
        }
    }
}

/// Makes a new token for a user, and returns its text: `<uid>_<10 digits of seconds><30 hex>`.
pub(crate) fn mint(call: &mut Call<'_>, user: &User) -> Result<String, Failure> {
    let (uid, now) = (&user.uid, call.request.now);
    if user.bot {
        let message = format!("Auth token creation not allowed for this bot {uid}");
        return Err(Failure::new(ErrorKind::BotToken, message));
    }
    let text = format!("{uid}_{now:010}{}", call.random_hex::<15>()?);
    let app = call.app_id();
    let tokens = &call.site.app.tokens;
    let too_many = (tokens.count_of_user(uid) + 1).saturating_sub(MOST);
    for old in tokens.of_user(uid).filter(|token| !token.pinned).take(too_many) {
        call.changes.push(Change::RemoveToken { app: app.clone(), token: old.token.clone() });
    }
    let seq = call.next_seq();
    let (token, uid) = (text.clone(), uid.clone());
    let token = Token { token, uid, created_at: now, seq, ..Token::default() };
    call.changes.push(Change::PutToken { app, token });
    Ok(text)
}

/// `POST /users/{uid}/auth_tokens`: always a new token. The effect of `force: false` is not known.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Content, Failure> {
    call.input().done()?;
    let user = call.path_user()?;
    let token = mint(call, user)?;
    let (uid, created_at) = (user.uid.clone(), call.request.now);
    Content::data(View::of(&Token { token, uid, created_at, ..Token::default() }))
}

/// `GET /users/{uid}/auth_tokens`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Content, Failure> {
    let page = Page::of(&call.query()?);
    let user = call.path_user()?;
    let (tokens, meta) = page.take(call.site.app.tokens.of_user(&user.uid).rev().map(View::of));
    Content::list(tokens.iter(), meta)
}

/// `GET /users/{uid}/auth_tokens/{authToken}`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Content, Failure> {
    Content::data(View::of(path_token(call)?))
}

/// `PUT /users/{uid}/auth_tokens/{authToken}`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Content, Failure> {
    let mut token = path_token(call)?.clone();
    let mut values = call.input().done()?;
    token.platform = values.text("platform").or(token.platform);
    token.user_agent = values.text("userAgent").or(token.user_agent);
    token.app_info = values.object("appInfo").or(token.app_info);
    call.changes.push(Change::PutToken { app: call.app_id(), token: token.clone() });
    Content::data(View::of(&token))
}

/// `DELETE /users/{uid}/auth_tokens/{authToken}`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Content, Failure> {
    let token = path_token(call)?;
    call.changes.push(Change::RemoveToken { app: call.app_id(), token: token.token.clone() });
    Content::done(&format!("Auth token of user {} has been deleted successfully.", token.uid))
}

/// `DELETE /users/{uid}/auth_tokens`
pub(crate) fn flush(call: &mut Call<'_>) -> Result<Content, Failure> {
    let user = call.path_user()?;
    let app = call.app_id();
    for token in call.site.app.tokens.of_user(&user.uid) {
        call.changes.push(Change::RemoveToken { app: app.clone(), token: token.token.clone() });
    }
    Content::done(&format!("Cleared Auth Tokens successfully for uid {}.", user.uid))
}

/// The token named in the path, if it belongs to the user named in the path.
fn path_token<'a>(call: &Call<'a>) -> Result<&'a Token, Failure> {
    let user = call.path_user()?;
    let token = call.site.app.tokens.get(&call.path.decoded("{authToken}"));
    token.filter(|token| token.uid == user.uid).ok_or_else(|| {
        Failure::new(
            ErrorKind::PathTokenNotFound,
            format!("The auth token does not exist for the user with UID {}.", user.uid),
        )
    })
}
