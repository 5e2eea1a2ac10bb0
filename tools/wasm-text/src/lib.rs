//! Text encoding for WebAssembly modules that are embedded in JavaScript.
//!
//! [`encode`] writes a module as printable ASCII that brotli and gzip compress well. [`decode`]
//! restores the module. `reader.ts` does the same in the browser, by the same code compiled to
//! WebAssembly: the crate `wasm-text-reader`. The README describes the format.
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

mod encode;
mod error;
mod leb128;
mod module;
mod number;

pub use encode::encode;
pub use error::Error;
pub use module::clear_alignment_hints;
use wasm_text_reader::format;

/// A module as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Printable ASCII that needs no escape in a string literal or an inline script.
    pub text: String,
    /// Checksum of the text: 24 bits.
    pub checksum: u32,
}

impl Encoded {
    /// A JavaScript module that exports `encoded`: what `decode` of `reader.ts` takes. `reader` is
    /// the compiled `wasm-text-reader`.
    pub fn javascript(&self, reader: &[u8]) -> String {
        let Self { text, checksum } = self;
        let room = self.room();
        format!(
            "export const encoded = {{ text: \"{text}\", checksum: {checksum}, room: {room}, \
             reader: {reader:?} }};\n"
        )
    }

    /// The number of bytes in which the module fits, and each of its functions.
    pub fn room(&self) -> usize {
        self.text.len() * format::MOST_BYTES
    }
}

/// Restores the module that [`encode`] wrote.
///
/// # Errors
/// When the text is not the one that was encoded.
pub fn decode(encoded: &Encoded) -> Result<Vec<u8>, Error> {
    let text = encoded.text.as_bytes();
    if format::checksum(text) != encoded.checksum {
        return Err(Error::Checksum);
    }
    let mut module = vec![0; encoded.room()];
    let mut body = module.clone();
    let length = wasm_text_reader::decode(text, &mut body, &mut module);
    module.truncate(length);
    Ok(module)
}
