//! Progress: one line per step with how long it took.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Runs one step; says its name while it runs (on a terminal) and its duration when it is done. Its error carries the name.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    if stderr().is_terminal() {
        eprint!("{:>10}  {name} …\r", "");
        let _ = stderr().flush();
    }
    let start = Instant::now();
    let result = work();
    match &result {
        Ok(_) => eprintln!("{:>10}  {name}  ", duration(start.elapsed())),
        Err(_) => eprintln!("{:>10}  {name}  ", "failed"),
    }
    result.with_context(|| name.to_owned())
}

/// Announces a part that prints for itself, such as cargo's own progress.
pub fn heading(name: &str) {
    eprintln!("\n== {name}");
}

/// Seconds with one decimal, minutes from 100 s on.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 100.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(Duration::from_millis(40)), "0.0 s");
        assert_eq!(duration(Duration::from_millis(12_340)), "12.3 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 05 s");
    }
}
