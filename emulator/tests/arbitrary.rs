//! Arbitrary requests, in rows, against one service: a small and repeatable form of what
//! schemathesis does over HTTP (see the README). Every reply is held against `/openapi.json` (see
//! `lab`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod lab;

use cometchat_emulator::core::{Body, Change, Config, seed};
use lab::{DESCRIPTION, Lab};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

/// Something for a part of a path: mostly what is there, sometimes what is not, sometimes what
/// should not be.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(vec![
            "superhero1", "SuperHero2", "a", "b", "default", "staff", "{token}", "{key}",
            seed::AUTH_KEY,
        ])
        .prop_map(str::to_owned),
        1 => select(vec![
            "editProfile", "", "%20", "%00", "%ff", "%2F", "..", "{uid}", "auth_tokens",
            seed::REST_API_KEY,
        ])
        .prop_map(str::to_owned),
        1 => "[^/?#]{0,20}",
    ]
}

/// Something for a field, of any type.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        select(vec![
            "",
            " ",
            "a",
            "B",
            "Staff",
            "default",
            "superhero3",
            "https://e.test/a",
            "{}",
            "true",
            "authOnly",
            "avatar",
            "1"
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
        "[a-zA-Z0-9_-]{1,110}",
    ];
    let leaf = prop_oneof![
        6 => text.prop_map(Value::String),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => (-9.0..9e300_f64).prop_map(|number| json!(number)),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec(("[@a-zA-Z]{1,9}", inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// One request, not yet tied to a service: which of the described calls, and what to fill it with.
#[derive(Debug, Clone)]
struct Shot {
    operation: Index,
    parts: Vec<String>,
    fields: Vec<(bool, Value)>,
    stray: Option<Vec<u8>>,
    headers: Vec<(&'static str, &'static str)>,
    prefix: &'static str,
    method: Option<&'static str>,
}

fn shot() -> impl Strategy<Value = Shot> {
    let headers = vec![
        ("apikey", seed::REST_API_KEY),
        ("apikey", seed::AUTH_KEY),
        ("apikey", "{key}"),
        ("authtoken", "{token}"),
        ("appid", "other"),
        ("appid", ""),
        ("onbehalfof", "superhero2"),
        ("host", "emulator-app.apiclient-us.test"),
        ("host", "emulator-app.api-eu.test"),
    ];
    let stray = prop_oneof![
        6 => Just(None),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Some),
        1 => select(vec![&b"[]"[..], b"null", b"[1]", b"\"x\"", b"{\"a\":", b"  "])
            .prop_map(|bytes| Some(bytes.to_vec())),
        1 => (10_000..10_500_usize).prop_map(|size| Some(vec![b' '; size])),
    ];
    (
        any::<Index>(),
        prop::collection::vec(part(), 2),
        prop::collection::vec((prop::bool::weighted(0.6), value()), 14),
        stray,
        prop::collection::vec(select(headers), 0..3),
        select(vec!["/v3", "/v3", "/v3.0", "", "/v2"]),
        prop::option::weighted(
            0.05,
            select(vec!["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"]),
        ),
    )
        .prop_map(|(operation, parts, fields, stray, mut headers, prefix, method)| {
            // The first of a name counts, and most calls should be let in.
            headers.extend([("apikey", seed::REST_API_KEY), ("authtoken", "{token}")]);
            Shot { operation, parts, fields, stray, headers, prefix, method }
        })
}

impl Shot {
    /// Sends it; gives the status.
    fn fire(&self, lab: &mut Lab, token: &mut String, key: &mut String) -> u16 {
        let operation = self.operation.get(&DESCRIPTION.operations);
        let fill = |text: &str| text.replace("{token}", token).replace("{key}", key);
        let mut parts = self.parts.iter();
        let segments = operation.path.split('/').map(|segment| match segment.find('{') {
            None => segment.to_owned(),
            Some(open) => {
                let end = segment.find('}').unwrap() + 1;
                format!("{}{}{}", &segment[..open], fill(parts.next().unwrap()), &segment[end..])
            }
        });
        let mut path = segments.collect::<Vec<_>>().join("/");
        if let Some(rest) = path.strip_prefix("/v3") {
            path = format!("{}{rest}", self.prefix);
        }
        let mut fields = self.fields.iter();
        let mut query = form_urlencoded::Serializer::new(String::new());
        for parameter in operation.details["parameters"].as_array().into_iter().flatten() {
            if let ("query", Some((true, value))) =
                (parameter["in"].as_str().unwrap_or_default(), fields.next())
            {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                query.append_pair(parameter["name"].as_str().unwrap(), &text);
            }
        }
        let query = query.finish();
        if !query.is_empty() {
            path = format!("{path}?{query}");
        }
        let schema = &operation.details["requestBody"]["content"]["application/json"]["schema"];
        let properties = schema["properties"].as_object().into_iter().flatten();
        let sent: Map<String, Value> = properties
            .zip(fields)
            .filter(|(_, (there, _))| *there)
            .map(|((name, _), (_, value))| (name.clone(), value.clone()))
            .collect();
        let body = match &self.stray {
            Some(bytes) => Body::Bytes(bytes.clone()),
            None if sent.is_empty() => Body::Empty,
            None => Body::Bytes(Value::Object(sent).to_string().into()),
        };
        let mut headers: Vec<(&str, String)> = Vec::new();
        for (name, value) in &self.headers {
            if !headers.iter().any(|(known, _)| known == name) {
                headers.push((name, fill(value)));
            }
        }
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let reply = lab.raw(self.method.unwrap_or(&operation.method), &path, &headers, body);
        // What was given out is used from then on.
        if reply.status == 200 && operation.method == "POST" {
            let reply: Value = serde_json::from_str(&reply.body).unwrap_or_default();
            for (known, name) in [(token, "authToken"), (key, "apiKey")] {
                if let Some(text) = reply["data"][name].as_str() {
                    *known = text.to_owned();
                }
            }
        }
        reply.status
    }
}

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
    fn any_row_of_requests_is_answered_as_described(
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
    fn what_is_described_as_good_is_taken(
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
