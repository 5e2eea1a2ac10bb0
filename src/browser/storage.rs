//! localStorage and sessionStorage. Each is probed once, before gloo-storage's `raw()`, which panics where there is none.

use gloo_storage::{LocalStorage, SessionStorage, Storage as _};
use wasm_bindgen::prelude::*;
use web_sys::Storage;

use crate::client::ports::{Area, Read, Refused};

#[wasm_bindgen]
extern "C" {
    /// A storage whose texts stay with the engine until they are wanted.
    #[wasm_bindgen(extends = Storage)]
    type Texts;
    #[wasm_bindgen(method, catch, js_name = getItem)]
    fn item(this: &Texts, key: &str) -> Result<JsValue, JsValue>;
}

#[derive(Debug)]
pub struct Areas {
    local: Option<Storage>,
    session: Option<Storage>,
    /// The entry that [`Areas::read_if_changed`] gave last.
    last: JsValue,
}

impl Areas {
    pub fn probe() -> Self {
        let window = web_sys::window();
        let there = |storage: Result<Option<Storage>, _>| storage.ok().flatten().is_some();
        Self {
            local: window
                .as_ref()
                .is_some_and(|window| there(window.local_storage()))
                .then(LocalStorage::raw),
            session: window
                .is_some_and(|window| there(window.session_storage()))
                .then(SessionStorage::raw),
            last: JsValue::UNDEFINED,
        }
    }

    fn area(&self, area: Area) -> Result<&Texts, Refused> {
        match area {
            Area::Local => &self.local,
            Area::Session => &self.session,
        }
        .as_ref()
        .map(JsCast::unchecked_ref)
        .ok_or(Refused)
    }

    fn item(&self, area: Area, key: &str) -> Result<JsValue, Refused> {
        self.area(area)?.item(key).map_err(|_| Refused)
    }

    pub fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        Ok(self.item(area, key)?.as_string())
    }

    pub fn read_if_changed(&mut self, area: Area, key: &str, known: bool) -> Result<Read, Refused> {
        let item = self.item(area, key)?;
        if known && item == self.last {
            return Ok(Read::Unchanged);
        }
        self.last = item;
        Ok(Read::Changed(self.last.as_string()))
    }

    pub fn set(&self, area: Area, key: &str, value: &str) -> Result<(), Refused> {
        self.area(area)?.set_item(key, value).map_err(|_| Refused)
    }

    pub fn remove(&self, area: Area, key: &str) -> Result<(), Refused> {
        self.area(area)?.remove_item(key).map_err(|_| Refused)
    }
}
