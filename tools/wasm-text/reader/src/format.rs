//! The constants of the format, as the README describes them.

/// Separates two streams.
pub const SEPARATOR: u8 = b'~';

/// How many digits are leading digits: another digit follows them.
pub const LEADING: u32 = 26;

/// How many digits end a number.
pub const LAST: u32 = 63;

/// The smallest digit.
pub const FIRST_DIGIT: u8 = b' ';

/// Quotes, `<` and the backslash: not digits, because string literals and inline scripts would need
/// escapes.
pub const NOT_DIGITS: [u8; 5] = *b"\"'<\\`";

/// The alignment of every load and store. It is only a hint.
pub const ALIGNMENT: u8 = 0;

/// The largest number of entries of the opcode table.
pub const MOST_OPCODES: usize = 256;

/// Added to the bytes outside of functions, so that ASCII letters stay letters.
pub const OUTSIDE_SHIFT: u8 = 63;

/// The maximum number of bytes of a module for each character of its text. Loads are the densest:
/// two characters give three bytes.
pub const MOST_BYTES: usize = 2;

/// The opcodes that open and end blocks.
pub mod opcode {
    /// `block`, the first of three.
    pub const BLOCK: u8 = 0x02;
    /// `if`, the last of three.
    pub const IF: u8 = 0x04;
    /// `end`.
    pub const END: u8 = 0x0b;
}

/// The streams in the order of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// The opcodes of the table.
    Opcodes,
    /// For each of them the stream of its immediates; 0 for none.
    ImmediateStreams,
    /// The instructions, as indexes into the table.
    Instructions,
    /// Everything outside of functions.
    Outside,
    /// Declarations of local variables.
    Locals,
    /// Immediates that are not a single number.
    OtherImmediates,
    /// Offsets of loads and stores.
    MemoryOffset,
    /// Local variables.
    LocalIndex,
    /// 32-bit constants.
    Constant,
    /// Called functions.
    FunctionIndex,
    /// Targets of branches.
    LabelIndex,
    /// Types of blocks.
    BlockType,
    /// Global variables.
    GlobalIndex,
}

impl Stream {
    /// The number of streams.
    pub const COUNT: usize = Self::GlobalIndex as usize + 1;

    /// The stream for the immediate of an opcode that takes exactly one number.
    pub fn of_immediate(opcode: u8) -> Option<Self> {
        Some(match opcode {
            opcode::BLOCK..=opcode::IF => Self::BlockType,
            // br, br_if
            0x0c | 0x0d => Self::LabelIndex,
            // call
            0x10 => Self::FunctionIndex,
            // local.get, local.set, local.tee
            0x20..=0x22 => Self::LocalIndex,
            // global.get, global.set
            0x23 | 0x24 => Self::GlobalIndex,
            // All loads and stores.
            0x28..=0x3e => Self::MemoryOffset,
            // i32.const
            0x41 => Self::Constant,
            _ => return None,
        })
    }
}

/// The value of a digit: its place among the digits.
pub fn digit_value(character: u8) -> u32 {
    let skipped = NOT_DIGITS.iter().filter(|other| **other < character).count();
    u32::from(character.wrapping_sub(FIRST_DIGIT)).wrapping_sub(skipped as u32)
}

/// A checksum of 24 bits that changes with any single character: its factor is odd.
pub fn checksum(text: &[u8]) -> u32 {
    text.iter().fold(0, |hash, byte| (hash * 63 + u32::from(*byte)) & 0xff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_single_changed_character_changes_the_checksum() {
        let text: String = (' '..='~').cycle().take(200).collect();
        let right = checksum(text.as_bytes());
        for (at, original) in text.char_indices() {
            for other in (' '..='~').filter(|other| *other != original) {
                let mut changed = text.clone();
                changed.replace_range(at..=at, &other.to_string());
                assert_ne!(
                    checksum(changed.as_bytes()),
                    right,
                    "character {at} changed to {other:?}"
                );
            }
        }
    }

    #[test]
    fn digits_are_numbered_in_the_order_of_their_codes() {
        let digits = (FIRST_DIGIT..SEPARATOR).filter(|byte| !NOT_DIGITS.contains(byte));
        let values: Vec<u32> = digits.map(digit_value).collect();
        assert_eq!(values, (0..LEADING + LAST).collect::<Vec<_>>());
    }
}
