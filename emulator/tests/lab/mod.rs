//! A service under test. Each response is checked against `/openapi.json`.
#![allow(dead_code, unused_imports, reason = "each test program uses its own part of it")]

mod description;

pub use self::description::{DESCRIPTION, Operation, codes};

use cometchat_emulator::core::{self, Body, Change, Config, Request, Response, State, seed};
use cometchat_emulator::document::Document;
use serde_json::Value;
use std::collections::BTreeSet;

pub const NOW: u64 = 1_800_000_000;
pub const KEY: (&str, &str) = ("apikey", seed::REST_API_KEY);

/// A service under test, with its own clock and entropy.
pub struct Lab {
    pub state: State,
    pub now: u64,
    /// The number of requests so far, from which their entropy is derived.
    pub request_count: u8,
    pub log: Vec<Change>,
    /// The properties of models that occurred in responses: "User.uid".
    pub seen: BTreeSet<String>,
}

impl Lab {
    pub fn new() -> Self {
        Self::with(Config { public_url: "http://127.0.0.1:8599".into(), ..Config::default() })
    }

    pub fn with(config: Config) -> Self {
        let mut lab = Self::bare(config);
        lab.apply(seed::app(&lab.state, seed::APP_ID, NOW));
        lab
    }

    /// A service without an app.
    pub fn bare(config: Config) -> Self {
        Self {
            state: State::new(config),
            now: NOW,
            request_count: 0,
            log: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    pub fn apply(&mut self, changes: Vec<Change>) {
        changes.iter().for_each(|change| self.state.apply(change));
        self.log.extend(changes);
    }

    /// Adds a document.
    pub fn load(&mut self, document: &str) {
        let document = Document::parse(document.as_bytes()).unwrap();
        self.apply(document.changes(&self.state, self.now).unwrap());
    }

    pub fn raw(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Response {
        self.request_count = self.request_count.wrapping_add(1);
        let mut all = vec![("host".to_owned(), "127.0.0.1:8599".to_owned())];
        for (name, value) in headers {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        let request = Request {
            method: method.into(),
            path: path.split_once('?').map_or(path, |(path, _)| path).into(),
            query: path.split_once('?').map_or("", |(_, query)| query).into(),
            headers: all,
            body,
            now: self.now,
            entropy: std::array::from_fn(|at| {
                self.request_count.wrapping_mul(67).wrapping_add(at as u8)
            }),
        };
        let (response, changes) = core::handle(&self.state, &request);
        if changes.iter().any(Change::is_row) {
            DESCRIPTION.check_writes(&request);
            assert!(core::may_store(&request), "{} {}", request.method, request.path);
        }
        self.apply(changes);
        self.seen.extend(DESCRIPTION.check(&request, &response));
        response
    }

    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> (u16, Value) {
        let body = if body.is_null() { Body::Empty } else { Body::Bytes(body.to_string().into()) };
        let response = self.raw(method, path, headers, body);
        (response.status, serde_json::from_str(&response.body).unwrap())
    }

    /// A request with the REST API key.
    pub fn rest(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.send(method, &format!("/v3{path}"), &[KEY], body)
    }

    /// The `data` of a request with the REST API key. It has to succeed.
    pub fn data(&mut self, method: &str, path: &str, body: Value) -> Value {
        let (status, mut response) = self.rest(method, path, body);
        assert_eq!(status, 200, "{method} {path}: {response}");
        response["data"].take()
    }

    /// A request with the auth key.
    pub fn auth(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.send(method, &format!("/v3.0{path}"), &[("apikey", seed::AUTH_KEY)], body)
    }

    pub fn me(&mut self, method: &str, token: &str, body: Value) -> (u16, Value) {
        self.send(method, "/v3.0/me", &[("authtoken", token)], body)
    }

    pub fn token(&mut self, uid: &str) -> String {
        let (status, response) =
            self.auth("POST", &format!("/users/{uid}/auth_tokens"), Value::Null);
        assert_eq!(status, 200, "{response}");
        response["data"]["authToken"].as_str().unwrap().to_owned()
    }

    /// One property of each item of a list, in order.
    pub fn listed(&mut self, path: &str, property: &str) -> Vec<String> {
        let data = self.data("GET", path, Value::Null);
        data.as_array()
            .unwrap()
            .iter()
            .map(|item| item[property].as_str().unwrap().to_owned())
            .collect()
    }
}

pub fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

pub fn code(response: &Value) -> &str {
    response["error"]["code"].as_str().unwrap_or_default()
}
