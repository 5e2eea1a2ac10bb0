//! The encoder against the reader. `test/reader.test.mjs` has the reader as WebAssembly.
#![cfg(test)]

mod support;

use proptest::prelude::*;
use support::{module, module_of};
use wasm_text::{Error, clear_alignment_hints, decode, encode};

proptest! {
    #[test]
    fn any_module_is_restored(module in module()) {
        let encoded = encode(&module).expect("a module");
        prop_assert_eq!(decode(&encoded).expect("the text"), module);
    }

    #[test]
    fn the_text_needs_no_escape(module in module()) {
        let text = encode(&module).expect("a module").text;
        prop_assert!(text.bytes().all(|c| (0x20..=0x7e).contains(&c) && !b"\"'`\\<".contains(&c)));
    }

    #[test]
    fn a_changed_character_is_an_error(
        module in module(), at: prop::sample::Index, c in 0x20_u8..=0x7e,
    ) {
        let mut encoded = encode(&module).expect("a module");
        let mut text = encoded.text.into_bytes();
        let at = at.index(text.len());
        prop_assume!(text[at] != c);
        text[at] = c;
        encoded.text = String::from_utf8(text).expect("ASCII");
        prop_assert!(matches!(decode(&encoded), Err(Error::Checksum)));
    }

    #[test]
    fn a_truncated_text_is_an_error(module in module(), keep: prop::sample::Index) {
        let mut encoded = encode(&module).expect("a module");
        encoded.text.truncate(keep.index(encoded.text.len()));
        prop_assert!(decode(&encoded).is_err());
    }
}

#[test]
fn alignment_hints_are_refused_until_they_are_cleared() {
    let aligned = module_of(&[(vec![0], vec![0x28, 2, 4])]);
    assert!(matches!(encode(&aligned), Err(Error::AlignmentHint)));
    let cleared = clear_alignment_hints(&aligned).expect("a module");
    assert_eq!(cleared, module_of(&[(vec![0], vec![0x28, 0, 4])]));
    assert!(encode(&cleared).is_ok());
}

#[test]
fn a_size_that_is_longer_than_necessary_is_refused() {
    let mut padded = module_of(&[(vec![0], Vec::new())]);
    let section = padded.iter().position(|byte| *byte == 10).expect("the code section");
    padded.splice(section + 1..=section + 3, [5, 1, 0x82, 0]);
    assert!(matches!(encode(&padded), Err(Error::NotCanonical)));
}

#[test]
fn bytes_that_are_no_module_with_functions_are_refused() {
    assert!(matches!(encode(b"\0asm\x01\0\0\0"), Err(Error::NoFunction)));
    assert!(matches!(encode(b"something else"), Err(Error::Parse(_))));
}
