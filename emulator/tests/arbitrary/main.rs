//! Sequences of arbitrary requests to one service: a small and repeatable form of what schemathesis
//! does over HTTP (see the README). The lab checks each response against `/openapi.json`.
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
use strategies::{random_request, value};

/// The lists, users and tokens of an app.
fn all_lists(lab: &mut Lab) -> Vec<(u16, Value)> {
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

    /// In any order, each response is as described and not 5xx. An error changes nothing, and the
    /// stored changes restore the service.
    #[test]
    fn any_sequence_of_requests_gets_described_responses(
        requests in prop::collection::vec(random_request(), 1..32),
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
        for request in &requests {
            let before = lab.log.len();
            lab.now += 1;
            let status = request.send(&mut lab, &mut token, &mut key);
            prop_assert!(status < 500);
            if status >= 400 {
                prop_assert!(lab.log[before..].iter().all(|change| !change.is_row()));
            }
        }
        let mut copy = Lab::bare(config);
        let rows: Vec<Change> = lab.log.iter().filter(|change| change.is_row()).cloned().collect();
        copy.apply(rows);
        copy.now = lab.now;
        prop_assert_eq!(all_lists(&mut copy), all_lists(&mut lab));
    }

    /// A body that fits the description passes the validation.
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
        for ((name, schema), (present, value)) in properties.iter().zip(fields) {
            // A value that does not fit the field is replaced, or left out.
            let value = match (schema["type"].as_str(), value) {
                (_, value) if DESCRIPTION.fits(schema, &value) => value,
                (Some("array"), value) => json!([value]),
                (Some("boolean"), _) => json!(true),
                (Some("string"), _) => json!("word"),
                _ => json!({}),
            };
            let needed = schema_requires(&operation.details, name);
            if (present || needed) && DESCRIPTION.fits(schema, &value) {
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
        let (status, response) = lab.send(&operation.method, &path, &headers, body.clone());
        let details = response["error"]["details"].as_object().cloned().unwrap_or_default();
        // JSON Schema cannot express whether a name or role exists, what a URL is, the size of JSON
        // in bytes, that an emoji counts as two characters, and the content of JSON in a string.
        let unexpected: Vec<&str> = details
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
        prop_assert!(unexpected.is_empty(), "{} {path}: {body}: {response}", operation.method);
        let exists = lab::code(&response) == "ERR_UID_ALREADY_EXISTS";
        prop_assert!(status == 200 || !details.is_empty() || exists, "{response}");
    }
}

fn schema_requires(details: &Value, name: &str) -> bool {
    let required = &details["requestBody"]["content"]["application/json"]["schema"]["required"];
    required.as_array().is_some_and(|required| required.iter().any(|known| known == name))
}
