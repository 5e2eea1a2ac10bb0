//! `init`: checks the settings, sets up the app and reads the stored session (rules B2–B4).

use std::rc::Rc;

use super::Client;
use super::ports::{Area, Platform};
use super::sync::{Home, Notify};
use crate::protocol::endpoint::Settings;
use crate::protocol::error::Exception;
use crate::protocol::json::{Json, quote};
use crate::protocol::request::{Sender, new_device_id, new_tab_id};
use crate::protocol::session::{self, MANUAL, Session, Slot, TAB_KEY};

const REGION_GUESSED: &str = "No region is set: \"eu\" is used. Call setRegion().";
const EMULATOR_IN_USE: &str = "useEmulator(): the emulator is for development.";

/// The app of this page. Before `init` its id is empty, and it has no stored entry.
#[derive(Default)]
pub struct App {
    /// The fields that all requests share.
    pub sender: Sender,
    /// The checked settings.
    pub settings: Box<Settings>,
    /// Whether the next login with an auth key prints a warning. Only the first one does, and not
    /// on localhost (rule B27).
    pub warns_of_key: bool,
    /// The session, as storage was read last.
    pub session: Option<Rc<Session>>,
    /// Where the session is kept.
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
    /// Where the session is kept, as the API calls it.
    pub fn persistence(&self) -> &'static str {
        match self.settings.area() {
            _ if self.home != Home::Storage => "memory",
            Area::Local => "local",
            Area::Session => "session",
        }
    }
}

impl<P: Platform> Client<P> {
    /// The arguments are the settings (see [`Settings::check`]), `userAgent`, `isThisMachine`, and
    /// `forDevice` and `forTab`, from which new ids are made. These do not change while the page is
    /// open.
    pub(super) fn init(&mut self, args: Json<'_>) -> Result<(), Rc<Exception>> {
        let settings = Settings::check(args)?;
        if settings.region_was_guessed {
            self.warn(REGION_GUESSED);
        }
        if settings.emulator {
            self.warn(EMULATOR_IN_USE);
        }
        self.failed_init = None;
        if self.app.settings.app_id == settings.app_id {
            // A change by another tab fires an event, as at any other call (rule B15).
            self.sync_from_storage(Notify::Yes);
            // The new settings replace the earlier ones and apply to the stored session. A session
            // in memory stays.
            let old = &self.app.settings;
            if (&old.admin_url, &old.client_url) != (&settings.admin_url, &settings.client_url) {
                self.abort_all(Notify::Yes);
            }
            if self.app.settings.session_mode != settings.session_mode {
                self.forget_session();
            }
            self.app.settings = settings;
        } else {
            self.abort_all(Notify::No);
            self.app.settings = settings;
            self.app.warns_of_key = !args.at("isThisMachine").is_there();
            self.set_sender(args);
            self.forget_session();
        }
        self.take_stored_session();
        Ok(())
    }

    /// Forgets the session. Its stored entries stay.
    fn forget_session(&mut self) {
        self.app.session = None;
        self.app.home = Home::Storage;
        self.app.refreshed.clear();
    }

    /// Sets the fields that all requests share. Reads the ids of the device and the tab, or creates
    /// them.
    fn set_sender(&mut self, args: Json<'_>) {
        let app_id = self.app.settings.app_id.clone();
        let stored = self.platform.canonical(&self.get(Slot::DeviceId));
        let mut device_id = stored.root().text();
        if !session::is_device_id(&device_id) {
            device_id = new_device_id(&app_id, &args.text_of("forDevice"));
            self.put(Slot::DeviceId, quote(&device_id).as_str());
        }
        let found = self.platform.get(Area::Session, TAB_KEY);
        let tab_id = match found {
            Ok(Some(id)) if session::is_tab_id(&id) => id,
            found => {
                let id = new_tab_id(&args.text_of("forTab"));
                // Any other entry of that name belongs to the web app.
                if matches!(found, Ok(None)) {
                    let _ = self.platform.set(Area::Session, TAB_KEY, &id);
                }
                id
            }
        };
        let user_agent = args.at("userAgent").text();
        self.app.sender = Sender { app_id, tab_id, device_id, user_agent };
    }

    /// Marks the storage as used by the app and reads the stored session: no request, no event
    /// (rule B4).
    fn take_stored_session(&mut self) {
        self.put_app_id();
        self.put(Slot::IntegrationSource, MANUAL);
        if self.app.home == Home::Storage {
            // The new settings decide whether the stored session is accepted.
            self.app.entry_is_known = false;
            self.sync_from_storage(Notify::No);
        }
        if self.app.session.is_some() {
            self.logout = 0;
        }
    }
}
