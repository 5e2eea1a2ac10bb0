//! JSON as text, read in place. What the service sends and what stands on disk is passed on to the letter (metadata, settings),
//! so no tree of values is ever built, and none is needed.
//!
//! The text is that of `JSON.stringify`: whoever brings it in (the ports) has it checked and rewritten by the engine, which has
//! a parser anyway. So there is no white space between values, no name stands twice, and what is read here is never damaged.
//! Text that is not of that form is read as something else, at worst as nothing; it does no harm.

use super::text::{Values, fill, is_one_of, nibble, nth, part, rewrite};

/// A JSON value, as `JSON.stringify` writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<'a>(pub &'a str);

impl<'a> Json<'a> {
    /// The value as it is written.
    pub fn raw(self) -> &'a str {
        self.0
    }

    /// Whether it is a value at all.
    pub fn is_there(self) -> bool {
        !self.0.is_empty()
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.0.starts_with("{")
    }

    /// Whether JavaScript would take it as true: not `null`, `false`, `""` or zero, nor nothing at all.
    pub fn is_truthy(self) -> bool {
        !is_one_of(self.0, ",null,false,\"\",0,")
    }

    /// The members of an object: name, as it is written between its quotes, and value.
    pub fn members(self) -> Members<'a> {
        Members(Values(if self.is_object() { part(self.0, 1, self.0.len()) } else { "" }))
    }

    /// The member of that name, which must be one that is written without escapes; nothing where there is none.
    pub fn at(self, name: &str) -> Json<'a> {
        for (known, value) in self.members() {
            if *known == *name {
                return value;
            }
        }
        Json::default()
    }

    /// What a string says; nothing for any other value. Half a surrogate pair becomes U+FFFD.
    pub fn text(self) -> String {
        let mut out = String::new();
        if !self.0.starts_with("\"") {
            return out;
        }
        rewrite(&mut out, inner(self.0), &|rest, new| match rest {
            // What is written so is below U+0020, or half a surrogate pair.
            [b'\\', b'u', b'0', b'0', high, low, ..] => {
                new.push_str(nth(CONTROLS, (nibble(*high) << 4 | nibble(*low)) & 31));
                6
            }
            [b'\\', b'u', ..] => {
                *new += "\u{fffd}";
                6
            }
            [b'\\', letter, ..] => {
                for (at, short) in SHORT.bytes().enumerate() {
                    if short == *letter {
                        new.push_str(nth(MEANT, at));
                    }
                }
                2
            }
            _ => 1,
        });
        out
    }

    /// The text of a member that is a string, without ASCII white space around it (rule B17); empty for anything else.
    pub fn text_of(self, name: &str) -> String {
        self.at(name).text().trim_ascii().into()
    }
}

/// The members of an object, in order.
#[derive(Clone, Debug)]
pub struct Members<'a>(Values<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Json<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = (self.0.next()?, self.0.next()?);
        Some((inner(name), Json(value)))
    }
}

/// What stands between the quotes.
#[inline(always)] // As digit().
fn inner(string: &str) -> &str {
    part(string, 1, string.len().wrapping_sub(1))
}

/// The characters below U+0020, in order.
const CONTROLS: &str = "\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f";
/// The escapes of one letter, and what they stand for.
const SHORT: &str = "\"\\/bfnrt";
const MEANT: &str = "\"\\/\x08\x0c\n\r\t";

/// How deep the metadata of a user may be nested. More than that, engines treat differently.
pub const MAX_DEPTH: usize = 1_000;
/// Likewise a whole response, which has such metadata in its envelope.
pub const MAX_DEPTH_OF_RESPONSE: usize = MAX_DEPTH + 10;

/// How deep a JSON text is nested.
pub fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Writes a string literal.
pub fn quote(text: &str) -> String {
    fill("\"\x10\"", &[text])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn a_member_is_found_by_its_name() {
        let json = Json(r#"{"bc":[{"a":2},"x,y]"],"a":"x\"y","d:\"":1}"#);
        assert_eq!(json.at("a").text(), "x\"y");
        assert_eq!(json.at("bc").raw(), r#"[{"a":2},"x,y]"]"#);
        for other in
            [json.at("zz"), json.at(""), Json("[\"a\",1]").at("a"), Json::default().at("a")]
        {
            assert!(!other.is_there());
        }
    }

    #[test]
    fn depth_counts_objects_and_arrays_outside_of_strings() {
        for (json, deepest) in [("5", 0), ("[]", 1), (r#"{"a":[{}],"[[":"\"[[["}"#, 3), ("]]]", 0)]
        {
            assert_eq!(depth(json), deepest, "{json}");
        }
    }

    #[test]
    fn truth_is_javascripts() {
        for (text, truthy) in [
            ("null", false),
            ("false", false),
            ("0", false),
            ("\"\"", false),
            ("", false),
            ("1", true),
            ("0.01", true),
            ("-1", true),
            ("\"0\"", true),
            ("{}", true),
            ("[]", true),
            ("true", true),
        ] {
            assert_eq!(Json(text).is_truthy(), truthy, "{text}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced() {
        assert_eq!(Json(r#""\ud83dx\udc00😀""#).text(), "\u{fffd}x\u{fffd}😀");
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
        fn every_document_is_read_alike(value in arbitrary()) {
            let text = serde_json::to_string(&value).unwrap();
            let json = Json(&text);
            prop_assert_eq!(json.text(), value.as_str().unwrap_or_default());
            if let Value::Object(members) = &value {
                prop_assert_eq!(json.members().count(), members.len());
                for (name, member) in members.iter().filter(|(name, _)| serde_json::to_string(name).unwrap().len() == name.len() + 2) {
                    let read: Value = serde_json::from_str(json.at(name).raw()).unwrap();
                    prop_assert_eq!(&read, member);
                }
            }
        }

        #[test]
        fn whatever_else_is_given_does_no_harm(text in "[\\[\\]{}:,\"\\\\0-9a]{0,16}") {
            let json = Json(&text);
            let _ = (json.members().count(), json.at("a"), json.text(), json.is_truthy());
        }

        #[test]
        fn quoting_is_undone_by_any_reader(text: String) {
            let quoted = quote(&text);
            prop_assert_eq!(&serde_json::from_str::<String>(&quoted).unwrap(), &text);
            prop_assert_eq!(Json(&quoted).text(), text);
        }
    }
}
