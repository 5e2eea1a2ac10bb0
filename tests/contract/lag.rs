//! B12, B15: two tabs in processes of their own, each with a view of localStorage that lags.
//!
//! A write is seen at once in its own process. It becomes true, and the other process sees it, when
//! it is delivered; a write of its own to the same key that is still on its way wins there, because it
//! becomes true later. Each delivery is a storage event. Random orders; the outcome is what counts.

use std::collections::VecDeque;

use cometchat_auth::client::ports::Area;
use cometchat_auth::client::sync::Change;
use cometchat_auth::client::{Call, Input};
use serde_json::json;

use crate::harness::*;

const SCHEDULES: u64 = 5_000;

/// What the first tab does while the second one refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Logout,
    Renew,
    Nothing,
}

/// The tabs, and the writes of each that the other one does not see yet.
struct Processes {
    tabs: [Tab; 2],
    sent: [VecDeque<Change>; 2],
    heard: [Vec<String>; 2],
}

impl Processes {
    fn new() -> Self {
        let one = Tab::logged_in("alice");
        let view = Storage::with(one.world.local.entries());
        let other =
            Tab::ready_on(World { local: view, session: Storage::default(), ..one.world.clone() });
        let mut tabs = [one, other];
        tabs.iter_mut().for_each(Tab::forget);
        Self { tabs, sent: Default::default(), heard: Default::default() }
    }

    /// One step of a tab; its writes go on their way.
    fn step(&mut self, at: usize, step: impl FnOnce(&mut Tab)) {
        let tab = &mut self.tabs[at];
        tab.forget_changes();
        let mut before = tab.world.local.entries();
        step(tab);
        for after in tab.world.local.standings() {
            for key in [USER, SETTINGS] {
                let (old, new) = (before.get(key).cloned(), after.get(key).cloned());
                if old != new {
                    self.sent[at].push_back(Change {
                        area: Area::Local,
                        key: key.into(),
                        old,
                        new,
                    });
                }
            }
            before = after;
        }
        self.heard[at].extend(tab.told());
    }

    /// The oldest write of a tab becomes true, and the other tab hears of it.
    fn deliver(&mut self, from: usize) -> bool {
        let to = 1 - from;
        let Some(change) = self.sent[from].pop_front() else { return false };
        if self.sent[to].iter().all(|own| own.key != change.key) {
            let view = &self.tabs[to].world.local;
            match &change.new {
                Some(text) => view.put(&change.key, text),
                None => view.take(&change.key),
            }
        }
        self.step(to, |tab| tab.handle(Input::StorageChanged(Box::new(change))));
        true
    }
}

fn play(seed: u64) -> Result<(), String> {
    let mut bits = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |of: u64| {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        (bits >> 11) % of
    };
    let mut play = Processes::new();
    let act = [Act::Logout, Act::Renew, Act::Nothing][below(3) as usize];
    let update = below(2) == 0;
    play.step(1, |tab| {
        let (call, args) = if update {
            (Call::UpdateMe, json!({"user": {"name": "New"}}))
        } else {
            (Call::Verify, json!({}))
        };
        tab.call(call, 0, &args);
    });
    // Three things happen in any order, and in between writes are delivered in any order.
    let mut left = vec![0, 1, 2];
    while !left.is_empty() {
        let choice = below(left.len() as u64 + 2) as usize;
        if choice >= left.len() {
            play.deliver(choice - left.len());
            continue;
        }
        match left.remove(choice) {
            0 if act == Act::Logout => play.step(0, |tab| _ = tab.logout()),
            0 if act == Act::Renew => play.step(0, |tab| {
                tab.login_token("alice-token-2");
                tab.answer(me("alice"));
            }),
            1 => play.step(1, |tab| {
                tab.answer(data(
                    json!({"uid": "alice", "name": "New", "settings": settings_of("x")}),
                ));
            }),
            2 => play.step(below(2) as usize, Tab::look),
            _ => {}
        }
    }
    while play.deliver(0) || play.deliver(1) {}
    play.tabs.iter_mut().for_each(|tab| tab.closed = true);
    let who = play.tabs.each_mut().map(Tab::who);
    let must = match act {
        Act::Logout => None,
        Act::Renew => pair("alice", "alice-token-2"),
        Act::Nothing => pair("alice", "alice-token-1"),
    };
    if who != [must.clone(), must] {
        return Err(format!("{act:?}: {who:?}"));
    }
    if act != Act::Logout && play.heard.iter().flatten().any(|event| event == "logoutSuccess") {
        return Err(format!("{act:?}: {:?}", play.heard));
    }
    Ok(())
}

#[test]
fn b15_processes_agree_in_any_order_and_a_refresh_never_wins() {
    for seed in 0..SCHEDULES {
        if let Err(why) = play(seed) {
            panic!("schedule {seed}: {why}");
        }
    }
}
