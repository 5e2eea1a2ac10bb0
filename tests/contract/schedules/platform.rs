//! The storages of all tabs, as the client sees them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use cometchat_auth::client::ports::{Area, Platform, Read, Refused};
use cometchat_auth::protocol::json::CanonicalJson;

use crate::model::{EntryKind, RefusedAccess, extend_trace};

/// The entries of one storage, with the number of changes and the trace of writes.
#[derive(Debug, Default)]
pub struct StoredEntries {
    pub entries: BTreeMap<String, String>,
    pub changes: u32,
    pub trace: u64,
}

/// The storages of all tabs: one localStorage, and one sessionStorage for each tab.
#[derive(Debug)]
pub struct TestStorages {
    pub stores: [StoredEntries; 3],
    pub refused: RefusedAccess,
    pub refuses_next_read: bool,
}

/// The port of the client of one tab.
#[derive(Clone, Debug)]
pub struct TestPlatform {
    pub stores: Rc<RefCell<TestStorages>>,
    pub tab: usize,
    /// The entry that was read last.
    pub last: Option<(Area, String, Option<String>)>,
}

impl TestPlatform {
    fn at(&self, area: Area) -> usize {
        match area {
            Area::Local => 0,
            Area::Session => 1 + self.tab,
        }
    }
}

impl Platform for TestPlatform {
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        let (stores, at) = (self.stores.borrow(), self.at(area));
        if at == 0 && stores.refused == RefusedAccess::All {
            return Err(Refused);
        }
        Ok(stores.stores[at].entries.get(key).cloned())
    }

    fn read(&mut self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        let refuses_next_read =
            self.at(area) == 0 && std::mem::take(&mut self.stores.borrow_mut().refuses_next_read);
        let entry = self.get(area, key)?;
        if refuses_next_read {
            return Err(Refused);
        }
        self.last = Some((area, key.into(), entry.clone()));
        Ok(entry)
    }

    fn read_again(&mut self) -> Result<Read, Refused> {
        let (area, key, last) = self.last.clone().expect("an entry was read before");
        let entry = self.read(area, &key)?;
        Ok(if entry == last { Read::Unchanged } else { Read::Changed(entry) })
    }

    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused> {
        let (mut stores, at) = (self.stores.borrow_mut(), self.at(area));
        let (entry, refused) = (entry(key), stores.refused);
        // sessionStorage never fails here. Another test covers the tab's id.
        let refuses_entry = match entry {
            Some((_, kind)) => refused.includes_write_of(kind),
            None => matches!(refused, RefusedAccess::AllWrites | RefusedAccess::All),
        };
        if at == 0 && refuses_entry {
            return Err(Refused);
        }
        let store = &mut stores.stores[at];
        store.changes += 1;
        if let Some((app, entry)) = entry {
            let user =
                store.entries.keys().any(|key| key.strip_prefix(app) == Some(":common_store/user"));
            store.trace = extend_trace(store.trace, entry, user);
        }
        store.entries.insert(key.into(), value.into());
        Ok(())
    }

    fn remove(&mut self, area: Area, key: &str) -> Result<(), Refused> {
        let (mut stores, at) = (self.stores.borrow_mut(), self.at(area));
        if at == 0 && stores.refused == RefusedAccess::All {
            return Err(Refused);
        }
        stores.stores[at].changes += 1;
        stores.stores[at].entries.remove(key);
        Ok(())
    }

    /// Every text in these tests is either canonical or cut off.
    fn canonical(&self, text: &str) -> CanonicalJson {
        let whole = text.len() > 1 && (text.ends_with('}') || text.ends_with('"'));
        CanonicalJson::from_engine(if whole { text.into() } else { String::new() })
    }
}

/// The app and the kind of the entry, if the model knows the key.
fn entry(key: &str) -> Option<(&str, EntryKind)> {
    let (app, slot) = key.split_once(":common_store/")?;
    let slots = [
        ("appId", EntryKind::AppId),
        ("app_settings", EntryKind::Settings),
        ("user", EntryKind::User),
    ];
    slots.into_iter().find(|known| known.0 == slot).map(|known| (app, known.1))
}
