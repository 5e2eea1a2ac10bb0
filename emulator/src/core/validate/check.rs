//! The check of one value.

use super::field::{Field, Kind, MAX_ID, MAX_METADATA, MAX_URL, Need};
use super::problems::Problems;
use super::url::is_absolute_url;
use serde_json::{Map, Value, json};

impl Problems {
    /// Checks a field that has no value.
    pub(super) fn check_absent(&mut self, field: &Field, sent: bool) {
        let name = field.name;
        match field.need {
            Need::Required => self.add(name, format!("The {name} field is required.")),
            Need::Filled if sent => self.add(name, format!("The {name} field must have a value.")),
            Need::Filled | Need::Optional => {}
        }
    }

    /// The value in its normal form. `None` when it counts as absent, or when it is invalid (then
    /// with an error).
    pub(super) fn check(&mut self, field: &Field, value: &Value) -> Option<Value> {
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
                    self.add(
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
                    self.add(name, format!("The {name} must be a valid URL."));
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
                        self.add(
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
                    self.add(name, format!("The selected {name} is invalid."));
                    return None;
                }
                Some(Value::String(word))
            }
            Kind::Texts { items: max, characters } => {
                let items = self.array(name, value)?;
                if items.len() > max {
                    self.add(name, format!("The {name} may not have more than {max} items."));
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
                    self.add(
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
            self.add(name, format!("The {name} must be a string."));
            return None;
        };
        if length(text) > max {
            self.add(name, format!("The {name} may not be greater than {max} characters."));
            return None;
        }
        Some(text.to_owned())
    }

    fn metadata(&mut self, name: &str, value: &Value) -> Option<Map<String, Value>> {
        let map = match value {
            Value::String(text) => match serde_json::from_str(text) {
                Ok(Value::Object(map)) => map,
                _ => {
                    self.add(name, format!("The {name} must be a valid JSON string."));
                    return None;
                }
            },
            other => self.object(name, other)?,
        };
        if serde_json::to_vec(&map).map_or(0, |text| text.len()) > MAX_METADATA {
            self.add(
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
                self.add(name, format!("The {name} must be an object."));
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
                self.add(name, format!("The {name} field must be true or false."));
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
            self.add(name, format!("The {name} must be an integer."));
            return None;
        }
        // A number with too many digits is outside every bound.
        let number = if digits.len() < text.len() { 0 } else { digits.parse().unwrap_or(u64::MAX) };
        if number < min {
            self.add(name, format!("The {name} must be at least {min}."));
            return None;
        }
        if number > max {
            self.add(name, format!("The {name} may not be greater than {max}."));
            return None;
        }
        Some(number)
    }

    fn array<'v>(&mut self, name: &str, value: &'v Value) -> Option<&'v [Value]> {
        let items = value.as_array().map(Vec::as_slice);
        if items.is_none() {
            self.add(name, format!("The {name} must be an array."));
        }
        items
    }

    fn texts(&mut self, field: &str, items: &[Value], max: usize) -> Option<Vec<String>> {
        let mut texts = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let name = format!("{field}.{at}");
            let blank = item.is_null() || item.as_str().is_some_and(|text| text.trim().is_empty());
            if blank {
                self.add(&name, format!("The {name} field is required."));
            } else if let Some(text) = self.text(&name, item, max) {
                texts.push(text);
            }
        }
        (texts.len() == items.len()).then_some(texts)
    }
}

/// Characters as the service counts them: one beyond the basic plane (an emoji) is two.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}
