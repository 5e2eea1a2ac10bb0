//! The journal: the requests and their outcomes, for tests to read. It keeps text, within bounds,
//! and no secrets.

mod entry;

pub(crate) use self::entry::{Arrival, Entry};

use super::bounds::{JOURNAL_BYTES, JOURNAL_ENTRIES};
use super::response::Outcome;
use super::secrets::Secrets;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// The entries that a caller asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) app: Option<String>,
    pub(crate) after: u64,
    pub(crate) since: u64,
    pub(crate) limit: Option<usize>,
}

/// The most recent requests of each app.
#[derive(Debug)]
pub(crate) struct Journal {
    entries: BTreeMap<u64, Entry>,
    /// The ids of the entries of each app (`None`: unknown apps), oldest first. Some of the entries
    /// may be gone.
    of_app: BTreeMap<Option<String>, VecDeque<u64>>,
    last: u64,
    revision: u64,
    bytes: usize,
    /// The most bytes that the entries may have.
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
    /// Records a request that has just arrived, and returns the id of its entry.
    pub(crate) fn open(&mut self, arrival: Arrival<'_>, secrets: &Secrets) -> u64 {
        self.last += 1;
        let id = self.last;
        let app = arrival.app.as_deref().map(str::to_ascii_lowercase);
        let entry = Entry::new(id, arrival, secrets);
        self.bytes += entry.size;
        self.entries.insert(id, entry);
        self.touch(id);
        let group = self.of_app.entry(app).or_default();
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

    /// Records the outcome of a request.
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

    /// Records that the emulator stopped responding.
    pub(crate) fn hung(&mut self, id: u64) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.outcome = Outcome::Hung;
            self.touch(id);
        }
    }

    /// Adds a frame of a web socket: its text, and the name that the journal gives it.
    pub(crate) fn frame(&mut self, id: u64, name: &str, text: &str, secrets: &Secrets) {
        self.add(id, |entry| entry.add_frame(name, text, secrets));
    }

    /// Adds the end of a web socket.
    pub(crate) fn closed(&mut self, id: u64, how: Value, secrets: &Secrets) {
        self.add(id, |entry| entry.add_end(how, secrets));
    }

    fn add(&mut self, id: u64, add: impl FnOnce(&mut Entry) -> Option<usize>) {
        if let Some(added) = self.entries.get_mut(&id).and_then(add) {
            self.bytes += added;
            self.touch(id);
            self.shrink();
        }
    }

    /// The entries that match, oldest first.
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

    /// The number of entries of an app.
    pub(crate) fn count(&self, app: &str) -> usize {
        self.list(&Filter { app: Some(app.to_owned()), ..Filter::default() }).len()
    }

    /// Removes the entries of an app, or all. Ids and revisions continue.
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

    /// A number that grows with each change.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Body;
    use crate::lab::bounds::{JOURNAL_BODY, JOURNAL_SOCKET_BYTES};
    use crate::lab::head::Head;
    use serde_json::json;

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
        assert_eq!(sum, journal.bytes, "the sum is right");
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
    fn m11_requests_of_one_app_do_not_remove_those_of_another() {
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
    fn an_entry_that_changes_is_listed_again() {
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
