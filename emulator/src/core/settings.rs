//! The settings document of an app: the addresses that the official client keeps and uses.

use super::call::Call;
use serde_json::{Map, Value, json};

/// The settings document. Every address in it leads back to where the request arrived.
pub(crate) fn document(call: &Call<'_>) -> Map<String, Value> {
    let site = call.site;
    let app = site.app.id.to_ascii_lowercase();
    let region = &site.region;
    let port = site.port.clone().unwrap_or_else(|| "443".to_owned());
    // The port for sockets without TLS. No client uses it, but the service names it.
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
        "CHAT_HOST": socket,
        "CHAT_HOST_OVERRIDE": null,
        "CHAT_HOST_APP_SPECIFIC": socket,
        "CHAT_USE_SSL": true,
        "CHAT_WS_PORT": plain_port,
        "CHAT_WSS_PORT": port,
        "ADMIN_API_HOST": with_port(of_app("api")),
        "CLIENT_API_HOST": with_port(of_app("apiclient")),
        "CHAT_API_VERSION": call.path.version,
        "WS_API_VERSION": "v3",
        "REGION": region,
        "MAIN_DOMAIN": domain,
        "EXTENSION_DOMAIN": domain,
        "MODE": "DEFAULT",
        "APP_VERSION": 4,
        "ANALYTICS_PING_DISABLED": false,
        "ANALYTICS_HOST": with_port(sub("metrics")),
        "ANALYTICS_VERSION": "v1",
        "ANALYTICS_USE_SSL": true,
        "DENY_FALLBACK_TO_POLLING": false,
        "POLLING_ENABLED": false,
        "extensions": [],
        "parameters": {},
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

/// The FNV-1a hash, which distinguishes settings documents.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
