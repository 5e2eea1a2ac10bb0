//! Two tabs and their storages: carries out steps on the client and on the model.

use std::cell::RefCell;
use std::rc::Rc;

use cometchat_auth::client::Input;

use super::entries::entry_texts;
use super::input::to_outcome;
use super::platform::{TestPlatform, TestStorages};
use super::response::response;
use super::step::{ExternalChange, ResponseFields, ResponseKind, Step, StorageKind};
use super::tab::{CheckResult, Tab};
use crate::model::{AppEntries, Entry, Hosts, ModelStorage, Provided, RefusedAccess, Session, Uid};

/// Two tabs with the storages of the model and of the client.
pub struct Simulation {
    pub tabs: [Tab; 2],
    storages: [ModelStorage; 3],
    stores: Rc<RefCell<TestStorages>>,
    now: u64,
    response_count: u16,
    /// What reloaded tabs have covered.
    pub covered: u128,
    /// The model's storages and the number of changes at the last comparison.
    last_compared: Option<([[AppEntries; 2]; 3], u32)>,
}

impl Simulation {
    pub fn new() -> Self {
        let stores = Rc::new(RefCell::new(TestStorages {
            stores: Default::default(),
            refused: RefusedAccess::None,
            refuses_next_read: false,
        }));
        let tab = |tab| Tab::new(TestPlatform { stores: stores.clone(), tab, last: None });
        Self {
            tabs: [tab(0), tab(1)],
            storages: [ModelStorage::new(); 3],
            stores: stores.clone(),
            now: 0,
            response_count: 0,
            covered: 0,
            last_compared: None,
        }
    }

    fn respond(&mut self, tab: usize, at: usize, kind: ResponseKind, fields: ResponseFields) {
        let (number, method, about) = self.tabs[tab].open.remove(at);
        self.response_count += 1;
        let response = response(kind, fields, self.response_count, method, about);
        let tab = &mut self.tabs[tab];
        tab.model.responded(&mut self.storages, number, response);
        let id = tab.ids[number];
        tab.handle(Input::Responded(id, to_outcome(response)));
    }

    /// Moves the clock forward. Timers that are due fire in order.
    pub fn advance(&mut self, ms: u64, frozen: bool) -> CheckResult {
        self.now += ms;
        for tab in 0..2 {
            while let Some(at) = self.tabs[tab].timers.iter().position(|timer| timer.1 <= self.now)
            {
                let (number, due) = self.tabs[tab].timers.remove(at);
                self.time_out(tab, number, if frozen { self.now - due } else { 0 })?;
            }
        }
        Ok(())
    }

    fn time_out(&mut self, tab: usize, number: usize, late: u64) -> CheckResult {
        let tab = &mut self.tabs[tab];
        tab.model.timed_out(&mut self.storages, number, late);
        tab.handle(Input::TimedOut(tab.ids[number], u32::try_from(late).unwrap()));
        tab.compare(self.now)
    }

    /// A change by another program. It never fails.
    fn external(&mut self, at: usize, what: ExternalChange) {
        self.response_count += 1;
        let entries = &mut self.storages[at].apps[0];
        let (before, number) = (*entries, self.response_count);
        match what {
            ExternalChange::Login(token) | ExternalChange::ForeignHost(token) => {
                let uid = Uid { user: token.user, upper: false };
                entries.app_id = true;
                let hosts = if matches!(what, ExternalChange::Login(_)) {
                    Hosts::OfService(number)
                } else {
                    Hosts::Foreign
                };
                entries.hosts = hosts;
                entries.user = Entry::Session(Session {
                    uid,
                    token,
                    name: number,
                    jwt: None,
                    channel: Some(number),
                    hosts,
                });
            }
            ExternalChange::Rename => {
                if let Entry::Session(session) = &mut entries.user {
                    session.name = number;
                }
            }
            ExternalChange::Logout => {
                (entries.user, entries.hosts) = (Entry::Absent, Hosts::Absent)
            }
            ExternalChange::Damage => entries.user = Entry::Damaged,
            ExternalChange::Clear => {
                self.storages[at].apps = ModelStorage::new().apps;
                self.stores.borrow_mut().stores[at].entries.clear();
                return;
            }
        }
        let after = *entries;
        let mut stores = self.stores.borrow_mut();
        let stored = &mut stores.stores[at].entries;
        for ((slot, text), (_, old)) in
            entry_texts(&after, 0).into_iter().zip(entry_texts(&before, 0))
        {
            match text {
                _ if text == old => {}
                Some(text) => _ = stored.insert(slot.into(), text),
                None => _ = stored.remove(slot),
            }
        }
    }

    pub fn step(&mut self, at: usize, step: Step) -> CheckResult {
        let tab = &mut self.tabs[at];
        match step {
            Step::Call(call) => tab.call(&mut self.storages, call, false),
            Step::AfterInit(call) => tab.call(&mut self.storages, call, true),
            Step::Respond(which, kind, fields) => {
                if !tab.open.is_empty() {
                    let which = which % tab.open.len();
                    self.respond(at, which, kind, fields);
                }
            }
            Step::RespondToNewest(fields) => {
                if !tab.open.is_empty() {
                    let newest = tab.open.len() - 1;
                    self.respond(at, newest, ResponseKind::Good, fields);
                }
            }
            Step::Provide(which, token) => {
                if !tab.pending_providers.is_empty() {
                    let number = tab.pending_providers.remove(which % tab.pending_providers.len());
                    tab.model.provided(&mut self.storages, number, token);
                    let token = match token {
                        Provided::Token(token) => token.text(),
                        Provided::Blank => " ".into(),
                        Provided::NonAscii => "tökën".into(),
                    };
                    tab.handle(Input::Token(tab.ids[number], token));
                }
            }
            Step::Advance(ms) => self.advance(ms, false)?,
            Step::Freeze(ms) => self.advance(ms, true)?,
            Step::RefuseNextRead => {
                self.storages[0].refuses_next_read = true;
                self.stores.borrow_mut().refuses_next_read = true;
            }
            Step::LateTimer(which) => {
                if !tab.ids.is_empty() {
                    let number = which % tab.ids.len();
                    if tab.timers.iter().all(|timer| timer.0 != number) {
                        self.time_out(at, number, 0)?;
                    }
                }
            }
            Step::Abort(which) => {
                let late = which % 8 == 0 || tab.pending.is_empty();
                let call = if late {
                    u32::try_from(which).unwrap()
                } else {
                    tab.pending[which % tab.pending.len()]
                };
                tab.model.abort(&mut self.storages, call);
                tab.handle(Input::Abort(call));
            }
            Step::Sync => {
                tab.model.sync_from_storage(&mut self.storages);
                tab.handle(Input::Sync);
            }
            Step::Refuse(refused) => {
                self.storages[0].refused = refused;
                self.stores.borrow_mut().refused = refused;
            }
            Step::External(store, what) => self.external(
                match store {
                    StorageKind::Local => 0,
                    StorageKind::Session => 1 + at,
                },
                what,
            ),
            Step::Dispose => {
                tab.model.dispose();
                tab.handle(Input::Dispose);
            }
            Step::Reload => {
                self.covered |= tab.model.covered;
                *tab = Tab::new(TestPlatform { stores: self.stores.clone(), tab: at, last: None });
            }
        }
        self.tabs[at].compare(self.now)?;
        self.compare_storages()
    }

    fn compare_storages(&mut self) -> CheckResult {
        let stores = self.stores.borrow();
        let now = (
            self.storages.map(|storage| storage.apps),
            stores.stores.iter().map(|store| store.changes).sum(),
        );
        if self.last_compared == Some(now) {
            return Ok(());
        }
        for (at, (storage, store)) in self.storages.iter().zip(&stores.stores).enumerate() {
            if storage.trace != store.trace {
                return Err(format!("store {at}: written in another order"));
            }
            for (app, entries) in storage.apps.iter().enumerate() {
                for (slot, expected) in entry_texts(entries, app) {
                    let actual = store.entries.get(slot);
                    if actual != expected.as_ref() {
                        return Err(format!(
                            "store {at}, {slot}: {actual:?}, expected: {expected:?}"
                        ));
                    }
                }
            }
        }
        self.last_compared = Some(now);
        Ok(())
    }
}
