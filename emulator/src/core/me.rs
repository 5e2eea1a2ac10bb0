//! The client's side of the service: `me`, and the web socket pass.

use super::access::Caller;
use super::call::{Call, Content};
use super::change::Change;
use super::entity::{Token, User};
use super::error::ErrorKind;
use super::failure::Failure;
use super::permissions;
use super::settings;
use super::users;
use super::validate::{Field, Kind, Values, optional};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The fields of the client's device.
const DEVICE: &[Field] = &[
    optional("platform", Kind::Text(100), "The client's platform."),
    optional("deviceId", Kind::Text(300), "The client's own id of the device."),
    optional("appInfo", Kind::Object, "Details that the client reports."),
];

/// The body of `PUT /me`: the user's own fields, and the device.
pub(crate) const PUT: &[&[Field]] = &{
    let [name, profile, unset] = users::OWN;
    [name, profile, unset, DEVICE]
};

/// `PUT /me`: a login, or with one of the user's own fields a change of the user (never of the
/// role).
pub(crate) fn put(call: &mut Call<'_>) -> Result<Content, Failure> {
    let (user, token) = session(call)?;
    let (mut user, mut token) = (user.clone(), token.clone());
    let mut values = call.input().done()?;
    let mut own_fields = users::OWN.iter().copied().flatten();
    if own_fields.any(|field| call.body.contains_key(field.name)) {
        permissions::check_edit(call.site.app, &user)?;
        users::write(&mut user, &mut values, call.state);
        user.updated_at = Some(call.request.now);
        call.put_user(user.clone());
    } else {
        log_in(call, &mut token, values.text("deviceId"))?;
    }
    note_device(&mut token, &mut values);
    respond(call, &user, token)
}

/// A login. Where a token allows one login only, the same device may repeat it: a page takes up its
/// session again after a reload. Pinned tokens allow every login.
fn log_in(call: &Call<'_>, token: &mut Token, device: Option<String>) -> Result<(), Failure> {
    let same_device = device.is_some() && device == token.device_id;
    if call.state.config.single_use_tokens && token.used && !same_device && !token.pinned {
        return Err(Failure::new(
            ErrorKind::TokenUnavailable,
            "The auth token was used for a login before, on another device. Please create a new \
             auth token for each login.",
        ));
    }
    token.used = true;
    token.device_id = device.or(token.device_id.take());
    Ok(())
}

/// `GET /me`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Content, Failure> {
    let (user, token) = session(call)?;
    respond(call, user, token.clone())
}

/// `DELETE /me`: logs out, and revokes the token unless the configuration keeps it.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Content, Failure> {
    let (_, token) = session(call)?;
    if !call.state.config.logout_keeps_token && !token.pinned {
        call.changes.push(Change::RemoveToken { app: call.app_id(), token: token.token.clone() });
    }
    Content::done("User logged out successfully.")
}

/// `POST /me/jwt`: a fresh pass for the web socket.
pub(crate) fn jwt(call: &mut Call<'_>) -> Result<Content, Failure> {
    let (user, token) = session(call)?;
    let jwt = make_jwt(call, user)?;
    let token = Token { jwt: Some(jwt.clone()), ..token.clone() };
    call.changes.push(Change::PutToken { app: call.app_id(), token });
    Content::data(json!({ "jwt": jwt }))
}

/// `GET /settings`
pub(crate) fn settings(call: &mut Call<'_>) -> Result<Content, Failure> {
    Content::data(settings::document(call))
}

/// `POST /user_sessions`: the official client's usage report, which is not kept.
pub(crate) fn user_sessions(call: &mut Call<'_>) -> Result<Content, Failure> {
    Content::data(json!({ "sessionId": call.body.get("sessionId") }))
}

/// The ping of the analytics host, which is not kept.
pub(crate) fn ping(_call: &mut Call<'_>) -> Result<Content, Failure> {
    Content::data(json!({ "success": true }))
}

fn session<'a>(call: &Call<'a>) -> Result<(&'a User, &'a Token), Failure> {
    match call.caller {
        Caller::User(user, token) => Ok((user, token)),
        // The routes of this file require a token, so there is no other caller.
        Caller::Key(_) | Caller::Anyone => Err(Failure::unknown_user("")),
    }
}

/// Records on the token what the client reports of itself.
fn note_device(token: &mut Token, values: &mut Values) {
    let app_info = values.object("appInfo");
    let agent = app_info.as_ref().and_then(|map| map.get("userAgent")).and_then(Value::as_str);
    token.user_agent = agent.map(str::to_owned).or(token.user_agent.take());
    token.platform = values.text("platform").or(token.platform.take());
    token.app_info = app_info.or(token.app_info.take());
}

/// The logged-in user, with what the client needs for the session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    #[serde(flatten)]
    user: users::View<'a>,
    auth_token: &'a str,
    jwt: &'a str,
    ws_channel: Channel<'a>,
    settings: &'a Map<String, Value>,
}

/// The session's channel on the web socket.
#[derive(Serialize)]
struct Channel<'a> {
    identity: String,
    secret: &'a str,
    service: Option<&'a Value>,
}

fn respond(call: &mut Call<'_>, user: &User, mut token: Token) -> Result<Content, Failure> {
    let jwt = match token.jwt.take() {
        Some(jwt) => jwt,
        None => make_jwt(call, user)?,
    };
    let secret = match token.channel_secret.take() {
        Some(secret) => secret,
        None => call.random_hex::<16>()?,
    };
    token.jwt = Some(jwt.clone());
    token.channel_secret = Some(secret.clone());
    let app = call.app_id();
    let settings = settings::document(call);
    if call.site.app.tokens.get(&token.token) != Some(&token) {
        call.changes.push(Change::PutToken { app: app.clone(), token: token.clone() });
    }
    Content::data(View {
        user: users::View::of(&call.state.config, user),
        auth_token: &token.token,
        jwt: &jwt,
        ws_channel: Channel {
            identity: format!("[{app}]{}", user.uid),
            secret: &secret,
            service: settings.get("CHAT_HOST"),
        },
        settings: &settings,
    })
}

/// A pass in the form of a JWT. Its third part is random, not a signature: the emulator knows the
/// passes that it gave out.
fn make_jwt(call: &mut Call<'_>, user: &User) -> Result<String, Failure> {
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let claims = json!({
        "iss": "cometchat-emulator",
        "appId": call.site.app.id,
        "sub": user.uid,
        "iat": call.request.now,
    });
    let random = call.random_bytes::<32>()?;
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (header, claims) =
        (part(header.to_string().as_bytes()), part(claims.to_string().as_bytes()));
    Ok(format!("{header}.{claims}.{}", part(&random)))
}
