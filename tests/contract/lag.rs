//! B12, B15: two tabs in two processes, each with a delayed view of localStorage.
//!
//! A process sees its own write at once. The other process sees it when it is delivered, as a
//! storage event. If that process has an undelivered write of the same key, its own write wins,
//! because it is delivered later. Writes are delivered in random order, and only the final state is
//! compared.

use std::collections::VecDeque;

use cometchat_auth::client::ports::Area;
use cometchat_auth::client::sync::Change;
use cometchat_auth::client::{Call, Input};
use serde_json::json;

use crate::harness::*;

const SCHEDULES: u64 = 5_000;

/// What the first tab does while the second tab refreshes the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FirstTabAction {
    Logout,
    NewToken,
    Nothing,
}

/// Two tabs, and the writes of each that are not delivered yet.
struct Processes {
    tabs: [Tab; 2],
    undelivered: [VecDeque<Change>; 2],
    events: [Vec<String>; 2],
}

impl Processes {
    fn new() -> Self {
        let one = Tab::logged_in("alice");
        let view = Storage::with(one.platform.local.entries());
        let other = Tab::ready_on(TestPlatform {
            local: view,
            session: Storage::default(),
            ..one.platform.clone()
        });
        let mut tabs = [one, other];
        tabs.iter_mut().for_each(Tab::clear_log);
        Self { tabs, undelivered: Default::default(), events: Default::default() }
    }

    /// Runs a step of a tab and queues its writes.
    fn step(&mut self, at: usize, step: impl FnOnce(&mut Tab)) {
        let tab = &mut self.tabs[at];
        tab.clear_storage_changes();
        let mut before = tab.platform.local.entries();
        step(tab);
        for after in tab.platform.local.snapshots() {
            for key in [USER, SETTINGS] {
                let (old, new) = (before.get(key).cloned(), after.get(key).cloned());
                if old != new {
                    self.undelivered[at].push_back(Change {
                        area: Area::Local,
                        key: key.into(),
                        old,
                        new,
                    });
                }
            }
            before = after;
        }
        self.events[at].extend(tab.take_events());
    }

    /// Delivers the oldest write of a tab to the other tab.
    fn deliver(&mut self, from: usize) -> bool {
        let to = 1 - from;
        let Some(change) = self.undelivered[from].pop_front() else { return false };
        if self.undelivered[to].iter().all(|own| own.key != change.key) {
            let view = &self.tabs[to].platform.local;
            match &change.new {
                Some(text) => view.put(&change.key, text),
                None => view.remove(&change.key),
            }
        }
        self.step(to, |tab| tab.handle(Input::StorageChanged(Box::new(change))));
        true
    }
}

fn run(seed: u64) -> Result<(), String> {
    let mut bits = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |of: u64| {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        (bits >> 11) % of
    };
    let mut processes = Processes::new();
    let action = [FirstTabAction::Logout, FirstTabAction::NewToken, FirstTabAction::Nothing]
        [below(3) as usize];
    let update = below(2) == 0;
    processes.step(1, |tab| {
        let (call, args) = if update {
            (Call::UpdateMe, json!({"user": {"name": "New"}}))
        } else {
            (Call::Verify, json!({}))
        };
        tab.call(call, 0, &args);
    });
    // Three steps happen in any order, and writes are delivered between them in any order.
    let mut remaining = vec![0, 1, 2];
    while !remaining.is_empty() {
        let choice = below(remaining.len() as u64 + 2) as usize;
        if choice >= remaining.len() {
            processes.deliver(choice - remaining.len());
            continue;
        }
        match remaining.remove(choice) {
            0 if action == FirstTabAction::Logout => processes.step(0, |tab| _ = tab.logout()),
            0 if action == FirstTabAction::NewToken => processes.step(0, |tab| {
                tab.login_token("alice-token-2");
                tab.respond(me("alice"));
            }),
            1 => processes.step(1, |tab| {
                tab.respond(data(
                    json!({"uid": "alice", "name": "New", "settings": settings_of("x")}),
                ));
            }),
            2 => processes.step(below(2) as usize, Tab::sync),
            _ => {}
        }
    }
    while processes.deliver(0) || processes.deliver(1) {}
    processes.tabs.iter_mut().for_each(|tab| tab.closed = true);
    let users = processes.tabs.each_mut().map(Tab::logged_in_user);
    let expected = match action {
        FirstTabAction::Logout => None,
        FirstTabAction::NewToken => uid_and_token("alice", "alice-token-2"),
        FirstTabAction::Nothing => uid_and_token("alice", "alice-token-1"),
    };
    if users != [expected.clone(), expected] {
        return Err(format!("{action:?}: {users:?}"));
    }
    if action != FirstTabAction::Logout
        && processes.events.iter().flatten().any(|event| event == "logoutSuccess")
    {
        return Err(format!("{action:?}: {:?}", processes.events));
    }
    Ok(())
}

#[test]
fn b15_two_processes_end_with_the_same_session_in_any_order() {
    for seed in 0..SCHEDULES {
        if let Err(why) = run(seed) {
            panic!("schedule {seed}: {why}");
        }
    }
}
