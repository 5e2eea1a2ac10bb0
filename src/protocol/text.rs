//! Text, in the few ways this crate needs it. `format!` and Unicode trimming each weigh more in the wasm than all of this file.

/// Puts pieces together.
pub fn cat(pieces: &[&str]) -> String {
    let mut out = String::new();
    for piece in pieces {
        out.push_str(piece);
    }
    out
}

/// Whether it is a whole number of nine digits at most, without a sign.
pub fn is_whole(text: &str) -> bool {
    matches!(text.len(), 1..=9) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A path segment: every byte but the unreserved ones and `!*'()` as `%XX`, as `encodeURIComponent` does (rule B17).
pub fn segment(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push('%');
            for digit in [u32::from(byte >> 4), u32::from(byte & 15)] {
                out.push(char::from_digit(digit, 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    out
}

/// Whether a browser takes the text as the value of a header of ours: printable ASCII alone.
pub fn fits_header(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}

/// Replaces each occurrence of each secret, which fits a header, by `***`, be it written raw, percent-encoded or in a
/// mixture of both (rule B26).
pub fn redact(text: &str, secrets: [&str; 2]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        // The longer of two that begin here: it leaves less.
        let [one, other] = secrets.map(|secret| occurrence(rest.as_bytes(), secret.as_bytes()));
        let mut length = one.max(other);
        if length > 0 {
            out.push_str("***");
        } else {
            out.push(char);
            length = char.len_utf8();
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// How many bytes an occurrence of the secret takes at the beginning of the text, 0 where there is none.
fn occurrence(text: &[u8], secret: &[u8]) -> usize {
    if text.starts_with(secret) {
        return secret.len();
    }
    let mut rest = text;
    for wanted in secret {
        rest = match rest {
            [b'%', high, low, after @ ..] if nibble(*high) << 4 | nibble(*low) == u32::from(*wanted) => after,
            [byte, after @ ..] if byte == wanted => after,
            _ => return 0,
        };
    }
    text.len() - rest.len()
}

/// The value of a hexadecimal digit of either case; for anything else one that no byte is made of.
fn nibble(digit: u8) -> u32 {
    (digit as char).to_digit(16).unwrap_or(0x100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        assert_eq!(redact("kéy %25x %2525x", ["%25x", ""]), "kéy *** ***");
        assert_eq!(redact("nothing", ["", ""]), "nothing");
        assert_eq!(redact("abcabcd", ["abc", "abcd"]), "******");
    }

    #[test]
    fn b26_a_long_secret_is_as_well_hidden_as_a_short_one() {
        let secret = "%41".repeat(100_000);
        assert_eq!(redact(&cat(&["x", &secret, "y", &segment(&secret)]), [&secret, ""]), "x***y***");
    }

    #[test]
    fn whole_is_digits_only() {
        assert!(is_whole("0120"));
        for bad in ["", "-1", "1.5", "1e3", " 1", "1234567890"] {
            assert!(!is_whole(bad), "{bad}");
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
                let text = cat(&[&before, shown, &after]);
                let said = redact(&text, [&secret, ""]);
                prop_assert!(!said.contains(&secret) && !said.contains(&encoded), "{} became {}", text, said);
            }
        }
    }
}
