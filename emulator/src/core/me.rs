//! The client's side of the service, spoken by the SDK after a login: `me`, its settings document, and small reports.

use super::access::Caller;
use super::call::{Call, Failure};
use super::state::{Change, Token, User};
use super::status::Fault;
use super::users;
use super::validate::Values;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// The fields of a user that `PUT /me` may carry; with none of them it is a login.
const OWN_FIELDS: [&str; 7] =
    ["name", "avatar", "link", "statusMessage", "metadata", "tags", "unset"];

/// `PUT /me`: a login with a token, or a change of the caller's own fields (never the role). Both answer with all there is about `me`.
pub(crate) fn put(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (user, token) = who(call)?;
    let (mut user, mut token) = (user.clone(), token.clone());
    let mut values = call.body_input(users::ME).done()?;
    if OWN_FIELDS.iter().any(|field| call.body.contains_key(*field)) {
        users::write(&mut user, &mut values, call.state);
        user.updated_at = Some(call.request.now);
        call.put_user(user.clone());
    } else {
        log_in(call, &mut token, values.text("deviceId"))?;
    }
    note_device(&mut token, &mut values);
    answer(call, &user, token)
}

/// A login. Where tokens serve for one login only, the device of the first one may repeat it (it is the same session, taken up again
/// after a reload); others may not. A pinned token is the documentation's, whose snippets are run again and again.
fn log_in(call: &Call<'_>, token: &mut Token, device: Option<String>) -> Result<(), Failure> {
    let same_device = device.is_some() && device == token.device_id;
    if call.state.config.single_use_tokens && token.used && !same_device && !token.pinned {
        return Err(Failure::new(
            Fault::TokenUnavailable,
            "The auth token was used for a login before, on another device. Please create a new auth token for each login.",
        ));
    }
    token.used = true;
    token.device_id = device.or(token.device_id.take());
    Ok(())
}

/// `GET /me`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (user, token) = who(call)?;
    let (user, token) = (user.clone(), token.clone());
    answer(call, &user, token)
}

/// `DELETE /me`: logs out. Revokes the token unless the emulator was told otherwise.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (_, token) = who(call)?;
    if !call.state.config.logout_keeps_token && !token.pinned {
        call.changes.push(Change::RemoveToken { app: call.app_id(), token: token.token.clone() });
    }
    Ok(json!({ "data": { "success": true, "message": "User logged out successfully." } }))
}

/// `POST /me/jwt`: a fresh pass for the web socket.
pub(crate) fn jwt(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (user, token) = who(call)?;
    let mut token = token.clone();
    let jwt = make_jwt(call, user);
    token.jwt = Some(jwt.clone());
    call.changes.push(Change::PutToken { app: call.app_id(), token });
    Ok(json!({ "data": { "jwt": jwt } }))
}

/// `GET /settings`
pub(crate) fn settings(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(json!({ "data": settings_document(call) }))
}

/// `POST /user_sessions`: the official client's usage report. Taken, not kept.
pub(crate) fn user_sessions(call: &mut Call<'_>) -> Result<Value, Failure> {
    let id = call.body.get("sessionId").cloned().unwrap_or(Value::Null);
    Ok(json!({ "data": { "sessionId": id } }))
}

/// The analytics host's ping. Taken, not kept.
pub(crate) fn ping(_call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(json!({ "data": { "success": true } }))
}

fn who<'a>(call: &Call<'a>) -> Result<(&'a User, &'a Token), Failure> {
    match call.caller {
        Caller::User(user, token) => Ok((user, token)),
        // The routes of this file all ask for a token, so nobody else gets here.
        Caller::Key(_) | Caller::Nobody => Err(users::unknown("")),
    }
}

/// Notes on the token what the client says about itself.
fn note_device(token: &mut Token, values: &mut Values) {
    let app_info = values.object("appInfo");
    let agent = app_info
        .as_ref()
        .and_then(|map| map.get("userAgent"))
        .and_then(Value::as_str)
        .map(str::to_owned);
    token.user_agent = agent.or(token.user_agent.take());
    token.platform = values.text("platform").or(token.platform.take());
    token.app_info = app_info.or(token.app_info.take());
}

/// Everything about `me`, as the client stores it.
fn answer(call: &mut Call<'_>, user: &User, mut token: Token) -> Result<Value, Failure> {
    let jwt = match token.jwt.take() {
        Some(jwt) => jwt,
        None => make_jwt(call, user),
    };
    let secret = match token.channel_secret.take() {
        Some(secret) => secret,
        None => call.random_hex(16),
    };
    token.jwt = Some(jwt.clone());
    token.channel_secret = Some(secret.clone());
    let app = call.app_id();
    let settings = settings_document(call);
    let mut data = users::show(call.state, user);
    data.insert("authToken".into(), json!(token.token));
    data.insert("jwt".into(), json!(jwt));
    data.insert(
        "wsChannel".into(),
        json!({ "identity": format!("[{app}]{}", user.uid), "secret": secret, "service": settings.get("CHAT_HOST") }),
    );
    data.insert("settings".into(), Value::Object(settings));
    if call.site.app.tokens.get(&token.token) != Some(&token) {
        call.changes.push(Change::PutToken { app, token });
    }
    Ok(json!({ "data": data }))
}

/// A pass in a JWT's form. Its third part is random rather than a signature: the emulator knows the passes it gave out.
fn make_jwt(call: &mut Call<'_>, user: &User) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let claims = json!({ "iss": "cometchat-emulator", "appId": call.site.app.id, "sub": user.uid, "iat": call.request.now });
    let random = call.random_bytes(32);
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    format!(
        "{}.{}.{}",
        part(header.to_string().as_bytes()),
        part(claims.to_string().as_bytes()),
        part(&random)
    )
}

/// The settings document: where everything is. Every address in it leads back to where the request came in.
fn settings_document(call: &Call<'_>) -> Map<String, Value> {
    let site = call.site;
    let app = site.app.id.to_ascii_lowercase();
    let region = &site.region;
    let port = site.port.clone().unwrap_or_else(|| "443".to_owned());
    // The port for sockets without TLS, which nobody uses: the service names it all the same.
    let plain_port = site.port.clone().unwrap_or_else(|| "80".to_owned());
    let port_part = site.port.as_ref().map(|port| format!(":{port}")).unwrap_or_default();
    let bare = site.host.strip_suffix(&port_part).unwrap_or(&site.host).to_owned();
    let sub = |name: &str| {
        site.domain.as_ref().map(|domain| {
            let dot = if domain.is_empty() { "" } else { "." };
            format!("{name}-{region}{dot}{domain}")
        })
    };
    let of_app = |name: &str| sub(name).map(|host| format!("{app}.{host}"));
    let socket = of_app("websocket").unwrap_or_else(|| bare.clone());
    let with_port = |host: Option<String>| {
        host.map_or_else(|| site.host.clone(), |host| format!("{host}{port_part}"))
    };
    let domain = site.domain.clone().filter(|domain| !domain.is_empty()).unwrap_or(bare);
    let document = json!({
        "CHAT_HOST": socket, "CHAT_HOST_OVERRIDE": null, "CHAT_HOST_APP_SPECIFIC": socket,
        "CHAT_USE_SSL": true, "CHAT_WS_PORT": plain_port, "CHAT_WSS_PORT": port,
        "ADMIN_API_HOST": with_port(of_app("api")), "CLIENT_API_HOST": with_port(of_app("apiclient")),
        "CHAT_API_VERSION": call.found.version, "WS_API_VERSION": "v3",
        "REGION": region, "MAIN_DOMAIN": domain, "EXTENSION_DOMAIN": domain, "MODE": "DEFAULT", "APP_VERSION": 4,
        "ANALYTICS_PING_DISABLED": false, "ANALYTICS_HOST": with_port(sub("metrics")), "ANALYTICS_VERSION": "v1", "ANALYTICS_USE_SSL": true,
        "DENY_FALLBACK_TO_POLLING": false, "POLLING_ENABLED": false, "extensions": [], "parameters": {},
    });
    let hash = fnv1a(document.to_string().as_bytes());
    let mut document = match document {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    document.insert("settingsHash".into(), json!(format!("{hash:016x}")));
    document.insert("settingsHashReceivedAt".into(), json!(call.request.now));
    document
}

/// FNV-1a: only to tell one settings document from another.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
