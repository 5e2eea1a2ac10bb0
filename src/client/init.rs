//! `init`: the settings are checked, the app is taken up, the session that stands on disk is found (rules B2–B4).

use std::rc::Rc;

use super::Client;
use super::ports::{Area, Output, World};
use crate::protocol::endpoint::{self, Settings};
use crate::protocol::error::Exception;
use crate::protocol::json::{Json, quote};
use crate::protocol::request::{Sender, new_resource};
use crate::protocol::session::{self, INTEGRATION_SOURCE, Session, Slot, TAB_KEY};
use crate::protocol::text::{decimal, uuid};

const REGION_GUESSED: &str = "No region was set: \"eu\" is taken. Say which with setRegion().";
const EMULATOR_IN_USE: &str = "useEmulator() is on: calls go to the emulator, not to CometChat. For development only.";

/// The app of this page.
#[derive(Debug)]
pub struct App {
    /// What every request says.
    pub sender: Sender,
    /// The checked settings.
    pub settings: Settings,
    /// Who is logged in, as far as we know.
    pub session: Option<Rc<Session>>,
    /// The entry on disk that the session was read from or written to.
    pub seen: Seen,
}

/// The `user` entry as it was when last looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Not looked at yet.
    Unread,
    /// As it was, `None` where it was absent.
    OnDisk(Option<String>),
    /// The store refuses: the session lives in memory until the next login succeeds (rule B14).
    Nowhere,
}

impl App {
    /// Where the session is kept.
    pub fn area(&self) -> Area {
        if self.settings.session_mode { Area::Session } else { Area::Local }
    }

    /// The same, in the words of the API.
    pub fn persistence(&self) -> &'static str {
        match (&self.seen, self.area()) {
            (Seen::Nowhere, _) => "memory",
            (_, Area::Local) => "local",
            (_, Area::Session) => "session",
        }
    }
}

impl<W: World> Client<W> {
    pub(super) fn init(&mut self, said: Json<'_>) -> Result<(), Exception> {
        let app_id = endpoint::app_id(said)?;
        let settings = Settings::check(said)?;
        if settings.region_was_guessed(said) {
            self.outputs.push(Output::Warn(REGION_GUESSED));
        }
        if settings.emulator {
            self.outputs.push(Output::Warn(EMULATOR_IN_USE));
        }
        self.failed_init = None;
        if self.app_id() == Some(&app_id) {
            // What another tab did is news here as at any other call (rule B15).
            self.look();
        }
        match &mut self.app {
            // The same again: the later settings replace the earlier, and what is on disk is judged by them; a session that
            // lives in memory stays.
            Some(app) if app.sender.app_id == app_id => {
                let moved = app.settings.session_mode != settings.session_mode;
                app.settings = settings;
                if moved || app.seen != Seen::Nowhere {
                    app.seen = Seen::Unread;
                }
                if moved {
                    app.session = None;
                }
            }
            _ => {
                self.drop_calls();
                let sender = self.sender(app_id, &settings);
                self.app = Some(App { sender, settings, session: None, seen: Seen::Unread });
            }
        }
        self.take_up();
        Ok(())
    }

    /// Finds the device's and the tab's ids, or makes them.
    fn sender(&mut self, app_id: String, settings: &Settings) -> Sender {
        let area = if settings.session_mode { Area::Session } else { Area::Local };
        let (uuids, ms) = ([self.world.random(), self.world.random()], self.world.now_ms());
        let [for_device, for_tab] = uuids;
        let device_key = Slot::DeviceId.key(&app_id);
        let device_id = self.world.get(area, &device_key).ok().flatten().as_deref().and_then(session::device_id);
        let device_id = device_id.unwrap_or_else(|| {
            let id = session::new_device_id(&app_id, for_device, ms);
            let _ = self.world.set(area, &device_key, &quote(&id));
            id
        });
        let resource = match self.world.get(Area::Session, TAB_KEY) {
            Ok(Some(id)) if session::is_tab_id(&id) => id,
            found => {
                let id = new_resource(&uuid(for_tab), &decimal(ms));
                // What somebody else keeps under that name is theirs.
                if found == Ok(None) {
                    let _ = self.world.set(Area::Session, TAB_KEY, &id);
                }
                id
            }
        };
        Sender { app_id, resource, device_id, user_agent: self.page.user_agent.clone() }
    }

    /// Marks the store as the app's and takes the session that stands in it: no request, no event (rule B4).
    fn take_up(&mut self) {
        let Some(app) = &self.app else { return };
        let area = app.area();
        let id = &app.sender.app_id;
        let _ = self.world.set(area, &Slot::AppId.key(id), &session::stored(&quote(id)));
        let _ = self.world.set(area, &Slot::IntegrationSource.key(id), INTEGRATION_SOURCE);
        self.look_silently();
    }
}
