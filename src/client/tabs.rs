//! The session as it stands on disk, whoever wrote it: this page, another tab, or the official client.
//!
//! What happened is never remembered, it is the difference between the login that is known and the one on disk, taken at
//! every call and whenever the page hears that the disk may have changed (rule B15). So it is noticed once, by whoever looks
//! first, and tabs cannot disagree for longer than until their next look.

use std::rc::Rc;

use super::Client;
use super::init::{App, Seen};
use super::ports::{Event, World};
use crate::protocol::json::quote;
use crate::protocol::session::{OF_A_SESSION, Session, Slot, stored};

impl<W: World> Client<W> {
    pub(super) fn session(&self) -> Option<&Rc<Session>> {
        self.app.as_ref()?.session.as_ref()
    }

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
        let Some(app) = &mut self.app else { return };
        let area = app.area();
        let key = |slot: Slot| slot.key(&app.sender.app_id);
        let seen = match (&app.seen, self.world.get(area, &key(Slot::User))) {
            (Seen::Nowhere, _) => return,
            (Seen::OnDisk(seen), Ok(found)) if *seen == found => return,
            (_, Ok(found)) => found,
            // It cannot be read any more: what is known lives on in memory.
            (_, Err(_)) => {
                app.seen = Seen::Nowhere;
                return;
            }
        };
        app.session = seen.as_deref().and_then(|user| {
            let settings = self.world.get(area, &key(Slot::AppSettings)).ok().flatten();
            Session::on_disk(user, settings.as_deref(), &app.settings).map(Rc::new)
        });
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
        let area = app.area();
        let key = |slot: Slot| slot.key(&app.sender.app_id);
        let user = stored(&session.user);
        let again = app.session.as_ref().is_some_and(|known| known.same_login(&session));
        let written = (|| {
            if !again {
                self.world.remove(area, &key(Slot::User));
            }
            self.world.set(area, &key(Slot::AppId), &stored(&quote(&app.sender.app_id)))?;
            match &session.settings {
                Some(settings) => self.world.set(area, &key(Slot::AppSettings), &stored(settings))?,
                None => self.world.remove(area, &key(Slot::AppSettings)),
            }
            self.world.set(area, &key(Slot::User), &user)
        })();
        app.session = Some(session);
        app.seen = match written {
            Ok(()) => Seen::OnDisk(Some(user)),
            Err(_) => {
                clear(&mut self.world, app);
                Seen::Nowhere
            }
        };
    }

    /// Ends the session in this page and on disk.
    pub(super) fn clear_session(&mut self) {
        let Some(app) = &mut self.app else { return };
        // Beside a session in memory another tab may have brought its own to the disk: that one is not ours to end.
        let on_disk = self.world.get(app.area(), &Slot::User.key(&app.sender.app_id)).ok().flatten();
        let on_disk = on_disk.and_then(|user| Session::on_disk(&user, None, &app.settings));
        if app.seen != Seen::Nowhere
            || on_disk.as_ref().zip(app.session.as_deref()).is_none_or(|(there, here)| there.same_login(here))
        {
            clear(&mut self.world, app);
        }
        app.session = None;
        if app.seen != Seen::Nowhere {
            app.seen = Seen::OnDisk(None);
        }
    }
}

fn clear<W: World>(world: &mut W, app: &App) {
    for slot in OF_A_SESSION {
        world.remove(app.area(), &slot.key(&app.sender.app_id));
    }
}
