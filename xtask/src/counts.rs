//! How many tests ran.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::process::cannot_start;

/// The results of a part. The reporter in `tests/support/counts.mjs` writes the same as JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Counts {
    /// Runs a test program, shows its stdout and counts its tests.
    pub fn run(command: &mut Command) -> Result<Self> {
        command.stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| cannot_start(command))?;
        let mut counts = Self::default();
        for line in BufReader::new(child.stdout.take().context("no stdout")?).lines() {
            let line = line?;
            println!("{line}");
            counts.add_line(&line);
        }
        counts.check(child.wait()?.success())
    }

    /// Adds a line such as `test result: ok. 5 passed; 0 failed; 1 ignored; …` of libtest and of
    /// wasm-bindgen's runner. Other lines are ignored.
    fn add_line(&mut self, line: &str) {
        let Some((_, result)) = line.split_once("test result: ") else { return };
        let number_of = |what: &str| -> Option<u64> {
            let (before, _) = result.split_once(what)?;
            before.split_whitespace().last()?.parse().ok()
        };
        self.passed += number_of(" passed").unwrap_or_default();
        self.failed += number_of(" failed").unwrap_or_default();
        self.skipped += number_of(" ignored").unwrap_or_default();
    }

    /// Fails if nothing ran, a test was skipped, or the runner failed without a failed test.
    pub fn check(self, success: bool) -> Result<Self> {
        ensure!(self.skipped == 0, "{} tests were skipped. Every test must run.", self.skipped);
        ensure!(success || self.failed > 0, "The runner failed before a test did. See above.");
        ensure!(self.passed + self.failed > 0, "No test ran.");
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn result_lines_are_summed_with_and_without_colours() {
        let mut sum = Counts::default();
        sum.add_line("test passed ... ok");
        sum.add_line("test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        sum.add_line("test result: \u{1b}[31mFAILED\u{1b}[0m. 3 passed; 4 failed; 0 ignored;");
        assert_eq!(sum, counts(5, 4, 1));
    }

    #[test]
    fn a_run_without_tests_with_skipped_tests_or_broken_off_is_an_error() {
        assert_eq!(counts(3, 0, 0).check(true).expect("passed"), counts(3, 0, 0));
        assert_eq!(counts(3, 2, 0).check(false).expect("counted"), counts(3, 2, 0));
        assert!(counts(0, 0, 0).check(true).is_err());
        assert!(counts(3, 0, 1).check(true).is_err());
        assert!(counts(3, 0, 0).check(false).is_err());
    }
}
