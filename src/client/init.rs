//! `init`: the settings are checked, the app is taken up, the session that stands on disk is found (rules B2–B4).

use std::rc::Rc;

use super::Client;
use super::ports::{Area, World};
use super::sync::{Home, Notify};
use crate::protocol::endpoint::{Settings, is_this_machine};
use crate::protocol::error::Exception;
use crate::protocol::json::Json;
use crate::protocol::request::{Sender, new_device_id, new_resource};
use crate::protocol::session::{
    self, DEVICE_ID, INTEGRATION_SOURCE, MANUAL, Session, Slot, TAB_KEY,
};

const REGION_GUESSED: &str = "No region was set: \"eu\" is taken. Call setRegion().";
const EMULATOR_IN_USE: &str = "useEmulator(): the emulator is for development.";

/// The app of this page. Before `init` it is none: its id is empty, and nothing on disk is its own.
#[derive(Debug, Default)]
pub struct App {
    /// What every request says.
    pub sender: Sender,
    /// The checked settings.
    pub settings: Box<Settings>,
    /// Whether the next login with an auth key is warned of: the first that is not on this machine (rule B27).
    pub warns_of_key: bool,
    /// Who is logged in, as far as we know.
    pub session: Option<Rc<Session>>,
    /// Where it is kept.
    pub home: Home,
    /// Whether the stored user is the one that was read last.
    pub entry_is_known: bool,
    /// The entries that the last refresh wrote (rule B15).
    pub refreshed: Vec<(Slot, String)>,
}

impl Settings {
    /// Where the session is kept.
    pub fn area(&self) -> Area {
        if self.session_mode { Area::Session } else { Area::Local }
    }
}

impl App {
    /// Where the session is kept, in the words of the API.
    pub fn persistence(&self) -> &'static str {
        match self.settings.area() {
            _ if self.home != Home::Storage => "memory",
            Area::Local => "local",
            Area::Session => "session",
        }
    }
}

impl<W: World> Client<W> {
    /// Beside the settings (see [`Settings::check`]) the page says here what does not change while it lives: `userAgent`,
    /// `hostName`, and `forDevice` and `forTab`, out of which new ids are made.
    pub(super) fn init(&mut self, said: Json<'_>) -> Result<(), Exception> {
        let settings = Settings::check(said)?;
        if settings.region_was_guessed {
            self.warn(REGION_GUESSED);
        }
        if settings.emulator {
            self.warn(EMULATOR_IN_USE);
        }
        self.failed_init = None;
        if self.app.settings.app_id == settings.app_id {
            // What another tab did is news here as at any other call (rule B15).
            self.sync_from_storage(Notify::Yes);
            // The later settings replace the earlier, and what is on disk is judged by them; a session that lives in memory stays.
            let bases =
                |settings: &Settings| [settings.admin.url.clone(), settings.client.url.clone()];
            if bases(&self.app.settings) != bases(&settings) {
                self.drop_calls(Notify::Yes);
            }
            let app = &mut self.app;
            if app.settings.session_mode != settings.session_mode {
                app.session = None;
                app.home = Home::Storage;
                app.refreshed.clear();
            }
            app.settings = settings;
        } else {
            self.drop_calls(Notify::No);
            self.app.settings = settings;
            self.app.warns_of_key = !is_this_machine(&said.text_of("hostName"));
            self.app.sender = self.sender(said);
            self.app.session = None;
            self.app.home = Home::Storage;
            self.app.refreshed.clear();
        }
        self.take_up();
        Ok(())
    }

    /// Finds the device's and the tab's ids, or makes them.
    fn sender(&mut self, said: Json<'_>) -> Sender {
        let app_id = self.app.settings.app_id.clone();
        let mut device_id = self.world.json(&self.get(DEVICE_ID)).unwrap_or_default();
        if !session::is_device_id(&device_id) {
            device_id = new_device_id(&app_id, &said.text_of("forDevice"));
            self.put(DEVICE_ID, &device_id);
        }
        let found = self.world.get(Area::Session, TAB_KEY);
        let resource = match found {
            Ok(Some(id)) if session::is_tab_id(&id) => id,
            found => {
                let id = new_resource(&said.text_of("forTab"));
                // What somebody else keeps under that name is theirs.
                if matches!(found, Ok(None)) {
                    let _ = self.world.set(Area::Session, TAB_KEY, &id);
                }
                id
            }
        };
        let user_agent = said.at("userAgent").text();
        Sender { app_id, resource, device_id, user_agent }
    }

    /// Marks the store as the app's and takes the session that stands in it: no request, no event (rule B4).
    fn take_up(&mut self) {
        self.put_app_id();
        self.put(INTEGRATION_SOURCE, MANUAL);
        if self.app.home == Home::Storage {
            // The later settings decide anew whether the stored session counts.
            self.app.entry_is_known = false;
            self.sync_from_storage(Notify::No);
        }
        if self.app.session.is_some() {
            self.logout = 0;
        }
    }
}
