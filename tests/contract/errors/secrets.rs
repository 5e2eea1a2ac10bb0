//! B26: no secret in an exception.

use cometchat_auth::client::Call;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::harness::*;

/// A secret, raw or percent-encoded.
fn secret_in_form(secret: &str, form: usize) -> String {
    let encoded = |upper: bool, all: bool| -> String {
        secret
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' if !all => {
                    char::from(byte).to_string()
                }
                _ if upper => format!("%{byte:02X}"),
                _ => format!("%{byte:02x}"),
            })
            .collect()
    };
    match form {
        0 => secret.into(),
        1 => encoded(true, false),
        2 => encoded(false, false),
        _ => encoded(true, true),
    }
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1_000)
    })]

    /// The service repeats the credentials of the call in every field.
    #[test]
    fn b26_no_exception_contains_a_secret_of_its_call(
        key in "[!-~][ -~]{6,14}[!-~]",
        returned in "[!-~][ -~]{6,14}[!-~]",
        forms in prop::array::uniform4(0usize..4),
        words in prop::array::uniform4("[a-z %]{0,6}"),
        step in 0usize..4,
        status in prop_oneof![Just(200u16), Just(401), Just(500)],
    ) {
        let mut tab = Tab::deployed();
        tab.init_app();
        let quoted = |secret: &str, at: usize| {
            format!("{}{}{}", words[at], secret_in_form(secret, forms[at]), words[at])
        };
        let error_with = |secrets: [&str; 2]| {
            let [one, two] = secrets;
            body(status, &json!({"error": {
                "code": format!("ERR_{}", quoted(one, 0)), "message": quoted(two, 1),
                "details": {
                    quoted(one, 2): [quoted(two, 3), {"url": quoted(one, 1)}],
                    "header": format!("apiKey: {one}, authToken: {two}"),
                },
            }}).to_string())
        };
        let call = match step {
            0 => {
                let call = tab.login_key("alice", &key);
                tab.respond(error_with([&key, &key]));
                call
            }
            1 => {
                let call = tab.login_key("alice", &key);
                tab.respond(token("alice", &returned));
                tab.respond(error_with([&key, &returned]));
                call
            }
            2 => {
                let call = tab.login_token(&key);
                tab.respond(error_with([&key, &key]));
                call
            }
            _ => {
                tab.log_in("alice", &key);
                let call = tab.logout();
                tab.respond(error_with([&key, &key]));
                call
            }
        };
        let error = tab.error(call);
        let mut texts = vec![error.code.clone(), error.message.clone()];
        let details: Value = serde_json::from_str(error.details.as_deref().unwrap()).unwrap();
        collect_strings(&details, &mut texts);
        for text in texts {
            for secret in [&key, &returned] {
                prop_assert!(!text.contains(secret.as_str()), "{secret:?} in {text:?}");
                let plain = percent_decoded(&text);
                let found = plain.windows(secret.len()).any(|part| part == secret.as_bytes());
                prop_assert!(!found, "{secret:?} in {text:?}");
            }
        }
    }

    /// A body that is not an envelope does not appear in the exception.
    #[test]
    fn b26_a_body_that_is_not_an_envelope_is_not_quoted(
        text in any::<String>(),
        status in 100u16..600,
    ) {
        let mut tab = Tab::ready();
        let call = tab.login_token("alice-token-1");
        tab.respond(body(status, &format!("<pre>authToken: alice-token-1 {text}")));
        prop_assert_eq!(tab.code(call), "INVALID_RESPONSE");
        prop_assert_eq!(tab.error(call).status, Some(u64::from(status)));
    }
}

#[test]
fn b26_the_stored_user_is_the_only_place_for_the_token() {
    let mut tab = Tab::ready();
    tab.login_key("alice", AUTH_KEY);
    tab.respond(token("alice", "alice-token-1"));
    tab.respond(me("alice"));
    for (key, text) in tab.platform.local.entries() {
        assert!(!text.contains(AUTH_KEY), "the auth key in {key}");
        assert_eq!(text.contains("alice-token-1"), key == USER, "the token in {key}");
    }
    assert!(
        tab.platform
            .session
            .entries()
            .values()
            .all(|text| !text.contains("token") && !text.contains(AUTH_KEY))
    );
}

#[test]
fn b26_debug_output_of_a_result_hides_the_token_of_its_user() {
    let mut tab = Tab::logged_in("alice");
    let call = tab.call(Call::UpdateMe, 0, &json!({"user": {"name": "A"}}));
    tab.respond(data(json!({"uid": "alice", "name": "A"})));
    assert_eq!(tab.user(call)["authToken"], "alice-token-1");
    let shown = format!("{:?}", tab.result_of(call));
    assert!(shown.starts_with("Profile(") && !shown.contains("alice-token-1"), "{shown}");
}

#[test]
fn b26_a_key_with_a_percent_sign_is_masked_in_its_encoded_form_too() {
    let mut tab = Tab::ready();
    let login = tab.login_key("alice", "50%-off-key");
    tab.respond(body(401, r#"{"error":{"code":"ERR_X","message":"see /keys/50%25-off-key"}}"#));
    assert_eq!(tab.error(login).message, "see /keys/***");
}
