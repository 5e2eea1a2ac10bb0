//! Text encoding for WebAssembly modules that are embedded in JavaScript.
//!
//! [`encode`] writes a module as printable ASCII that brotli and gzip compress well. [`decode`]
//! restores the module; `reader.ts`, next to this crate, does the same in the browser. The README
//! describes the format.
//!
//! ```
//! # fn module() -> Vec<u8> {
//! #     [b"\0asm\x01\0\0\0".as_slice(), &[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 4, 1, 2, 0, 11]].concat()
//! # }
//! let module: Vec<u8> = wasm_text::clear_alignment_hints(&module())?;
//! let encoded = wasm_text::encode(&module)?;
//! assert_eq!(wasm_text::decode(&encoded)?, module);
//! # Ok::<(), wasm_text::Error>(())
//! ```

mod decode;
mod encode;
mod error;
mod format;
mod leb128;
mod module;
mod number;

pub use decode::decode;
pub use encode::encode;
pub use error::Error;
pub use module::clear_alignment_hints;

/// A module as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Printable ASCII that needs no escape in a string literal or an inline script.
    pub text: String,
    /// Checksum of the text: 24 bits.
    pub checksum: u32,
}
