//! The credentials that a call needs.

use super::entity::{ApiKey, Scope, Token, User};
use super::error::ErrorKind;
use super::failure::Failure;
use super::http::Request;
use super::site::{Kind, Site};
use super::state::{App, State};

/// The right that a call requires of an API key. REST API keys have all rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// To create auth tokens. Auth Keys have it too.
    CreateTokens,
    /// To create and update users. Auth Keys have it too, unless
    /// [`super::Config::strict_auth_keys`] is set.
    ManageUsers,
    /// To make any other call.
    Everything,
}

/// The credential that a call needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// No credential.
    Nothing,
    /// An API key with this right, in the header `apikey`.
    ApiKey(Right),
    /// A user's auth token, in the header `authtoken`.
    AuthToken,
    /// Either of them. The host decides if it is of one kind of API, else the headers.
    ApiKeyOrAuthToken(Right),
}

/// The caller.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caller<'a> {
    Anyone,
    Key(&'a ApiKey),
    User(&'a User, &'a Token),
}

pub(crate) fn check<'a>(
    state: &State,
    site: &Site<'a>,
    request: &Request,
    credential: Credential,
) -> Result<Caller<'a>, Failure> {
    let strict = state.config.strict_auth_keys;
    match credential {
        Credential::Nothing => Ok(Caller::Anyone),
        Credential::ApiKey(right) => key(site.app, request, right, strict),
        Credential::AuthToken => token(site.app, request),
        Credential::ApiKeyOrAuthToken(right) => {
            let by_token = match site.kind {
                Some(Kind::Client) => true,
                Some(Kind::Admin) => false,
                None => request.header("apikey").is_none() && request.header("authtoken").is_some(),
            };
            if by_token { token(site.app, request) } else { key(site.app, request, right, strict) }
        }
    }
}

fn key<'a>(
    app: &'a App,
    request: &Request,
    needed: Right,
    strict: bool,
) -> Result<Caller<'a>, Failure> {
    let sent = request.header("apikey").unwrap_or_default();
    if sent.is_empty() {
        return Err(Failure::new(
            ErrorKind::EmptyApiKey,
            "The apiKey is missing in the headers. Please send your API key in the header apiKey.",
        ));
    }
    let masked = mask(sent);
    let Some(key) = app.keys.get(sent) else {
        return Err(Failure::new(
            ErrorKind::ApiKeyNotFound,
            format!("The key {masked} does not exist. Please use correct apiKey."),
        )
        .dev(format!("The {masked} key doesn't work. Please use correct apiKey.")));
    };
    if allows(key.scope, needed, strict) {
        Ok(Caller::Key(key))
    } else {
        Err(Failure::new(
            ErrorKind::NoAccess,
            format!(
                "The key {masked} cannot be used to perform this operation. Please use API key \
                 with a correct scope to perform the operation."
            ),
        ))
    }
}

fn allows(scope: Scope, needed: Right, strict: bool) -> bool {
    match (scope, needed) {
        (Scope::FullAccess, _) | (Scope::AuthOnly, Right::CreateTokens) => true,
        (Scope::AuthOnly, Right::ManageUsers) => !strict,
        (Scope::AuthOnly, Right::Everything) => false,
    }
}

fn token<'a>(app: &'a App, request: &Request) -> Result<Caller<'a>, Failure> {
    let sent = request.header("authtoken").unwrap_or_default();
    if sent.is_empty() {
        return Err(Failure::new(
            ErrorKind::EmptyAuthToken,
            "The authToken is missing in the headers. Please log in and send the auth token in the \
             header authToken.",
        ));
    }
    let Some(token) = app.tokens.get(sent) else {
        return Err(Failure::new(
            ErrorKind::AuthTokenNotFound,
            format!(
                "The auth token {sent} does not exist. Please make sure you are logged in and have \
                 a valid auth token or try login again."
            ),
        ));
    };
    // Deactivation keeps the tokens, but the user cannot use them.
    let user = app.active_user(&token.uid).ok_or_else(|| Failure::unknown_user(&token.uid))?;
    Ok(Caller::User(user, token))
}

/// A key as the service prints it in messages: the first and the last five characters, stars
/// between. The service's keys have 40 characters; a key under 24 would be shown nearly whole, so
/// it is all stars.
pub(crate) fn mask(key: &str) -> String {
    const SHOWN: usize = 5;
    const SHORTEST: usize = 24;
    let length = key.chars().count();
    if length < SHORTEST {
        return "*".repeat(length);
    }
    key.chars()
        .enumerate()
        .map(|(at, c)| if at < SHOWN || at >= length - SHOWN { c } else { '*' })
        .collect()
}
