//! The rules for what is sent in, with the phrases of the framework whose default phrases were seen in the service's answers (Laravel's).
//!
//! Strings are trimmed first, and a blank string counts as none, as that framework does it. Seen in real answers: "The … field is
//! required.", "The … field must have a value.", "The avatar must be a valid URL."; the other phrases follow the same grammar.

use super::call::Failure;
use super::status::Fault;
use serde_json::{Map, Value, json};

/// The largest `metadata`, as JSON text, in bytes.
const MAX_METADATA: usize = 5 * 1024;
const MAX_TAGS: usize = 25;

/// Reads the fields of a body and gathers what is wrong with them.
pub(crate) struct Fields<'b> {
    body: &'b Map<String, Value>,
    errors: Map<String, Value>,
}

impl<'b> Fields<'b> {
    pub(crate) fn new(body: &'b Map<String, Value>) -> Self {
        Self { body, errors: Map::new() }
    }

    /// The failure that names every field at fault, if there is any.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let mut failure = Failure::new(Fault::Invalid, "Failed to validate the data sent with the request.");
        failure.details = Some(Box::new(self.errors));
        Err(failure)
    }

    pub(crate) fn error(&mut self, field: &str, phrase: impl Into<String>) {
        let phrase = Value::String(phrase.into());
        match self.errors.get_mut(field).and_then(Value::as_array_mut) {
            Some(list) => list.push(phrase),
            None => {
                self.errors.insert(field.to_owned(), json!([phrase]));
            }
        }
    }

    /// A string, trimmed; `None` when absent, null, blank or no string (then with an error).
    pub(crate) fn text(&mut self, field: &str, max: usize) -> Option<String> {
        let text = match self.body.get(field)? {
            Value::Null => return None,
            Value::String(text) => text.trim(),
            _ => {
                self.error(field, format!("The {field} must be a string."));
                return None;
            }
        };
        if length(text) > max {
            self.error(field, format!("The {field} may not be greater than {max} characters."));
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A string that has to be there.
    pub(crate) fn required_text(&mut self, field: &str, max: usize) -> String {
        let text = self.text(field, max);
        if text.is_none() && !self.errors.contains_key(field) {
            self.error(field, format!("The {field} field is required."));
        }
        text.unwrap_or_default()
    }

    /// A string that may be left out, but not be blank.
    pub(crate) fn filled_text(&mut self, field: &str, max: usize) -> Option<String> {
        let text = self.text(field, max);
        if text.is_none() && self.body.contains_key(field) && !self.errors.contains_key(field) {
            self.error(field, format!("The {field} field must have a value."));
        }
        text
    }

    /// A new uid, lower-cased.
    pub(crate) fn uid(&mut self) -> String {
        let uid = self.required_text("uid", 100).to_lowercase();
        if !uid.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_') {
            self.error("uid", "The uid may only contain letters, numbers, dashes and underscores.");
        }
        uid
    }

    pub(crate) fn url(&mut self, field: &str) -> Option<String> {
        let text = self.text(field, 3000)?;
        let valid = text.contains("://") && url::Url::parse(&text).is_ok_and(|url| url.has_host());
        if !valid {
            self.error(field, format!("The {field} must be a valid URL."));
        }
        valid.then_some(text)
    }

    /// `metadata`: an object, or the text of one.
    pub(crate) fn metadata(&mut self) -> Option<Map<String, Value>> {
        let map = match self.body.get("metadata")? {
            Value::Null => return None,
            Value::Object(map) => map.clone(),
            Value::Array(items) if items.is_empty() => Map::new(),
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => match serde_json::from_str(text) {
                Ok(Value::Object(map)) => map,
                _ => {
                    self.error("metadata", "The metadata must be a valid JSON string.");
                    return None;
                }
            },
            _ => {
                self.error("metadata", "The metadata must be an object.");
                return None;
            }
        };
        if serde_json::to_vec(&map).map_or(0, |text| text.len()) > MAX_METADATA {
            self.error("metadata", "The metadata may not be greater than 5 kilobytes.");
            return None;
        }
        Some(map)
    }

    pub(crate) fn tags(&mut self) -> Option<Vec<String>> {
        let items = self.array("tags")?;
        if items.len() > MAX_TAGS {
            self.error("tags", format!("The tags may not have more than {MAX_TAGS} items."));
            return None;
        }
        Some(self.texts("tags", items, 100))
    }

    /// Names of attributes to clear.
    pub(crate) fn unset(&mut self, allowed: &[&str]) -> Vec<String> {
        let Some(items) = self.array("unset") else { return Vec::new() };
        let names = self.texts("unset", items, 100);
        for (at, name) in names.iter().enumerate() {
            if !allowed.contains(&name.as_str()) {
                self.error(&format!("unset.{at}"), format!("The selected unset.{at} is invalid."));
            }
        }
        names
    }

    pub(crate) fn boolean(&mut self, field: &str) -> Option<bool> {
        match self.body.get(field)? {
            Value::Null => None,
            Value::Bool(value) => Some(*value),
            Value::Number(number) if number.as_u64() == Some(0) => Some(false),
            Value::Number(number) if number.as_u64() == Some(1) => Some(true),
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) if text.trim() == "0" => Some(false),
            Value::String(text) if text.trim() == "1" => Some(true),
            _ => {
                self.error(field, format!("The {field} field must be true or false."));
                None
            }
        }
    }

    pub(crate) fn object(&mut self, field: &str) -> Option<Map<String, Value>> {
        match self.body.get(field)? {
            Value::Null => None,
            Value::Object(map) => Some(map.clone()),
            Value::Array(items) if items.is_empty() => Some(Map::new()),
            _ => {
                self.error(field, format!("The {field} must be an object."));
                None
            }
        }
    }

    fn array(&mut self, field: &str) -> Option<&'b [Value]> {
        match self.body.get(field)? {
            Value::Null => None,
            Value::Array(items) => Some(items),
            _ => {
                self.error(field, format!("The {field} must be an array."));
                None
            }
        }
    }

    fn texts(&mut self, field: &str, items: &[Value], max: usize) -> Vec<String> {
        let mut texts = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let name = format!("{field}.{at}");
            match item.as_str().map(str::trim) {
                None if item.is_null() => self.error(&name, format!("The {name} field is required.")),
                None => self.error(&name, format!("The {name} must be a string.")),
                Some("") => self.error(&name, format!("The {name} field is required.")),
                Some(text) if length(text) > max => {
                    self.error(&name, format!("The {name} may not be greater than {max} characters."));
                }
                Some(text) => texts.push(text.to_owned()),
            }
        }
        texts
    }
}

/// Characters as the service counts them: one beyond the basic plane (an emoji) is two.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}
