//! JSON text that is read in place.
//!
//! Metadata and settings are passed on unchanged, so no tree of values is built. The text has to be
//! canonical: as `JSON.stringify` writes it, without white space and with each name once. Other
//! text is misread, or read as no value.

use std::fmt;

use super::text::{push_quoted, trim, unquote};

/// JSON text in canonical form; empty if there is no value. Debug output hides it, because a user
/// can contain an auth token (rule B26).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CanonicalJson(String);

impl CanonicalJson {
    /// Takes text that `JSON.stringify` wrote.
    pub fn from_engine(text: String) -> Self {
        Self(text)
    }

    /// The value.
    pub fn root(&self) -> Json<'_> {
        Json(&self.0)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Json<'_>> for CanonicalJson {
    fn from(json: Json<'_>) -> Self {
        Self(json.0.into())
    }
}

impl fmt::Debug for CanonicalJson {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root().fmt(formatter)
    }
}

/// A value within canonical JSON text. Debug output hides it, like that of the whole text.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// `{}`.
    pub const EMPTY_OBJECT: Json<'static> = Json("{}");

    /// A value from a literal in the source.
    pub(super) const fn literal(text: &'static str) -> Self {
        Json(text)
    }

    #[cfg(test)]
    pub(crate) const fn of(text: &'a str) -> Self {
        Json(text)
    }

    /// The value as it is written.
    pub fn raw(self) -> &'a str {
        self.0
    }

    /// Whether there is a value.
    pub fn is_there(self) -> bool {
        !self.0.is_empty()
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        // In this module patterns are texts: those that are characters add 0.1 KB.
        self.0.strip_prefix("{").is_some()
    }

    /// Whether it is an array.
    pub fn is_array(self) -> bool {
        self.0.strip_prefix("[").is_some()
    }

    /// Whether JavaScript takes it as true.
    pub fn is_truthy(self) -> bool {
        !["", "null", "false", "0", "\"\""].contains(&self.0)
    }

    /// The members of an object: each name, as it is written between its quotes, and its value.
    pub fn members(self) -> Members<'a> {
        Members(self.0.strip_prefix("{").unwrap_or_default())
    }

    /// The member of that name, which is written without escapes.
    pub fn at(self, name: &str) -> Json<'a> {
        self.members().find(|(known, _)| *known == name).map_or(Json::default(), |(_, value)| value)
    }

    /// The text of a string; empty for any other value.
    pub fn text(self) -> String {
        unquote(self.0)
    }

    /// The text of a member that is a string, without ASCII white space around it (rule B17); empty
    /// for anything else.
    pub fn text_of(self, name: &str) -> String {
        trim(&self.at(name).text()).into()
    }
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// The members of an object, in order. It has no debug output, because a user can contain an auth
/// token (rule B26).
#[derive(Clone)]
pub struct Members<'a>(&'a str);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Json<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = split_value(self.0)?;
        let (value, rest) = split_value(rest)?;
        self.0 = rest;
        Some((name.strip_prefix("\"")?.strip_suffix("\"")?, Json(value)))
    }
}

/// The value at the start of a text, and what follows the comma, colon or bracket that ends it.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b',' | b':' | b'}' | b']' if depth == 0 => {
                return Some((text.get(..at)?, text.get(at + 1..)?));
            }
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Writes an object. It has no debug output, because headers contain a credential (rule B26).
pub struct JsonWriter(String);

impl JsonWriter {
    /// Begins an object.
    pub fn object() -> Self {
        Self("{".into())
    }

    /// Adds a member. The name is as [`Members`] gives it: written without escapes, or escaped.
    pub fn value(&mut self, name: &str, value: Json<'_>) {
        let comma = if self.0.len() > 1 { ",\"" } else { "\"" };
        for part in [comma, name, "\":", value.0] {
            self.0.push_str(part);
        }
    }

    /// Adds a member that is a string.
    pub fn text(&mut self, name: &str, text: &str) {
        self.value(name, quote(text).root());
    }

    /// Ends the object.
    pub fn finish(mut self) -> CanonicalJson {
        self.0.push('}');
        CanonicalJson(self.0)
    }
}

/// A string.
pub fn quote(text: &str) -> CanonicalJson {
    let mut out = String::new();
    push_quoted(&mut out, text);
    CanonicalJson(out)
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn a_member_is_found_by_its_name() {
        let json = Json::of(r#"{"bc":[{"a":2},"x,y]"],"a":"x\"y","d:\"":1}"#);
        assert_eq!(json.at("a").text(), "x\"y");
        assert_eq!(json.at("bc").raw(), r#"[{"a":2},"x,y]"]"#);
        for other in
            [json.at("zz"), json.at(""), Json::of("[\"a\",1]").at("a"), Json::default().at("a")]
        {
            assert!(!other.is_there());
        }
    }

    #[test]
    fn b26_debug_output_hides_the_text() {
        let json = CanonicalJson::from_engine(r#"{"authToken":"tok"}"#.into());
        assert_eq!(format!("{json:?} {:?}", json.root().at("authToken")), "*** ***");
    }

    #[test]
    fn depth_counts_objects_and_arrays_outside_of_strings() {
        for (json, deepest) in [("5", 0), ("[]", 1), (r#"{"a":[{}],"[[":"\"[[["}"#, 3), ("]]]", 0)]
        {
            assert_eq!(depth(json), deepest, "{json}");
        }
    }

    #[test]
    fn truthy_means_what_it_means_in_javascript() {
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
            assert_eq!(Json::of(text).is_truthy(), truthy, "{text}");
        }
    }

    #[test]
    fn a_writer_writes_what_a_reader_reads() {
        let mut writer = JsonWriter::object();
        writer.text("a", "x\"y");
        writer.value("b", Json::of("[1]"));
        assert_eq!(writer.finish().as_str(), r#"{"a":"x\"y","b":[1]}"#);
        assert_eq!(JsonWriter::object().finish().as_str(), "{}");
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
            let json = Json::of(&text);
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
        fn text_that_is_not_canonical_does_no_harm(text in "[\\[\\]{}:,\"\\\\0-9a]{0,16}") {
            let json = Json::of(&text);
            let _ = (json.members().count(), json.at("a"), json.text(), json.is_truthy());
        }
    }
}
