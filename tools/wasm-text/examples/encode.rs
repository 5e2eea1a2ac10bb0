//! Prints the text of a WebAssembly file.
//!
//! `cargo run --package wasm-text --example encode -- module.wasm`

use std::error::Error;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("Name a WebAssembly file.")?;
    let module = wasm_text::clear_alignment_hints(&std::fs::read(file)?)?;
    std::io::stdout().write_all(wasm_text::encode(&module)?.text.as_bytes())?;
    Ok(())
}
