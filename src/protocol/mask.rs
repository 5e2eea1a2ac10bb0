//! Credentials in texts that are shown: each occurrence becomes `***` (rule B26).

use super::escape::{hex_byte, push_quoted, unquote};
use super::json::Json;

/// The least length of a credential that is masked wherever it stands. A shorter one can be part of
/// an ordinary word.
const LONG: usize = 8;

/// The credentials of a call and of the session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mask<'a>(pub [&'a str; 3]);

impl Mask<'_> {
    /// Masks a plain text.
    pub fn text(self, text: &str) -> String {
        self.hide(text, false)
    }

    /// Masks a code. A short credential stays: a code is made of words.
    pub fn code(self, code: &str) -> String {
        self.hide(code, true)
    }

    /// Masks every string and every number of a JSON text. The result is JSON.
    pub fn json(self, json: Json<'_>) -> String {
        let text = json.raw();
        let mut out = String::new();
        let (mut start, mut quoted, mut escaped) = (0, false, false);
        for (at, byte) in text.bytes().enumerate() {
            if quoted {
                quoted = escaped || byte != b'"';
                escaped = !escaped && byte == b'\\';
                if !quoted {
                    let string = unquote(text.get(start..=at).unwrap_or_default());
                    push_quoted(&mut out, &self.text(&string));
                    start = at + 1;
                }
            } else if matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':') {
                self.scalar(&mut out, text.get(start..at).unwrap_or_default());
                quoted = byte == b'"';
                start = at;
                if !quoted {
                    out += text.get(at..=at).unwrap_or_default();
                    start = at + 1;
                }
            }
        }
        self.scalar(&mut out, text.get(start..).unwrap_or_default());
        out
    }

    /// Writes a number or a word of JSON, or a string in its place if it holds a credential.
    fn scalar(self, out: &mut String, scalar: &str) {
        let masked = self.text(scalar);
        if masked == scalar {
            out.push_str(scalar);
        } else {
            out.push_str("\"***\"");
        }
    }

    fn hide(self, text: &str, is_code: bool) -> String {
        let mut out = String::new();
        let (mut kept, mut at) = (0, 0);
        // Where the next character begins, and whether the one before it is a letter or a digit.
        let (mut next, mut is_word) = (0, false);
        while let Some(rest) = text.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
            let after_word = is_word && at == next;
            let mut length = 0;
            for secret in self.0 {
                let found = occurrence(rest, secret.as_bytes());
                let before_word = unit(rest.get(found..).unwrap_or_default()).1;
                if secret.len() >= LONG || !(is_code || after_word || before_word) {
                    length = length.max(found);
                }
            }
            if length > 0 {
                out += text.get(kept..at).unwrap_or_default();
                out += "***";
                at += length;
                (kept, next, is_word) = (at, at, true);
                continue;
            }
            if at == next {
                let (length, word) = unit(rest);
                (next, is_word) = (at + length, word);
            }
            at += 1;
        }
        out += text.get(kept..).unwrap_or_default();
        out
    }
}

/// The length of the first character of a text, escapes included, and whether it is a letter or a
/// digit.
fn unit(text: &[u8]) -> (usize, bool) {
    match text {
        [b'%', high, low, ..] if let Some(byte) = hex_byte(*high, *low) => {
            (3, byte.is_ascii_alphanumeric())
        }
        // What follows the backslash is read as an escape: no letter stands there.
        [b'\\', next, ..] if next.is_ascii() => (2, false),
        [byte, ..] => (1, byte.is_ascii_alphanumeric()),
        [] => (1, false),
    }
}

/// The length of a credential at the beginning of a text, 0 if it is not there. Each character may
/// be raw, percent-encoded or escaped as in JSON, any number of times, in either case.
///
/// Backslashes are left out of the comparison, because they may be doubled at each level of JSON.
fn occurrence(text: &[u8], secret: &[u8]) -> usize {
    let (mut rest, mut wanted) = (text, secret);
    while let [byte, later @ ..] = wanted {
        // A percent sign may be the credential's own: what stands there as it is comes first.
        if rest.get(..wanted.len()).is_some_and(|raw| raw.eq_ignore_ascii_case(wanted)) {
            return text.len() - rest.len() + wanted.len();
        }
        wanted = later;
        if *byte == b'\\' {
            continue;
        }
        while let [b'\\', after @ ..] | [b'%', b'5', b'C' | b'c', after @ ..] = rest {
            rest = after;
        }
        let is = |found: Option<u8>| found.is_some_and(|found| found.eq_ignore_ascii_case(byte));
        rest = match rest {
            [b'%', high, low, after @ ..] if is(hex_byte(*high, *low)) => after,
            [b'u', b'0', b'0', high, low, after @ ..] if is(hex_byte(*high, *low)) => after,
            [raw, after @ ..] if is(Some(*raw)) => after,
            _ => return 0,
        };
    }
    if secret.is_empty() { 0 } else { text.len() - rest.len() }
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
    fn b26_details_stay_json() {
        let details =
            r#"{"key":["12345678",12345678,true],"say \"AUTHKEYCANARY0123456789\"":null}"#;
        assert_eq!(
            Mask(["12345678", KEY, ""]).json(Json::of(details)),
            r#"{"key":["***","***",true],"say \"***\"":null}"#
        );
        assert_eq!(Mask([KEY, "", ""]).json(Json::of("")), "");
    }

    proptest! {
        #[test]
        fn b26_no_long_credential_survives(
            before in "[a-z%]{0,8}",
            secret in "[a-zA-Z0-9_ /%\"-]{8,16}",
            after in "\\PC{0,8}",
        ) {
            let json = serde_json::to_string(&secret).unwrap();
            for shown in [&secret, &encoded(&secret), &json, &secret.to_lowercase()] {
                let text = masked(&format!("{before}{shown}{after}"), &secret);
                prop_assert!(!text.contains(shown), "{} became {}", shown, text);
            }
        }

        #[test]
        fn b26_masked_json_is_json(text: String, number: u32) {
            let json = serde_json::json!({"a": [text, number], "b": {"c": null}}).to_string();
            let masked = Mask(["12345678", "a", ""]).json(Json::of(&json));
            prop_assert!(serde_json::from_str::<serde_json::Value>(&masked).is_ok(), "{}", masked);
        }
    }
}
