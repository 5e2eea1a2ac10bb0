//! What the emulator shows outside the service's own paths: a page that says it is ready, the description of the calls, and
//! drawn avatars.

use super::routes::Method;
use super::state::State;
use super::users::AVATARS;
use super::{Reply, Request, openapi};
use percent_encoding::percent_decode_str;
use serde_json::json;

/// Nothing these pages contain may load or run anything.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

pub(crate) fn find(state: &State, method: Method, request: &Request) -> Option<Reply> {
    if method != Method::Get {
        return None;
    }
    let mut reply = if request.path == "/" {
        ready(state, request)
    } else if request.path == "/openapi.json" {
        Reply::text(200, "application/json", openapi::text().to_owned())
    } else {
        let file = request.path.strip_prefix(AVATARS)?.strip_suffix(".svg")?;
        let uid = percent_decode_str(file).decode_utf8_lossy().to_lowercase();
        let mut reply = Reply::text(200, "image/svg+xml", avatar(state, &uid));
        reply.headers.push(("cache-control", "max-age=3600".to_owned()));
        // So that a page under cross-origin isolation may show it.
        reply.headers.push(("cross-origin-resource-policy", "cross-origin".to_owned()));
        reply
    };
    reply.headers.push(("content-security-policy", POLICY.to_owned()));
    reply.headers.push(("x-content-type-options", "nosniff".to_owned()));
    Some(reply)
}

fn ready(state: &State, request: &Request) -> Reply {
    let app = state.default_app();
    let uids = app.map(|app| app.uids()).unwrap_or_default();
    let id = app.map_or("", |app| app.id.as_str());
    let url = &state.config.public_url;
    let region = state.config.default_region();
    let mut reply = if request
        .header("accept")
        .is_some_and(|accept| accept.contains("application/json"))
    {
        Reply::json(
            200,
            &json!({ "ready": true, "url": url, "appId": id, "region": region, "users": uids }),
        )
    } else {
        let people: String = app
            .into_iter()
            .flat_map(|app| uids.iter().filter_map(|uid| app.active_user(uid)))
            .map(|user| {
                let (uid, name) = (escape(&user.uid), escape(&user.name));
                format!("<li><img src=\"{AVATARS}{uid}.svg\" alt=\"\" width=\"36\" height=\"36\"><span>{name}<br><code>{uid}</code></span></li>")
            })
            .collect();
        Reply::text(
            200,
            "text/html; charset=utf-8",
            format!(
                "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
                 <title>CometChat emulator: ready</title><style>{STYLE}</style>\
                 <main><h1>The emulator is ready</h1>\
                 <p>It answers as CometChat's authentication service does, on this machine, for development and tests. Unofficial.</p>\
                 <dl><dt>Address<dd><code>{url}</code><dt>App id<dd><code>{id}</code><dt>Region<dd><code>{region}</code></dl>\
                 <h2>Who can log in</h2><ul>{people}</ul></main></html>"
            ),
        )
    };
    reply.headers.push(("vary", "Accept".to_owned()));
    reply.headers.push(("cache-control", "no-store".to_owned()));
    reply
}

const STYLE: &str = ":root{color-scheme:light dark}body{margin:0;font:16px/1.5 system-ui,sans-serif}\
main{max-width:42rem;margin:3rem auto;padding:0 1rem}h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:2rem}\
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem}dd{margin:0;overflow-wrap:anywhere}\
ul{list-style:none;padding:0;display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr))}\
li{display:flex;gap:.75rem;align-items:center;line-height:1.3}";

/// A round picture with the person's initials: the same for the same uid, whoever draws it.
fn avatar(state: &State, uid: &str) -> String {
    let name = state
        .default_app()
        .and_then(|app| app.active_user(uid))
        .map_or(uid, |user| user.name.as_str());
    let initials: String = name
        .split(|c: char| !c.is_alphanumeric())
        .filter_map(|word| word.chars().next())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    // The golden angle sets neighbours (…-1, …-2) far apart on the colour wheel.
    let seed =
        uid.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let hue = f64::from(seed % 3600) * 137.508 % 360.0;
    let (light, dark) =
        (Colour::readable(hue, 0.62, 0.48), Colour::readable(hue + 40.0, 0.66, 0.34));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 96\" width=\"96\" height=\"96\" role=\"img\" aria-label=\"{label}\">\
         <defs><linearGradient id=\"g\" x1=\"0\" y1=\"0\" x2=\"1\" y2=\"1\">\
         <stop offset=\"0\" stop-color=\"{light}\"/><stop offset=\"1\" stop-color=\"{dark}\"/></linearGradient></defs>\
         <circle cx=\"48\" cy=\"48\" r=\"48\" fill=\"url(#g)\"/><circle cx=\"76\" cy=\"20\" r=\"30\" fill=\"#fff\" fill-opacity=\"{GLOSS}\"/>\
         <text x=\"48\" y=\"50\" text-anchor=\"middle\" dominant-baseline=\"central\" fill=\"#fff\" font-family=\"system-ui,sans-serif\" font-size=\"36\" font-weight=\"600\">{initials}</text></svg>",
        label = escape(name),
        initials = escape(&initials),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// How much white the highlight in an avatar's corner lays over its background.
const GLOSS: f64 = 0.12;

/// A colour as the screen has it: red, green, blue, each from 0 to 1.
#[derive(Clone, Copy)]
struct Colour([f64; 3]);

impl Colour {
    /// The lightest colour of this hue (degrees), up to this lightness, on which white text can be read: WCAG's contrast of 4.5, here with
    /// a little to spare, and even below the highlight. A gradient between two such colours is no lighter than they are.
    fn readable(hue: f64, saturation: f64, lightness: f64) -> Self {
        let mut lightness = lightness;
        while lightness > 0.0
            && Self::of_hue(hue, saturation, lightness).under_gloss().contrast_with_white() < 4.6
        {
            lightness -= 0.01;
        }
        Self::of_hue(hue, saturation, lightness)
    }

    /// CSS's `hsl()`.
    fn of_hue(hue: f64, saturation: f64, lightness: f64) -> Self {
        let reach = saturation * lightness.min(1.0 - lightness);
        Self([0.0, 8.0, 4.0].map(|offset: f64| {
            let k = (offset + hue / 30.0) % 12.0;
            lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
        }))
    }

    fn under_gloss(self) -> Self {
        Self(self.0.map(|part| part + (1.0 - part) * GLOSS))
    }

    fn contrast_with_white(self) -> f64 {
        let linear = |part: f64| {
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0.map(|part| (part * 255.0).round() as u8);
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}
