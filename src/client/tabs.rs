//! The session as it stands on disk, whoever wrote it: this page, another tab, or the official client.
//!
//! What happened is never remembered, it is the difference between the login that is known and the one on disk, taken at
//! every call and whenever the page hears that the disk may have changed (rule B15). So it is noticed once, by whoever looks
//! first, and tabs cannot disagree for longer than until their next look.

use std::rc::Rc;

use super::Client;
use super::ports::{Event, World};
use crate::protocol::json::{Json, quote};
use crate::protocol::session::{
    APP_ID, APP_SETTINGS, OF_A_SESSION, Session, Slot, USER, key, stored,
};

impl<W: World> Client<W> {
    /// Takes over what stands on disk and tells the listeners what that means.
    pub(super) fn look(&mut self) {
        let before = self.app.session.clone();
        self.look_silently(true);
        let same = match (&before, &self.app.session) {
            (Some(before), Some(after)) => before.same_login(after),
            (None, None) => true,
            _ => false,
        };
        if !same {
            self.tell_of_change(&before);
        }
    }

    /// Takes over what stands on disk; where what stood there is known, only what is news.
    pub(super) fn look_silently(&mut self, known: bool) {
        if !self.app.on_disk {
            return;
        }
        let (area, key) = (self.app.settings.area(), self.key(USER));
        match self.world.news(area, &key, known) {
            Ok(None) => {}
            Ok(Some(found)) => self.app.session = self.on_disk(&found.unwrap_or_default()),
            // It cannot be read any more: what is known lives on in memory.
            Err(_) => self.app.on_disk = false,
        }
    }

    /// From the session before to the one there is now: the events. A new token of the same user is a login, not a logout.
    pub(super) fn tell_of_change(&mut self, before: &Option<Rc<Session>>) {
        let after = self.app.session.clone();
        if let Some(before) = before
            && !matches!(&after, Some(after) if before.is_of(&after.uid))
        {
            self.tell(Event::LogoutSuccess);
        }
        if let Some(after) = after {
            self.logout = 0;
            self.tell(Event::LoginSuccess(after));
        }
    }

    /// Makes it the session of this page and of the disk, in one step: tabs that are open see it come, and a crash half way
    /// reads as logged out. The same login again is written over, so that no tab sees it go (rule B12). Where the disk refuses, the session lives in memory (rule B14).
    pub(super) fn commit(&mut self, session: Rc<Session>) {
        if !matches!(&self.app.session, Some(known) if known.same_login(&session)) {
            self.put(USER, "");
        }
        let settings = &session.settings;
        let settings = if settings.is_empty() { String::new() } else { stored(settings) };
        let taken = self.put_app_id()
            && self.put(APP_SETTINGS, &settings)
            && self.put(USER, &stored(&session.user));
        if !taken {
            self.clear();
        }
        self.app.session = Some(session);
        self.app.on_disk = taken;
    }

    /// Ends the session in this page and on disk.
    pub(super) fn clear_session(&mut self) {
        // Beside a session in memory another tab may have brought its own to the disk: that one is not ours to end.
        let there = self.on_disk(&self.get(USER));
        let others = matches!((&there, &self.app.session), (Some(there), Some(here)) if !there.same_login(here));
        if self.app.on_disk || !others {
            self.clear();
        }
        self.app.session = None;
    }

    /// The session in an entry, which may have been written through one layer of JSON or two.
    fn on_disk(&self, user: &str) -> Option<Rc<Session>> {
        let unwrapped = |entry: &str| {
            let outer = self.world.json(entry).unwrap_or_default();
            let inner = Json(&outer).text();
            if inner.is_empty() { outer } else { self.world.json(&inner).unwrap_or_default() }
        };
        let settings = unwrapped(&self.get(APP_SETTINGS));
        Session::on_disk(unwrapped(user), settings, &self.app.settings)
    }

    fn clear(&mut self) {
        for slot in &OF_A_SESSION {
            self.put(slot, "");
        }
    }

    fn key(&self, slot: Slot) -> String {
        key(&self.app.settings.app_id, slot)
    }

    /// The entry of the app; empty where there is none or it cannot be read.
    pub(super) fn get(&self, slot: Slot) -> String {
        self.world.get(self.app.settings.area(), &self.key(slot)).ok().flatten().unwrap_or_default()
    }

    /// Writes an entry of the app, or removes it where it is to be empty, and says whether it could.
    pub(super) fn put(&mut self, slot: Slot, value: &str) -> bool {
        let (area, key) = (self.app.settings.area(), self.key(slot));
        if value.is_empty() {
            self.world.remove(area, &key);
            return true;
        }
        self.world.set(area, &key, value).is_ok()
    }

    /// Marks the store as the app's.
    pub(super) fn put_app_id(&mut self) -> bool {
        let value = stored(&quote(&self.app.settings.app_id));
        self.put(APP_ID, &value)
    }
}
