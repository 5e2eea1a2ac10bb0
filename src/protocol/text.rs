//! Text, in the few ways this crate needs it. `format!`, `to_string` of a float and Unicode trimming each weigh more in
//! the wasm than all of this file.

/// Puts pieces together.
pub fn cat(pieces: &[&str]) -> String {
    let mut out = String::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
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
    digits.iter().rev().map(|&digit| digit as char).collect()
}

/// Whole decimal digits as a number; `None` for anything else, or for what does not fit.
pub fn whole(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.bytes().try_fold(0, |sum: u32, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// One hexadecimal digit of the low four bits.
pub fn hex(nibble: u8) -> char {
    HEX.get(usize::from(nibble & 15)).map_or('0', |&digit| digit as char)
}

/// The value of a hexadecimal digit of either case.
pub fn nibble(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|value| value as u8)
}

/// A random UUID (version 4) from 16 random bytes, in lower case.
pub fn uuid(random: [u8; 16]) -> String {
    let mut out = String::with_capacity(36);
    for (at, byte) in random.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        let byte = match at {
            6 => (byte & 0x0f) | 0x40,
            8 => (byte & 0x3f) | 0x80,
            _ => byte,
        };
        out.push(hex(byte >> 4));
        out.push(hex(byte));
    }
    out
}

/// A path segment: every byte but the unreserved ones and `!*'()` as `%XX`, as `encodeURIComponent` does (rule B17).
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push('%');
            out.push((hex(byte >> 4)).to_ascii_uppercase());
            out.push((hex(byte)).to_ascii_uppercase());
        }
    }
    out
}

/// Whether a browser takes the text as the value of a header of ours: printable ASCII alone.
pub fn fits_header(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}

/// Replaces each occurrence of each secret by `***`, be it written raw, percent-encoded or in a mixture of both (rule B26).
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match secrets.iter().filter_map(|secret| occurrence(bytes, at, secret.as_bytes())).max() {
            Some(end) => {
                out.extend_from_slice(b"***");
                at = end;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    // Cuts fall on the edges of a secret, so what is left is UTF-8 still; were it not, saying nothing is the safe side.
    String::from_utf8(out).unwrap_or_default()
}

/// Where an occurrence of the secret that begins at `at` ends.
fn occurrence(text: &[u8], mut at: usize, secret: &[u8]) -> Option<usize> {
    if secret.is_empty() {
        return None;
    }
    for &wanted in secret {
        let here = *text.get(at)?;
        if here == wanted {
            at += 1;
        } else if here == b'%' && nibble(*text.get(at + 1)?)? << 4 | nibble(*text.get(at + 2)?)? == wanted {
            at += 3;
        } else {
            return None;
        }
    }
    Some(at)
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
        assert_eq!(redact("key a b!c gone", &["a b!c"]), "key *** gone");
        assert_eq!(redact("key a%20b%21c gone", &["a b!c"]), "key *** gone");
        assert_eq!(redact("key a%20b!c%", &["a b!c"]), "key ***%");
        assert_eq!(redact("kéy é", &["é"]), "k***y ***");
        assert_eq!(redact("nothing", &[""]), "nothing");
        assert_eq!(redact("abcabcd", &["abc", "abcd"]), "******");
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
                let said = redact(&text, &[&secret]);
                prop_assert!(!said.contains(&secret) && !said.contains(&encoded), "{} became {}", text, said);
            }
        }
    }
}
