//! Text, in the few ways this crate needs it. `format!`, `to_string` of a float and Unicode trimming each weigh more in
//! the wasm than all of this file.

/// Puts pieces together.
pub fn cat(pieces: &[&str]) -> String {
    let mut out = String::new();
    for piece in pieces {
        out.push_str(piece);
    }
    out
}

/// A number in decimal digits.
pub fn decimal(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    digits.reverse();
    utf8(digits)
}

/// Bytes that were put together out of UTF-8, as text; were they none, saying nothing is the safe side.
pub fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// Whole decimal digits as a number; `None` for anything else, or for what does not fit.
pub fn whole(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.bytes().try_fold(0, |sum: u32, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
}

/// One hexadecimal digit of the low four bits, in lower case.
pub fn hex(nibble: u8) -> u8 {
    match nibble & 15 {
        digit @ 0..=9 => b'0' + digit,
        letter => b'a' - 10 + letter,
    }
}

/// The value of a hexadecimal digit of either case.
pub fn nibble(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|value| value as u8)
}

/// A random UUID (version 4) from 16 random bytes, in lower case.
pub fn uuid(random: [u8; 16]) -> String {
    let mut out = Vec::new();
    for (at, byte) in random.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        let byte = match at {
            6 => (byte & 0x0f) | 0x40,
            8 => (byte & 0x3f) | 0x80,
            _ => byte,
        };
        out.extend_from_slice(&[hex(byte >> 4), hex(byte)]);
    }
    utf8(out)
}

/// A path segment: every byte but the unreserved ones and `!*'()` as `%XX`, as `encodeURIComponent` does (rule B17).
pub fn segment(text: &str) -> String {
    let mut out = Vec::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(&[b'%', hex(byte >> 4).to_ascii_uppercase(), hex(byte).to_ascii_uppercase()]);
        }
    }
    utf8(out)
}

/// Whether a browser takes the text as the value of a header of ours: printable ASCII alone.
pub fn fits_header(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}

/// Replaces each occurrence of each secret by `***`, be it written raw, percent-encoded or in a mixture of both (rule B26).
pub fn redact(text: &str, secrets: [&str; 2]) -> String {
    let mut rest = text.as_bytes();
    let mut out = Vec::new();
    while let [byte, after @ ..] = rest {
        // The longer of two that begin here: it leaves less.
        let ends = secrets.map(|secret| after_occurrence(rest, secret.as_bytes()).filter(|_| !secret.is_empty()));
        match ends.into_iter().flatten().min_by_key(|end| end.len()) {
            Some(end) => {
                out.extend_from_slice(b"***");
                rest = end;
            }
            None => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    utf8(out)
}

/// What follows an occurrence of the secret at the beginning of the text.
fn after_occurrence<'a>(text: &'a [u8], secret: &[u8]) -> Option<&'a [u8]> {
    let [wanted, more @ ..] = secret else { return Some(text) };
    // A "%" can be the secret's own or begin its escape: whichever leads on.
    let raw = text.strip_prefix(&[*wanted]).and_then(|rest| after_occurrence(rest, more));
    raw.or_else(|| match text {
        [b'%', high, low, rest @ ..] if nibble(*high)? << 4 | nibble(*low)? == *wanted => after_occurrence(rest, more),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn uuid_is_of_version_4_and_lower_case() {
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn b17_segment_escapes_what_would_change_the_path() {
        assert_eq!(segment("a/b?c#d e%"), "a%2Fb%3Fc%23d%20e%25");
        assert_eq!(segment("héllo_-."), "h%C3%A9llo_-.");
    }

    #[test]
    fn b26_redact_finds_raw_and_encoded_secrets() {
        assert_eq!(redact("key a b!c gone", ["a b!c", ""]), "key *** gone");
        assert_eq!(redact("key a%20b%21c gone", ["a b!c", ""]), "key *** gone");
        assert_eq!(redact("key a%20b!c%", ["a b!c", ""]), "key ***%");
        assert_eq!(redact("kéy é", ["é", ""]), "k***y ***");
        assert_eq!(redact("nothing", ["", ""]), "nothing");
        assert_eq!(redact("abcabcd", ["abc", "abcd"]), "******");
    }

    #[test]
    fn whole_takes_digits_only() {
        assert_eq!(whole("0120"), Some(120));
        for bad in ["", "-1", "1.5", "1e3", " 1", "1234567890"] {
            assert_eq!(whole(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn decimal_is_what_std_prints(number: u64) {
            prop_assert_eq!(decimal(number), number.to_string());
        }

        #[test]
        fn b26_no_secret_survives_redaction(before in "[a-z%]{0,8}", secret in "[a-zA-Z0-9_ /-]{4,12}", after in "\\PC{0,8}") {
            let encoded = segment(&secret);
            for shown in [&secret, &encoded] {
                let text = cat(&[&before, shown, &after]);
                let said = redact(&text, [&secret, ""]);
                prop_assert!(!said.contains(&secret) && !said.contains(&encoded), "{} became {}", text, said);
            }
        }
    }
}
