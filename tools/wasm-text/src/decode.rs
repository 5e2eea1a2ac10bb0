use std::collections::VecDeque;

use crate::format::{OUTSIDE_SHIFT, SEPARATOR, Stream, checksum, opcode};
use crate::{Encoded, Error, leb128, number};

/// Restores the module that [`encode`](crate::encode) wrote, with the same steps as `reader.ts`.
///
/// # Errors
/// When the text is not the one that was encoded.
pub fn decode(encoded: &Encoded) -> Result<Vec<u8>, Error> {
    if checksum(&encoded.text) != encoded.checksum {
        return Err(Error::Checksum);
    }
    let streams = encoded.text.split(SEPARATOR).map(number::read_all);
    let mut streams = Streams(streams.collect::<Result<_, _>>()?);
    let length = streams.next(Stream::ModuleLength)?;
    let opcodes = streams.remaining(Stream::Opcodes);
    let immediates = streams.remaining(Stream::ImmediateStreams);

    let mut module = streams.bytes(Stream::Outside)?;
    module.iter_mut().for_each(|byte| *byte = byte.wrapping_add(OUTSIDE_SHIFT));
    let mut body = Vec::new();
    let mut depth = 0;
    for index in streams.remaining(Stream::Instructions) {
        if depth == 0 {
            depth = 1;
            body = streams.bytes(Stream::Locals)?;
        }
        let (opcode, immediate) = usize::try_from(index)
            .ok()
            .and_then(|index| opcodes.get(index).zip(immediates.get(index)))
            .ok_or(Error::Truncated)?;
        body.push(*opcode as u8);
        streams.copy_immediate(*immediate as usize, &mut body)?;
        match *opcode as u8 {
            opcode::BLOCK..=opcode::IF => depth += 1,
            opcode::END => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            module.extend(leb128::unsigned(body.len()));
            module.append(&mut body);
        }
    }
    let rest = streams.remaining(Stream::Outside);
    module.extend(rest.iter().map(|byte| (*byte as u8).wrapping_add(OUTSIDE_SHIFT)));
    if module.len() as u64 == length { Ok(module) } else { Err(Error::Truncated) }
}

/// The numbers of all streams that are still to be read.
struct Streams(Vec<VecDeque<u64>>);

impl Streams {
    fn next_of(&mut self, stream: usize) -> Result<u64, Error> {
        self.0.get_mut(stream).and_then(VecDeque::pop_front).ok_or(Error::Truncated)
    }

    fn next(&mut self, stream: Stream) -> Result<u64, Error> {
        self.next_of(stream as usize)
    }

    /// Reads how many bytes there are, then the bytes.
    fn bytes(&mut self, stream: Stream) -> Result<Vec<u8>, Error> {
        (0..self.next(stream)?).map(|_| Ok(self.next(stream)? as u8)).collect()
    }

    fn remaining(&mut self, stream: Stream) -> Vec<u64> {
        self.0.get_mut(stream as usize).map(std::mem::take).unwrap_or_default().into()
    }

    /// Appends the immediate that stands next in a stream. 0 is the number of no such stream.
    fn copy_immediate(&mut self, stream: usize, body: &mut Vec<u8>) -> Result<(), Error> {
        if stream == Stream::OtherImmediates as usize {
            body.extend(self.bytes(Stream::OtherImmediates)?);
        } else if stream != 0 {
            // The alignment.
            body.extend((stream == Stream::MemoryOffset as usize).then_some(0));
            body.extend(leb128::from_number(self.next_of(stream)?));
        }
        Ok(())
    }
}
