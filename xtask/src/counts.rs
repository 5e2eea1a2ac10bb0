//! How many tests ran.

use std::ops::AddAssign;

use anyhow::{Result, ensure};
use serde::Deserialize;

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
    /// Adds a line such as `test result: ok. 5 passed; 0 failed; 1 ignored; …`. Other lines are
    /// ignored. libtest has no stable machine-readable output; it and wasm-bindgen's runner print
    /// this.
    pub fn add_line(&mut self, line: &str) {
        let Some((_, numbers)) = line.split_once("test result: ") else { return };
        let words: Vec<&str> = numbers.split_whitespace().collect();
        for pair in words.windows(2) {
            let [number, what] = pair else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what.trim_end_matches(';') {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }

    /// Fails if nothing ran, a test was skipped, or the runner failed without a failed test.
    pub fn check(self, success: bool) -> Result<Self> {
        ensure!(self.skipped == 0, "{} tests were skipped. No test may be.", self.skipped);
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
