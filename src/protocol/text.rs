//! Text, in the few ways this crate needs it. `format!` and Unicode trimming each weigh more in the wasm than all of this file.
//! Nor is a `char` ever added, stripped or looked for in these rooms: its encoder would come along. A text of one does the same.

/// The bytes of a text from one to before another; empty where that is no part of it.
pub fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

/// What is added to the number of a piece that is to be escaped.
const QUOTED: u8 = 16;

/// A form filled in: each of its bytes that is the number of a piece stands for that piece, so `"\0/\x01"` for both with a slash
/// between. With 16 added it stands for the piece as between the quotes of a string literal of JSON: `"\"\x10\""`.
/// Nine pieces at most: the next number would be a tab. One static text weighs less in the wasm than the address and the length of each of its parts.
pub fn fill(form: &'static str, pieces: &[&str]) -> String {
    let mut out = String::new();
    put(&mut out, form, pieces);
    out
}

/// Likewise, behind what is there already.
pub fn put(out: &mut String, form: &'static str, pieces: &[&str]) {
    let mut kept = 0;
    for (at, byte) in form.bytes().enumerate() {
        if let Some(piece) = pieces.get(usize::from(byte & !QUOTED)) {
            out.push_str(part(form, kept, at));
            if byte == byte & !QUOTED {
                out.push_str(piece);
            } else {
                escape(out, piece);
            }
            kept = at + 1;
        }
    }
    out.push_str(part(form, kept, form.len()));
}

/// Words, each with a comma behind it: `"us,eu,in,"`. One text weighs less in the wasm than the address and the length of each.
pub type Words = &'static str;

/// Whether a text is one of several words.
pub fn is_one_of(text: &str, words: Words) -> bool {
    Values(words).any(|word| *word == *text)
}

/// Values as they stand in JSON, in order: each ends at the comma, colon or bracket that is not its own.
#[derive(Clone, Debug)]
pub struct Values<'a>(pub &'a str);

impl<'a> Iterator for Values<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0;
        let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'{' | b'[' => depth += 1,
                b',' | b':' | b'}' | b']' if depth == 0 => {
                    self.0 = part(text, at + 1, text.len());
                    return Some(part(text, 0, at));
                }
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
        None
    }
}

/// A set of ASCII characters: pairs of the first and the last of a range, so `"09AF"` for the digits of a number to base 16.
pub type Set = &'static str;
/// Decimal digits.
const DIGITS: Set = "09";

/// Whether a byte is in a set.
pub fn is_in(byte: u8, set: Set) -> bool {
    set.as_bytes().as_chunks().0.iter().any(|[first, last]| (first..=last).contains(&&byte))
}

/// Whether a text is made of a set alone.
pub fn is_of(text: &str, set: Set) -> bool {
    for byte in text.bytes() {
        if !is_in(byte, set) {
            return false;
        }
    }
    true
}

/// A whole number of nine digits at most, without a sign; 0 for anything else.
pub fn whole(text: &str) -> u32 {
    if text.len() > 9 || !is_of(text, DIGITS) {
        return 0;
    }
    text.bytes().fold(0, |sum, digit| sum * 10 + u32::from(digit & 15))
}

/// The text with what `found` finds in it replaced: it sees the rest, writes what is to stand in the place of its beginning,
/// if anything, and says of how many bytes. Of none: it is put before them.
pub fn rewrite(out: &mut String, text: &str, found: &dyn Fn(&[u8], &mut String) -> usize) {
    let mut new = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(rest) = text.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        let length = found(rest, &mut new);
        if !new.is_empty() {
            out.push_str(part(text, kept, at));
            out.push_str(&new);
            new.clear();
            kept = at + length;
        }
        at += length.max(1);
    }
    out.push_str(part(text, kept, text.len()));
}

/// Writes what stands between the quotes of a string literal of JSON.
fn escape(out: &mut String, text: &str) {
    rewrite(out, text, &|rest, new| match rest {
        [b'"' | b'\\', ..] => {
            *new += "\\";
            0
        }
        [byte @ 0..b' ', ..] => {
            hex(new, "\\u00\0\x01", *byte);
            1
        }
        _ => 1,
    });
}

/// The ASCII character that stands there in a text.
pub fn nth(text: &'static str, at: usize) -> &'static str {
    part(text, at, at + 1)
}

/// One digit, in base 36 and upper case: of a hexadecimal number, too.
#[inline(always)] // What only passes two words on weighs more as a function than where it is called.
pub fn digit(value: usize) -> &'static str {
    nth("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", value)
}

/// Writes a byte as two hexadecimal digits into a form.
pub fn hex(out: &mut String, form: &'static str, byte: u8) {
    put(out, form, &[digit(usize::from(byte >> 4)), digit(usize::from(byte & 15))]);
}

/// A path segment: every byte but the unreserved ones and `!*'()` as `%XX`, as `encodeURIComponent` does (rule B17).
pub fn segment(text: &str) -> String {
    let mut out = String::new();
    rewrite(&mut out, text, &|rest, new| {
        if let [byte, ..] = rest
            && !is_in(*byte, "!!'*-.09AZ__az~~")
        {
            hex(new, "%\0\x01", *byte);
        }
        1
    });
    out
}

/// Whether a text can be the value of a header of ours, as a browser and the service take it: printable ASCII, and not nothing.
pub fn fits_header(text: &str) -> bool {
    !text.is_empty() && is_of(text, " ~")
}

/// Writes JSON text with each occurrence of each secret in a string replaced by `***`, be it written raw, percent-encoded or in a
/// mixture of both (rule B26). The secrets fit a header and are escaped as in JSON. Strings stay strings; where a secret is a
/// number's digits, what comes out may be no JSON.
pub fn redact(out: &mut String, json: &str, one: &str, other: &str) {
    rewrite(out, json, &|rest, new| {
        // The longer of two that begin here: it leaves less.
        let length = occurrence(rest, one.as_bytes()).max(occurrence(rest, other.as_bytes()));
        match rest {
            _ if length > 0 => {
                new.push_str("***");
                length
            }
            // An escape is passed over whole: nothing begins within.
            [b'\\', b'u', ..] => 6,
            [b'\\', ..] => 2,
            _ => 1,
        }
    });
}

/// How many bytes an occurrence of the secret takes at the beginning of the text, 0 where there is none.
fn occurrence(text: &[u8], secret: &[u8]) -> usize {
    let (mut rest, mut wanted) = (text, secret);
    // Until what is left of it stands there as it is: in the end nothing is.
    while !rest.starts_with(wanted) {
        let length = if wanted.starts_with(b"\\") { 2 } else { 1 };
        let Some((raw, later)) = wanted.split_at_checked(length) else { return 0 };
        rest = match (rest, raw) {
            ([b'%', high, low, after @ ..], [.., byte])
                if nibble(*high) << 4 | nibble(*low) == usize::from(*byte) =>
            {
                after
            }
            _ if rest.starts_with(raw) => rest.get(length..).unwrap_or_default(),
            _ => return 0,
        };
        wanted = later;
    }
    text.len() - rest.len() + wanted.len()
}

/// The value of a hexadecimal digit of either case; for anything else one that no byte is made of.
pub fn nibble(digit: u8) -> usize {
    char::from(digit).to_digit(16).unwrap_or(0x100) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn redact(json: &str, one: &str, other: &str) -> String {
        let mut out = String::new();
        super::redact(&mut out, json, one, other);
        out
    }

    #[test]
    fn b17_segment_escapes_what_would_change_the_path() {
        assert_eq!(segment("a/b?c#d e%"), "a%2Fb%3Fc%23d%20e%25");
        assert_eq!(segment("héllo_-."), "h%C3%A9llo_-.");
    }

    #[test]
    fn b26_redact_finds_raw_and_encoded_secrets() {
        assert_eq!(redact("key a b!c gone", "a b!c", ""), "key *** gone");
        assert_eq!(redact("key a%20b%21c gone", "a b!c", ""), "key *** gone");
        assert_eq!(redact("key a%20b!c%", "a b!c", ""), "key ***%");
        assert_eq!(redact("kéy %25x %2525x", "%25x", ""), "kéy *** ***");
        assert_eq!(redact(r#"{"a\"b":"a%22b"} a\\"b"#, r#"a\"b"#, ""), r#"{"***":"***"} a\\"b"#);
        assert_eq!(
            redact(r#""\nab\u000ab""#, "nab", "00"),
            r#""\nab\u000ab""#,
            "nothing begins in an escape"
        );
        assert_eq!(redact("%61%25b", "a%25b", ""), "***", "the rest as it is");
        assert_eq!(redact("%4: %zz %4", "J", ""), "%4: %zz %4", "no hexadecimal digits");
        assert_eq!(redact("nothing", "", ""), "nothing");
        assert_eq!(redact("abcabcd", "abc", "abcd"), "******");
    }

    #[test]
    fn b26_a_long_secret_is_as_well_hidden_as_a_short_one() {
        let secret = "%41".repeat(100_000);
        assert_eq!(redact(&format!("x{secret}y{}", segment(&secret)), &secret, ""), "x***y***");
    }

    #[test]
    fn a_form_is_filled_with_its_pieces_by_number() {
        assert_eq!(fill("\x01-\0\x01é", &["a", "\0b"]), "\0b-a\0bé");
        assert_eq!(fill("", &["a"]), "");
        let mut out = String::from("x");
        put(&mut out, "\0\x01", &["y", ""]);
        assert_eq!(out, "xy");
    }

    #[test]
    fn a_set_is_its_ranges() {
        let within: String =
            (0..=127_u8).filter(|byte| is_in(*byte, "..09AC")).map(char::from).collect();
        assert_eq!(within, ".0123456789ABC");
        assert!(
            is_of(&within, "..09AC") && is_of("", "09") && !is_of("1a", "09") && !is_of("é", " ~")
        );
    }

    #[test]
    fn whole_is_digits_only() {
        assert_eq!((whole("0120"), whole("999999999")), (120, 999_999_999));
        for bad in ["", "-1", "1.5", "1e3", " 1", "1234567890"] {
            assert_eq!(whole(bad), 0, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn b17_segment_is_what_a_browser_undoes(text: String) {
            let escaped = segment(&text);
            prop_assert!(escaped.is_ascii() && !escaped.contains('/'));
            let mut bytes = Vec::new();
            let mut rest = escaped.bytes();
            while let Some(byte) = rest.next() {
                let mut digit = || nibble(rest.next().unwrap());
                bytes.push(if byte == b'%' { (digit() << 4 | digit()) as u8 } else { byte });
            }
            prop_assert_eq!(bytes, text.as_bytes());
        }

        #[test]
        fn b26_no_secret_survives_redaction(before in "[a-z%]{0,8}", secret in "[a-zA-Z0-9_ /%-]{4,12}", after in "\\PC{0,8}") {
            let encoded = segment(&secret);
            for shown in [&secret, &encoded] {
                let text = format!("{before}{shown}{after}");
                let said = redact(&text, &secret, "");
                prop_assert!(!said.contains(&secret) && !said.contains(&encoded), "{} became {}", text, said);
            }
        }
    }
}
