//! Everything at once: random schedules of calls, replies in any order, times that run out, aborts, looks, storage that
//! refuses, another program at work on the same disk, reloads, over two tabs.
//!
//! Besides what [`crate::harness`] holds for every step (a promise settles once, a late reply does nothing, no secret gets out):
//! what the listeners were told is always exactly what is so; the disk never holds a user without the token that was sent for
//! that very user; a failure is told before the promise that it rejects; and when all is answered or timed out, nothing pends.

use std::collections::BTreeSet;

use cometchat_auth::client::ports::{Answer, Event, Outcome};
use cometchat_auth::client::{Call, Input};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

use crate::harness::*;

const UIDS: [&str; 3] = ["alice", "bob", "carol"];

#[derive(Clone, Debug)]
enum Step {
    Init {
        other_app: bool,
        session_mode: bool,
        bad: bool,
    },
    LoginKey {
        uid: usize,
        upper: bool,
        key: usize,
    },
    LoginToken {
        uid: usize,
        number: u8,
        says_uid: Option<usize>,
    },
    LoginNonsense,
    Logout,
    Who,
    /// Any request, be it over or not, gets a reply.
    Reply {
        which: usize,
        how: How,
    },
    /// The newest request that is open gets a good one: so that logins do succeed.
    Serve,
    Pass(u64),
    Abort(usize),
    Look,
    RefuseWrites(bool),
    RefuseAll(bool),
    RefuseOne(usize),
    Clear,
    /// Another program logs in on the same disk.
    Foreign {
        uid: usize,
        number: u8,
    },
    Dispose,
    Reload,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Good,
    OtherUser,
    Refusal,
    TokenUnknown,
    Html,
    Nothing,
}

/// A step out of a number. Proptest's own strategies for this take a minute in a build without optimisation.
fn step(number: u32) -> (usize, Step) {
    let left = std::cell::Cell::new(number);
    let pick = |of: usize| {
        let (number, of) = (left.get(), u32::try_from(of).unwrap());
        left.set(number / of);
        usize::try_from(number % of).unwrap()
    };
    let yes = |of: usize| pick(of) == 1;
    // One tab more often than two, so that a schedule has a thread.
    let tab = usize::from(yes(4));
    let step = match pick(64) {
        0..4 => Step::Look,
        4..6 => Step::Who,
        6..10 => Step::Logout,
        10..15 => Step::LoginKey { uid: pick(3), upper: yes(2), key: usize::from(yes(4)) },
        15..20 => Step::LoginToken { uid: pick(3), number: u8::from(yes(2)), says_uid: yes(3).then(|| pick(3)) },
        20 => Step::LoginNonsense,
        21..31 | 55..62 => Step::Serve,
        31..37 => Step::Reply {
            how: [
                How::Good,
                How::Good,
                How::Good,
                How::OtherUser,
                How::Refusal,
                How::TokenUnknown,
                How::Html,
                How::Nothing,
            ][pick(8)],
            which: pick(1_000),
        },
        37..40 => Step::Pass([1, 4_000, 5_000, 10_000][pick(4)]),
        40..43 => Step::Abort(pick(1_000)),
        43..45 | 62.. => Step::Init { other_app: yes(5), session_mode: yes(5), bad: yes(10) },
        45 => Step::RefuseWrites(yes(2)),
        46 => Step::RefuseAll(yes(3)),
        47..49 => Step::RefuseOne(pick(4)),
        49 => Step::Clear,
        50..52 => Step::Foreign { uid: pick(3), number: u8::from(yes(2)) },
        52 => Step::Dispose,
        _ => Step::Reload, // 53, 54
    };
    (tab, step)
}

/// A token says whose it is, so that a mixture can be seen.
fn token_of(uid: &str, number: u8) -> String {
    format!("{uid}-token-{number}")
}

fn owner(token: &str) -> &str {
    token.split('-').next().unwrap()
}

fn reply_to(sent: &Sent, how: How) -> Outcome {
    let carried = sent.headers.get("authToken").map(|token| owner(token).to_owned());
    let asked = sent.url.rsplit('/').nth(1).unwrap().to_lowercase();
    match (how, sent.method) {
        (How::Good, "POST") => token(&asked, &token_of(&asked, 7)),
        (How::Good, "PUT") => me(&carried.unwrap()),
        (How::Good, _) => data(json!({"success": true})),
        (How::OtherUser, _) => data(json!({"uid": "mallory", "authToken": "mallory-token-9"})),
        (How::Refusal, _) => refusal(500, "ERR_INTERNAL"),
        (How::TokenUnknown, _) => refusal(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"),
        (How::Html, _) => body(502, "<h1>no</h1>"),
        (How::Nothing, _) => NO_REPLY,
    }
}

/// A tab, and what its listeners believe.
struct Watched {
    tab: Tab,
    believed: Option<(String, String)>,
    read: usize,
    logins: usize,
    area: Option<(String, bool)>,
    asked: std::collections::BTreeMap<u32, String>,
}

impl Watched {
    fn new(tab: Tab) -> Self {
        let mut watched = Self {
            tab,
            believed: None,
            read: 0,
            logins: 0,
            area: Some((APP.into(), false)),
            asked: std::collections::BTreeMap::new(),
        };
        watched.believe_what_is();
        watched
    }

    /// `init` takes up what there is and tells nobody (rule B4).
    fn believe_what_is(&mut self) {
        self.believed = self.tab.client.auth_token().map(|token| (owner(token).into(), token.into()));
    }

    /// Reads what came out of a step.
    fn follow(&mut self) {
        let mut told_failures = Vec::new();
        for said in &self.tab.log[self.read..] {
            match said {
                Said::Told(Event::LoginSuccess(session)) => {
                    let before = self.believed.replace((session.uid.to_lowercase(), session.token.clone()));
                    assert!(
                        before.is_none_or(|(uid, _)| session.is_of(&uid)),
                        "somebody else came without a logoutSuccess"
                    );
                }
                Said::Told(Event::LogoutSuccess) => {
                    assert!(self.believed.take().is_some(), "one logoutSuccess per session");
                }
                Said::Told(Event::LoginFailure(error) | Event::LogoutFailure(error)) => {
                    told_failures.push(fault(error));
                }
                Said::Settled(call) => {
                    let (what, result) = &self.tab.calls[call];
                    match (what, result.as_ref().unwrap()) {
                        (Call::Login, Ok(Answer::User(session))) => {
                            self.logins += 1;
                            if let Some(asked) = self.asked.get(call) {
                                assert!(session.is_of(asked), "the user is the one asked for");
                            }
                            assert_eq!(session.uid, owner(&session.token));
                        }
                        (Call::Login, Ok(other)) => panic!("a login gives a user, not {other:?}"),
                        (Call::Login, Err(error)) => {
                            let silent = ["LOGIN_IN_PROGRESS", "LOGIN_ABORTED", "REQUEST_ABORTED"];
                            assert!(
                                silent.contains(&error.code.as_str()) || told_failures.contains(error),
                                "{error:?} was not told first"
                            );
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        self.read = self.tab.log.len();
        let is = self.tab.client.auth_token().map(|token| (owner(token).to_owned(), token.to_owned()));
        assert_eq!(self.believed, is, "what listeners were told is what is so");
        if self.tab.client.app_id().is_none() {
            assert_eq!(is, None);
        }
    }

    fn init(&mut self, said: Value, mode: bool) {
        let (app, said_before) = (self.tab.client.app_id().map(str::to_owned), self.tab.log.len());
        let init = self.tab.init(said);
        if app.as_deref() != self.tab.client.app_id() {
            // Calls of the app before are settled now; their requests are nobody's.
            self.tab.sent.iter_mut().for_each(|sent| sent.over = true);
            assert!(!self.tab.log[said_before..].iter().any(|said| matches!(said, Said::Told(_))), "init tells nobody");
        }
        // Another app or another storage mode is taken up silently; init again is a look as any other call.
        let area = self.tab.client.app_id().map(|app| (app.to_owned(), mode));
        if self.tab.settled(init).unwrap().is_ok() && std::mem::replace(&mut self.area, area.clone()) != area {
            self.believe_what_is();
            self.read = self.tab.log.len();
        }
    }

    fn take(&mut self, step: &Step) {
        let tab = &mut self.tab;
        match step {
            Step::Init { other_app, session_mode, bad } => {
                let said = json!({"appId": if *other_app { "otherapp" } else { APP },
                    "region": if *bad { "mars" } else { "us" }, "storageMode": if *session_mode { "session" } else { "local" }});
                self.init(said, *session_mode);
            }
            Step::LoginKey { uid, upper, key } => {
                let uid = if *upper { UIDS[*uid].to_uppercase() } else { UIDS[*uid].into() };
                let call = tab.login_key(&uid, ["first-auth-key", "second-auth-key"][*key]);
                self.asked.insert(call, uid);
            }
            Step::LoginToken { uid, number, says_uid } => {
                let token = token_of(UIDS[*uid], *number);
                match says_uid {
                    Some(says) => {
                        let call = tab.login(json!({"uid": UIDS[*says], "authToken": token}));
                        self.asked.insert(call, UIDS[*says].into());
                    }
                    None => _ = tab.login_token(&token),
                }
            }
            Step::LoginNonsense => _ = tab.login(json!({"count": 3})),
            Step::Logout => _ = tab.logout(),
            Step::Who => _ = tab.who_call(),
            Step::Reply { which, how } if !tab.sent.is_empty() => {
                let sent = tab.sent[which % tab.sent.len()].clone();
                // Where nobody in particular was asked for, nobody is the wrong one.
                let anyone = !self.asked.keys().any(|call| tab.pending(*call));
                let how = if anyone && matches!(how, How::OtherUser) { How::Refusal } else { *how };
                tab.reply(sent.id, reply_to(&sent, how));
            }
            Step::Serve => {
                if let Some(sent) = tab.open().last() {
                    tab.reply(sent.id, reply_to(sent, How::Good));
                }
            }
            Step::Abort(which) if !tab.calls.is_empty() => {
                let call = u32::try_from(which % tab.calls.len()).unwrap() + 1;
                let login = tab.calls[&call].0 == Call::Login;
                let pending = tab.pending(call);
                let said = tab.log.len();
                tab.abort(call);
                if login && pending {
                    assert_eq!(tab.code(call), "REQUEST_ABORTED");
                } else {
                    assert_eq!(tab.log.len(), said, "nothing to abort");
                }
            }
            Step::Look => tab.look(),
            Step::Dispose => {
                tab.dispose();
                assert!(tab.calls.values().all(|call| call.1.is_some()), "dispose settles all");
                self.believe_what_is();
                self.area = None;
            }
            _ => {}
        }
        self.follow();
    }

    /// The tab is closed with all that is under way, and opened again.
    fn reload(&mut self) {
        self.tab.closed = true;
        let mut world = self.tab.world.clone();
        std::mem::swap(&mut world, &mut self.tab.world);
        *self = Self { logins: self.logins, ..Self::new(Tab::ready_on(world)) };
    }
}

/// No user on disk without the token that was sent for that very user and accepted, or that another program put there.
fn check_disk(storage: &Storage, known: &BTreeSet<String>) {
    for (key, text) in storage.entries() {
        if !key.ends_with(":common_store/user") {
            continue;
        }
        let text: String = serde_json::from_str(&text).unwrap();
        let user: Value = serde_json::from_str(&text).unwrap();
        let token = user["authToken"].as_str().unwrap();
        assert_eq!(user["uid"], owner(token), "{text}");
        assert!(known.contains(token), "a token that no PUT me was sent with: {text}");
        if let Some(settings) = storage.get(&key.replace("/user", "/app_settings")) {
            assert!(settings.contains(&format!("{}.apiclient-us", owner(token))), "a mixture: {text} with {settings}");
        }
    }
}

fn play(schedule: &[(usize, Step)], all_answered: bool) -> usize {
    let first = Tab::ready();
    let second = first.sibling();
    let mut tabs = [Watched::new(first), Watched::new(second)];
    let local = tabs[0].tab.world.local.clone();
    let mut known = BTreeSet::new();
    for (at, step) in schedule {
        match step {
            Step::Pass(ms) => {
                // One clock, read by both.
                tabs[0].tab.pass(*ms);
                tabs[1].tab.pass(0);
            }
            Step::RefuseWrites(yes) => local.refuse_writes(*yes),
            Step::RefuseAll(yes) => local.refuse_all(*yes),
            Step::RefuseOne(after) => local.refuse_write(*after),
            Step::Clear => local.clear(),
            Step::Foreign { uid, number } => {
                let token = token_of(UIDS[*uid], number + 3);
                write_session(&local, UIDS[*uid], &token);
                known.insert(token);
            }
            Step::Reload => tabs[*at].reload(),
            step => tabs[*at].take(step),
        }
        for watched in &mut tabs {
            watched.follow();
            let puts = watched.tab.sent.iter().filter(|sent| sent.method == "PUT");
            known.extend(puts.map(|put| put.headers["authToken"].clone()));
            check_disk(&watched.tab.world.session, &known);
        }
        check_disk(&local, &known);
    }

    local.refuse_all(false);
    for watched in &mut tabs {
        if all_answered {
            while let Some(sent) = watched.tab.open().first() {
                watched.tab.reply(sent.id, reply_to(sent, How::Good));
                watched.follow();
            }
        } else {
            watched.tab.pass(60_000);
            watched.follow();
        }
        let pending: Vec<_> = watched.tab.calls.iter().filter(|(_, call)| call.1.is_none()).collect();
        assert!(pending.is_empty(), "all answered: {all_answered}, and yet {pending:?}");
    }

    // At rest, whoever is not on their own agrees with the disk as a fresh page reads it, and a new login works.
    for watched in &mut tabs {
        watched.tab.look();
        watched.follow();
        let Some(app) = watched.tab.client.app_id().map(str::to_owned) else { continue };
        let Some(mode @ ("local" | "session")) = watched.tab.client.persistence() else { continue };
        let mut fresh = Tab::new(watched.tab.world.clone());
        fresh.init(json!({"appId": app, "region": "us", "storageMode": mode}));
        assert_eq!(watched.tab.who(), fresh.who(), "memory and disk agree");
        watched.follow();
    }
    tabs[0].logins + tabs[1].logins
}

#[test]
fn every_call_settles_once_and_what_is_told_is_what_is_so_in_any_schedule() {
    const SCHEDULES: u32 = 3_000;
    let schedules = (prop::collection::vec(any::<u32>(), 1..60), any::<bool>());
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(SCHEDULES) };
    let successes = std::cell::Cell::new(0);
    proptest::test_runner::TestRunner::new(config)
        .run(&schedules, |(numbers, all_answered)| {
            let schedule: Vec<_> = numbers.into_iter().map(step).collect();
            let logins = std::panic::catch_unwind(|| play(&schedule, all_answered)).map_err(|cause| {
                let cause = cause.downcast_ref::<String>().cloned();
                let cause = cause.unwrap_or_else(|| "an assertion".into());
                TestCaseError::fail(format!("{cause}\nin {schedule:#?}, all answered: {all_answered}"))
            })?;
            successes.set(successes.get() + logins);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert!(successes.get() > 3_000, "schedules in which nobody logs in prove little: {}", successes.get());
}

#[test]
fn a_look_in_every_state_is_harmless() {
    let mut tab = Tab::default();
    tab.handle(Input::Look);
    tab.init_app();
    tab.handle(Input::Look);
    let login = tab.login_key("alice", KEY);
    tab.handle(Input::Look);
    tab.answer(token("alice", "alice-token-1"));
    tab.handle(Input::Look);
    tab.answer(me("alice"));
    tab.user(login);
    tab.handle(Input::Look);
    tab.handle(Input::Dispose);
    tab.handle(Input::Look);
    assert_eq!(tab.told(), ["loginSuccess alice"]);
}
