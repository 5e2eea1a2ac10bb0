//! The port of the client to the browser.

use std::cell::Cell;
use std::rc::Rc;

use cometchat_auth::client::ports::{Area, Platform, Read, Refused};
use cometchat_auth::protocol::json::CanonicalJson;

use super::javascript::canonical;
use super::storage::Storage;

/// The port of the client: two storages, a clock and a source of ids.
#[derive(Clone, Debug, Default)]
pub struct TestPlatform {
    pub local: Storage,
    pub session: Storage,
    pub now: Rc<Cell<u64>>,
    pub random: Rc<Cell<u8>>,
    /// The entry that was read last.
    pub last: Option<(Area, String, Option<String>)>,
}

impl TestPlatform {
    fn area(&self, area: Area) -> &Storage {
        match area {
            Area::Local => &self.local,
            Area::Session => &self.session,
        }
    }
}

impl Platform for TestPlatform {
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        self.area(area).client_get(key)
    }

    fn read(&mut self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        let entry = self.get(area, key)?;
        self.last = Some((area, key.into(), entry.clone()));
        Ok(entry)
    }

    fn read_again(&mut self) -> Result<Read, Refused> {
        let (area, key, last) = self.last.clone().expect("an entry was read before");
        if self.get(area, &key)? == last {
            return Ok(Read::Unchanged);
        }
        self.read(area, &key).map(Read::Changed)
    }

    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused> {
        self.area(area).client_set(key, value)
    }

    fn remove(&mut self, area: Area, key: &str) -> Result<(), Refused> {
        self.area(area).client_remove(key)
    }

    fn canonical(&self, text: &str) -> CanonicalJson {
        CanonicalJson::from_engine(canonical(text).unwrap_or_default())
    }
}
