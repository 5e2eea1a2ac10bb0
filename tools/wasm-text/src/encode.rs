use std::cmp::Reverse;
use std::collections::BTreeMap;

use wasm_text_reader::format::{MOST_OPCODES, OUTSIDE_SHIFT, SEPARATOR, Stream, checksum};

use crate::module::{Function, Immediate, functions};
use crate::{Encoded, Error, decode, leb128, number};

/// Writes a module as text.
///
/// # Errors
/// When the bytes are not a WebAssembly module, the module has no function or more than 256 kinds of
/// instructions, or [`decode`] would not restore it exactly: it has alignment hints (see
/// [`clear_alignment_hints`](crate::clear_alignment_hints)) or sizes that are longer than necessary.
pub fn encode(module: &[u8]) -> Result<Encoded, Error> {
    let functions = functions(module)?;
    let mut streams = Streams::default();
    let opcodes = Opcodes::count(module, &functions)?;
    for (opcode, stream) in &opcodes.by_frequency {
        streams.push(Stream::Opcodes, *opcode);
        streams.push(Stream::ImmediateStreams, stream.map_or(0, |stream| stream as u8));
    }
    let (start, end) = code(&functions)?;
    let (before, rest) = module.split_at(start);
    let (_, after) = rest.split_at(end - start);
    for outside in [before, after] {
        let shifted: Vec<u8> =
            outside.iter().map(|byte| byte.wrapping_sub(OUTSIDE_SHIFT)).collect();
        streams.push_bytes(Stream::Outside, &shifted);
    }
    let instructions = functions.iter().map(Function::count).sum::<usize>();
    streams.push(Stream::Instructions, instructions);
    for function in &functions {
        streams.push_bytes(Stream::Locals, function.locals(module));
        for instruction in function.instructions(module) {
            let (opcode, immediate) = instruction?;
            let index = opcodes.index.get(&(opcode, stream_of(&immediate)));
            streams.push(Stream::Instructions, *index.ok_or(Error::TooManyOpcodes)?);
            match immediate {
                Immediate::None => {}
                Immediate::Number(stream, number) => streams.push(stream, number),
                Immediate::Bytes(bytes) => streams.push_bytes(Stream::OtherImmediates, bytes),
            }
        }
    }
    let text = streams.into_text();
    let encoded = Encoded { checksum: checksum(text.as_bytes()), text };
    if decode(&encoded)? == module { Ok(encoded) } else { Err(Error::NotCanonical) }
}

/// Where the first function begins, with the size in front of it, and where the last one ends.
fn code(functions: &[Function]) -> Result<(usize, usize), Error> {
    let (first, last) = functions.first().zip(functions.last()).ok_or(Error::NoFunction)?;
    Ok((first.body.start - leb128::unsigned(first.body.len()).len(), last.body.end))
}

fn stream_of(immediate: &Immediate<'_>) -> Option<Stream> {
    match immediate {
        Immediate::None => None,
        Immediate::Number(stream, _) => Some(*stream),
        Immediate::Bytes(_) => Some(Stream::OtherImmediates),
    }
}

/// An opcode and the stream of its immediate: an entry of the opcode table.
type Entry = (u8, Option<Stream>);

/// The opcode table, the most frequent entries first: their indexes take one digit.
struct Opcodes {
    by_frequency: Vec<Entry>,
    index: BTreeMap<Entry, usize>,
}

impl Opcodes {
    fn count(module: &[u8], functions: &[Function]) -> Result<Self, Error> {
        let mut counts = BTreeMap::<Entry, usize>::new();
        for instruction in functions.iter().flat_map(|function| function.instructions(module)) {
            let (opcode, immediate) = instruction?;
            *counts.entry((opcode, stream_of(&immediate))).or_default() += 1;
        }
        let mut by_frequency: Vec<Entry> = counts.keys().copied().collect();
        by_frequency.sort_by_key(|entry| (Reverse(counts.get(entry)), *entry));
        let index = by_frequency.iter().copied().zip(0..MOST_OPCODES).collect();
        Ok(Self { by_frequency, index })
    }
}

/// The texts of the streams.
#[derive(Default)]
struct Streams([String; Stream::COUNT]);

impl Streams {
    fn push(&mut self, stream: Stream, number: impl TryInto<u64>) {
        if let (Some(text), Ok(number)) = (self.0.get_mut(stream as usize), number.try_into()) {
            number::write(text, number);
        }
    }

    /// Writes how many bytes there are, then the bytes.
    fn push_bytes(&mut self, stream: Stream, bytes: &[u8]) {
        self.push(stream, bytes.len());
        bytes.iter().for_each(|byte| self.push(stream, *byte));
    }

    fn into_text(self) -> String {
        self.0.join(&char::from(SEPARATOR).to_string())
    }
}
