//! Strategies that generate requests.

use crate::lab::{DESCRIPTION, Lab};
use cometchat_emulator::core::{Body, seed};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

/// A part of a path: mostly of something that exists, sometimes of something unknown or invalid.
pub fn part() -> impl Strategy<Value = String> {
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

/// A value of any type for a field.
pub fn value() -> impl Strategy<Value = Value> {
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

/// A request to one of the described calls, with the values to fill in.
#[derive(Debug, Clone)]
pub struct RandomRequest {
    operation: Index,
    parts: Vec<String>,
    fields: Vec<(bool, Value)>,
    raw_body: Option<Vec<u8>>,
    headers: Vec<(&'static str, &'static str)>,
    prefix: &'static str,
    method: Option<&'static str>,
}

pub fn random_request() -> impl Strategy<Value = RandomRequest> {
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
    let raw_body = prop_oneof![
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
        raw_body,
        prop::collection::vec(select(headers), 0..3),
        select(vec!["/v3", "/v3", "/v3.0", "", "/v2"]),
        prop::option::weighted(
            0.05,
            select(vec!["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"]),
        ),
    )
        .prop_map(|(operation, parts, fields, raw_body, mut headers, prefix, method)| {
            // The first header of a name is sent, and most calls should have valid credentials.
            headers.extend([("apikey", seed::REST_API_KEY), ("authtoken", "{token}")]);
            RandomRequest { operation, parts, fields, raw_body, headers, prefix, method }
        })
}

impl RandomRequest {
    /// Sends the request. Returns the status.
    pub fn send(&self, lab: &mut Lab, token: &mut String, key: &mut String) -> u16 {
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
        let fields: Map<String, Value> = properties
            .zip(fields)
            .filter(|(_, (present, _))| *present)
            .map(|((name, _), (_, value))| (name.clone(), value.clone()))
            .collect();
        let body = match &self.raw_body {
            Some(bytes) => Body::Bytes(bytes.clone()),
            None if fields.is_empty() => Body::Empty,
            None => Body::Bytes(Value::Object(fields).to_string().into()),
        };
        let mut headers: Vec<(&str, String)> = Vec::new();
        for (name, value) in &self.headers {
            if !headers.iter().any(|(known, _)| known == name) {
                headers.push((name, fill(value)));
            }
        }
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let response = lab.raw(self.method.unwrap_or(&operation.method), &path, &headers, body);
        // Later requests use the new token or key.
        if response.status == 200 && operation.method == "POST" {
            let response: Value = serde_json::from_str(&response.body).unwrap_or_default();
            for (known, name) in [(token, "authToken"), (key, "apiKey")] {
                if let Some(text) = response["data"][name].as_str() {
                    *known = text.to_owned();
                }
            }
        }
        response.status
    }
}
