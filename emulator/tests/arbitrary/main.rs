//! Arbitrary requests, in rows, against one service: a small and repeatable form of what
//! schemathesis does over HTTP (see the README). Every reply is held against `/openapi.json` (see
//! `lab`).
#![cfg(test)]
#![allow(clippy::string_slice, reason = "tests slice ASCII texts")]

#[path = "../lab/mod.rs"]
mod lab;
mod strategies;

use cometchat_emulator::core::{Change, Config, seed};
use lab::{DESCRIPTION, Lab};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};
use strategies::{shot, value};

/// What can be asked of a whole app.
fn everything(lab: &mut Lab) -> Vec<(u16, Value)> {
    let mut lists = vec![
        "/users?withDeactivated=1&withTags=1".to_owned(),
        "/roles".to_owned(),
        "/apikeys".to_owned(),
    ];
    for uid in lab.listed("/users", "uid") {
        lists.extend([format!("/users/{uid}"), format!("/users/{uid}/auth_tokens")]);
    }
    lists.into_iter().map(|path| lab.rest("GET", &path, Value::Null)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    /// Whatever is sent, and in whatever order: no 5xx, every reply as described, an error changes
    /// nothing, and what is stored is all that counts.
    #[test]
    fn any_sequence_of_requests_gets_described_responses(
        shots in prop::collection::vec(shot(), 1..32),
        single_use_tokens in any::<bool>(),
        strict_auth_keys in any::<bool>(),
        logout_keeps_token in any::<bool>(),
    ) {
        let config = Config {
            single_use_tokens,
            strict_auth_keys,
            logout_keeps_token,
            ..Lab::new().state.config
        };
        let mut lab = Lab::with(config.clone());
        let (mut token, mut key) = (lab.token("superhero1"), seed::AUTH_KEY.to_owned());
        for shot in &shots {
            let before = lab.log.len();
            lab.now += 1;
            let status = shot.fire(&mut lab, &mut token, &mut key);
            prop_assert!(status < 500);
            if status >= 400 {
                prop_assert!(lab.log[before..].iter().all(|change| !change.is_row()));
            }
        }
        let mut copy = Lab::bare(config);
        let rows: Vec<Change> = lab.log.iter().filter(|change| change.is_row()).cloned().collect();
        copy.take(rows);
        copy.now = lab.now;
        prop_assert_eq!(everything(&mut copy), everything(&mut lab));
    }

    /// A body that the description allows is not refused for its form.
    #[test]
    fn a_body_that_fits_the_description_is_accepted(
        operation in any::<Index>(),
        fields in prop::collection::vec((any::<bool>(), value()), 14),
    ) {
        let with_body: Vec<_> =
            DESCRIPTION
                .operations
                .iter()
                .filter(|operation| operation.details["requestBody"].is_object())
                .collect();
        let operation = operation.get(&with_body);
        let schema = &operation.details["requestBody"]["content"]["application/json"]["schema"];
        let mut body = Map::new();
        let properties = schema["properties"].as_object().unwrap();
        for ((name, schema), (there, value)) in properties.iter().zip(fields) {
            // What is not good for the field is put right, or left out.
            let value = match (schema["type"].as_str(), value) {
                (_, value) if DESCRIPTION.fits(schema, &value) => value,
                (Some("array"), value) => json!([value]),
                (Some("boolean"), _) => json!(true),
                (Some("string"), _) => json!("word"),
                _ => json!({}),
            };
            let needed = schema_requires(&operation.details, name);
            if (there || needed) && DESCRIPTION.fits(schema, &value) {
                body.insert(name.clone(), value);
            }
        }
        let body = Value::Object(body);
        prop_assume!(DESCRIPTION.fits(schema, &body));
        let mut lab = Lab::new();
        let token = lab.token("superhero1");
        let mut path = operation.path.clone();
        let fill = [
            ("{uid}", "superhero1"),
            ("{authToken}", &token),
            ("{apiKey}", seed::AUTH_KEY),
            ("{role}", "default"),
            ("{permission}", "listUsers"),
        ];
        for (name, value) in fill {
            path = path.replace(name, value);
        }
        let headers = [("apikey", seed::REST_API_KEY), ("authtoken", token.as_str())];
        let (status, reply) = lab.send(&operation.method, &path, &headers, body.clone());
        let details = reply["error"]["details"].as_object().cloned().unwrap_or_default();
        // What JSON Schema cannot say: whether a name is taken or a role is there, what an address
        // is, how many bytes some JSON has, that an emoji is two characters, and what is in a text
        // that holds JSON.
        let beyond: Vec<&str> = details
            .iter()
            .filter(|(field, phrases)| {
                let phrase = phrases[0].as_str().unwrap();
                let known = phrase.contains("already been taken")
                    || *field == "role" && phrase == "The selected role is invalid."
                    || field.starts_with("permissions.")
                    || phrase.contains("valid URL")
                    || field.starts_with("metadata") && phrase.contains("JSON string")
                    || phrase.contains("characters");
                !known
            })
            .map(|(field, _)| field.as_str())
            .collect();
        prop_assert!(beyond.is_empty(), "{} {}: {}: {}", operation.method, path, body, reply);
        let exists = lab::code(&reply) == "ERR_UID_ALREADY_EXISTS";
        prop_assert!(status == 200 || !details.is_empty() || exists, "{reply}");
    }
}

fn schema_requires(details: &Value, name: &str) -> bool {
    let required = &details["requestBody"]["content"]["application/json"]["schema"]["required"];
    required.as_array().is_some_and(|required| required.iter().any(|known| known == name))
}
