//! B15: a change of another program is the difference between memory and storage.

use super::{Model, Operation, Persistence, storage_index};
use crate::model::coverage::Covered;
use crate::model::storage::{Entry, ModelStorage};
use crate::model::values::{Hosts, Session};

impl Model {
    pub fn sync_from_storage(&mut self, storages: &mut [ModelStorage; 3]) {
        let before = self.session();
        self.read_storage(storages);
        let after = self.session();
        match (before, after) {
            (Some(before), Some(after)) if before.same_login(&after) => {
                if before != after {
                    self.cover(Covered::NoticedName);
                }
                return;
            }
            (None, None) => return,
            (Some(before), Some(after)) if before.uid.same_user(after.uid) => {
                self.cover(Covered::NoticedToken)
            }
            (Some(_), Some(_)) => self.cover(Covered::NoticedUserSwitch),
            (Some(_), None) => self.cover(Covered::NoticedLogout),
            (None, Some(_)) => self.cover(Covered::NoticedLogin),
        }
        self.notify_change(before);
    }

    pub(super) fn read_storage(&mut self, storages: &mut [ModelStorage; 3]) {
        let tab = self.tab;
        let Some(app) = &mut self.app else { return };
        let storage = &mut storages[storage_index(app, tab)];
        let (entries, found) = (storage.apps[app.id], storage.session(app.id));
        let Some(entry) = storage.read(app.id) else {
            if app.persistence == Persistence::Storage {
                app.persistence = Persistence::Unreadable;
                self.cover(Covered::ReadingRefused);
            }
            return;
        };
        let (unknown, unchanged) = (app.last_read.is_none(), app.last_read == Some(entry));
        let persistence = app.persistence;
        app.last_read = Some(entry);
        if persistence == Persistence::Memory && (unchanged || unknown && found.is_none()) {
            let session = app.session;
            self.cover(Covered::WriteRetried);
            return match session {
                Some(session) => self.commit(storages, session),
                None => self.end_session(storages),
            };
        }
        app.persistence = Persistence::Storage;
        if !unchanged {
            app.session = found;
        }
        if persistence == Persistence::Unreadable {
            self.cover(Covered::ReadRetried);
        }
        if persistence == Persistence::Memory {
            self.cover(Covered::MemorySessionReplaced);
        }
        if entries.user == Entry::Damaged {
            self.cover(Covered::Damaged);
        } else if entries.hosts == Hosts::Foreign {
            self.cover(Covered::ForeignHostStored);
        }
    }

    pub(super) fn notify_change(&mut self, before: Option<Session>) {
        let after = self.session();
        if before.is_some_and(|before| after.is_none_or(|after| !after.uid.same_user(before.uid))) {
            self.notify("logoutSuccess".into());
        }
        if let Some(after) = after {
            self.session_begins();
            self.notify(format!("loginSuccess {}", after.text()));
        }
    }

    /// B9: a later logout does not join an earlier one.
    pub(super) fn session_begins(&mut self) {
        for pending in &mut self.requests {
            if let Operation::Logout { old } = &mut pending.operation {
                *old = true;
            }
        }
    }
}
