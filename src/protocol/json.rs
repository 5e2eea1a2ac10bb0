//! JSON as text: checked once from end to end, then read in place. What the service sends and what stands on disk is passed
//! on to the letter (metadata, settings), so no tree of values is ever built, and none is needed.

use super::text::{hex, nibble};

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

    /// The members of an object in their order, keys unescaped; nothing for any other value.
    pub fn members(self) -> impl Iterator<Item = (String, Json<'a>)> {
        let mut scan = Scan { text: self.0, at: 0 };
        let open = scan.eat(b'{').is_some();
        core::iter::from_fn(move || {
            if !open {
                return None;
            }
            scan.space();
            let _ = scan.eat(b',');
            scan.space();
            let key = scan.string()?;
            scan.space();
            scan.eat(b':')?;
            Some((key.text()?, scan.value(0)?))
        })
    }

    /// The member of that name; the last one where it is written twice, as `JSON.parse` takes it.
    pub fn get(self, name: &str) -> Option<Json<'a>> {
        self.members().filter(|(key, _)| key == name).last().map(|(_, value)| value)
    }

    /// What a string says; `None` for any other value. Half a surrogate pair becomes U+FFFD.
    pub fn text(self) -> Option<String> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        let mut out = String::with_capacity(inner.len());
        let mut rest = inner.chars();
        while let Some(char) = rest.next() {
            if char != '\\' {
                out.push(char);
                continue;
            }
            out.push(match rest.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let unit = unit(&mut rest)?;
                    let mut ahead = rest.clone();
                    let pair = (0xd800..0xdc00).contains(&unit) && ahead.next() == Some('\\') && ahead.next() == Some('u');
                    match pair.then(|| unit_of_pair(&mut ahead)).flatten() {
                        Some(low) => {
                            rest = ahead;
                            char::from_u32(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
                        }
                        None => char::from_u32(unit),
                    }
                    .unwrap_or('\u{fffd}')
                }
                other => other,
            });
        }
        Some(out)
    }

    /// The text of a member that is a string, without ASCII white space around it; `None` where nothing is left (rule B17).
    pub fn get_text(self, name: &str) -> Option<String> {
        let text = self.get(name)?.text()?;
        let trimmed = text.trim_ascii();
        (!trimmed.is_empty()).then(|| trimmed.into())
    }
}

fn unit(chars: &mut core::str::Chars<'_>) -> Option<u32> {
    let mut unit = 0;
    for _ in 0..4 {
        unit = unit << 4 | u32::from(nibble(u8::try_from(chars.next()?).ok()?)?);
    }
    Some(unit)
}

fn unit_of_pair(chars: &mut core::str::Chars<'_>) -> Option<u32> {
    unit(chars).filter(|low| (0xdc00..0xe000).contains(low))
}

/// Writes a string literal, escaped as `JSON.stringify` escapes.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => {
                out.push('\\');
                out.push(char);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' => {
                out.push_str("\\u00");
                out.push(hex(char as u8 >> 4));
                out.push(hex(char as u8));
            }
            _ => out.push(char),
        }
    }
    out.push('"');
    out
}

/// The same JSON with each string in it, keys too, passed through `change`.
pub fn map_strings(json: Json<'_>, change: &dyn Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(json.0.len());
    let mut scan = Scan { text: json.0, at: 0 };
    while let Some(byte) = scan.peek() {
        if byte != b'"' {
            out.push(byte as char);
            scan.at += 1;
        } else if let Some(text) = scan.string().and_then(Json::text) {
            out.push_str(&quote(&change(&text)));
        } else {
            break;
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
    fn members_are_read_in_order_and_the_last_of_a_name_counts() {
        let json = Json::parse(" { \"a\" : 1 , \"b\\u0063\":[{\"a\":2}], \"a\":\"x\\\"y\" } ").unwrap();
        let names: Vec<_> = json.members().map(|(name, value)| (name, value.raw())).collect();
        assert_eq!(names, [("a".into(), "1"), ("bc".into(), "[{\"a\":2}]"), ("a".into(), "\"x\\\"y\"")]);
        assert_eq!(json.get("a").unwrap().text().unwrap(), "x\"y");
        assert_eq!(json.get("zz"), None);
        assert_eq!(Json::parse("[1]").unwrap().members().count(), 0);
    }

    #[test]
    fn truth_is_javascripts() {
        for (text, truthy) in [
            ("null", false), ("false", false), ("0", false), ("-0.0e7", false), ("\"\"", false), ("0e5", false),
            ("1", true), ("0.01", true), ("-1", true), ("\"0\"", true), ("{}", true), ("[]", true), ("true", true),
        ] {
            assert_eq!(Json::parse(text).unwrap().is_truthy(), truthy, "{text}");
        }
    }

    #[test]
    fn surrogate_pairs_are_joined_and_halves_replaced() {
        assert_eq!(Json::parse(r#""\ud83d\ude00""#).unwrap().text().unwrap(), "😀");
        assert_eq!(Json::parse(r#""\ud83dx\udc00\ud83d\u0041""#).unwrap().text().unwrap(), "\u{fffd}x\u{fffd}\u{fffd}A");
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
                for (name, member) in members {
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
