//! The session as it stands on disk, whoever wrote it: this page, another tab, or the official client.
//!
//! What happened is never remembered, it is the difference between the login that is known and the one on disk, taken at
//! every call and whenever the page hears that the disk may have changed (rule B15). So it is noticed once, by whoever looks
//! first, and tabs cannot disagree for longer than until their next look.

use std::rc::Rc;

use super::Client;
use super::init::{App, Seen};
use super::ports::{Event, World};
use crate::protocol::endpoint::Settings;
use crate::protocol::json::{Json, quote};
use crate::protocol::session::{APP_ID, APP_SETTINGS, OF_A_SESSION, Session, Slot, USER, key, stored};

impl<W: World> Client<W> {
    /// Takes over what stands on disk and tells the listeners what that means.
    pub(super) fn look(&mut self) {
        let before = self.session().cloned();
        self.look_silently();
        let after = self.session();
        let same = match (&before, after) {
            (Some(before), Some(after)) => before.same_login(after),
            (None, None) => true,
            _ => false,
        };
        if !same {
            self.tell_of_change(before.as_ref());
        }
    }

    /// Takes over what stands on disk.
    pub(super) fn look_silently(&mut self) {
        let Some(app) = self.app.as_mut().filter(|app| !app.seen.is_nowhere()) else { return };
        let known = !matches!(app.seen, Seen::Unread);
        let seen = match self.world.news(app.settings.area(), &key(&app.settings.app_id, USER), known) {
            Ok(None) => return,
            Ok(Some(found)) => found,
            // It cannot be read any more: what is known lives on in memory.
            Err(_) => {
                app.seen = Seen::Nowhere;
                return;
            }
        };
        if matches!(&app.seen, Seen::OnDisk(known) if *known == seen) {
            return;
        }
        app.session = on_disk(&self.world, app, seen.as_deref());
        app.seen = Seen::OnDisk(seen);
    }

    /// From the session before to the one there is now: the events. A new token of the same user is a login, not a logout.
    pub(super) fn tell_of_change(&mut self, before: Option<&Rc<Session>>) {
        let after = self.session().cloned();
        if before.is_some_and(|before| after.as_ref().is_none_or(|after| !before.is_of(&after.uid))) {
            self.tell(Event::LogoutSuccess);
        }
        if let Some(after) = after {
            self.close_logouts();
            self.tell(Event::LoginSuccess(after));
        }
    }

    /// Makes it the session of this page and of the disk, in one step: tabs that are open see it come, and a crash half way
    /// reads as logged out. The same login again is written over, so that no tab sees it go (rule B12). Where the disk refuses, the session lives in memory (rule B14).
    pub(super) fn commit(&mut self, session: Rc<Session>) {
        let Some(app) = &mut self.app else { return };
        let again = app.session.as_ref().is_some_and(|known| known.same_login(&session));
        let settings = &app.settings;
        let user = stored(&session.user);
        let refused = if again && app.seen.is_nowhere() {
            // It lives in memory until a login succeeds.
            true
        } else {
            if !again {
                remove(&mut self.world, &app.settings, USER);
            }
            let world = &mut self.world;
            let mut refused = !set(world, settings, APP_ID, &stored(&quote(&settings.app_id)));
            if session.settings.is_empty() {
                remove(world, settings, APP_SETTINGS);
            } else {
                refused = refused || !set(world, settings, APP_SETTINGS, &stored(&session.settings));
            }
            refused = refused || !set(world, settings, USER, &user);
            if refused {
                clear(&mut self.world, app);
            }
            refused
        };
        app.session = Some(session);
        app.seen = if refused { Seen::Nowhere } else { Seen::OnDisk(Some(user)) };
    }

    /// Ends the session in this page and on disk.
    pub(super) fn clear_session(&mut self) {
        let Some(app) = &mut self.app else { return };
        // Beside a session in memory another tab may have brought its own to the disk: that one is not ours to end.
        let in_memory = app.seen.is_nowhere();
        let entry = get(&self.world, &app.settings, USER);
        let there = on_disk(&self.world, app, entry.as_deref());
        let others = there.zip(app.session.as_ref()).is_some_and(|(there, here)| !there.same_login(here));
        if !in_memory || !others {
            clear(&mut self.world, app);
        }
        app.session = None;
        if !in_memory {
            app.seen = Seen::OnDisk(None);
        }
    }
}

/// The session in an entry, which may have been written through one layer of JSON or two.
fn on_disk<W: World>(world: &W, app: &App, user: Option<&str>) -> Option<Rc<Session>> {
    let unwrapped = |entry: &str| {
        let outer = world.json(entry)?;
        let inner = Json(&outer).text();
        if inner.is_empty() { Some(outer) } else { world.json(&inner) }
    };
    let settings = get(world, &app.settings, APP_SETTINGS);
    let settings = settings.as_deref().and_then(unwrapped).unwrap_or_default();
    Session::on_disk(unwrapped(user?)?, settings, &app.settings)
}

fn clear<W: World>(world: &mut W, app: &App) {
    for slot in &OF_A_SESSION {
        remove(world, &app.settings, slot);
    }
}

/// The entry of an app, where it is there and can be read.
pub(super) fn get<W: World>(world: &W, settings: &Settings, slot: Slot) -> Option<String> {
    world.get(settings.area(), &key(&settings.app_id, slot)).ok().flatten()
}

/// Writes an entry of an app, and says whether it could.
pub(super) fn set<W: World>(world: &mut W, settings: &Settings, slot: Slot, value: &str) -> bool {
    world.set(settings.area(), &key(&settings.app_id, slot), value).is_ok()
}

fn remove<W: World>(world: &mut W, settings: &Settings, slot: Slot) {
    world.remove(settings.area(), &key(&settings.app_id, slot));
}
