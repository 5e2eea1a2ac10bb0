//! Random schedules of steps for two tabs, run on the client and on the [`crate::model`].
//!
//! Steps are calls, responses in any order, timers, aborts, failing storage, changes by another
//! program, and reloads. After every step the outputs, the state in memory and the storages must be
//! equal.
//!
//! A failing schedule is printed with its seed, reduced to the steps that are needed. Add it to
//! [`regressions`]. `SEED=… cargo test -p cometchat-auth --test contract schedules` runs one seed
//! again.

mod entries;
mod generator;
mod input;
mod platform;
mod random;
mod regressions;
mod response;
mod run;
mod simulation;
mod step;
mod tab;
mod text;

use std::sync::atomic::{AtomicU64, Ordering};

use self::generator::schedule;
use self::regressions::REGRESSIONS;
use self::run::{failure_report, run_catching_panics};
use crate::model::COVERED;

const SCHEDULES: u64 = 200_000;

#[test]
fn the_client_matches_the_model_in_random_schedules() {
    let seed: Option<u64> = std::env::var("SEED").ok().map(|seed| seed.parse().expect("a number"));
    if let Some(seed) = seed {
        println!("{:#?}", schedule(seed));
        if let Some(report) = failure_report(seed) {
            panic!("{report}");
        }
        return;
    }
    let next = AtomicU64::new(0);
    let work = || {
        let mut counts = vec![0_u64; COVERED.len()];
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= SCHEDULES {
                return Ok(counts);
            }
            let Ok(covered) = run_catching_panics(&schedule(seed)) else {
                next.store(SCHEDULES, Ordering::Relaxed);
                return Err(failure_report(seed)
                    .unwrap_or_else(|| format!("SEED={seed} fails now and then")));
            };
            for (at, count) in counts.iter_mut().enumerate() {
                *count += u64::from(covered >> at & 1 == 1);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker")).collect()
    });
    let mut counts = vec![0; COVERED.len()];
    for result in results {
        match result {
            Ok(some) => some.iter().zip(&mut counts).for_each(|(some, count)| *count += some),
            Err(report) => panic!("{report}"),
        }
    }
    println!("The number of schedules, of {SCHEDULES}, that reach a situation:");
    for (what, count) in COVERED.iter().zip(&counts) {
        println!("{count:>7} {what:?}");
    }
    let rare: Vec<_> =
        COVERED.iter().zip(&counts).filter(|(_, count)| **count < SCHEDULES / 1_000).collect();
    assert!(rare.is_empty(), "too few schedules reach these situations: {rare:?}");
}

#[test]
fn regression_schedules_pass() {
    for (what, schedule) in REGRESSIONS {
        assert_eq!(run_catching_panics(schedule).err(), None, "{what}");
    }
}

#[test]
fn a_schedule_is_the_same_for_the_same_seed() {
    assert_eq!(format!("{:?}", schedule(7)), format!("{:?}", schedule(7)));
    assert_ne!(format!("{:?}", schedule(7)), format!("{:?}", schedule(8)));
}
