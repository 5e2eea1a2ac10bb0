//! The WebAssembly as text: how `core.js` carries the binary inside a JavaScript string.
//!
//! Every consumer (plain module script, Vite, webpack, Next, Node) can load a string; few can load a `.wasm` file next to a module. Raw bytes do
//! not survive: a bundler's chunk is a classic script whose charset the page decides. Base64 does, but it shifts the bytes against each other,
//! and brotli then finds no repetition. So: a **byte-aligned escape in printable ASCII**.
//!
//! ```text
//! text   = table data
//! table  = 256 characters, one per byte value: its own single character, or `}` or `~`
//! data   = for each byte its single character, or its prefix (`}` or `~`) and a second character
//! ```
//!
//! The alphabet is the printable ASCII characters without `"` `'` `` ` `` `\` (no quoting style of any minifier has to escape anything) and
//! without `<` (no `</script` and no `<!--` can arise in an inline script): 90 characters. The last two are the prefixes, the other 88 stand for
//! the most frequent bytes. The second characters are given out in the order of the alphabet, for each prefix from its start, to the byte values
//! that the table marks with it; so the table needs one character per byte value and both sides agree without more.
//!
//! Length and checksum (FNV-1a, 32 bits) of the bytes travel next to the text; the reader (`pkg-template/src/inline.ts`) refuses anything else
//! with an error that names the corruption.
//!
//! `cargo xtask size --encodings` measures it on the current binary. When this was written, in bytes after brotli 11 (raw in brackets), for the whole
//! of `core.js` with its 1.9 KB of glue, around a binary of 21 621 (54 253): this text 24 046 (62 369), hex 24 948 (113 549), base64 29 984 (77 383).

/// The two prefixes: the last characters of the alphabet.
const PREFIXES: [u8; 2] = [b'}', b'~'];

/// What the reader needs to get the bytes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Table and data, nothing but characters of the alphabet.
    pub text: String,
    /// How many bytes the data stands for.
    pub length: usize,
    /// FNV-1a, 32 bits, of those bytes.
    pub checksum: u32,
}

/// The characters the text may hold, in code order; the prefixes are the last two.
fn alphabet() -> impl Iterator<Item = u8> + Clone {
    (0x20..=0x7e).filter(|c| !matches!(c, b'"' | b'\'' | b'`' | b'\\' | b'<'))
}

/// FNV-1a, 32 bits: four operations in the reader, and any single changed character changes it.
pub fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// How one byte value is written.
#[derive(Clone, Copy)]
enum Code {
    Single(u8),
    Pair(u8, u8),
}

/// The code of every byte value, for these bytes.
fn codes(bytes: &[u8]) -> Vec<Code> {
    let mut counts = [0_usize; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let mut by_frequency: Vec<(u8, usize)> = (0..=u8::MAX).zip(counts).collect();
    by_frequency.sort_by_key(|(byte, count)| (std::cmp::Reverse(*count), *byte));

    let singles: Vec<u8> = alphabet().filter(|c| !PREFIXES.contains(c)).collect();
    let frequent: Vec<u8> = by_frequency.iter().take(singles.len()).map(|(byte, _)| *byte).collect();
    // A frequent byte that is itself in the alphabet keeps its face, so that names and messages stay readable for brotli's dictionary;
    // the others take the characters left over, in order, which keeps neighbouring values neighbours.
    let keeps_face = |byte: &u8| singles.contains(byte);
    let mut spare = singles.iter().filter(|c| !frequent.contains(c));
    let mut pairs = PREFIXES.into_iter().flat_map(|prefix| alphabet().map(move |second| Code::Pair(prefix, second)));
    (0..=u8::MAX)
        .filter_map(|byte| {
            if !frequent.contains(&byte) {
                pairs.next()
            } else if keeps_face(&byte) {
                Some(Code::Single(byte))
            } else {
                spare.next().map(|c| Code::Single(*c))
            }
        })
        .collect()
}

/// Writes bytes as text; [`decode`] is the reverse.
pub fn encode(bytes: &[u8]) -> Encoded {
    let codes = codes(bytes);
    let mut text = String::with_capacity(256 + bytes.len() * 3 / 2);
    for code in &codes {
        let (Code::Single(c) | Code::Pair(c, _)) = *code;
        text.push(char::from(c));
    }
    for byte in bytes {
        match codes.get(usize::from(*byte)) {
            Some(Code::Single(c)) => text.push(char::from(*c)),
            Some(Code::Pair(prefix, second)) => text.extend([char::from(*prefix), char::from(*second)]),
            None => {}
        }
    }
    Encoded { text, length: bytes.len(), checksum: checksum(bytes) }
}

/// Reads what [`encode`] wrote, by the same steps as the reader in `pkg-template/src/inline.ts`: the build compares the two ends with it.
///
/// # Errors
/// A sentence that says what is wrong with the text.
pub fn decode(encoded: &Encoded) -> Result<Vec<u8>, String> {
    let text = encoded.text.as_bytes();
    let (table, data) = text.split_at_checked(256).ok_or("the text ends inside its table")?;
    // Indexed by the character, plus 128 for each prefix.
    let mut values = [None; 3 * 128];
    let mut seconds = [alphabet(), alphabet()];
    for (byte, c) in (0..=u8::MAX).zip(table) {
        let code = match PREFIXES.iter().position(|prefix| prefix == c) {
            None => usize::from(*c),
            Some(which) => {
                let second =
                    seconds.get_mut(which).and_then(Iterator::next).ok_or("the table gives a prefix too often")?;
                128 * (which + 1) + usize::from(second)
            }
        };
        *values.get_mut(code).ok_or("the table holds a character outside ASCII")? = Some(byte);
    }
    let mut bytes = Vec::with_capacity(encoded.length);
    let mut rest = data.iter();
    while let Some(c) = rest.next() {
        let code = match PREFIXES.iter().position(|prefix| prefix == c) {
            None => usize::from(*c),
            Some(which) => 128 * (which + 1) + usize::from(*rest.next().ok_or("the text ends after a prefix")?),
        };
        bytes.push(values.get(code).copied().flatten().ok_or("the text holds a character without a meaning")?);
    }
    if bytes.len() != encoded.length {
        return Err(format!("{} bytes where {} were expected", bytes.len(), encoded.length));
    }
    if checksum(&bytes) != encoded.checksum {
        return Err("the checksum differs".to_owned());
    }
    Ok(bytes)
}

/// What TypeScript has to know of [`module`].
pub const DECLARATIONS: &str = "export declare const text: string;\nexport declare const length: number;\nexport declare const checksum: number;\n";

/// The module `core.ts` imports: the text and its two tests as constants.
pub fn module(bytes: &[u8]) -> String {
    let Encoded { text, length, checksum } = encode(bytes);
    format!(
        "// Written by `cargo xtask build`; see xtask/src/encode.rs.\nexport const text = \"{text}\";\nexport const length = {length};\nexport const checksum = {checksum};\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_safe(text: &str) -> bool {
        text.bytes().all(|c| (0x20..=0x7e).contains(&c) && !b"\"'`\\<".contains(&c))
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let encoded = encode(&bytes);
            prop_assert!(is_safe(&encoded.text));
            prop_assert_eq!(decode(&encoded), Ok(bytes));
        }

        #[test]
        fn skewed_bytes_come_back(bytes in proptest::collection::vec((0u8..=255).prop_map(|b| b & (b >> 3)), 0..2000)) {
            prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn a_changed_character_is_noticed(bytes in proptest::collection::vec(any::<u8>(), 1..500), at in any::<prop::sample::Index>(), c in 0x20u8..=0x7e) {
            let mut encoded = encode(&bytes);
            let data = encoded.text.len() - 256;
            let at = 256 + at.index(data);
            let mut text = encoded.text.into_bytes();
            prop_assume!(text[at] != c);
            text[at] = c;
            encoded.text = String::from_utf8(text).expect("ASCII");
            prop_assert!(decode(&encoded).is_err());
        }

        #[test]
        fn a_lost_end_is_noticed(bytes in proptest::collection::vec(any::<u8>(), 1..500), keep in any::<prop::sample::Index>()) {
            let mut encoded = encode(&bytes);
            encoded.text.truncate(keep.index(encoded.text.len()));
            prop_assert!(decode(&encoded).is_err());
        }
    }

    #[test]
    fn every_byte_value_has_its_own_code() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let encoded = encode(&all);
        assert_eq!(encoded.text.len(), 256 + 88 + 2 * 168);
        assert_eq!(decode(&encoded), Ok(all));
    }

    #[test]
    fn nothing_at_all_can_be_carried() {
        assert_eq!(decode(&encode(&[])), Ok(Vec::new()));
    }

    #[test]
    fn the_checksum_is_fnv_1a() {
        // The published test vectors of the hash, so that the reader in TypeScript can be checked against the same.
        assert_eq!(checksum(b""), 0x811c_9dc5);
        assert_eq!(checksum(b"a"), 0xe40c_292c);
        assert_eq!(checksum(b"foobar"), 0xbf9c_f968);
    }
}
