//! localStorage and sessionStorage.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use cometchat_auth::client::ports::Refused;

pub type Entries = BTreeMap<String, String>;

/// localStorage or sessionStorage, shared by its clones. Records each change and the entries after
/// it.
#[derive(Clone, Debug, Default)]
pub struct Storage(Rc<RefCell<StorageState>>);

#[derive(Debug, Default)]
struct StorageState {
    entries: Entries,
    changes: Vec<String>,
    snapshots: Vec<Entries>,
    refuses_all: bool,
    refuses_writes: bool,
    refused_write: Option<usize>,
    refuses_next_read: bool,
}

impl Storage {
    pub fn with(entries: Entries) -> Self {
        let storage = Self::default();
        storage.0.borrow_mut().entries = entries;
        storage
    }

    pub fn entries(&self) -> Entries {
        self.0.borrow().entries.clone()
    }

    pub fn get(&self, key: &str) -> Option<String> {
        self.0.borrow().entries.get(key).cloned()
    }

    /// Writes as another program does: the write is not recorded.
    pub fn put(&self, key: &str, text: &str) {
        self.0.borrow_mut().entries.insert(key.into(), text.into());
    }

    /// Removes as another program does: the removal is not recorded.
    pub fn remove(&self, key: &str) {
        self.0.borrow_mut().entries.remove(key);
    }

    /// `localStorage.clear()`.
    pub fn clear(&self) {
        self.0.borrow_mut().entries.clear();
    }

    /// Makes every access fail, as in a sandboxed frame.
    pub fn refuse_all(&self, yes: bool) {
        self.0.borrow_mut().refuses_all = yes;
    }

    /// Makes writes fail, as with a full quota. Reads and removals still work.
    pub fn refuse_writes(&self, yes: bool) {
        self.0.borrow_mut().refuses_writes = yes;
    }

    /// Makes only the next read fail.
    pub fn refuse_next_read(&self) {
        self.0.borrow_mut().refuses_next_read = true;
    }

    /// Makes one write fail: the one after so many successful writes.
    pub fn refuse_write_after(&self, after: usize) {
        self.0.borrow_mut().refused_write = Some(after);
    }

    /// Takes the client's own changes, in order: `set key`, `remove key`.
    pub fn changes(&self) -> Vec<String> {
        let mut state = self.0.borrow_mut();
        state.snapshots.clear();
        std::mem::take(&mut state.changes)
    }

    /// The entries after each of those changes.
    pub fn snapshots(&self) -> Vec<Entries> {
        self.0.borrow().snapshots.clone()
    }

    // The client's accesses, which can fail.

    pub fn client_get(&self, key: &str) -> Result<Option<String>, Refused> {
        let mut state = self.0.borrow_mut();
        let refused_now = std::mem::take(&mut state.refuses_next_read);
        if state.refuses_all || refused_now {
            Err(Refused)
        } else {
            Ok(state.entries.get(key).cloned())
        }
    }

    pub fn client_set(&self, key: &str, value: &str) -> Result<(), Refused> {
        {
            let mut state = self.0.borrow_mut();
            let refused_now = state.refused_write == Some(0);
            state.refused_write = state.refused_write.and_then(|left| left.checked_sub(1));
            if state.refuses_all || state.refuses_writes || refused_now {
                return Err(Refused);
            }
        }
        self.change(format!("set {key}"), |entries| drop(entries.insert(key.into(), value.into())));
        Ok(())
    }

    pub fn client_remove(&self, key: &str) -> Result<(), Refused> {
        let (refused, exists) = {
            let state = self.0.borrow();
            (state.refuses_all, state.entries.contains_key(key))
        };
        if refused {
            return Err(Refused);
        }
        if exists {
            self.change(format!("remove {key}"), |entries| drop(entries.remove(key)));
        }
        Ok(())
    }

    fn change(&self, what: String, step: impl FnOnce(&mut Entries)) {
        let mut state = self.0.borrow_mut();
        step(&mut state.entries);
        let now = state.entries.clone();
        state.changes.push(what);
        state.snapshots.push(now);
    }
}
