//! `init`: the settings are checked, the app is taken up, the session that stands on disk is found (rules B2–B4).

use std::rc::Rc;

use super::Client;
use super::ports::{Area, Output, World};
use super::tabs::{get, set};
use crate::protocol::endpoint::{Settings, is_this_machine};
use crate::protocol::error::Exception;
use crate::protocol::json::{Json, quote};
use crate::protocol::request::{Sender, new_device_id, new_resource};
use crate::protocol::session::{self, APP_ID, DEVICE_ID, INTEGRATION_SOURCE, MANUAL, Session, TAB_KEY};

const REGION_GUESSED: &str = "No region was set: \"eu\" is taken. Call setRegion().";
const EMULATOR_IN_USE: &str = "useEmulator(): the emulator is for development.";

/// The app of this page.
#[derive(Debug)]
pub struct App {
    /// What every request says.
    pub sender: Sender,
    /// The checked settings.
    pub settings: Box<Settings>,
    /// Whether the page's origin is this machine (rule B27).
    pub at_home: bool,
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

impl Seen {
    /// Whether the session lives in memory.
    pub fn is_nowhere(&self) -> bool {
        matches!(self, Self::Nowhere)
    }
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
        match (&self.seen, self.settings.area()) {
            (Seen::Nowhere, _) => "memory",
            (_, Area::Local) => "local",
            (_, Area::Session) => "session",
        }
    }
}

impl<W: World> Client<W> {
    /// Beside the settings (see [`Settings::check`]) the page says here what does not change while it lives: `userAgent`,
    /// `hostName`, and `forDevice` and `forTab`, out of which new ids are made.
    pub(super) fn init(&mut self, said: Json<'_>) -> Result<(), Exception> {
        let settings = Settings::check(said)?;
        if settings.region_was_guessed {
            self.outputs.push(Output::Warn(REGION_GUESSED));
        }
        if settings.emulator {
            self.outputs.push(Output::Warn(EMULATOR_IN_USE));
        }
        self.failed_init = None;
        let again = self.app_id() == Some(&settings.app_id);
        if again {
            // What another tab did is news here as at any other call (rule B15).
            self.look();
        } else {
            self.drop_calls();
        }
        match &mut self.app {
            // The same again: the later settings replace the earlier, and what is on disk is judged by them; a session that
            // lives in memory stays.
            Some(app) if again => {
                let moved = app.settings.session_mode != settings.session_mode;
                app.settings = settings;
                if moved {
                    app.session = None;
                }
                if moved || !app.seen.is_nowhere() {
                    app.seen = Seen::Unread;
                }
            }
            _ => {
                let sender = self.sender(said, &settings);
                let at_home = is_this_machine(&said.text_of("hostName"));
                self.app = Some(App { sender, settings, at_home, session: None, seen: Seen::Unread });
            }
        }
        self.take_up();
        Ok(())
    }

    /// Finds the device's and the tab's ids, or makes them.
    fn sender(&mut self, said: Json<'_>, settings: &Settings) -> Sender {
        let app_id = settings.app_id.clone();
        let mut device_id = get(&self.world, settings, DEVICE_ID).unwrap_or_default();
        device_id = self.world.json(&device_id).unwrap_or_default();
        if device_id.len() < 3 || !device_id.starts_with("\"") {
            device_id = new_device_id(&app_id, &said.text_of("forDevice"));
            set(&mut self.world, settings, DEVICE_ID, &device_id);
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
        let Some(app) = &self.app else { return };
        let settings = &app.settings;
        set(&mut self.world, settings, APP_ID, &session::stored(&quote(&settings.app_id)));
        set(&mut self.world, settings, INTEGRATION_SOURCE, MANUAL);
        self.look_silently();
        if self.session().is_some() {
            self.close_logouts();
        }
    }
}
