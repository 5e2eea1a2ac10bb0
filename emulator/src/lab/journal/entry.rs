//! An entry of the journal.

use crate::core::Body;
use crate::lab::bounds::{BODY_KEPT, JOURNAL_BODY, JOURNAL_SOCKET_BYTES, JOURNAL_SOCKET_FRAMES};
use crate::lab::head::Head;
use crate::lab::response::Outcome;
use crate::lab::secrets::{Mask, Secrets};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// The approximate size of an entry besides its texts, in bytes.
const ENTRY: usize = 512;

/// One request, or one web socket.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub(super) id: u64,
    /// The journal's revision at the last change of this entry.
    pub(super) rev: u64,
    /// UNIX milliseconds, by the machine's clock.
    at: u64,
    method: String,
    host: String,
    path: String,
    query: Box<RawValue>,
    pub(super) app: Option<String>,
    uid: Option<String>,
    headers: Box<RawValue>,
    pub(super) body: Box<RawValue>,
    /// `null` until a response is sent.
    pub(super) status: Option<u16>,
    /// `error.code` of the response.
    pub(super) code: Option<&'static str>,
    pub(super) outcome: Outcome,
    /// The id of the fault rule that applied.
    fault: Option<u64>,
    /// Milliseconds until the response began.
    pub(super) ms: Option<u64>,
    /// The frames of a web socket, and its end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) socket: Vec<Box<RawValue>>,
    #[serde(skip)]
    pub(super) size: usize,
    #[serde(skip)]
    pub(super) frame_bytes: usize,
}

/// A request that has just arrived.
pub(crate) struct Arrival<'a> {
    pub(crate) head: &'a Head,
    pub(crate) body: &'a Body,
    /// UNIX milliseconds.
    pub(crate) at: u64,
    pub(crate) app: Option<String>,
    pub(crate) uid: Option<String>,
    /// The id of the fault rule that applies.
    pub(crate) fault: Option<u64>,
}

impl Entry {
    /// The entry of a request, without secrets.
    pub(super) fn new(id: u64, arrival: Arrival<'_>, secrets: &Secrets) -> Self {
        let Arrival { head, body, at, app, uid, fault } = arrival;
        let query: Vec<(String, String)> =
            form_urlencoded::parse(head.query.as_bytes()).into_owned().collect();
        let body = BodyText::of(body);
        let mut mask = Mask::new(secrets);
        head.headers.iter().chain(&query).for_each(|(name, value)| mask.learn(name, value));
        if let BodyText::Json(value) = &body {
            mask.learn_all(value, false);
        }
        let object = |pairs: Vec<(String, Value)>| raw(&Value::Object(Map::from_iter(pairs)));
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| (mask.text(name), Value::String(mask.named(name, value))));
        let headers = object(headers.collect());
        let query = query.iter().map(|(name, value)| {
            let value = mask.named(name, value);
            (mask.text(name), Value::String(mask.guess(&value)))
        });
        let query = object(query.collect());
        let body = raw(&match body {
            BodyText::Json(value) => mask.value(value, false),
            BodyText::Note(note) => note,
        });
        let host = mask.text(head.header("host").unwrap_or_default());
        let path = mask.path(&head.path);
        let uid = uid.map(|uid| mask.uid(&uid, &head.path));
        let method = mask.text(&head.method);

        let texts = [host.len(), path.len(), method.len(), uid.as_ref().map_or(0, String::len)];
        let json = [&headers, &query, &body].map(|text| text.get().len());
        let size = ENTRY + texts.iter().sum::<usize>() + json.iter().sum::<usize>();
        Self {
            id,
            rev: 0,
            at,
            method,
            host,
            path,
            query,
            app,
            uid,
            headers,
            body,
            status: None,
            code: None,
            outcome: Outcome::Open,
            fault,
            ms: None,
            socket: Vec::new(),
            size,
            frame_bytes: 0,
        }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Adds a frame of the web socket, unless it has too many. Returns the bytes that were added.
    pub(super) fn add_frame(&mut self, name: &str, text: &str, secrets: &Secrets) -> Option<usize> {
        if self.socket.len() >= JOURNAL_SOCKET_FRAMES {
            return None;
        }
        let frame = match BodyText::parse(text.as_bytes(), JOURNAL_BODY) {
            BodyText::Note(note) => note,
            BodyText::Json(value) => {
                let mut mask = Mask::new(secrets);
                mask.learn_all(&value, false);
                mask.value(value, false)
            }
        };
        self.push(name, &frame, JOURNAL_SOCKET_BYTES)
    }

    /// Adds the end of the web socket. Returns the bytes that were added.
    pub(super) fn add_end(&mut self, how: Value, secrets: &Secrets) -> Option<usize> {
        let how = Mask::new(secrets).value(how, false);
        self.push("closed", &how, usize::MAX)
    }

    fn push(&mut self, name: &str, frame: &Value, limit: usize) -> Option<usize> {
        let frame = raw(&json!({ name: frame }));
        let size = frame.get().len();
        if self.frame_bytes.saturating_add(size) > limit {
            return None;
        }
        self.frame_bytes += size;
        self.size += size;
        self.socket.push(frame);
        Some(size)
    }
}

/// The text of a body in the journal.
enum BodyText {
    Json(Value),
    /// A note in place of the body.
    Note(Value),
}

impl BodyText {
    fn of(body: &Body) -> Self {
        match body {
            Body::Empty => Self::Note(Value::Null),
            Body::TooLarge => Self::Note(json!(format!("(more than {BODY_KEPT} bytes)"))),
            Body::Bytes(bytes) => Self::parse(bytes, JOURNAL_BODY),
        }
    }

    fn parse(bytes: &[u8], limit: usize) -> Self {
        let count = bytes.len();
        if count > limit {
            return Self::Note(json!(format!("({count} bytes, more than is kept)")));
        }
        match serde_json::from_slice(bytes) {
            Ok(value) => Self::Json(value),
            Err(_) => Self::Note(json!(format!("({count} bytes that are not JSON)"))),
        }
    }
}

fn raw(value: &Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
