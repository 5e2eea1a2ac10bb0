//! The values that passed the checks.

use super::field::{Field, Kind};
use serde_json::{Map, Value};

/// The values, which an action takes one by one.
pub(crate) struct Values(pub(super) Map<String, Value>);

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
