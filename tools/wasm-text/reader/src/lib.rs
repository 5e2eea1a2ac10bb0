//! Reader for WebAssembly modules that are embedded in JavaScript as text.
//!
//! It is compiled to WebAssembly, because engines interpret JavaScript that runs for the first time.
//! The encoder uses the same code to check its output. The README in the folder above describes the
//! format.

pub mod format;
mod output;
mod streams;
#[cfg(target_arch = "wasm32")]
mod wasm;

use format::{ALIGNMENT, Stream, opcode};
use output::Output;
use streams::Streams;

/// An entry of the opcode table.
#[derive(Clone, Copy, Default)]
struct Entry {
    opcode: u8,
    /// The stream of its immediates; 0 for none.
    stream: usize,
}

/// Decodes a text into `module`. Returns the length of the module in bytes.
///
/// `body` is scratch space for one function. Both buffers need [`MOST_BYTES`](format::MOST_BYTES)
/// bytes for each character of the text. A text that the encoder did not write gives other bytes, or
/// a length above that of `module`: compare the [`checksum`](format::checksum) first.
pub fn decode(text: &[u8], body: &mut [u8], module: &mut [u8]) -> usize {
    let mut streams = Streams::new(text);
    let mut body = Output::new(body);
    let mut module = Output::new(module);
    let mut table = [Entry::default(); format::MOST_OPCODES];
    for entry in &mut table {
        entry.opcode = streams.next(Stream::Opcodes as usize) as u8;
        entry.stream = streams.next(Stream::ImmediateStreams as usize) as usize;
    }

    copy(&mut streams, Stream::Outside, &mut module);
    let mut depth = 0;
    for _ in 0..streams.next(Stream::Instructions as usize) {
        if depth == 0 {
            depth = 1;
            copy(&mut streams, Stream::Locals, &mut body);
        }
        let index = streams.next(Stream::Instructions as usize) as usize;
        let Entry { opcode, stream } = table.get(index).copied().unwrap_or_default();
        body.push(opcode);
        if stream == Stream::OtherImmediates as usize {
            copy(&mut streams, Stream::OtherImmediates, &mut body);
        } else if stream > 0 {
            if stream == Stream::MemoryOffset as usize {
                body.push(ALIGNMENT);
            }
            body.push_sequence(streams.next(stream));
        }
        match opcode {
            opcode::BLOCK..=opcode::IF => depth += 1,
            opcode::END => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            module.push_sized(&mut body);
        }
    }
    copy(&mut streams, Stream::Outside, &mut module);
    module.length()
}

/// Copies as many bytes as the stream says.
fn copy(streams: &mut Streams<'_>, stream: Stream, output: &mut Output<'_>) {
    for _ in 0..streams.next(stream as usize) {
        output.push(streams.byte(stream));
    }
}
