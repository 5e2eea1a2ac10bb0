//! The journal: what was asked and what came of it, for tests to look at. It keeps text, within bounds, and no secrets.

use super::bounds::{
    BODY_KEPT, JOURNAL_BODY, JOURNAL_BYTES, JOURNAL_ENTRIES, JOURNAL_SOCKET_BYTES,
    JOURNAL_SOCKET_FRAMES,
};
use super::head::Head;
use super::response::Outcome;
use super::secrets::{Mask, Secrets};
use crate::core::Body;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};

/// What an entry takes besides its texts, about, in bytes.
const ENTRY: usize = 512;

/// One request, or one web socket.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    id: u64,
    /// Grows with each change of any entry.
    rev: u64,
    /// UNIX milliseconds, by the machine's clock.
    at: u64,
    method: String,
    host: String,
    path: String,
    query: Box<RawValue>,
    app: Option<String>,
    uid: Option<String>,
    headers: Box<RawValue>,
    body: Box<RawValue>,
    /// `null` while under way, and for ever if nothing was answered.
    status: Option<u16>,
    /// `error.code` of the reply.
    code: Option<&'static str>,
    outcome: Outcome,
    /// The fault rule that took part.
    fault: Option<u64>,
    /// Milliseconds until the reply began.
    ms: Option<u64>,
    /// A web socket's frames and its end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    socket: Vec<Box<RawValue>>,
    #[serde(skip)]
    size: usize,
    #[serde(skip)]
    frame_bytes: usize,
}

impl Entry {
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

/// A request to note.
pub(crate) struct Arrival<'a> {
    pub(crate) head: &'a Head,
    pub(crate) body: &'a Body,
    /// UNIX milliseconds.
    pub(crate) at: u64,
    pub(crate) app: Option<String>,
    pub(crate) uid: Option<String>,
    /// The rule that meddles with it.
    pub(crate) fault: Option<u64>,
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) app: Option<String>,
    pub(crate) after: u64,
    pub(crate) since: u64,
    pub(crate) limit: Option<usize>,
}

/// The newest requests of each app.
#[derive(Debug)]
pub(crate) struct Journal {
    entries: BTreeMap<u64, Entry>,
    /// The entries of each app (`None`: of no known one), oldest first. May name entries that are gone.
    of_app: BTreeMap<Option<String>, VecDeque<u64>>,
    last: u64,
    revision: u64,
    bytes: usize,
    /// The bytes it may take.
    limit: usize,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            of_app: BTreeMap::new(),
            last: 0,
            revision: 0,
            bytes: 0,
            limit: JOURNAL_BYTES,
        }
    }
}

impl Journal {
    /// Notes a request that has just come, and gives the entry's id.
    pub(crate) fn open(&mut self, arrival: Arrival<'_>, secrets: &Secrets) -> u64 {
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
        let shown = |(name, value): &(String, String)| {
            (mask.text(name), Value::String(mask.named(name, value)))
        };
        let headers = object(head.headers.iter().map(shown).collect());
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

        self.last += 1;
        let id = self.last;
        let texts = [host.len(), path.len(), method.len(), uid.as_ref().map_or(0, String::len)];
        let size = ENTRY
            + texts.iter().sum::<usize>()
            + headers.get().len()
            + query.get().len()
            + body.get().len();
        let entry = Entry {
            id,
            rev: 0,
            at,
            method,
            host,
            path,
            query,
            app: app.clone(),
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
        };
        self.bytes += size;
        self.entries.insert(id, entry);
        self.touch(id);
        let group = self.of_app.entry(app.map(|app| app.to_ascii_lowercase())).or_default();
        group.push_back(id);
        let oldest = if group.len() > JOURNAL_ENTRIES { group.pop_front() } else { None };
        if let Some(oldest) = oldest {
            self.remove(oldest);
        }
        self.shrink();
        id
    }

    /// An entry, if it is still there.
    pub(crate) fn entry(&self, id: u64) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// Adds what became of a request.
    pub(crate) fn close(
        &mut self,
        id: u64,
        status: Option<u16>,
        code: Option<&'static str>,
        outcome: Outcome,
        ms: u64,
    ) {
        if let Some(entry) = self.entries.get_mut(&id) {
            (entry.status, entry.code, entry.outcome, entry.ms) = (status, code, outcome, Some(ms));
            self.touch(id);
        }
    }

    /// Notes that the emulator has stopped talking.
    pub(crate) fn hung(&mut self, id: u64) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.outcome = Outcome::Hung;
            self.touch(id);
        }
    }

    /// Adds a frame of a web socket: its text, and what to call it.
    pub(crate) fn frame(&mut self, id: u64, name: &str, text: &str, secrets: &Secrets) {
        let Some(entry) = self.entries.get(&id) else { return };
        if entry.socket.len() >= JOURNAL_SOCKET_FRAMES {
            return;
        }
        let shown = match BodyText::of_text(text.as_bytes(), JOURNAL_BODY) {
            BodyText::Note(note) => note,
            BodyText::Json(value) => {
                let mut mask = Mask::new(secrets);
                mask.learn_all(&value, false);
                mask.value(value, false)
            }
        };
        self.add_frame(id, name, &shown, JOURNAL_SOCKET_BYTES);
    }

    /// Adds the end of a web socket.
    pub(crate) fn closed(&mut self, id: u64, how: Value, secrets: &Secrets) {
        let how = Mask::new(secrets).value(how, false);
        self.add_frame(id, "closed", &how, usize::MAX);
    }

    fn add_frame(&mut self, id: u64, name: &str, frame: &Value, most: usize) {
        let frame = raw(&json!({ name: frame }));
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let size = frame.get().len();
        if entry.frame_bytes.saturating_add(size) > most {
            return;
        }
        entry.frame_bytes += size;
        entry.size += size;
        entry.socket.push(frame);
        self.bytes += size;
        self.touch(id);
        self.shrink();
    }

    /// Entries, oldest first.
    pub(crate) fn list(&self, filter: &Filter) -> Vec<&Entry> {
        let same_app = |entry: &&Entry| match (&filter.app, &entry.app) {
            (None, _) => true,
            (Some(wanted), Some(app)) => wanted.eq_ignore_ascii_case(app),
            (Some(_), None) => false,
        };
        let newer = self.entries.range(filter.after.saturating_add(1)..).map(|(_, entry)| entry);
        let all: Vec<&Entry> =
            newer.filter(|entry| entry.rev > filter.since).filter(same_app).collect();
        let skipped = filter.limit.map_or(0, |limit| all.len().saturating_sub(limit));
        all.into_iter().skip(skipped).collect()
    }

    /// How many entries an app has.
    pub(crate) fn count(&self, app: &str) -> usize {
        self.list(&Filter { app: Some(app.to_owned()), ..Filter::default() }).len()
    }

    /// Forgets the entries of an app, or all; ids and revisions go on.
    pub(crate) fn clear(&mut self, app: Option<&str>) {
        match app {
            None => {
                self.entries.clear();
                self.of_app.clear();
                self.bytes = 0;
            }
            Some(app) => {
                let ids = self.of_app.remove(&Some(app.to_ascii_lowercase())).unwrap_or_default();
                ids.into_iter().for_each(|id| self.remove(id));
            }
        }
    }

    /// Grows with each change.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    fn touch(&mut self, id: u64) {
        self.revision += 1;
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.rev = self.revision;
        }
    }

    fn remove(&mut self, id: u64) {
        if let Some(entry) = self.entries.remove(&id) {
            self.bytes -= entry.size;
        }
    }

    fn shrink(&mut self) {
        while self.bytes > self.limit {
            let Some((&oldest, _)) = self.entries.first_key_value() else { return };
            self.remove(oldest);
        }
    }
}

/// How a body is shown.
enum BodyText {
    Json(Value),
    /// What is said about it instead.
    Note(Value),
}

impl BodyText {
    fn of(body: &Body) -> Self {
        match body {
            Body::Empty => Self::Note(Value::Null),
            Body::TooLarge => Self::Note(json!(format!("(more than {BODY_KEPT} bytes)"))),
            Body::Bytes(bytes) => Self::of_text(bytes, JOURNAL_BODY),
        }
    }

    fn of_text(bytes: &[u8], most: usize) -> Self {
        let count = bytes.len();
        if count > most {
            return Self::Note(json!(format!("({count} bytes, more than is kept)")));
        }
        match serde_json::from_slice(bytes) {
            Ok(value) => Self::Json(value),
            Err(_) => Self::Note(json!(format!("({count} bytes that are no JSON)"))),
        }
    }
}

fn raw(value: &Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(journal: &mut Journal, app: Option<&str>, body: &str) -> u64 {
        let head = Head { method: "POST".to_owned(), path: "/x".to_owned(), ..Head::default() };
        let body = Body::Bytes(body.as_bytes().to_vec());
        let app = app.map(str::to_owned);
        let arrival = Arrival { head: &head, body: &body, at: 1, app, uid: None, fault: None };
        journal.open(arrival, &Secrets::new([0; 16]))
    }

    #[test]
    fn m1_the_journal_keeps_a_bounded_amount_of_text() {
        assert_eq!(Journal::default().limit, 64 * 1024 * 1024);
        let mut journal = Journal { limit: 256 * 1024, ..Journal::default() };
        let small = format!("\"{}\"", "a".repeat(JOURNAL_BODY - 2));
        let large = format!("[{}]", ["[0]"; 200_000].join(","));
        for app in 0..100 {
            open(&mut journal, Some(&format!("app-{app}")), &small);
            assert!(journal.bytes <= journal.limit, "{}", journal.bytes);
        }
        assert!(journal.entries.len() > 20, "{}", journal.entries.len());
        let id = open(&mut journal, None, &large);
        let entry = journal.entry(id).unwrap();
        assert!(entry.body.get().len() < 100, "{}", entry.body.get());
        let sum: usize = journal.entries.values().map(|entry| entry.size).sum();
        assert_eq!(sum, journal.bytes, "the account is right");
    }

    #[test]
    fn m1_a_socket_keeps_a_bounded_amount_of_text() {
        let mut journal = Journal::default();
        let id = open(&mut journal, None, "{}");
        let secrets = Secrets::new([0; 16]);
        let frame = format!("[{}]", ["[0]"; 2000].join(","));
        for _ in 0..1000 {
            journal.frame(id, "received", &frame, &secrets);
        }
        journal.closed(id, json!({ "by": "client" }), &secrets);
        let entry = journal.entry(id).unwrap();
        assert!(entry.frame_bytes <= JOURNAL_SOCKET_BYTES + 100, "{}", entry.frame_bytes);
        assert!(entry.socket.last().unwrap().get().contains("client"));
    }

    #[test]
    fn m11_one_apps_requests_do_not_push_out_anothers() {
        let mut journal = Journal::default();
        let first = open(&mut journal, Some("A"), "{}");
        for _ in 0..2 * JOURNAL_ENTRIES {
            open(&mut journal, Some("b"), "{}");
        }
        assert!(journal.entry(first).is_some());
        assert_eq!((journal.count("a"), journal.count("B")), (1, JOURNAL_ENTRIES));
        journal.clear(Some("b"));
        assert_eq!((journal.count("a"), journal.count("b")), (1, 0));
        assert_eq!(journal.list(&Filter { limit: Some(1), ..Filter::default() }).len(), 1);
    }

    #[test]
    fn an_entry_that_changes_is_new_again() {
        let mut journal = Journal::default();
        let first = open(&mut journal, None, "{}");
        open(&mut journal, None, "{}");
        let since = journal.revision();
        let changed = |journal: &Journal| {
            let filter = Filter { since, ..Filter::default() };
            journal.list(&filter).iter().map(|entry| entry.id).collect::<Vec<_>>()
        };
        assert!(changed(&journal).is_empty());
        journal.close(first, Some(200), None, Outcome::Answered, 1);
        assert_eq!(changed(&journal), [first]);
    }
}
