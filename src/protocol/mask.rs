//! Masks credentials in texts: each occurrence becomes `***` (rule B26).

use super::text::hex_byte;

/// The minimum length of a credential that is masked everywhere. A shorter one can be part of an
/// ordinary word.
const LONG: usize = 8;

/// How many backslashes in a row are skipped. Without a limit, a text of many backslashes would
/// take quadratic time. Eight levels of JSON write one backslash as 256.
const MOST_BACKSLASHES: usize = 256;

/// The credentials of a call and of the session. Empty texts are ignored.
#[derive(Clone, Copy, Default)]
pub struct Mask<'a>(pub [&'a str; 3]);

impl Mask<'_> {
    /// Masks plain text or JSON text. JSON stays valid, unless a credential is a number in it.
    pub fn text(self, text: &str) -> String {
        self.hide(text, false)
    }

    /// Masks a code. A short credential stays, because it can be one of the words of a code.
    pub fn code(self, code: &str) -> String {
        self.hide(code, true)
    }

    fn hide(self, text: &str, is_code: bool) -> String {
        let mut out = String::new();
        let (mut kept, mut at) = (0, 0);
        while let Some((before, rest)) = text.as_bytes().split_at_checked(at)
            && !rest.is_empty()
        {
            let mut length = 0;
            for secret in self.0 {
                let found = occurrence(rest, secret.as_bytes());
                if found > length
                    && (secret.len() >= LONG || !is_code && is_word(before, rest, found))
                {
                    length = found;
                }
            }
            if length > 0 {
                out += text.get(kept..at).unwrap_or_default();
                out += "***";
                kept = at + length;
            }
            at += length.max(1);
        }
        out += text.get(kept..).unwrap_or_default();
        out
    }
}

/// Whether the first bytes of `rest` are a whole word: no letter or digit is next to them.
fn is_word(before: &[u8], rest: &[u8], length: usize) -> bool {
    let left = match before {
        [.., b'%', high, low] => hex_byte(*high, *low).unwrap_or(*low),
        // In an escape such as `\n` the letter is not part of a word.
        [.., b'\\', _] | [] => 0,
        [.., byte] => *byte,
    };
    let right = match rest.get(length..).unwrap_or_default() {
        [b'%', high, low, ..] => hex_byte(*high, *low).unwrap_or_default(),
        [byte, ..] => *byte,
        [] => 0,
    };
    !left.is_ascii_alphanumeric() && !right.is_ascii_alphanumeric()
}

/// The length of a credential at the start of a text, or 0: raw, percent-encoded or escaped as in
/// JSON, in any ASCII case.
fn occurrence(text: &[u8], secret: &[u8]) -> usize {
    let mut longest = 0;
    // A credential can contain `%5C` or `\u0075`, so what looks like an escape may be none.
    for percent in [false, true] {
        for unicode in [false, true] {
            longest = occurrence_in(text, secret, percent, unicode).max(longest);
        }
    }
    longest
}

/// The same for one reading of the text: with or without escapes such as `%22` (`percent`), and
/// such as `\u0022` (`unicode`). Backslashes are not compared, because each level of JSON doubles
/// them.
fn occurrence_in(text: &[u8], secret: &[u8], percent: bool, unicode: bool) -> usize {
    let mut rest = text;
    for wanted in secret.iter().filter(|byte| **byte != b'\\') {
        let character = without_backslashes(rest, percent);
        let is_escaped = character.len() < rest.len();
        rest = match (decode(character, percent, unicode && is_escaped), character) {
            (Some((byte, after)), _) if byte.eq_ignore_ascii_case(wanted) => after,
            // A URL encodes some characters and leaves `%` as it is.
            (_, [byte, after @ ..]) if byte.eq_ignore_ascii_case(wanted) => after,
            _ => return 0,
        };
    }
    if secret.ends_with(b"\\") {
        rest = without_backslashes(rest, percent);
    }
    text.len() - rest.len()
}

/// The text after the backslashes at its start.
fn without_backslashes(mut text: &[u8], percent: bool) -> &[u8] {
    for _ in 0..MOST_BACKSLASHES {
        text = match (text, decode(text, percent, false)) {
            ([b'\\', after @ ..], _) | (_, Some((b'\\', after))) => after,
            _ => break,
        };
    }
    text
}

/// The byte of an escape at the start of a text, and what follows it: `%22` or `u0022`.
///
/// Inlined, it makes the WebAssembly 0.3 KB larger, after brotli.
#[inline(never)]
fn decode(text: &[u8], percent: bool, unicode: bool) -> Option<(u8, &[u8])> {
    let (high, low, after) = match text {
        [b'%', high, low, after @ ..] if percent => (high, low, after),
        [b'u', b'0', b'0', high, low, after @ ..] if unicode => (high, low, after),
        _ => return None,
    };
    Some((hex_byte(*high, *low)?, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = "AUTHKEYCANARY0123456789";

    fn masked(text: &str, secret: &str) -> String {
        Mask([secret, "", ""]).text(text)
    }

    fn encoded(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect()
    }

    #[test]
    fn b26_a_credential_is_masked_raw_encoded_and_escaped() {
        for shown in [
            "a b!c d e".to_owned(),
            "a%20b%21c%20d e".into(),
            "A%20B!C D%20E".into(),
            r"a \u0062!c d e".into(),
            encoded("a b!c d e"),
        ] {
            assert_eq!(masked(&format!("x {shown} y"), "a b!c d e"), "x *** y", "{shown}");
        }
        assert_eq!(masked("x %25xxxxxx %2525xxxxxx", "%25xxxxxx"), "x *** ***");
        assert_eq!(masked("%4: %zz %4", "J"), "%4: %zz %4", "no hexadecimal digits");
        assert_eq!(masked("nothing", ""), "nothing");
    }

    #[test]
    fn b26_a_credential_that_is_quoted_as_json_at_any_depth_is_masked() {
        let key = r#"ab"cd\efgh/i"#;
        let once = serde_json::to_string(key).unwrap();
        let twice = serde_json::to_string(&once).unwrap();
        let slashes = once.replace('/', r"\/");
        for shown in [&once, &twice, &slashes, &encoded(key), &encoded(&once)] {
            let text = masked(&format!("body {shown} end"), key);
            assert!(!text.to_lowercase().contains("cd"), "{shown} became {text}");
            assert!(text.starts_with("body ") && text.ends_with(" end"), "{text}");
        }
    }

    #[test]
    fn b26_a_credential_that_contains_escapes_itself_is_masked() {
        for key in
            [r"%5C\aa a", r"x%5c\5C%255C-y", r"abcdefgh%5C", "u0055_1764288000", r"\u0075bcdefgh"]
        {
            let json = serde_json::to_string(key).unwrap();
            for shown in [key, &json, &encoded(key), &encoded(&json)] {
                let text = masked(&format!("x {shown} y"), key);
                assert!(text.contains("***") && text.len() < 16, "{shown} became {text}");
            }
        }
    }

    #[test]
    fn b26_a_credential_is_masked_in_a_url_that_encodes_spaces_only() {
        assert_eq!(masked("x?key=a%41b%20c12345 y", "a%41b c12345"), "x?key=*** y");
    }

    #[test]
    fn b26_a_text_of_backslashes_is_masked_in_linear_time() {
        let start = std::time::Instant::now();
        for backslash in [r"\", "%5C"] {
            let text = backslash.repeat(100_000);
            assert_eq!(masked(&text, KEY), text);
            assert!(masked(&format!("{text}{KEY}"), KEY).ends_with("***"));
        }
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }

    #[test]
    fn b26_a_short_credential_is_masked_as_a_word_of_its_own() {
        assert_eq!(
            masked("key demo, demonstration, a%20demo%21 xdemo", "demo"),
            "key ***, demonstration, a%20***%21 xdemo"
        );
        assert_eq!(masked(r"line\ndemo", "demo"), r"line\n***");
        assert_eq!(Mask(["NOT", "", ""]).code("ERR_NOT_FOUND"), "ERR_NOT_FOUND");
        assert_eq!(masked("ERR_NOT_FOUND NOT", "NOT"), "ERR_***_FOUND ***");
    }

    #[test]
    fn b26_a_long_credential_is_masked_everywhere_codes_included() {
        assert_eq!(Mask([KEY, "", ""]).code(&format!("ERR_{KEY}")), "ERR_***");
        assert_eq!(masked(&format!("x{}y", KEY.to_lowercase()), KEY), "x***y");
        let long = "%41".repeat(100_000);
        assert_eq!(masked(&format!("x{long}y{}", encoded(&long)), &long), "x***y***");
    }

    #[test]
    fn b26_the_longer_of_two_credentials_that_begin_at_one_place_is_masked() {
        assert_eq!(Mask(["abcdefgh", "abcdefghi", ""]).text("abcdefghi"), "***");
    }

    #[test]
    fn b26_strings_of_json_text_are_masked_and_a_masked_number_is_no_json_any_more() {
        let details = r#"{"key":["12345678",true],"say \"AUTHKEYCANARY0123456789\"":null}"#;
        assert_eq!(
            Mask(["12345678", KEY, ""]).text(details),
            r#"{"key":["***",true],"say \"***\"":null}"#
        );
        assert_eq!(Mask(["12345678", "", ""]).text("[12345678]"), "[***]");
        assert_eq!(Mask(["1234567", "", ""]).text("[112345678]"), "[112345678]");
    }

    proptest! {
        #[test]
        fn b26_no_long_credential_survives(
            before in "[a-z%]{0,8}",
            secret in "([a-zA-Z0-9_ /%\\\\\"-]|%5[cC]|%25|u00[57]5|\\\\u0075){8,16}",
            after in "\\PC{0,8}",
        ) {
            let json = serde_json::to_string(&secret).unwrap();
            for shown in
                [&secret, &encoded(&secret), &json, &encoded(&json), &secret.to_lowercase()]
            {
                let text = masked(&format!("{before}{shown}{after}"), &secret);
                prop_assert!(!text.contains(shown), "{} became {}", shown, text);
                // What is left of it are the quotes around JSON, perhaps encoded.
                let most = before.len() + "%22***%22".len() + after.len();
                prop_assert!(text.len() <= most, "{} became {}", shown, text);
            }
        }
    }
}
