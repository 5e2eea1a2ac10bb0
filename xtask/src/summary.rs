//! Reading how many tests ran from what test runners print.

use std::ops::AddAssign;

/// How many tests a part ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ran and held.
    pub passed: u64,
    /// Ran and did not hold, or was cancelled.
    pub failed: u64,
    /// Was there and did not run.
    pub skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The sum of the lines `test result: ok. 5 passed; 0 failed; 1 ignored; …`, as libtest and wasm-bindgen's runner print them.
pub fn cargo(output: &str) -> Counts {
    let mut sum = Counts::default();
    for line in plain(output).lines() {
        let Some((_, numbers)) = line.split_once("test result: ") else { continue };
        for part in numbers.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(what)) =
                (words.next().and_then(|word| word.parse::<u64>().ok()), words.next())
            else {
                continue;
            };
            match what {
                "passed" => sum.passed += number,
                "failed" => sum.failed += number,
                "ignored" => sum.skipped += number,
                _ => {}
            }
        }
    }
    sum
}

/// The closing lines of `node --test`: `ℹ pass 5` (spec) or `# pass 5` (TAP). Only lines that consist of just that count: a test may print the like.
pub fn node(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in plain(output).lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [sign, what, number] = words.as_slice() else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        if !matches!(*sign, "#" | "ℹ") || line.starts_with(char::is_whitespace) {
            continue;
        }
        match *what {
            "pass" => counts.passed = number,
            "fail" => counts.failed += number,
            "cancelled" => counts.failed += number,
            "skipped" | "todo" => counts.skipped += number,
            _ => {}
        }
    }
    counts
}

/// The text without its colours.
fn plain(output: &str) -> String {
    let mut text = String::with_capacity(output.len());
    let mut rest = output.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            // A control sequence ends with a letter.
            let _ = rest.find(char::is_ascii_alphabetic);
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtest_lines_are_summed() {
        let output = "running 2 tests\ntest a ... ok\n\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.31s\n\
            \ntest result: FAILED. 3 passed; 4 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.31s\n";
        assert_eq!(cargo(output), Counts { passed: 5, failed: 4, skipped: 1 });
    }

    #[test]
    fn wasm_bindgen_lines_are_read_with_colours() {
        let output = "test result: \u{1b}[32mok\u{1b}[0m. 7 passed; 0 failed; 0 ignored; 0 filtered out; finished in 1.20s\n";
        assert_eq!(cargo(output), Counts { passed: 7, failed: 0, skipped: 0 });
    }

    #[test]
    fn node_lines_are_read_in_both_styles() {
        let spec = "✔ logs in (12ms)\n\u{1b}[34mℹ tests 6\u{1b}[39m\nℹ suites 0\nℹ pass 5\nℹ fail 1\nℹ cancelled 1\nℹ skipped 2\nℹ todo 0\nℹ duration_ms 51.2\n";
        assert_eq!(node(spec), Counts { passed: 5, failed: 2, skipped: 2 });
        let tap = "TAP version 13\n# Subtest: x\n1..1\n# tests 1\n# pass 1\n# fail 0\n# cancelled 0\n# skipped 0\n# todo 0\n";
        assert_eq!(node(tap), Counts { passed: 1, failed: 0, skipped: 0 });
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(cargo("no tests to run!"), Counts::default());
        assert_eq!(node(""), Counts::default());
    }
}
