//! Rate limits, CORS, and the pages of the emulator.

use crate::lab::{KEY, Lab, NOW, header};
use cometchat_emulator::core::{Body, seed};
use serde_json::{Value, json};

#[test]
fn rate_limits_are_counted_by_class_and_minute() {
    let mut lab = Lab::new();
    (lab.state.config.core_limit, lab.state.config.standard_limit) = (2, 5);
    lab.now = NOW - NOW % 60 + 42;
    let get = |lab: &mut Lab| lab.raw("GET", "/v3/users/superhero1", &[KEY], Body::Empty);
    let log_in =
        |lab: &mut Lab| lab.raw("POST", "/v3/users/superhero1/auth_tokens", &[KEY], Body::Empty);
    let response = get(&mut lab);
    assert_eq!(
        (header(&response, "x-rate-limit"), header(&response, "x-rate-limit-remaining")),
        (Some("5"), Some("4"))
    );
    assert_eq!(header(&response, "retry-after"), None);
    assert_eq!(header(&log_in(&mut lab), "x-rate-limit-remaining"), Some("1"));
    assert_eq!(log_in(&mut lab).status, 200);
    let response = log_in(&mut lab);
    assert_eq!((response.status, header(&response, "retry-after")), (429, Some("18")));
    assert_eq!(header(&response, "x-rate-limit-reset"), Some((lab.now + 18).to_string().as_str()));
    assert_eq!(get(&mut lab).status, 200, "the other budget is untouched");
    lab.now += 18;
    assert_eq!(log_in(&mut lab).status, 200, "a new minute");
}

#[test]
fn preflight_allows_the_requested_headers() {
    let headers = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "appid,authtoken,content-type,resource,sdk"),
    ];
    let mut lab = Lab::new();
    let response = lab.raw("OPTIONS", "/v3.0/me", &headers, Body::Empty);
    assert_eq!((response.status, response.body.as_str()), (204, ""));
    assert_eq!(header(&response, "access-control-allow-origin"), Some("*"));
    assert_eq!(header(&response, "access-control-allow-headers"), Some(headers[2].1));
    assert!(header(&response, "access-control-allow-methods").unwrap().contains("PUT"));
    assert!(header(&response, "access-control-max-age").unwrap().parse::<u32>().unwrap() > 0);
    assert_eq!(header(&response, "access-control-allow-private-network"), None, "only on request");
    let private: Vec<_> =
        headers.into_iter().chain([("access-control-request-private-network", "true")]).collect();
    let response = lab.raw("OPTIONS", "/v3.0/me", &private, Body::Empty);
    assert_eq!(header(&response, "access-control-allow-private-network"), Some("true"));
    let response = lab.raw("GET", "/v3/users/superhero1", &[KEY], Body::Empty);
    let exposed = header(&response, "access-control-expose-headers").unwrap();
    for name in ["Retry-After", "X-Rate-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"] {
        assert!(exposed.split(", ").any(|exposed| exposed == name), "{name}");
    }
}

#[test]
fn the_ready_page_is_html_or_json() {
    let mut lab = Lab::new();
    let response = lab.raw("GET", "/", &[("accept", "application/json")], Body::Empty);
    let body: Value = serde_json::from_str(&response.body).unwrap();
    assert_eq!(
        (&body["ready"], &body["appId"], &body["region"]),
        (&json!(true), &json!("emulator-app"), &json!("us"))
    );
    assert_eq!(body["users"].as_array().unwrap().len(), 10);
    let response = lab.raw("GET", "/", &[("accept", "text/html")], Body::Empty);
    assert_eq!(response.content_type, Some("text/html; charset=utf-8"));
    assert!(response.body.contains("Andrew Joseph"));
}

#[test]
fn avatars_are_deterministic_and_contain_no_markup_from_names() {
    let mut lab = Lab::new();
    let draw =
        |lab: &mut Lab, uid: &str| lab.raw("GET", &format!("/avatars/{uid}.svg"), &[], Body::Empty);
    let first = draw(&mut lab, "cometchat-uid-1");
    assert_eq!((first.status, first.content_type), (200, Some("image/svg+xml")));
    assert!(first.body.contains(">AJ</text>"));
    assert_eq!(first.body, draw(&mut lab, "cometchat-uid-1").body);
    assert_ne!(draw(&mut lab, "x").body, draw(&mut lab, "y").body);
    lab.rest("PUT", "/users/superhero1", json!({ "name": "<script>\"&" }));
    let hostile = draw(&mut lab, "superhero1").body + &draw(&mut lab, "%3Cscript%3E").body;
    assert!(!hostile.contains("<script"), "{hostile}");
    let page = lab.raw("GET", "/", &[], Body::Empty);
    assert!(!page.body.contains("<script"));
}

#[test]
fn initials_have_enough_contrast_on_every_avatar() {
    // Relative luminance and contrast as WCAG defines them.
    let luminance = |[red, green, blue]: [f64; 3]| {
        let linear =
            |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    };
    let mut lab = Lab::new();
    let mut backgrounds = std::collections::BTreeSet::new();
    for at in 0..1500 {
        let svg = lab.raw("GET", &format!("/avatars/user-{at}.svg"), &[], Body::Empty).body;
        assert!(svg.contains("<text") && svg.contains(r##"fill="#fff""##), "white letters: {svg}");
        let gloss: f64 = svg
            .split("fill-opacity=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        for stop in svg.split("stop-color=\"#").skip(1) {
            let part =
                |at: usize| f64::from(u8::from_str_radix(&stop[at..at + 2], 16).unwrap()) / 255.0;
            let colour = [part(0), part(2), part(4)];
            let under_gloss = colour.map(|part| part + (1.0 - part) * gloss);
            for (where_, colour) in [("bare", colour), ("below the highlight", under_gloss)] {
                let contrast = 1.05 / (luminance(colour) + 0.05);
                assert!(contrast >= 4.5, "user-{at}, {where_}: {contrast}");
            }
            backgrounds.insert(stop[..6].to_owned());
        }
    }
    assert!(backgrounds.len() > 1000, "the backgrounds differ: {}", backgrounds.len());
}

#[test]
fn the_docs_seed_lets_the_snippets_run_in_any_order() {
    let mut lab = Lab::new();
    let docs = seed::docs(&lab.state, lab.state.default_app().unwrap(), NOW);
    lab.apply(docs);
    let (status, response) =
        lab.send("POST", "/v3.0/users/UID/auth_tokens", &[("apikey", "AUTH_KEY")], json!({}));
    assert_eq!((status, &response["data"]["uid"]), (200, &json!("uid")));
    assert_eq!(lab.me("PUT", "AUTH_TOKEN", json!({})).1["data"]["uid"], "uid");
    lab.me("DELETE", "AUTH_TOKEN", Value::Null);
    assert_eq!(lab.me("PUT", "AUTH_TOKEN", json!({})).0, 200, "the snippets run in any order");
    assert!(
        seed::docs(&lab.state, lab.state.default_app().unwrap(), NOW).is_empty(),
        "a second time adds nothing"
    );
    assert!(seed::app(&lab.state, seed::APP_ID, NOW).is_empty());
    assert_eq!(lab.rest("DELETE", "/users/uid/auth_tokens/AUTH_TOKEN", Value::Null).0, 200);
    assert_eq!(lab.me("PUT", "AUTH_TOKEN", json!({})).0, 401, "revoked by hand it is gone");
}
