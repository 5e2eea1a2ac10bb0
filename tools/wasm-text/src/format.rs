//! The constants of the format, as the README describes them.

/// Separates two streams.
pub const SEPARATOR: char = '~';

/// Added to the bytes outside of functions, so that ASCII letters stay letters.
pub const OUTSIDE_SHIFT: u8 = 63;

/// The largest number in a stream: the reader keeps numbers in an `Int32Array`.
pub const LARGEST: u64 = i32::MAX as u64;

pub mod opcode {
    pub const BLOCK: u8 = 0x02;
    pub const IF: u8 = 0x04;
    pub const END: u8 = 0x0b;
}

/// The streams in the order of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    ModuleLength,
    Opcodes,
    ImmediateStreams,
    Instructions,
    Outside,
    Locals,
    OtherImmediates,
    MemoryOffset,
    LocalIndex,
    Constant,
    FunctionIndex,
    LabelIndex,
    BlockType,
    GlobalIndex,
}

impl Stream {
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

/// A checksum of 24 bits that changes with any single character: its factor is odd.
///
/// Intermediate results stay below 2^30, so that JavaScript engines keep them as small integers.
pub fn checksum(text: &str) -> u32 {
    text.bytes().fold(0, |hash, byte| (hash * 63 + u32::from(byte)) & 0xff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_single_changed_character_changes_the_checksum() {
        let text: String = (' '..='~').cycle().take(200).collect();
        let right = checksum(&text);
        for (at, original) in text.char_indices() {
            for other in (' '..='~').filter(|other| *other != original) {
                let mut changed = text.clone();
                changed.replace_range(at..=at, &other.to_string());
                assert_ne!(checksum(&changed), right, "character {at} changed to {other:?}");
            }
        }
    }

    #[test]
    fn the_checksum_stays_a_small_integer() {
        assert!(0xff_ffff_u64 * 63 + u64::from(u8::MAX) < 1 << 30);
        assert_eq!(checksum(&"~".repeat(9)) >> 24, 0);
    }
}
