//! Numbers as text: digits of two kinds, so that a number needs no separator.

use std::sync::LazyLock;

use wasm_text_reader::format::{FIRST_DIGIT, LEADING, NOT_DIGITS, SEPARATOR};

static DIGITS: LazyLock<Vec<char>> = LazyLock::new(|| {
    (FIRST_DIGIT..SEPARATOR).filter(|byte| !NOT_DIGITS.contains(byte)).map(char::from).collect()
});

/// Appends a number, its most significant digit first.
pub fn write(text: &mut String, number: u64) {
    let (leading, last) = DIGITS.split_at(LEADING as usize);
    let mut digits: Vec<char> = Vec::new();
    let mut rest = number;
    let mut kind = last;
    loop {
        let base = kind.len() as u64;
        digits.extend(kind.get((rest % base) as usize));
        rest /= base;
        if rest == 0 {
            break;
        }
        // Every leading digit counts one more than its place, so that each number has one form.
        rest -= 1;
        kind = leading;
    }
    text.extend(digits.into_iter().rev());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_take_one_digit() {
        for (number, length) in [(0, 1), (62, 1), (63, 2), (63 * 27 - 1, 2), (63 * 27, 3)] {
            let mut text = String::new();
            write(&mut text, number);
            assert_eq!(text.len(), length, "{number}");
        }
    }
}
