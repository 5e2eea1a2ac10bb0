//! Numbers as text: digits of two kinds, so that a number needs no separator.

use std::collections::VecDeque;
use std::sync::LazyLock;

use crate::Error;

/// How many of the digits are leading digits. The others end a number.
const LEADING: usize = 26;

/// Printable ASCII without quotes, `\`, `<` and the stream separator `~`.
static DIGITS: LazyLock<Vec<char>> =
    LazyLock::new(|| (' '..='}').filter(|c| !['"', '\'', '`', '\\', '<'].contains(c)).collect());

/// Appends a number, its most significant digit first.
pub fn write(text: &mut String, number: u64) {
    let (leading, last) = DIGITS.split_at(LEADING);
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

/// Reads all numbers of a stream.
pub fn read_all(stream: &str) -> Result<VecDeque<u64>, Error> {
    let last_base = (DIGITS.len() - LEADING) as u64;
    let mut numbers = VecDeque::new();
    let mut number: u64 = 0;
    let mut complete = true;
    for c in stream.chars() {
        let digit = DIGITS.iter().position(|digit| *digit == c).ok_or(Error::Digit(c))?;
        complete = digit >= LEADING;
        if complete {
            let value = number.checked_mul(last_base).ok_or(Error::Truncated)?;
            numbers.push_back(value + (digit - LEADING) as u64);
            number = 0;
        } else {
            let value = number.checked_mul(LEADING as u64).ok_or(Error::Truncated)?;
            number = value + digit as u64 + 1;
        }
    }
    if complete { Ok(numbers) } else { Err(Error::Truncated) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_number_is_restored(numbers in prop::collection::vec(0..u64::MAX / 4096, 0..50)) {
            let mut text = String::new();
            numbers.iter().for_each(|number| write(&mut text, *number));
            prop_assert_eq!(Vec::from(read_all(&text).expect("numbers")), numbers);
        }
    }

    #[test]
    fn small_numbers_take_one_digit() {
        for (number, length) in [(0, 1), (62, 1), (63, 2), (63 * 27 - 1, 2), (63 * 27, 3)] {
            let mut text = String::new();
            write(&mut text, number);
            assert_eq!(text.len(), length, "{number}");
        }
    }

    #[test]
    fn an_incomplete_number_is_an_error() {
        assert!(matches!(read_all(" "), Err(Error::Truncated)));
        assert!(matches!(read_all("<"), Err(Error::Digit('<'))));
    }
}
