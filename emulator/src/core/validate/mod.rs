//! The checks of what a request brings: bodies and query strings against tables of [`Field`]s.
//! `openapi.rs` describes the same tables.
//!
//! The messages are the default messages of Laravel, which were seen in the service's responses:
//! "The … field is required.", "The … field must have a value.", "The avatar must be a valid URL.";
//! the others follow the same grammar. As in Laravel, strings are trimmed first, and a blank string
//! counts as absent.

mod field;
mod url;

pub use self::field::Field;
pub(crate) use self::field::{
    Kind, MAX_ID, MAX_METADATA, MAX_URL, Need, filled, optional, required,
};

use self::url::is_absolute_url;
use super::error::{ErrorKind, Failure};
use serde_json::{Map, Value, json};

/// A body or a query under check: the valid values so far, and the problems of the others.
pub(crate) struct Input {
    values: Map<String, Value>,
    errors: Map<String, Value>,
}

impl Input {
    /// Checks a body. Fields that no table names are ignored.
    pub(crate) fn of_body(tables: &[&[Field]], body: &Map<String, Value>) -> Self {
        let mut input = Self { values: Map::new(), errors: Map::new() };
        for field in tables.iter().copied().flatten() {
            let value = body.get(field.name).and_then(|value| input.check(field, value));
            if let Some(value) = value {
                input.values.insert(field.name.to_owned(), value);
            } else if !input.errors.contains_key(field.name) && !input.has_item_errors(field) {
                input.missing(field, body.contains_key(field.name));
            }
        }
        input
    }

    /// Checks a query string. A list may be written as `a=1&a=2`, `a[]=1&a[]=2`, `a[0]=1` or
    /// `a=1,2`; of any other parameter the last one counts.
    pub(crate) fn of_query(tables: &[&[Field]], query: &str) -> Self {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut sent = Map::new();
        for field in tables.iter().copied().flatten() {
            let mut of_field = pairs.iter().filter(|(name, _)| {
                let rest = name.strip_prefix(field.name);
                rest.is_some_and(|rest| {
                    rest.is_empty() || (rest.starts_with('[') && rest.ends_with(']'))
                })
            });
            let value = match field.kind {
                Kind::Texts { .. } | Kind::Words(_) => {
                    let items = of_field.flat_map(|(_, value)| value.split(','));
                    // A blank item comes from `a=` or a trailing comma.
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
        Self::of_body(tables, &sent)
    }

    /// Records a problem of a field.
    pub(crate) fn refuse(&mut self, field: &str, phrase: impl Into<String>) {
        let phrase = Value::String(phrase.into());
        match self.errors.get_mut(field).and_then(Value::as_array_mut) {
            Some(list) => list.push(phrase),
            None => {
                self.errors.insert(field.to_owned(), json!([phrase]));
            }
        }
    }

    /// A text that passed the checks so far, for further checks.
    pub(crate) fn peek(&self, field: &str) -> Option<&str> {
        self.values.get(field).and_then(Value::as_str)
    }

    /// An object that passed the checks so far, for further checks.
    pub(crate) fn peek_object(&self, field: &str) -> Option<&Map<String, Value>> {
        self.values.get(field).and_then(Value::as_object)
    }

    /// The values, or the failure that names every invalid field.
    pub(crate) fn done(self) -> Result<Values, Failure> {
        if self.errors.is_empty() {
            return Ok(Values(self.values));
        }
        let mut failure =
            Failure::new(ErrorKind::Invalid, "Failed to validate the data sent with the request.");
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

    /// The value in its normal form. `None` when it counts as absent, or when it is invalid (then
    /// with an error).
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
                let valid = is_absolute_url(&text);
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
                // Laravel's `required` treats an empty list as absent.
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
            // PHP sends an empty array for an empty object.
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
        // A number with too many digits is outside every bound.
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

/// Checked values, to be taken one by one.
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
