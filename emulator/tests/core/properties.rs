//! Properties of arbitrary requests.

use crate::lab::Lab;
use cometchat_emulator::core::{Body, seed};
use proptest::prelude::*;
use serde_json::{Value, json};

proptest! {
    /// Any request gets an envelope. The status is never 5xx, and an error changes nothing.
    #[test]
    fn any_request_gets_an_envelope(
        method in prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "OPTIONS", "BREW"]),
        path in prop_oneof![
            "/.{0,40}",
            "/v3(\\.0)?/(users|me)(/[a-zA-Z0-9%_-]{0,12}){0,4}/?",
        ],
        host in prop_oneof![
            ".{0,30}",
            "[a-z-]{0,9}\\.?(api|apiclient)-(us|eu)\\.?[a-z.]{0,9}(:[0-9]{0,6})?",
        ],
        key in prop::sample::select(vec!["", seed::AUTH_KEY, seed::REST_API_KEY, "wrong"]),
        body in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut lab = Lab::new();
        let before = lab.log.len();
        let headers = [("host", host.as_str()), ("apikey", key)];
        let response = lab.raw(method, &path, &headers, Body::Bytes(body));
        prop_assert!(response.status < 500);
        if response.content_type == Some("application/json") {
            let value: Value = serde_json::from_str(&response.body).unwrap();
            prop_assert!(value["data"].is_null() != value["error"].is_null() || path == "/");
        }
        if response.status >= 400 {
            prop_assert!(lab.log[before..].iter().all(|change| !change.is_row()));
        }
    }

    /// An accepted uid is found in any letter case. Its tokens begin with it, and their last `_`
    /// ends it.
    #[test]
    fn uids_are_lower_cased_everywhere(uid in "[a-zA-Z0-9_-]{1,100}") {
        let mut lab = Lab::new();
        let lower = uid.to_lowercase();
        let (status, response) = lab.auth("POST", "/users", json!({ "uid": uid, "name": "P" }));
        prop_assert_eq!((status, &response["data"]["uid"]), (200, &json!(lower)));
        let token = lab.token(&uid.to_uppercase());
        let (owner, suffix) = token.rsplit_once('_').unwrap();
        prop_assert_eq!(owner, &lower);
        prop_assert_eq!(suffix.len(), 40);
        let response = lab.me("PUT", &token, json!({})).1;
        prop_assert_eq!(&response["data"]["uid"], &json!(lower));
    }

    /// Any uid is either accepted in lower case or rejected with the name of the field.
    #[test]
    fn invalid_uids_are_rejected_with_the_field_name(uid in "\\PC{1,20}") {
        let fits = uid.trim().to_lowercase();
        let in_id = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let good = !fits.is_empty() && fits.chars().all(in_id);
        let user = json!({ "uid": uid, "name": "P" });
        let (status, response) = Lab::new().auth("POST", "/users", user);
        if good {
            prop_assert_eq!((status, &response["data"]["uid"]), (200, &json!(fits)));
        } else {
            prop_assert_eq!(status, 400);
            prop_assert!(response["error"]["details"]["uid"].is_array());
        }
    }

    /// Replaying only the stored changes restores the service.
    #[test]
    fn replaying_the_stored_changes_gives_the_same_state(
        steps in prop::collection::vec((0..6_u8, 0..4_u8), 1..40),
    ) {
        let mut lab = Lab::new();
        let mut tokens = vec!["none".to_owned()];
        for (what, who) in steps {
            let uid = format!("superhero{who}");
            let user = format!("/users/{uid}");
            match what {
                0 => drop(lab.rest("POST", "/users", json!({ "uid": uid, "name": "P" }))),
                1 => drop(lab.rest("PUT", &user, json!({ "name": what.to_string() }))),
                2 => drop(lab.rest("DELETE", &user, json!({ "permanent": who % 2 == 0 }))),
                3 => {
                    let path = format!("{user}/auth_tokens");
                    let (_, response) = lab.auth("POST", &path, Value::Null);
                    tokens.extend(response["data"]["authToken"].as_str().map(str::to_owned));
                }
                4 => {
                    let token = tokens[usize::from(who) % tokens.len()].clone();
                    drop(lab.me("PUT", &token, json!({ "platform": "WEB" })));
                }
                _ => {
                    let token = tokens[usize::from(who) % tokens.len()].clone();
                    drop(lab.me("DELETE", &token, Value::Null));
                }
            }
        }
        let mut copy = Lab::bare(lab.state.config.clone());
        copy.apply(lab.log.iter().filter(|change| change.is_row()).cloned().collect());
        for who in 0..5 {
            let user = format!("/users/superhero{who}");
            for path in [format!("{user}/auth_tokens"), user] {
                let (expected, actual) =
                    (lab.rest("GET", &path, Value::Null), copy.rest("GET", &path, Value::Null));
                prop_assert_eq!(actual, expected);
            }
        }
        for token in tokens {
            let (expected, actual) =
                (lab.me("GET", &token, Value::Null), copy.me("GET", &token, Value::Null));
            prop_assert_eq!(actual.0, expected.0);
        }
    }
}
