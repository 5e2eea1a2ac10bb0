//! The WebAssembly as text: how `core.js` carries the binary inside a JavaScript string.
//!
//! Every consumer (plain module script, Vite, webpack, Next, Node) can load a string; few can load a `.wasm` file next to a module. Raw bytes do
//! not survive: a bundler's chunk is a classic script whose charset the page decides. Base64 does, but brotli finds no repetition in it. And in the
//! binary itself brotli finds little: between two instructions that often follow each other stands a number that is another one each time. So the
//! text is **one stream for the instructions, and one for each kind of number that follows them**, in printable ASCII.
//!
//! ```text
//! text    = 14 streams, `~` between them; a stream is a row of numbers
//! number  = digits; each is a character: printable ASCII without `"` `'` `` ` `` `\` (no quoting style of any minifier has to escape anything), without
//!           `<` (no `</script` and no `<!--` can arise in an inline script) and without `~`: 89 digits in code order. One of the first 26 says
//!           that another one follows, one of the other 63 is the last.
//!
//! stream 0  how many bytes the binary has
//!        1  the opcodes, most frequent first; one twice that is followed in two ways
//!        2  for each of these the stream of what follows it, 0 for nothing
//!        3  the instructions of all functions, as places in stream 1
//!        4  what lies outside of functions: how many bytes lie before the first one, then all bytes, each less 63: so that letters keep their faces
//!        5  the local variables each function declares: how many bytes, then these
//!        6  what follows an instruction in other ways than the next ones: how many bytes, then these
//!        7  the offset of loads and stores. Their alignment, a hint, is 0 always: [`without_alignment`]
//!   8 … 13  one number each: local variable, constant, function, label, type of a block, global variable
//! ```
//!
//! The streams 7 to 13 hold numbers of which WebAssembly makes one to five bytes, seven bits in each, the lowest first. Length and bits together are
//! counted through: 0 to 127 are the numbers with one byte, 128 is the first with two. So signs need no thought, and nothing has two spellings.
//! The size of a function is not written: the reader knows when a function has ended.
//!
//! A checksum (24 bits) of the text travels next to it; the reader (`pkg-template/src/inline.ts`) refuses a text with any one character
//! changed, and any other but for one in 16 million, with an error that names the corruption.
//!
//! `cargo xtask size --encodings` measures it on the current binary. When this was written, in bytes after brotli 11 (raw in brackets), for the whole of
//! `core.js` with 1.5 KB of glue and reader, around a binary of 14 070 (31 520): this text 14 244 (36 820), hex 16 861 (66 470), base64 19 390 (45 458).

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use anyhow::{Context, Result, ensure};
use wasmparser::{Parser, Payload};

/// Between two streams.
const SEPARATOR: char = '~';

/// How many digits say that another one follows; those after them are the last of their number.
const FOLLOWED: usize = 26;

/// The largest number that the reader takes, which keeps them in an `Int32Array`. What is larger is written as bytes.
const LARGEST: u64 = i32::MAX as u64;

/// What is added to the bytes outside of functions.
const SHIFT: u8 = 63;

/// The streams, by what is in them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stream {
    Length,
    Opcodes,
    Follows,
    Instructions,
    Outside,
    Locals,
    Bytes,
    Offset,
    Local,
    Constant,
    Function,
    Label,
    Block,
    Global,
}

const STREAMS: usize = Stream::Global as usize + 1;

/// The stream of the one number that follows this opcode; none for an opcode that is followed by nothing, or by something else.
fn number_after(opcode: u8) -> Option<Stream> {
    Some(match opcode {
        0x02..=0x04 => Stream::Block,
        0x0c | 0x0d => Stream::Label,
        0x10 => Stream::Function,
        0x20..=0x22 => Stream::Local,
        0x23 | 0x24 => Stream::Global,
        0x28..=0x3e => Stream::Offset,
        0x41 => Stream::Constant,
        _ => return None,
    })
}

/// What the reader needs to get the bytes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The streams, nothing but digits and what stands between the streams.
    pub text: String,
    /// [`checksum`] of the text.
    pub checksum: u32,
}

/// The digits, as characters in the order of what they stand for.
fn digits() -> impl Iterator<Item = u8> + Clone {
    (0x20..=0x7d).filter(|c| !matches!(c, b'"' | b'\'' | b'`' | b'\\' | b'<'))
}

/// 24 bits, in which any single changed character shows: the factor is odd, so no difference is multiplied away. All numbers on the way have less than 31
/// bits: engines keep larger ones outside of registers, which would cost the reader, where each character counts, more than everything else it does.
pub fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |hash, byte| (hash * 63 + u32::from(*byte)) & 0xff_ffff)
}

/// A function in a binary: where it stands without its size, where its instructions begin, and where each of them does.
struct Function {
    all: Range<usize>,
    instructions: Vec<usize>,
}

/// The functions of a binary.
fn functions(binary: &[u8]) -> Result<Vec<Function>> {
    let mut functions = Vec::new();
    for payload in Parser::new(0).parse_all(binary) {
        if let Payload::CodeSectionEntry(body) = payload? {
            let instructions = body.get_operators_reader()?.into_iter_with_offsets();
            let instructions: std::result::Result<Vec<_>, _> =
                instructions.map(|one| one.map(|(_, at)| at)).collect();
            functions.push(Function { all: body.range(), instructions: instructions? });
        }
    }
    Ok(functions)
}

impl Function {
    /// Each instruction: its opcode and what follows it.
    fn each<'a>(&'a self, binary: &'a [u8]) -> impl Iterator<Item = (u8, &'a [u8])> {
        let ends = self.instructions.iter().skip(1).chain([&self.all.end]);
        self.instructions.iter().zip(ends).filter_map(|(from, to)| {
            let (opcode, rest) = binary.get(*from..*to)?.split_first()?;
            Some((*opcode, rest))
        })
    }
}

/// The binary with 0 as the alignment of every load and store. That is a hint to the engine, which no engine of today takes: it says nothing about what an
/// instruction does.
///
/// # Errors
/// When this is no WebAssembly.
pub fn without_alignment(binary: &[u8]) -> Result<Vec<u8>> {
    let mut plain = binary.to_vec();
    for function in functions(binary)? {
        for at in function.instructions {
            if binary.get(at).copied().and_then(number_after) == Some(Stream::Offset)
                && let Some(hint) = plain.get_mut(at + 1)
            {
                *hint = 0;
            }
        }
    }
    Ok(plain)
}

/// A number from the bytes that WebAssembly makes of it; none when these are not one number.
fn number(bytes: &[u8]) -> Option<u64> {
    let (last, others) = bytes.split_last()?;
    if *last > 127 || others.len() > 4 {
        return None;
    }
    others.iter().rev().try_fold(u64::from(*last), |number, byte| {
        Some((number + 1) * 128 + u64::from(byte.checked_sub(128)?))
    })
}

/// The stream for what follows this opcode here, and the number that it is, where it is one; none for nothing.
fn follows(opcode: u8, rest: &[u8]) -> Result<(Option<Stream>, Option<u64>)> {
    Ok(match number_after(opcode) {
        None => ((!rest.is_empty()).then_some(Stream::Bytes), None),
        Some(stream) => {
            let bytes = if stream == Stream::Offset { rest.strip_prefix(&[0]) } else { Some(rest) };
            let bytes = bytes.context("a load or store with an alignment")?;
            let number = number(bytes)
                .with_context(|| format!("not one number after opcode {opcode:#x}: {bytes:?}"))?;
            if number <= LARGEST {
                (Some(stream), Some(number))
            } else {
                (Some(Stream::Bytes), None)
            }
        }
    })
}

/// The bytes that WebAssembly makes of a number.
fn bytes_of(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push((number % 128) as u8 | 128);
        number = number / 128 - 1;
    }
    bytes.push(number as u8);
    bytes
}

/// The size of a function as WebAssembly writes it.
fn size(length: usize) -> Vec<u8> {
    bytes_of(match length {
        0..=127 => length,
        128..=16_383 => length + 128,
        _ => length + 128 + 16_384,
    } as u64)
}

/// Writes a binary as text; [`decode`] is the reverse.
///
/// # Errors
/// When it is no WebAssembly, or does not come back: with alignments ([`without_alignment`]), or numbers longer than they need to be.
pub fn encode(binary: &[u8]) -> Result<Encoded> {
    let functions = functions(binary)?;
    let (first, last) = functions
        .first()
        .zip(functions.last())
        .context("there is no function in the WebAssembly")?;
    let before = first.all.start - size(first.all.len()).len();
    let outside =
        [binary.get(..before), binary.get(last.all.end..)].into_iter().flatten().flatten();

    let mut counts = BTreeMap::<(u8, Option<Stream>), usize>::new();
    for (opcode, rest) in functions.iter().flat_map(|function| function.each(binary)) {
        *counts.entry((opcode, follows(opcode, rest)?.0)).or_default() += 1;
    }
    let mut opcodes: Vec<_> = counts.into_iter().collect();
    opcodes.sort_by_key(|(opcode, count)| (std::cmp::Reverse(*count), *opcode));

    let mut streams = vec![Vec::<u64>::new(); STREAMS];
    let mut put = |stream: Stream, numbers: &mut dyn Iterator<Item = u64>| {
        if let Some(stream) = streams.get_mut(stream as usize) {
            stream.extend(numbers);
        }
    };
    put(Stream::Length, &mut [binary.len() as u64].into_iter());
    let bytes = |bytes: &[u8]| {
        [bytes.len() as u64]
            .into_iter()
            .chain(bytes.iter().map(|byte| u64::from(*byte)))
            .collect::<Vec<_>>()
    };
    for ((opcode, stream), _) in &opcodes {
        put(Stream::Opcodes, &mut [u64::from(*opcode)].into_iter());
        put(Stream::Follows, &mut [stream.map_or(0, |stream| stream as u64)].into_iter());
    }
    put(
        Stream::Outside,
        &mut [before as u64]
            .into_iter()
            .chain(outside.map(|byte| u64::from(byte.wrapping_sub(SHIFT)))),
    );
    for function in &functions {
        let begin = function.instructions.first().context("a function without instructions")?;
        put(
            Stream::Locals,
            &mut bytes(binary.get(function.all.start..*begin).unwrap_or_default()).into_iter(),
        );
        for (opcode, rest) in function.each(binary) {
            let (stream, number) = follows(opcode, rest)?;
            let place = opcodes.iter().position(|(other, _)| *other == (opcode, stream));
            put(Stream::Instructions, &mut place.map(|place| place as u64).into_iter());
            match (stream, number) {
                (Some(stream), Some(number)) => put(stream, &mut [number].into_iter()),
                (Some(stream), None) => put(stream, &mut bytes(rest).into_iter()),
                (None, _) => {}
            }
        }
    }

    let digits: Vec<char> = digits().map(char::from).collect();
    let (followed, final_) = digits.split_at(FOLLOWED);
    let mut text = String::with_capacity(binary.len() * 2);
    for (at, stream) in streams.iter().enumerate() {
        text.extend((at > 0).then_some(SEPARATOR));
        for number in stream {
            write(&mut text, *number, followed, final_);
        }
    }
    let encoded = Encoded { checksum: checksum(text.as_bytes()), text };
    ensure!(decode(&encoded)? == binary, "the WebAssembly does not come back from its text");
    Ok(encoded)
}

/// A number, its most significant digit first.
fn write(text: &mut String, number: u64, followed: &[char], last: &[char]) {
    let mut digits: Vec<char> = Vec::new();
    let mut rest = number;
    let mut from = last;
    loop {
        let base = from.len() as u64;
        digits.extend(from.get((rest % base) as usize));
        rest /= base;
        if rest == 0 {
            break;
        }
        rest -= 1;
        from = followed;
    }
    text.extend(digits.into_iter().rev());
}

/// The numbers of a stream.
fn numbers(stream: &str) -> Result<VecDeque<u64>> {
    let mut numbers = VecDeque::new();
    let mut number = 0_u64;
    let mut ended = true;
    for c in stream.bytes() {
        let digit = digits()
            .position(|digit| digit == c)
            .context("the text holds a character that is no digit")?;
        ended = digit >= FOLLOWED;
        let (base, digit) = if ended {
            (digits().count() - FOLLOWED, digit - FOLLOWED)
        } else {
            (FOLLOWED, digit + 1)
        };
        number = number * base as u64 + digit as u64;
        if ended {
            numbers.push_back(std::mem::take(&mut number));
        }
    }
    ensure!(ended, "a number has no end");
    Ok(numbers)
}

/// The streams of a text, while they are read.
struct Reader(Vec<VecDeque<u64>>);

impl Reader {
    fn next(&mut self, stream: usize) -> Result<u64> {
        self.0.get_mut(stream).and_then(VecDeque::pop_front).context("a stream ends too early")
    }

    /// As many bytes as the stream says.
    fn some(&mut self, stream: Stream) -> Result<Vec<u8>> {
        (0..self.next(stream as usize)?).map(|_| Ok(self.next(stream as usize)? as u8)).collect()
    }

    fn rest(&mut self, stream: Stream) -> Vec<u64> {
        self.0.get_mut(stream as usize).map(std::mem::take).into_iter().flatten().collect()
    }
}

/// Reads what [`encode`] wrote, by the same steps as the reader in `pkg-template/src/inline.ts`: the build compares the two ends with it.
///
/// # Errors
/// A sentence that says what is wrong with the text.
pub fn decode(encoded: &Encoded) -> Result<Vec<u8>> {
    ensure!(checksum(encoded.text.as_bytes()) == encoded.checksum, "the checksum differs");
    let mut streams = Reader(encoded.text.split(SEPARATOR).map(numbers).collect::<Result<_>>()?);
    let length = streams.next(Stream::Length as usize)?;
    let opcodes = streams.rest(Stream::Opcodes);
    let follows = streams.rest(Stream::Follows);
    let shifted = |bytes: Vec<u8>| bytes.into_iter().map(|byte| byte.wrapping_add(SHIFT));

    let mut bytes: Vec<u8> = shifted(streams.some(Stream::Outside)?).collect();
    let mut function = Vec::new();
    let mut depth = 0;
    for place in streams.rest(Stream::Instructions) {
        if depth == 0 {
            depth = 1;
            function = streams.some(Stream::Locals)?;
        }
        let place = usize::try_from(place)?;
        let (opcode, follows) = opcodes
            .get(place)
            .zip(follows.get(place))
            .context("an instruction that is not there")?;
        function.push(*opcode as u8);
        match *follows as usize {
            0 => {}
            stream if stream == Stream::Bytes as usize => {
                function.extend(streams.some(Stream::Bytes)?)
            }
            stream => {
                function.extend((stream == Stream::Offset as usize).then_some(0));
                function.extend(bytes_of(streams.next(stream)?));
            }
        }
        match opcode {
            0x02..=0x04 => depth += 1,
            0x0b => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            bytes.extend(size(function.len()));
            bytes.append(&mut function);
        }
    }
    let rest = streams.rest(Stream::Outside).into_iter().map(|byte| byte as u8).collect();
    bytes.extend(shifted(rest));
    ensure!(bytes.len() as u64 == length, "{} bytes where {length} were expected", bytes.len());
    Ok(bytes)
}

/// What TypeScript has to know of [`module`].
pub const DECLARATIONS: &str =
    "export declare const text: string;\nexport declare const checksum: number;\n";

/// The module `core.ts` imports: the text and its test as constants.
///
/// # Errors
/// Those of [`encode`].
pub fn module(binary: &[u8]) -> Result<String> {
    let Encoded { text, checksum } = encode(binary)?;
    Ok(format!(
        "// Written by `cargo xtask build`; see xtask/src/encode.rs.\nexport const text = \"{text}\";\nexport const checksum = {checksum};\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A module with functions of these instructions (which nobody validates), in each after these declarations of locals.
    fn module_of(functions: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let mut code = bytes_of(functions.len() as u64);
        for (locals, instructions) in functions {
            let body = [locals.as_slice(), instructions, &[0x0b]].concat();
            code.extend(size(body.len()));
            code.extend(body);
        }
        let types = [1, 4, 1, 0x60, 0, 0];
        let declared = [bytes_of(functions.len() as u64), vec![0; functions.len()]].concat();
        let data = *b"\x0b\x12\x01\x00\x41\x00\x0b\x0cHello \"'`<\\~";
        [
            b"\0asm\x01\0\0\0",
            types.as_slice(),
            &[3],
            &size(declared.len()),
            &declared,
            &[10],
            &size(code.len()),
            &code,
            &data,
        ]
        .concat()
    }

    /// One instruction, in all shapes there are.
    fn instruction() -> impl Strategy<Value = Vec<u8>> {
        let number = (0..5_u32, any::<u64>()).prop_map(|(length, value)| {
            // As a constant is written: at most five bytes, and in the fifth no more than the sign leaves.
            let bytes = bytes_of(value % (128 << (7 * length.min(3))));
            if bytes.len() > 4 { vec![0xff, 0xff, 0xff, 0xff, 0x0f] } else { bytes }
        });
        let after = |opcodes: &'static [u8]| {
            (prop::sample::select(opcodes), number.clone())
                .prop_map(|(op, number)| [vec![op], number].concat())
        };
        prop_oneof![
            prop::sample::select(vec![0x00, 0x01, 0x0f, 0x1a, 0x1b, 0x45, 0x6a, 0xa7, 0xad])
                .prop_map(|op: u8| vec![op]),
            after(&[0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x41, 0xd2]),
            number.clone().prop_map(|offset| [vec![0x28, 0], offset].concat()),
            prop::sample::select(vec![
                vec![0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f],
                vec![0x43, 1, 2, 3, 4],
                vec![0x44, 1, 2, 3, 4, 5, 6, 7, 8],
                vec![0x11, 0, 0],
                vec![0x0e, 2, 0, 1, 2],
                vec![0x1c, 1, 0x7f],
                vec![0x3f, 0],
                vec![0xfc, 10, 0, 0],
                vec![0xfc, 11, 0],
            ]),
            prop::collection::vec(Just(0x6a), 0..300),
        ]
    }

    fn module() -> impl Strategy<Value = Vec<u8>> {
        let instructions =
            || prop::collection::vec(instruction(), 0..40).prop_map(|all| all.concat());
        let nested =
            (instructions(), instructions(), prop::sample::select(vec![0x02_u8, 0x03, 0x04]))
                .prop_map(|(outer, inner, block)| {
                    [outer, vec![block, 0x40], inner, vec![0x0b]].concat()
                });
        let locals =
            prop::sample::select(vec![vec![0], vec![1, 3, 0x7f], vec![2, 1, 0x7e, 0x80, 1, 0x7f]]);
        prop::collection::vec((locals, prop_oneof![instructions(), nested]), 1..6)
            .prop_map(|functions: Vec<_>| module_of(&functions))
    }

    fn is_safe(text: &str) -> bool {
        text.bytes().all(|c| (0x20..=0x7e).contains(&c) && !b"\"'`\\<".contains(&c))
    }

    proptest! {
        #[test]
        fn any_module_comes_back(module in module()) {
            let encoded = encode(&module).expect("a module");
            prop_assert!(is_safe(&encoded.text));
            prop_assert_eq!(decode(&encoded).expect("the text"), module);
        }

        #[test]
        fn a_changed_character_is_noticed(module in module(), at in any::<prop::sample::Index>(), c in 0x20_u8..=0x7e) {
            let mut encoded = encode(&module).expect("a module");
            let at = at.index(encoded.text.len());
            let mut text = encoded.text.into_bytes();
            prop_assume!(text[at] != c);
            text[at] = c;
            encoded.text = String::from_utf8(text).expect("ASCII");
            prop_assert!(decode(&encoded).is_err());
        }

        #[test]
        fn a_lost_end_is_noticed(module in module(), keep in any::<prop::sample::Index>()) {
            let mut encoded = encode(&module).expect("a module");
            encoded.text.truncate(keep.index(encoded.text.len()));
            prop_assert!(decode(&encoded).is_err());
        }

        #[test]
        fn any_number_comes_back(numbers_ in prop::collection::vec(0..u64::MAX / 128, 0..50)) {
            let digits: Vec<char> = digits().map(char::from).collect();
            let (followed, last) = digits.split_at(FOLLOWED);
            let mut text = String::new();
            for number in &numbers_ {
                write(&mut text, *number, followed, last);
            }
            prop_assert_eq!(Vec::from(numbers(&text).expect("numbers")), numbers_);
        }

        #[test]
        fn a_number_has_one_spelling(value in any::<u32>()) {
            let bytes = bytes_of(u64::from(value));
            prop_assert_eq!(number(&bytes), Some(u64::from(value)));
        }
    }

    #[test]
    fn what_would_not_come_back_is_refused() {
        let aligned = module_of(&[(vec![0], vec![0x28, 2, 4])]);
        assert!(encode(&aligned).expect_err("aligned").to_string().contains("alignment"));
        let plain = without_alignment(&aligned).expect("a module");
        assert_eq!(plain, module_of(&[(vec![0], vec![0x28, 0, 4])]));
        assert!(encode(&plain).is_ok());
        assert!(encode(b"\0asm\x01\0\0\0").expect_err("empty").to_string().contains("no function"));
        assert!(encode(b"something else").is_err());
        // A number longer than it needs to be, where the size of a function stands.
        let mut padded = module_of(&[(vec![0], Vec::new())]);
        let at = padded.iter().position(|byte| *byte == 10).expect("the section of functions");
        padded.splice(at + 1..=at + 3, [5, 1, 0x82, 0]);
        assert!(encode(&padded).is_err());
    }

    #[test]
    fn any_single_changed_character_changes_the_checksum() {
        let text: Vec<u8> = digits().cycle().take(200).collect();
        let right = checksum(&text);
        for at in 0..text.len() {
            for change in 1..=u8::MAX {
                let mut changed = text.clone();
                changed[at] ^= change;
                assert_ne!(checksum(&changed), right, "character {at} changed by {change}");
            }
        }
    }

    #[test]
    fn the_checksum_never_needs_more_than_thirty_bits() {
        assert!(0xff_ffff_u64 * 63 + u64::from(u8::MAX) < 1 << 30);
        assert_eq!(checksum(&[u8::MAX; 5]) >> 24, 0);
    }
}
