//! A storage as three entries for each app.

use super::values::{Hosts, Session};

/// The `user` entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Absent,
    Damaged,
    Session(Session),
}

/// The entries of one app in one storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppEntries {
    pub app_id: bool,
    pub user: Entry,
    pub hosts: Hosts,
}

/// The entries of an app that the model knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    AppId,
    Settings,
    User,
}

/// The accesses to a storage that fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedAccess {
    None,
    WritesOf(EntryKind),
    AllWrites,
    All,
}

impl RefusedAccess {
    pub fn includes_write_of(self, entry: EntryKind) -> bool {
        matches!(self, Self::AllWrites | Self::All) || self == Self::WritesOf(entry)
    }
}

/// localStorage, or the sessionStorage of one tab.
#[derive(Clone, Copy, Debug)]
pub struct ModelStorage {
    pub apps: [AppEntries; 2],
    pub refused: RefusedAccess,
    /// Only the next read fails.
    pub refuses_next_read: bool,
    /// A hash of the writes so far, in order: see [`extend_trace`].
    pub trace: u64,
}

impl ModelStorage {
    pub fn new() -> Self {
        let none = AppEntries { app_id: false, user: Entry::Absent, hosts: Hosts::Absent };
        Self { apps: [none; 2], refused: RefusedAccess::None, refuses_next_read: false, trace: 0 }
    }

    /// The session that a page reads.
    pub fn session(&self, app: usize) -> Option<Session> {
        let entries = &self.apps[app];
        match (entries.user, entries.hosts) {
            (Entry::Session(session), hosts @ (Hosts::Absent | Hosts::OfService(_))) => {
                Some(Session { hosts, ..session })
            }
            _ => None,
        }
    }

    /// The `user` entry, if it can be read.
    pub fn read(&mut self, app: usize) -> Option<Entry> {
        let refuses_next_read = std::mem::take(&mut self.refuses_next_read);
        (!refuses_next_read && self.refused != RefusedAccess::All).then_some(self.apps[app].user)
    }

    pub fn write(
        &mut self,
        app: usize,
        entry: EntryKind,
        set: impl FnOnce(&mut AppEntries),
    ) -> bool {
        let refused = self.refused.includes_write_of(entry);
        if !refused {
            let entries = &mut self.apps[app];
            self.trace = extend_trace(self.trace, entry, entries.user != Entry::Absent);
            set(entries);
        }
        !refused
    }

    pub fn remove(&mut self, app: usize, set: impl FnOnce(&mut AppEntries)) -> bool {
        let refused = self.refused == RefusedAccess::All;
        if !refused {
            set(&mut self.apps[app]);
        }
        !refused
    }

    pub fn clear_session(&mut self, app: usize) -> bool {
        self.remove(app, |entries| {
            entries.user = Entry::Absent;
            entries.hosts = Hosts::Absent;
        })
    }
}

/// Adds a write to the hash: the entry, and whether the app's `user` entry existed then. Two orders
/// of writes differ in it, and so does the state after a crash between them (B12).
pub fn extend_trace(trace: u64, entry: EntryKind, user: bool) -> u64 {
    trace.rotate_left(5).wrapping_mul(31).wrapping_add(2 * entry as u64 + u64::from(user) + 1)
}
