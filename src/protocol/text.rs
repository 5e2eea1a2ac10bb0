//! Text functions: escapes of JSON and URLs, and comparison without ASCII case.
//!
//! `format!` and `serde_json` are 1.4 KB and 14 KB larger in the WebAssembly, after brotli.

/// How a byte is written.
enum Escape {
    /// Unchanged.
    None,
    /// This text, then the byte.
    Prefix(&'static str),
    /// This text, then the byte's hexadecimal digits.
    Hex(&'static str),
}

/// Writes a string literal of JSON. Control characters become `\u00XX`.
pub fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    push_escaped(out, text, |byte| match byte {
        b'"' | b'\\' => Escape::Prefix("\\"),
        0..b' ' => Escape::Hex("\\u00"),
        _ => Escape::None,
    });
    out.push('"');
}

/// Writes a path segment, as `encodeURIComponent` does (rule B17).
pub fn push_segment(out: &mut String, text: &str) {
    push_escaped(out, text, |byte| match byte {
        b'!' | b'\'' | b'(' | b')' | b'*' | b'-' | b'.' | b'_' | b'~' => Escape::None,
        byte if byte.is_ascii_alphanumeric() => Escape::None,
        _ => Escape::Hex("%"),
    });
}

fn push_escaped(out: &mut String, text: &str, escape: fn(u8) -> Escape) {
    let mut kept = 0;
    for (at, byte) in text.bytes().enumerate() {
        let (prefix, is_hex) = match escape(byte) {
            Escape::None => continue,
            Escape::Prefix(prefix) => (prefix, false),
            Escape::Hex(prefix) => (prefix, true),
        };
        out.push_str(text.get(kept..at).unwrap_or_default());
        out.push_str(prefix);
        kept = at;
        if is_hex {
            for digit in [byte >> 4, byte & 15] {
                push(out, char::from(if digit < 10 { b'0' + digit } else { b'A' - 10 + digit }));
            }
            kept += 1;
        }
    }
    out.push_str(text.get(kept..).unwrap_or_default());
}

/// Adds a character. `String::push` is inlined at every use, which adds 0.1 KB.
#[inline(never)]
fn push(out: &mut String, character: char) {
    out.push(character);
}

/// Whether two texts are equal without ASCII case.
///
/// `eq_ignore_ascii_case` of the standard library compares 16 bytes at once and is inlined at every
/// use, which adds 0.7 KB to the WebAssembly.
#[inline(never)]
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| one.eq_ignore_ascii_case(other))
}

/// A text without ASCII white space around it. `trim_ascii` is inlined at every use, which adds
/// 0.1 KB.
#[inline(never)]
pub fn trim(text: &str) -> &str {
    text.trim_ascii()
}

/// Concatenates texts. `[&str]::concat` is 0.6 KB larger.
pub fn concat(texts: &[&str]) -> String {
    texts.iter().copied().collect()
}

/// The text of a JSON string literal; empty for anything else. A lone surrogate becomes U+FFFD.
pub fn unquote(literal: &str) -> String {
    let mut out = String::new();
    let inner = literal.strip_prefix("\"").and_then(|rest| rest.strip_suffix("\""));
    let mut rest = inner.unwrap_or_default();
    while let Some(at) = rest.bytes().position(|byte| byte == b'\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let (character, length) = match rest.as_bytes().get(at + 1..).unwrap_or_default() {
            // `JSON.stringify` writes other characters as they are, or as below.
            [b'u', b'0', b'0', high, low, ..] => {
                (char::from(hex_byte(*high, *low).unwrap_or_default()), 6)
            }
            [b'u', ..] => ('\u{fffd}', 6),
            [b'b', ..] => ('\u{8}', 2),
            [b'f', ..] => ('\u{c}', 2),
            [b'n', ..] => ('\n', 2),
            [b'r', ..] => ('\r', 2),
            [b't', ..] => ('\t', 2),
            [byte, ..] => (char::from(*byte), 2),
            [] => break,
        };
        push(&mut out, character);
        rest = rest.get(at + length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The byte of two hexadecimal digits.
pub fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let [high, low] = [high, low].map(|digit| char::from(digit).to_digit(16));
    Some((high? << 4 | low?) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(text: &str) -> String {
        let mut out = String::new();
        push_segment(&mut out, text);
        out
    }

    fn quoted(text: &str) -> String {
        let mut out = String::new();
        push_quoted(&mut out, text);
        out
    }

    #[test]
    fn b17_a_segment_escapes_what_would_change_the_path() {
        assert_eq!(segment("a/b?c#d e%"), "a%2Fb%3Fc%23d%20e%25");
        assert_eq!(segment("héllo_-.~!'()*"), "h%C3%A9llo_-.~!'()*");
    }

    #[test]
    fn a_literal_has_the_escapes_of_json() {
        assert_eq!(quoted("a\"\\\u{1}\u{1f}é"), r#""a\"\\\u0001\u001Fé""#);
        assert_eq!(unquote(r#""\"\\\/\b\f\n\r\té\u001f""#), "\"\\/\u{8}\u{c}\n\r\té\u{1f}");
        for other in ["", "5", "null", "{}", "\"", "a\"", "\"a"] {
            assert_eq!(unquote(other), "", "{other}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced() {
        assert_eq!(unquote(r#""\ud83dx\udc00😀""#), "\u{fffd}x\u{fffd}😀");
    }

    proptest! {
        #[test]
        fn b17_a_segment_is_what_a_browser_decodes(text: String) {
            let escaped = segment(&text);
            prop_assert!(escaped.is_ascii() && !escaped.contains('/'));
            let mut decoded = Vec::new();
            let mut bytes = escaped.bytes();
            while let Some(byte) = bytes.next() {
                decoded.push(match byte {
                    b'%' => hex_byte(bytes.next().unwrap(), bytes.next().unwrap()).unwrap(),
                    byte => byte,
                });
            }
            prop_assert_eq!(decoded, text.as_bytes());
        }

        #[test]
        fn every_reader_reads_a_literal(text: String) {
            let literal = quoted(&text);
            prop_assert_eq!(&serde_json::from_str::<String>(&literal).unwrap(), &text);
            prop_assert_eq!(unquote(&literal), text);
        }

        #[test]
        fn text_that_is_no_literal_does_no_harm(text in "\"?[\\\\\"u0aé]{0,12}\"?") {
            let _ = unquote(&text);
        }
    }
}
