//! Progress: one line per step.

use std::time::Instant;

use anyhow::{Context, Result};

/// Runs a step and prints its name and duration. Its error starts with the name.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let result = work();
    match &result {
        Ok(_) => eprintln!("{:>10}  {name}", format!("{:.1} s", start.elapsed().as_secs_f64())),
        Err(_) => eprintln!("{:>10}  {name}", "failed"),
    }
    result.with_context(|| name.to_owned())
}

/// Announces a part that prints its own output.
pub fn heading(name: &str) {
    eprintln!("\n== {name}");
}
