//! The session in storage, written by this page, another tab or the official client.
//!
//! Tabs agree by comparing with storage (rule B15): at every call, and whenever the browser reports
//! that storage may have changed, the known login is compared with the stored one. A tab that finds
//! a difference notifies its listeners once.

use std::mem;
use std::rc::Rc;

use super::Client;
use super::ports::{Area, Event, Platform, Read, Refused};
use crate::protocol::json::{CanonicalJson, quote};
use crate::protocol::session::{Session, Slot, stored};

/// Where the session is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Home {
    /// In storage.
    Storage,
    /// In memory, because storage cannot be read at the moment. No write is due.
    Unreadable,
    /// In memory, because a write failed. Every call retries it while the stored entry is unchanged
    /// (rule B14).
    #[default]
    Memory,
}

/// Whether login listeners are called for a change that is found in storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notify {
    /// They are called.
    Yes,
    /// They are not called: a warm start (rule B4).
    No,
}

/// A change of storage by another tab.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// Which storage.
    pub area: Area,
    /// The key.
    pub key: String,
    /// The entry before, as the other tab saw it.
    pub old: Option<String>,
    /// The entry now, as the other tab sees it.
    pub new: Option<String>,
}

impl<P: Platform> Client<P> {
    /// Reads the stored session.
    pub(super) fn sync_from_storage(&mut self, notify: Notify) {
        if self.app_id().is_none() {
            return;
        }
        let known = self.app.entry_is_known;
        let read = if known { self.platform.read_again() } else { self.read_user() };
        match (read, self.app.home) {
            (Err(_), Home::Storage) => self.app.home = Home::Unreadable,
            (Err(_), _) => {}
            (Ok(Read::Unchanged), Home::Memory) => self.write_again(),
            (Ok(Read::Unchanged), _) => self.app.home = Home::Storage,
            (Ok(Read::Changed(entry)), home) => {
                self.app.entry_is_known = true;
                let found = self.session_in(&entry.unwrap_or_default());
                if home == Home::Memory && !known && found.is_none() {
                    return self.write_again();
                }
                self.app.home = Home::Storage;
                let before = mem::replace(&mut self.app.session, found);
                let same = match (&before, &self.app.session) {
                    (Some(before), Some(after)) => before.same_login(after),
                    (None, None) => true,
                    _ => false,
                };
                if !same && notify == Notify::Yes {
                    self.notify_of_change(&before);
                }
            }
        }
    }

    fn read_user(&mut self) -> Result<Read, Refused> {
        let (area, key) = (self.app.settings.area(), self.key(Slot::User));
        self.platform.read(area, &key).map(Read::Changed)
    }

    /// Retries the write that failed: the stored entry is unchanged since.
    fn write_again(&mut self) {
        match self.app.session.clone() {
            Some(session) => self.commit(session),
            None => self.clear_session(),
        }
    }

    /// Handles a change by another tab. Processes see each other's writes some milliseconds late.
    /// If the other tab changed the entry before it saw the one that a refresh of this tab wrote,
    /// its change wins, so that a refresh never restores a session (rule B15).
    pub(super) fn storage_changed(&mut self, change: &Change) {
        let overtaken = self.app.refreshed.iter().position(|(slot, text)| {
            change.area == self.app.settings.area()
                && change.key == self.key(*slot)
                && change.old.as_ref() != Some(text)
                && self.get(*slot) == *text
        });
        if let Some(at) = overtaken {
            let (slot, _) = self.app.refreshed.swap_remove(at);
            let new = change.new.as_deref().unwrap_or_default();
            self.put(slot, new);
            if slot == Slot::User && new.is_empty() {
                self.clear();
            }
        }
        self.sync_from_storage(Notify::Yes);
    }

    /// Fires the events for a change from the earlier session to the present one. A new token of
    /// the same user is a login without a logout.
    pub(super) fn notify_of_change(&mut self, before: &Option<Rc<Session>>) {
        let after = self.app.session.clone();
        if let Some(before) = before
            && !matches!(&after, Some(after) if before.is_of(&after.uid))
        {
            self.notify(Event::LogoutSuccess);
        }
        if let Some(after) = after {
            self.logout = 0;
            self.notify(Event::LoginSuccess(after));
        }
    }

    /// Replaces the session in this page and in storage, in one task (rule B12). The entries of the
    /// same user are overwritten in place. Those of another user are removed first, so that a crash
    /// in between reads as logged out. If a write fails, every entry gets back its earlier value,
    /// and the session is kept in memory (rule B14).
    pub(super) fn commit(&mut self, session: Rc<Session>) {
        let before = self.app.session.replace(session.clone());
        let same_user = matches!(&before, Some(before) if before.is_of(&session.uid));
        let (old_user, old_settings) = (self.get(Slot::User), self.get(Slot::AppSettings));
        let written = (same_user || self.put(Slot::User, ""))
            && self.put_app_id()
            && self.put_stored(Slot::AppSettings, &session.settings)
            && self.put_stored(Slot::User, &session.user);
        if !written {
            self.put(Slot::AppSettings, &old_settings);
            self.put(Slot::User, &old_user);
            if before.is_some() && !same_user {
                self.clear();
            }
        }
        self.app.refreshed.clear();
        self.keep_in(if written { Home::Storage } else { Home::Memory });
    }

    /// Refreshes the data of the session and writes what differs. If a write fails, the stored
    /// entries stay unchanged, and the new data are kept in memory (rule B14).
    pub(super) fn refresh(&mut self, session: Rc<Session>) {
        let Some(before) = self.app.session.replace(session.clone()) else { return };
        if self.app.home != Home::Storage {
            self.app.home = Home::Memory;
            return;
        }
        let old_settings = self.get(Slot::AppSettings);
        let mut written = true;
        let mut refreshed = Vec::new();
        for (slot, old, new) in [
            (Slot::AppSettings, &before.settings, &session.settings),
            (Slot::User, &before.user, &session.user),
        ] {
            if written && old != new {
                written = self.put_stored(slot, new);
                refreshed.push((slot, self.get(slot)));
            }
        }
        if written {
            if !refreshed.is_empty() {
                self.app.refreshed = refreshed;
            }
        } else {
            self.put(Slot::AppSettings, &old_settings);
        }
        self.keep_in(if written { Home::Storage } else { Home::Memory });
    }

    /// Sets where the session is kept, and remembers the stored entry to compare later changes
    /// with.
    fn keep_in(&mut self, home: Home) {
        self.app.home = home;
        if self.read_user().is_ok() {
            self.app.entry_is_known = true;
        }
    }

    /// Ends the session in this page and in storage.
    pub(super) fn clear_session(&mut self) {
        self.clear();
        self.app.session = None;
        self.app.refreshed.clear();
        // An entry that cannot be removed now is removed when storage can be read again.
        let removed =
            self.platform.get(self.app.settings.area(), &self.key(Slot::User)) == Ok(None);
        self.keep_in(if removed { Home::Storage } else { Home::Memory });
    }

    /// Reads the session of an entry, with one or two layers of JSON.
    fn session_in(&self, user: &str) -> Option<Rc<Session>> {
        let unwrapped = |entry: &str| {
            let outer = self.platform.canonical(entry);
            let inner = outer.root().text();
            if inner.is_empty() { outer } else { self.platform.canonical(&inner) }
        };
        let settings = unwrapped(&self.get(Slot::AppSettings));
        Session::from_entries(unwrapped(user), settings, &self.app.settings)
    }

    fn clear(&mut self) {
        for slot in Slot::OF_A_SESSION {
            self.put(slot, "");
        }
    }

    fn key(&self, slot: Slot) -> String {
        slot.key(&self.app.settings.app_id)
    }

    /// The entry of the app; empty if there is none or it cannot be read.
    pub(super) fn get(&self, slot: Slot) -> String {
        self.platform
            .get(self.app.settings.area(), &self.key(slot))
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    /// Writes an entry of the app, or removes it if the text is empty. Returns whether that worked.
    pub(super) fn put(&mut self, slot: Slot, value: &str) -> bool {
        let (area, key) = (self.app.settings.area(), self.key(slot));
        let result = if value.is_empty() {
            self.platform.remove(area, &key)
        } else {
            self.platform.set(area, &key, value)
        };
        if result.is_ok() && slot == Slot::User {
            self.app.entry_is_known = false;
        }
        result.is_ok()
    }

    /// Writes JSON text as an entry.
    fn put_stored(&mut self, slot: Slot, json: &CanonicalJson) -> bool {
        let entry = if json.root().is_there() { stored(json) } else { CanonicalJson::default() };
        self.put(slot, entry.as_str())
    }

    /// Marks the storage as used by the app.
    pub(super) fn put_app_id(&mut self) -> bool {
        let app_id = quote(&self.app.settings.app_id);
        self.put_stored(Slot::AppId, &app_id)
    }
}
