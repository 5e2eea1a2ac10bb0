//! The journal: what was asked and what came of it, for tests to look at. The newest [`KEPT`] entries, without secrets.

use crate::core::{Body, Request, routes};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Mutex, PoisonError};

/// So many entries are kept; the oldest give way.
pub(super) const KEPT: usize = 1000;

/// Headers and fields whose values are secrets, in lower case.
const SECRETS: [&str; 12] = [
    "apikey",
    "authtoken",
    "authorization",
    "cookie",
    "proxy-authorization",
    "jwt",
    "auth",
    "secret",
    "password",
    "key",
    "token",
    "channelsecret",
];

/// One request, or one web socket.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) id: u64,
    /// UNIX milliseconds, by the machine's clock.
    pub(super) at: u64,
    pub(super) method: String,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) query: Map<String, Value>,
    pub(super) app: Option<String>,
    pub(super) uid: Option<String>,
    pub(super) headers: Map<String, Value>,
    pub(super) body: Value,
    /// `null` while under way, and for ever if nothing was answered.
    pub(super) status: Option<u16>,
    /// `error.code` of the reply.
    pub(super) code: Option<String>,
    /// `open`, then `answered`, `dropped`, `hung` or `cut`.
    pub(super) outcome: &'static str,
    /// The fault rule that took part.
    pub(super) fault: Option<u64>,
    /// Milliseconds until the reply began.
    pub(super) ms: Option<u64>,
    /// A web socket's frames and its end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) socket: Vec<Value>,
}

#[derive(Default)]
struct Entries {
    list: VecDeque<Entry>,
    last: u64,
}

#[derive(Default)]
pub(super) struct Journal {
    entries: Mutex<Entries>,
    /// Fresh keys in each run, so that a mark tells nothing outside it.
    marks: RandomState,
}

impl Journal {
    /// Notes a request that has just come, and gives the entry's id.
    pub(super) fn open(
        &self,
        at: u64,
        request: &Request,
        query: &str,
        (app, uid): (Option<String>, Option<String>),
        fault: Option<u64>,
    ) -> u64 {
        let mut headers = Map::new();
        for (name, value) in &request.headers {
            headers
                .insert(name.clone(), if secret(name) { self.mark(value) } else { json!(value) });
        }
        let query = url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| {
                let shown =
                    if secret(&name) { self.mark(&value) } else { json!(routes::loggable(&value)) };
                (name.into_owned(), shown)
            })
            .collect();
        let body = match &request.body {
            Body::Empty => Value::Null,
            Body::TooLarge => json!("(too large)"),
            Body::Bytes(bytes) => match serde_json::from_slice(bytes) {
                Ok(body) => self.without_secrets(body),
                Err(_) => json!(format!("({} bytes that are no JSON)", bytes.len())),
            },
        };
        let mut entries = self.lock();
        entries.last += 1;
        let id = entries.last;
        if entries.list.len() >= KEPT {
            entries.list.pop_front();
        }
        entries.list.push_back(Entry {
            id,
            at,
            method: request.method.clone(),
            host: request.header("host").unwrap_or_default().to_owned(),
            path: routes::loggable(&request.path),
            query,
            app,
            uid,
            headers,
            body,
            status: None,
            code: None,
            outcome: "open",
            fault,
            ms: None,
            socket: Vec::new(),
        });
        id
    }

    /// Adds to an entry, if it is still there.
    pub(super) fn amend(&self, id: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.lock().list.iter_mut().find(|entry| entry.id == id) {
            change(entry);
        }
    }

    /// The entries after `after`, oldest first.
    pub(super) fn list(&self, after: u64) -> Vec<Entry> {
        self.lock().list.iter().filter(|entry| entry.id > after).cloned().collect()
    }

    /// Forgets all; the ids go on.
    pub(super) fn clear(&self) {
        self.lock().list.clear();
    }

    /// Stands for a secret: the same for the same secret, and only during this run, so that a test can tell which token a call carried.
    pub(super) fn mark(&self, secret: &str) -> Value {
        json!(format!("*** {:08x}", self.marks.hash_one(secret) >> 32))
    }

    /// The same document with marks in place of secrets.
    pub(super) fn without_secrets(&self, value: Value) -> Value {
        match value {
            Value::Object(map) => map
                .into_iter()
                .map(|(name, value)| {
                    let value = match value {
                        Value::String(text) if secret(&name) => self.mark(&text),
                        other => self.without_secrets(other),
                    };
                    (name, value)
                })
                .collect(),
            Value::Array(items) => {
                items.into_iter().map(|item| self.without_secrets(item)).collect()
            }
            other => other,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn secret(name: &str) -> bool {
    SECRETS.contains(&name.to_ascii_lowercase().as_str())
}
