//! Prints random modules and their texts as lines of JSON, for `test/reader.test.mjs`.
//!
//! `cargo run --package wasm-text --example random_modules -- 200`
#![allow(clippy::expect_used, reason = "a test program")]

#[path = "../tests/support/mod.rs"]
mod support;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::json;

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(200);
    let mut runner = TestRunner::default();
    for _ in 0..count {
        let module = support::module().new_tree(&mut runner).expect("a strategy").current();
        let encoded = wasm_text::encode(&module).expect("a module");
        println!(
            "{}",
            json!({
                "text": encoded.text,
                "checksum": encoded.checksum,
                "room": encoded.room(),
                "module": module,
            })
        );
    }
}
