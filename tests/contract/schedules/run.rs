//! Runs schedules, and reduces the ones that fail.

use super::generator::schedule;
use super::simulation::Simulation;
use super::step::Step;
use crate::model::{Call, RefusedAccess};

/// Counts a panic in the client as a failure.
pub fn run_catching_panics(schedule: &[(usize, Step)]) -> Result<u128, String> {
    std::panic::catch_unwind(|| run(schedule)).unwrap_or_else(|_| Err("a panic".into()))
}

/// The error of that seed's schedule, and the steps that cause it.
pub fn failure_report(seed: u64) -> Option<String> {
    let full = schedule(seed);
    let why = run_catching_panics(&full).err()?;
    let short = shrink(full);
    let again = run_catching_panics(&short).err().unwrap_or_default();
    let steps: String = short.iter().map(|step| format!("    {step:?},\n")).collect();
    Some(format!("SEED={seed}: {why}\n\nThe steps that are needed:\n[\n{steps}]\n{again}"))
}

/// Runs a schedule. After the last timer no call is pending (B1), and a reloaded page reads the
/// stored session.
fn run(schedule: &[(usize, Step)]) -> Result<u128, String> {
    let mut simulation = Simulation::new();
    for (at, (tab, step)) in schedule.iter().enumerate() {
        simulation
            .step(*tab, *step)
            .map_err(|why| format!("step {at}, tab {tab}, {step:?}: {why}"))?;
    }
    simulation.advance(60_000, false).map_err(|why| format!("after the last timer: {why}"))?;
    for tab in &simulation.tabs {
        if !tab.pending.is_empty() || !tab.model.is_idle() {
            return Err(format!("pending: {:?}", tab.pending));
        }
    }
    for session_mode in [false, true] {
        let init = Call::Init { app: 0, session_mode, timeout: 10_000, other_region: false };
        for step in [
            Step::Refuse(RefusedAccess::None),
            Step::Reload,
            Step::Call(init),
            Step::Call(Call::LoggedInUser),
        ] {
            simulation.step(0, step).map_err(|why| format!("in a new page: {why}"))?;
        }
    }
    Ok(simulation.covered | simulation.tabs[0].model.covered | simulation.tabs[1].model.covered)
}

/// Removes every step that the failure does not need.
fn shrink(mut schedule: Vec<(usize, Step)>) -> Vec<(usize, Step)> {
    let mut at = schedule.len();
    while at > 0 {
        at -= 1;
        let mut shorter = schedule.clone();
        shorter.remove(at);
        if run_catching_panics(&shorter).is_err() {
            schedule = shorter;
            at = at.min(schedule.len());
        }
    }
    schedule
}
