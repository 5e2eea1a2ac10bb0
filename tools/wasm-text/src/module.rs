//! The functions of a module and their instructions.

use std::ops::Range;

use wasm_text_reader::format::{ALIGNMENT, Stream};
use wasmparser::{Parser, Payload};

use crate::{Error, leb128};

/// A function body.
pub struct Function {
    /// Its bytes without the size in front of them.
    pub body: Range<usize>,
    /// Where its instructions begin.
    instructions: Vec<usize>,
}

/// What follows an opcode.
pub enum Immediate<'a> {
    None,
    Number(Stream, u64),
    Bytes(&'a [u8]),
}

/// All functions of a module.
pub fn functions(module: &[u8]) -> Result<Vec<Function>, Error> {
    let mut functions = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = payload? {
            let instructions = body
                .get_operators_reader()?
                .into_iter_with_offsets()
                .map(|instruction| instruction.map(|(_, offset)| offset))
                .collect::<Result<_, _>>()?;
            functions.push(Function { body: body.range(), instructions });
        }
    }
    Ok(functions)
}

impl Function {
    /// The declarations of local variables, in front of the instructions.
    pub fn locals<'a>(&self, module: &'a [u8]) -> &'a [u8] {
        let end = self.instructions.first().unwrap_or(&self.body.end);
        module.get(self.body.start..*end).unwrap_or_default()
    }

    /// The number of its instructions.
    pub fn count(&self) -> usize {
        self.instructions.len()
    }

    /// The opcode of every instruction and its immediate.
    pub fn instructions<'a>(
        &'a self,
        module: &'a [u8],
    ) -> impl Iterator<Item = Result<(u8, Immediate<'a>), Error>> {
        let ends = self.instructions.iter().skip(1).chain([&self.body.end]);
        self.instructions.iter().zip(ends).filter_map(|(start, end)| {
            let (opcode, rest) = module.get(*start..*end)?.split_first()?;
            Some(immediate(*opcode, rest).map(|immediate| (*opcode, immediate)))
        })
    }
}

fn immediate(opcode: u8, bytes: &[u8]) -> Result<Immediate<'_>, Error> {
    let Some(stream) = Stream::of_immediate(opcode) else {
        return Ok(if bytes.is_empty() { Immediate::None } else { Immediate::Bytes(bytes) });
    };
    let bytes_of_number = match stream {
        Stream::MemoryOffset => bytes.strip_prefix(&[ALIGNMENT]).ok_or(Error::AlignmentHint)?,
        _ => bytes,
    };
    let number = leb128::to_number(bytes_of_number).ok_or(Error::Immediate(opcode))?;
    Ok(if number <= u32::MAX.into() {
        Immediate::Number(stream, number)
    } else {
        Immediate::Bytes(bytes)
    })
}

/// Sets the alignment of every load and store to 0. It is only a hint and does not change what a
/// module does.
///
/// # Errors
/// When the bytes are not a WebAssembly module.
pub fn clear_alignment_hints(module: &[u8]) -> Result<Vec<u8>, Error> {
    let mut cleared = module.to_vec();
    for offset in functions(module)?.iter().flat_map(|function| &function.instructions) {
        let opcode = module.get(*offset).copied();
        if opcode.and_then(Stream::of_immediate) == Some(Stream::MemoryOffset)
            && let Some(alignment) = cleared.get_mut(offset + 1)
        {
            *alignment = ALIGNMENT;
        }
    }
    Ok(cleared)
}
