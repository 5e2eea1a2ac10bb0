use std::fmt;

/// Why a module cannot be encoded, or a text cannot be decoded.
#[derive(Debug)]
pub enum Error {
    /// The bytes are not a WebAssembly module.
    Parse(wasmparser::BinaryReaderError),
    /// The module defines no function.
    NoFunction,
    /// A load or store has an alignment hint; see
    /// [`clear_alignment_hints`](crate::clear_alignment_hints).
    AlignmentHint,
    /// The immediate of this opcode is not a single number.
    Immediate(u8),
    /// The module writes a size in more bytes than necessary, so it cannot be restored exactly.
    NotCanonical,
    /// The text is not the one that was encoded.
    Checksum,
    /// The module has more combinations of an opcode and a kind of immediate than the opcode table
    /// has entries.
    TooManyOpcodes,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse(error) => write!(f, "The module cannot be parsed: {error}"),
            Self::NoFunction => f.write_str("The module defines no function."),
            Self::AlignmentHint => {
                f.write_str("The module has alignment hints. Call clear_alignment_hints first.")
            }
            Self::Immediate(opcode) => {
                write!(f, "The immediate of opcode {opcode:#04x} is not a single number.")
            }
            Self::NotCanonical => f.write_str(
                "The module has a size in more bytes than necessary. Write it again with wasm-opt.",
            ),
            Self::Checksum => f.write_str("The checksum of the text differs."),
            Self::TooManyOpcodes => {
                f.write_str("The module has more than 256 kinds of instructions.")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Parse(error) => Some(error),
            _ => None,
        }
    }
}

impl From<wasmparser::BinaryReaderError> for Error {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::Parse(error)
    }
}
