//! The rules for what is sent in: one table of [`Field`]s for each call, read by the checks here and by the description in `openapi.rs`.
//!
//! The phrases are those of the framework whose default phrases were seen in the service's answers (Laravel's). Strings are trimmed first,
//! and a blank string counts as none, as that framework does it. Seen in real answers: "The … field is required.", "The … field must have
//! a value.", "The avatar must be a valid URL."; the other phrases follow the same grammar.

use super::call::Failure;
use super::status::Fault;
use serde_json::{Map, Value, json};

/// The largest `metadata`, as JSON text, in bytes.
pub(crate) const MAX_METADATA: usize = 5 * 1024;
/// The longest link, in characters.
pub(crate) const MAX_URL: usize = 3000;
/// The longest id (uid, role), in characters.
pub(crate) const MAX_ID: usize = 100;

/// What a field may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Text of at most so many characters.
    Text(usize),
    /// A new id: letters, digits, `-` and `_`; lower-cased.
    Id,
    /// An absolute address.
    Url,
    /// A JSON object, or the text of one; at most [`MAX_METADATA`].
    Metadata,
    /// A JSON object.
    Object,
    /// A JSON object in which each of these names may be one of these words.
    Choices(&'static [(&'static str, &'static [&'static str])]),
    /// True or false.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of at most so many texts of at most so many characters.
    Texts { items: usize, characters: usize },
    /// A list of these words.
    Words(&'static [&'static str]),
    /// A whole number within these bounds.
    Whole { min: u64, max: u64, default: u64 },
}

/// Whether a field has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// It has to be there, and not be blank.
    Required,
    /// It may be left out, but not be blank.
    Filled,
    /// It may be left out or blank.
    Optional,
}

/// One field of a body or of a query string.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) need: Need,
    pub(crate) about: &'static str,
}

pub(crate) const fn required(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Required, about }
}

pub(crate) const fn filled(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Filled, about }
}

pub(crate) const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Optional, about }
}

/// What was sent, being checked: the good values so far, and what is wrong with the others.
pub(crate) struct Input {
    values: Map<String, Value>,
    errors: Map<String, Value>,
}

impl Input {
    /// Checks a body. What the table does not name is ignored.
    pub(crate) fn of_body(fields: &[Field], body: &Map<String, Value>) -> Self {
        let mut input = Self { values: Map::new(), errors: Map::new() };
        for field in fields {
            let value = body.get(field.name).and_then(|value| input.check(field, value));
            if let Some(value) = value {
                input.values.insert(field.name.to_owned(), value);
            } else if !input.errors.contains_key(field.name) && !input.has_item_errors(field) {
                input.missing(field, body.contains_key(field.name));
            }
        }
        input
    }

    /// Checks a query string. A list may be given as `a=1&a=2`, `a[]=1&a[]=2`, `a[0]=1` or `a=1,2`; of anything else the last counts.
    pub(crate) fn of_query(fields: &[Field], query: &str) -> Self {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut sent = Map::new();
        for field in fields {
            let mut of_field = pairs.iter().filter(|(name, _)| {
                let rest = name.strip_prefix(field.name);
                rest.is_some_and(|rest| {
                    rest.is_empty() || (rest.starts_with('[') && rest.ends_with(']'))
                })
            });
            let value = match field.kind {
                Kind::Texts { .. } | Kind::Words(_) => {
                    let items = of_field.flat_map(|(_, value)| value.split(','));
                    // A blank item comes from `a=` or a trailing comma, and says nothing.
                    let items: Vec<Value> = items
                        .filter(|item| !item.trim().is_empty())
                        .map(|item| json!(item))
                        .collect();
                    (!items.is_empty()).then_some(Value::Array(items))
                }
                Kind::Flag => of_field.next_back().map(|(_, value)| match value.trim() {
                    "true" => json!(true),
                    "false" => json!(false),
                    other => json!(other),
                }),
                _ => of_field.next_back().map(|(_, value)| json!(value)),
            };
            if let Some(value) = value {
                sent.insert(field.name.to_owned(), value);
            }
        }
        Self::of_body(fields, &sent)
    }

    /// Notes that a field is at fault.
    pub(crate) fn refuse(&mut self, field: &str, phrase: impl Into<String>) {
        let phrase = Value::String(phrase.into());
        match self.errors.get_mut(field).and_then(Value::as_array_mut) {
            Some(list) => list.push(phrase),
            None => {
                self.errors.insert(field.to_owned(), json!([phrase]));
            }
        }
    }

    /// A text that was good so far, to be checked further.
    pub(crate) fn peek(&self, field: &str) -> Option<&str> {
        self.values.get(field).and_then(Value::as_str)
    }

    /// The values, or the failure that names every field at fault.
    pub(crate) fn done(self) -> Result<Values, Failure> {
        if self.errors.is_empty() {
            return Ok(Values(self.values));
        }
        let mut failure =
            Failure::new(Fault::Invalid, "Failed to validate the data sent with the request.");
        failure.details = Some(Box::new(self.errors));
        Err(failure)
    }

    fn has_item_errors(&self, field: &Field) -> bool {
        self.errors
            .keys()
            .any(|name| name.strip_prefix(field.name).is_some_and(|rest| rest.starts_with('.')))
    }

    fn missing(&mut self, field: &Field, sent: bool) {
        let name = field.name;
        match field.need {
            Need::Required => self.refuse(name, format!("The {name} field is required.")),
            Need::Filled if sent => {
                self.refuse(name, format!("The {name} field must have a value."))
            }
            Need::Filled | Need::Optional => {}
        }
    }

    /// The value in its normal form. `None` when it counts as absent, or when it is wrong (then with an error).
    fn check(&mut self, field: &Field, value: &Value) -> Option<Value> {
        let name = field.name;
        if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return None;
        }
        match field.kind {
            Kind::Text(max) => self.text(name, value, max).map(Value::String),
            Kind::Id => {
                let id = self.text(name, value, MAX_ID)?.to_lowercase();
                if !id
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
                {
                    self.refuse(
                        name,
                        format!(
                            "The {name} may only contain letters, numbers, dashes and underscores."
                        ),
                    );
                    return None;
                }
                Some(json!(id))
            }
            Kind::Url => {
                let text = self.text(name, value, MAX_URL)?;
                let valid =
                    text.contains("://") && url::Url::parse(&text).is_ok_and(|url| url.has_host());
                if !valid {
                    self.refuse(name, format!("The {name} must be a valid URL."));
                }
                valid.then_some(Value::String(text))
            }
            Kind::Metadata => self.metadata(name, value).map(Value::Object),
            Kind::Object => self.object(name, value).map(Value::Object),
            Kind::Choices(choices) => {
                let map = self.object(name, value)?;
                for (key, words) in choices {
                    let word = map.get(*key).filter(|word| !word.is_null());
                    if word.is_some_and(|word| {
                        !word.as_str().is_some_and(|word| words.contains(&word))
                    }) {
                        self.refuse(
                            &format!("{name}.{key}"),
                            format!("The selected {name}.{key} is invalid."),
                        );
                    }
                }
                Some(Value::Object(map))
            }
            Kind::Flag => self.flag(name, value).map(Value::Bool),
            Kind::Word(words) => {
                let word = self.text(name, value, usize::MAX)?;
                if !words.contains(&word.as_str()) {
                    self.refuse(name, format!("The selected {name} is invalid."));
                    return None;
                }
                Some(Value::String(word))
            }
            Kind::Texts { items: max, characters } => {
                let items = self.array(name, value)?;
                if items.len() > max {
                    self.refuse(name, format!("The {name} may not have more than {max} items."));
                    return None;
                }
                // Laravel's `required` takes an empty list for none.
                if items.is_empty() && field.need == Need::Required {
                    return None;
                }
                self.texts(name, items, characters).map(|texts| json!(texts))
            }
            Kind::Words(words) => {
                let items = self.array(name, value)?;
                let texts = self.texts(name, items, usize::MAX)?;
                for (at, _) in
                    texts.iter().enumerate().filter(|(_, text)| !words.contains(&text.as_str()))
                {
                    self.refuse(
                        &format!("{name}.{at}"),
                        format!("The selected {name}.{at} is invalid."),
                    );
                }
                Some(json!(texts))
            }
            Kind::Whole { min, max, .. } => {
                self.whole(name, value, min, max).map(|number| json!(number))
            }
        }
    }

    /// A string, trimmed.
    fn text(&mut self, name: &str, value: &Value, max: usize) -> Option<String> {
        let Some(text) = value.as_str().map(str::trim) else {
            self.refuse(name, format!("The {name} must be a string."));
            return None;
        };
        if length(text) > max {
            self.refuse(name, format!("The {name} may not be greater than {max} characters."));
            return None;
        }
        Some(text.to_owned())
    }

    fn metadata(&mut self, name: &str, value: &Value) -> Option<Map<String, Value>> {
        let map = match value {
            Value::String(text) => match serde_json::from_str(text) {
                Ok(Value::Object(map)) => map,
                _ => {
                    self.refuse(name, format!("The {name} must be a valid JSON string."));
                    return None;
                }
            },
            other => self.object(name, other)?,
        };
        if serde_json::to_vec(&map).map_or(0, |text| text.len()) > MAX_METADATA {
            self.refuse(
                name,
                format!("The {name} may not be greater than {} kilobytes.", MAX_METADATA / 1024),
            );
            return None;
        }
        Some(map)
    }

    fn object(&mut self, name: &str, value: &Value) -> Option<Map<String, Value>> {
        match value {
            Value::Object(map) => Some(map.clone()),
            // What PHP sends for an empty object.
            Value::Array(items) if items.is_empty() => Some(Map::new()),
            _ => {
                self.refuse(name, format!("The {name} must be an object."));
                None
            }
        }
    }

    fn flag(&mut self, name: &str, value: &Value) -> Option<bool> {
        match value {
            Value::Bool(value) => Some(*value),
            Value::Number(number) if number.as_u64() == Some(0) => Some(false),
            Value::Number(number) if number.as_u64() == Some(1) => Some(true),
            Value::String(text) if text.trim() == "0" => Some(false),
            Value::String(text) if text.trim() == "1" => Some(true),
            _ => {
                self.refuse(name, format!("The {name} field must be true or false."));
                None
            }
        }
    }

    fn whole(&mut self, name: &str, value: &Value, min: u64, max: u64) -> Option<u64> {
        let text = match value {
            Value::Number(number) => number.to_string(),
            other => other.as_str().map(str::trim).unwrap_or_default().to_owned(),
        };
        let digits = text.strip_prefix('-').unwrap_or(&text);
        if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
            self.refuse(name, format!("The {name} must be an integer."));
            return None;
        }
        // Too long for a number is too large for any bound, or too small.
        let number = if digits.len() < text.len() { 0 } else { digits.parse().unwrap_or(u64::MAX) };
        if number < min {
            self.refuse(name, format!("The {name} must be at least {min}."));
            return None;
        }
        if number > max {
            self.refuse(name, format!("The {name} may not be greater than {max}."));
            return None;
        }
        Some(number)
    }

    fn array<'v>(&mut self, name: &str, value: &'v Value) -> Option<&'v [Value]> {
        let items = value.as_array().map(Vec::as_slice);
        if items.is_none() {
            self.refuse(name, format!("The {name} must be an array."));
        }
        items
    }

    fn texts(&mut self, field: &str, items: &[Value], max: usize) -> Option<Vec<String>> {
        let mut texts = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let name = format!("{field}.{at}");
            let blank = item.is_null() || item.as_str().is_some_and(|text| text.trim().is_empty());
            if blank {
                self.refuse(&name, format!("The {name} field is required."));
            } else if let Some(text) = self.text(&name, item, max) {
                texts.push(text);
            }
        }
        (texts.len() == items.len()).then_some(texts)
    }
}

/// Checked values, to be taken out one by one.
pub(crate) struct Values(Map<String, Value>);

impl Values {
    pub(crate) fn text(&mut self, field: &str) -> Option<String> {
        match self.0.remove(field) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// A text that the table requires.
    pub(crate) fn required_text(&mut self, field: &str) -> String {
        self.text(field).unwrap_or_default()
    }

    pub(crate) fn flag(&self, field: &str) -> bool {
        self.0.get(field).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn object(&mut self, field: &str) -> Option<Map<String, Value>> {
        match self.0.remove(field) {
            Some(Value::Object(map)) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn texts(&mut self, field: &str) -> Option<Vec<String>> {
        match self.0.remove(field) {
            Some(Value::Array(items)) => Some(
                items.into_iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
            ),
            _ => None,
        }
    }

    pub(crate) fn whole(&self, field: &Field) -> u64 {
        let default = match field.kind {
            Kind::Whole { default, .. } => default,
            _ => 0,
        };
        self.0.get(field.name).and_then(Value::as_u64).unwrap_or(default)
    }
}

/// Characters as the service counts them: one beyond the basic plane (an emoji) is two.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}
