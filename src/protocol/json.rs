//! JSON as text: checked once from end to end, then read in place. What the service sends and what stands on disk is passed
//! on to the letter (metadata, settings), so no tree of values is ever built, and none is needed.

use super::text::{hex, nibble, utf8};

/// Nesting beyond this is refused: nothing of the service comes near, and the scan is recursive.
const DEEPEST: u32 = 64;

/// A valid JSON value, without white space around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// The text as JSON; `None` where it is not valid JSON from end to end.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut scan = Scan { text, at: 0 };
        let value = scan.value(0)?;
        scan.space();
        (scan.at == text.len()).then_some(value)
    }

    /// The value as it is written.
    pub fn raw(self) -> &'a str {
        self.0
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// Whether JavaScript would take it as true: not `null`, `false`, `""` or a zero.
    pub fn is_truthy(self) -> bool {
        match self.0.bytes().next() {
            Some(b'n' | b'f') => false,
            Some(b'"') => self.0.len() > 2,
            Some(b'{' | b'[' | b't') => true,
            // A number is zero when its digits before the exponent are.
            _ => self.0.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).any(|byte| matches!(byte, b'1'..=b'9')),
        }
    }

    /// The member of that name; the last one where it is written twice, as `JSON.parse` takes it. The name must be written
    /// without escapes, as every writer writes the names that this crate asks for.
    pub fn get(self, name: &str) -> Option<Json<'a>> {
        let mut scan = Scan { text: self.0, at: 0 };
        let mut found = None;
        if self.is_object() {
            scan.at = 1;
            loop {
                scan.space();
                let Some(key) = scan.string() else { break };
                scan.space();
                scan.at += 1;
                let value = scan.value(0);
                if key.inner() == Some(name) {
                    found = value;
                }
                scan.space();
                scan.at += 1;
            }
        }
        found
    }

    fn inner(self) -> Option<&'a str> {
        self.0.strip_prefix('"')?.strip_suffix('"')
    }

    /// What a string says; `None` for any other value. Half a surrogate pair becomes U+FFFD.
    pub fn text(self) -> Option<String> {
        let mut rest = self.inner()?.bytes();
        let mut out = Vec::new();
        while let Some(byte) = rest.next() {
            if byte != b'\\' {
                out.push(byte);
                continue;
            }
            let escaped = rest.next()?;
            if escaped == b'u' {
                let mut code = unit(&mut rest);
                let mut ahead = rest.clone();
                if matches!(code, 0xd800..0xdc00) && ahead.next() == Some(b'\\') && ahead.next() == Some(b'u') {
                    let low = unit(&mut ahead);
                    if matches!(low, 0xdc00..0xe000) {
                        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                        rest = ahead;
                    }
                }
                let char = char::from_u32(code).unwrap_or('\u{fffd}');
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                out.push(SHORT.iter().find(|short| short.0 == escaped).map_or(escaped, |short| short.1));
            }
        }
        Some(utf8(out))
    }

    /// The text of a member that is a string, without ASCII white space around it; `None` where nothing is left (rule B17).
    pub fn get_text(self, name: &str) -> Option<String> {
        let text = self.get(name)?.text()?;
        let trimmed = text.trim_ascii();
        (!trimmed.is_empty()).then(|| trimmed.into())
    }
}

/// Four hexadecimal digits.
fn unit(bytes: &mut core::str::Bytes<'_>) -> u32 {
    bytes.take(4).fold(0, |unit, digit| unit << 4 | u32::from(nibble(digit).unwrap_or(0)))
}

/// The escapes of one letter, and what they stand for. `/`, `"` and `\` stand for themselves.
const SHORT: [(u8, u8); 5] = [(b'b', 8), (b'f', 12), (b'n', b'\n'), (b'r', b'\r'), (b't', b'\t')];

/// Writes a string literal, escaped as `JSON.stringify` escapes.
pub fn quote(text: &str) -> String {
    let mut out = Vec::new();
    out.push(b'"');
    for byte in text.bytes() {
        let short = SHORT.iter().find(|short| short.1 == byte);
        match short.map(|short| short.0).or(matches!(byte, b'"' | b'\\').then_some(byte)) {
            Some(escape) => out.extend_from_slice(&[b'\\', escape]),
            None if byte < 0x20 => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[hex(byte >> 4), hex(byte)]);
            }
            None => out.push(byte),
        }
    }
    out.push(b'"');
    utf8(out)
}

/// The same JSON with each string in it, keys too, passed through `change`.
pub fn map_strings(json: Json<'_>, change: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut scan = Scan { text: json.0, at: 0 };
    while scan.at < json.0.len() {
        let start = scan.at;
        match scan.string().and_then(Json::text) {
            Some(text) => out.push_str(&quote(&change(&text))),
            None => {
                scan.at = start + 1;
                out.push_str(scan.since(start).unwrap_or_default().0);
            }
        }
    }
    out
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, wanted: u8) -> Option<()> {
        (self.peek() == Some(wanted)).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn since(&self, start: usize) -> Option<Json<'a>> {
        self.text.get(start..self.at).map(Json)
    }

    /// The value here, with white space before it passed over.
    fn value(&mut self, depth: u32) -> Option<Json<'a>> {
        self.space();
        let start = self.at;
        match self.peek()? {
            b'{' => self.list(b'}', true, depth)?,
            b'[' => self.list(b']', false, depth)?,
            b'"' => return self.string(),
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => self.number()?,
        }
        self.since(start)
    }

    fn list(&mut self, close: u8, named: bool, depth: u32) -> Option<()> {
        if depth == DEEPEST {
            return None;
        }
        self.at += 1;
        self.space();
        if self.eat(close).is_some() {
            return Some(());
        }
        loop {
            if named {
                self.space();
                self.string()?;
                self.space();
                self.eat(b':')?;
            }
            self.value(depth + 1)?;
            self.space();
            if self.eat(b',').is_none() {
                return self.eat(close);
            }
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        word.bytes().try_for_each(|byte| self.eat(byte))
    }

    fn string(&mut self) -> Option<Json<'a>> {
        let start = self.at;
        self.eat(b'"')?;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'"' => return self.since(start),
                b'\\' => {
                    let escaped = self.peek()?;
                    self.at += 1;
                    match escaped {
                        b'u' => {
                            for _ in 0..4 {
                                nibble(self.peek()?)?;
                                self.at += 1;
                            }
                        }
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        _ => return None,
                    }
                }
                0..=0x1f => return None,
                _ => {}
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.eat(b'-');
        if self.eat(b'0').is_none() {
            self.digits()?;
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn a_member_is_found_by_its_name_and_the_last_of_a_name_counts() {
        let json = Json::parse(" { \"a\" : 1 , \"bc\":[{\"a\":2}] , \"a\":\"x\\\"y\" } ").unwrap();
        assert_eq!(json.get("a").unwrap().text().unwrap(), "x\"y");
        assert_eq!(json.get("bc").unwrap().raw(), "[{\"a\":2}]");
        for other in
            [json.get("zz"), json.get(""), Json::parse("[\"a\",1]").unwrap().get("a"), Json::default().get("a")]
        {
            assert_eq!(other, None);
        }
    }

    #[test]
    fn truth_is_javascripts() {
        for (text, truthy) in [
            ("null", false),
            ("false", false),
            ("0", false),
            ("-0.0e7", false),
            ("\"\"", false),
            ("0e5", false),
            ("1", true),
            ("0.01", true),
            ("-1", true),
            ("\"0\"", true),
            ("{}", true),
            ("[]", true),
            ("true", true),
        ] {
            assert_eq!(Json::parse(text).unwrap().is_truthy(), truthy, "{text}");
        }
    }

    #[test]
    fn surrogate_pairs_are_joined_and_halves_replaced() {
        assert_eq!(Json::parse(r#""\ud83d\ude00""#).unwrap().text().unwrap(), "😀");
        assert_eq!(
            Json::parse(r#""\ud83dx\udc00\ud83d\u0041""#).unwrap().text().unwrap(),
            "\u{fffd}x\u{fffd}\u{fffd}A"
        );
    }

    #[test]
    fn nesting_beyond_reason_is_refused_not_overflowed() {
        assert!(Json::parse(&"[".repeat(100_000)).is_none());
        assert!(Json::parse(&("[".repeat(64) + &"]".repeat(64))).is_some());
        assert!(Json::parse(&("[".repeat(65) + &"]".repeat(65))).is_none());
    }

    fn arbitrary() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,6}|[\u{0}-\u{1f}\"\\\\]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec(("\\PC{0,4}", inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_valid_document_is_taken_and_read_alike(value in arbitrary(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let json = Json::parse(&text).unwrap();
            prop_assert_eq!(json.text(), value.as_str().map(str::to_owned));
            if let Value::Object(members) = &value {
                for (name, member) in members.iter().filter(|(name, _)| quote(name).len() == name.len() + 2) {
                    let read: Value = serde_json::from_str(json.get(name).unwrap().raw()).unwrap();
                    prop_assert_eq!(&read, member);
                }
            }
            let same: Value = serde_json::from_str(&map_strings(json, &|text| text.to_owned())).unwrap();
            prop_assert_eq!(same, value);
        }

        #[test]
        fn what_serde_refuses_is_refused(text in "[\\[\\]{}:,\"\\\\0-9eE.+\\- utrfalsn]{0,12}") {
            prop_assert_eq!(Json::parse(&text).is_some(), serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok(), "{}", text);
        }

        #[test]
        fn quoting_is_undone_by_any_reader(text: String) {
            let quoted = quote(&text);
            prop_assert_eq!(&serde_json::to_string(&text).unwrap().replace("\\u007f", "\u{7f}"), &quoted);
            prop_assert_eq!(Json::parse(&quoted).unwrap().text().unwrap(), text);
        }
    }
}
