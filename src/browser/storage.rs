//! The platform of a page: localStorage, sessionStorage and their event, and the engine's JSON.
//!
//! Each storage is probed once, because gloo-storage's `raw()` panics if there is none.

use gloo_storage::{LocalStorage, SessionStorage, Storage as _};
use wasm_bindgen::prelude::*;
use web_sys::Storage;

use super::{Global, Host, member};
use crate::client::ports::{Area, Platform, Read, Refused};
use crate::client::sync::Change;
use crate::protocol::json::CanonicalJson;

#[wasm_bindgen]
extern "C" {
    /// A storage. Its texts stay JavaScript strings until Rust reads them.
    #[wasm_bindgen(extends = Storage)]
    type Texts;
    #[wasm_bindgen(method, catch, js_name = getItem)]
    fn item(this: &Texts, key: &JsValue) -> Result<JsValue, JsValue>;
}

/// What [`Platform::read`] read last. Key and entry stay with the engine. It has no debug output,
/// because the entry contains the auth token (rule B26).
struct LastRead {
    area: Area,
    key: JsValue,
    entry: JsValue,
}

/// The platform of a page.
pub struct Web {
    local: Option<Storage>,
    session: Option<Storage>,
    last: Option<LastRead>,
    host: Host,
}

impl Web {
    /// Looks for the storages.
    pub fn new(host: Host) -> Self {
        let (local, session) = Global::window().map_or((None, None), |window| {
            (
                working(window.local_storage(), LocalStorage::raw),
                working(window.session_storage(), SessionStorage::raw),
            )
        });
        Self { local, session, last: None, host }
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

    fn item(&self, area: Area, key: &JsValue) -> Result<JsValue, Refused> {
        self.area(area)?.item(key).map_err(|_| Refused)
    }
}

impl Platform for Web {
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        Ok(self.item(area, &key.into())?.as_string())
    }

    fn read(&mut self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        let key = key.into();
        let item = self.item(area, &key)?;
        let entry = item.as_string();
        self.last = Some(LastRead { area, key, entry: item });
        Ok(entry)
    }

    /// Neither the key nor an unchanged entry is copied.
    fn read_again(&mut self) -> Result<Read, Refused> {
        let last = self.last.as_ref().ok_or(Refused)?;
        let item = self.item(last.area, &last.key)?;
        if item == last.entry {
            return Ok(Read::Unchanged);
        }
        let entry = item.as_string();
        if let Some(last) = &mut self.last {
            last.entry = item;
        }
        Ok(Read::Changed(entry))
    }

    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused> {
        self.area(area)?.set_item(key, value).map_err(|_| Refused)
    }

    fn remove(&mut self, area: Area, key: &str) -> Result<(), Refused> {
        self.area(area)?.remove_item(key).map_err(|_| Refused)
    }

    fn canonical(&self, text: &str) -> CanonicalJson {
        let text = self.host.canonical(text).unwrap_or_default().as_string();
        CanonicalJson::from_engine(text.unwrap_or_default())
    }
}

/// A storage, if there is one. gloo-storage finds it in a page only.
fn working(storage: Result<Option<Storage>, JsValue>, raw: fn() -> Storage) -> Option<Storage> {
    let storage = storage.ok().flatten()?;
    Some(if web_sys::window().is_some() { raw() } else { storage })
}

/// The name of an event, and the change of storage if it reports the change of one entry.
pub fn event(event: &JsValue) -> (String, Option<Box<Change>>) {
    let text = |name| member(event, name).as_string();
    let change = text("key").map(|key| {
        let local = Global::window().and_then(|window| window.local_storage().ok().flatten());
        let is_local = member(event, "storageArea") == local.map_or(JsValue::NULL, JsValue::from);
        let area = if is_local { Area::Local } else { Area::Session };
        Box::new(Change { area, key, old: text("oldValue"), new: text("newValue") })
    });
    (text("type").unwrap_or_default(), change)
}
