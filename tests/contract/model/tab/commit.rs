//! B12, B14: the writes of a session, and its end.

use super::{Model, Persistence, storage_index};
use crate::model::coverage::Covered;
use crate::model::storage::{Entry, EntryKind, ModelStorage};
use crate::model::values::{Hosts, Session};

impl Model {
    /// Overwrites the entry of the same user in place and removes another user's entry first. If a
    /// write fails, the entries are restored, but never a session of another user.
    pub(super) fn commit(&mut self, storages: &mut [ModelStorage; 3], session: Session) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        let before = app.session.replace(session);
        let same_user = before.is_some_and(|before| before.uid.same_user(session.uid));
        let (id, was_in_memory) = (app.id, app.persistence != Persistence::Storage);
        let storage = &mut storages[storage_index(app, tab)];
        let old = storage.apps[id];
        let removed = same_user || storage.remove(id, |entries| entries.user = Entry::Absent);
        let mut touched = removed && !same_user;
        let written = removed
            && storage.write(id, EntryKind::AppId, |entries| entries.app_id = true)
            && put_hosts(storage, id, session.hosts)
            && storage.write(id, EntryKind::User, |entries| entries.user = Entry::Session(session));
        touched |= written;
        if !written {
            put_hosts(storage, id, old.hosts);
            touched |= match old.user {
                Entry::Absent => storage.remove(id, |entries| entries.user = Entry::Absent),
                user => storage.write(id, EntryKind::User, |entries| entries.user = user),
            };
            if before.is_some() && !same_user {
                touched |= storage.clear_session(id);
            }
        }
        app.persistence = if written { Persistence::Storage } else { Persistence::Memory };
        app.remember_entry(storage, touched);
        match (was_in_memory, written) {
            (true, true) => self.cover(Covered::MemoryThenStored),
            (_, false) => self.cover(Covered::MemorySession),
            _ => {}
        }
    }

    /// B14, B15: writes what changed. If a write fails, storage keeps its earlier entries.
    pub(super) fn refresh(&mut self, storages: &mut [ModelStorage; 3], session: Session) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        let Some(before) = app.session.replace(session) else { return };
        if app.persistence != Persistence::Storage {
            app.persistence = Persistence::Memory;
            return self.cover(Covered::RefreshedInMemory);
        }
        let (id, storage) = (app.id, &mut storages[storage_index(app, tab)]);
        let same_user = Session { hosts: session.hosts, ..before } == session;
        let written = (before.hosts == session.hosts || put_hosts(storage, id, session.hosts))
            && (same_user
                || storage
                    .write(id, EntryKind::User, |entries| entries.user = Entry::Session(session)));
        if !written {
            put_hosts(storage, id, before.hosts);
            app.persistence = Persistence::Memory;
        }
        app.remember_entry(storage, written && !same_user);
        if !written {
            self.cover(Covered::RefreshRefused);
        }
    }

    /// Ends the session. An entry that cannot be removed is removed later.
    pub(super) fn end_session(&mut self, storages: &mut [ModelStorage; 3]) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        if app.persistence != Persistence::Storage {
            self.covered |= 1 << Covered::MemoryLoggedOut as u32;
        }
        app.session = None;
        let storage = &mut storages[storage_index(app, tab)];
        let removed = storage.clear_session(app.id);
        app.persistence = if removed { Persistence::Storage } else { Persistence::Memory };
        app.remember_entry(storage, removed);
    }
}

/// Writes the service's settings, or removes the entry if there are none.
fn put_hosts(storage: &mut ModelStorage, app: usize, hosts: Hosts) -> bool {
    match hosts {
        Hosts::Absent => storage.remove(app, |entries| entries.hosts = hosts),
        _ => storage.write(app, EntryKind::Settings, |entries| entries.hosts = hosts),
    }
}
