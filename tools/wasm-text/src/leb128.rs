//! LEB128, the variable-length numbers of WebAssembly.
//!
//! Immediates are signed or unsigned, and may be longer than necessary. The encoding does not
//! interpret them: [`to_number`] numbers all byte sequences, the shorter ones first. 0 to 127 are
//! the sequences of one byte, 128 is the first sequence of two bytes.

/// The longest sequence that counts as one number: 32 bits.
const LONGEST: usize = 5;

/// The number of a byte sequence. `None` when the bytes are not exactly one LEB128 number.
pub fn to_number(bytes: &[u8]) -> Option<u64> {
    let (last, others) = bytes.split_last()?;
    if *last > 127 || bytes.len() > LONGEST {
        return None;
    }
    others.iter().rev().try_fold(u64::from(*last), |number, byte| {
        Some((number + 1) * 128 + u64::from(byte.checked_sub(128)?))
    })
}

/// An unsigned value in its shortest form.
pub fn unsigned(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push((value % 128) as u8 | 128);
        value /= 128;
    }
    bytes.push(value as u8);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_unsigned_value_is_one_number(value: u32) {
            prop_assert!(to_number(&unsigned(value as usize)).is_some());
        }
    }

    #[test]
    fn two_numbers_or_none_are_refused() {
        assert_eq!(to_number(&[]), None);
        assert_eq!(to_number(&[1, 2]), None);
        assert_eq!(to_number(&[0x80]), None);
        assert_eq!(to_number(&[0x80; 5]), None);
    }
}
