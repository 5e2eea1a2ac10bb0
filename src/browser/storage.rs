//! localStorage and sessionStorage. Each is probed once, before gloo-storage's `raw()`, which panics where there is none.

use gloo_storage::{LocalStorage, SessionStorage, Storage as _};
use web_sys::Storage;

use crate::client::ports::{Area, Refused};

#[derive(Debug)]
pub struct Areas {
    local: Option<Storage>,
    session: Option<Storage>,
}

impl Areas {
    pub fn probe() -> Self {
        let window = web_sys::window();
        let there = |storage: Result<Option<Storage>, _>| storage.ok().flatten().is_some();
        Self {
            local: window.as_ref().is_some_and(|window| there(window.local_storage())).then(LocalStorage::raw),
            session: window.is_some_and(|window| there(window.session_storage())).then(SessionStorage::raw),
        }
    }

    fn area(&self, area: Area) -> Result<&Storage, Refused> {
        match area {
            Area::Local => &self.local,
            Area::Session => &self.session,
        }
        .as_ref()
        .ok_or(Refused)
    }

    pub fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        self.area(area)?.get_item(key).map_err(|_| Refused)
    }

    pub fn set(&self, area: Area, key: &str, value: &str) -> Result<(), Refused> {
        self.area(area)?.set_item(key, value).map_err(|_| Refused)
    }

    pub fn remove(&self, area: Area, key: &str) {
        if let Ok(area) = self.area(area) {
            let _ = area.remove_item(key);
        }
    }
}
