//! The problems of a body or a query string, by field.

use super::field::Field;
use crate::core::error::ErrorKind;
use crate::core::failure::Failure;
use serde_json::{Map, Value, json};

#[derive(Default)]
pub(super) struct Problems(Map<String, Value>);

impl Problems {
    /// Adds a problem of a field.
    pub(super) fn add(&mut self, field: &str, phrase: impl Into<String>) {
        let phrase = Value::String(phrase.into());
        match self.0.get_mut(field).and_then(Value::as_array_mut) {
            Some(list) => list.push(phrase),
            None => {
                self.0.insert(field.to_owned(), json!([phrase]));
            }
        }
    }

    /// Whether a field, or an item of it, has problems.
    pub(super) fn has(&self, field: &Field) -> bool {
        let is_of_field = |name: &String| {
            name.strip_prefix(field.name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.0.keys().any(is_of_field)
    }

    /// The failure that names every invalid field, if there is one.
    pub(super) fn into_failure(self) -> Option<Failure> {
        if self.0.is_empty() {
            return None;
        }
        let mut failure =
            Failure::new(ErrorKind::Invalid, "Failed to validate the data sent with the request.");
        failure.details = Some(Box::new(self.0));
        Some(failure)
    }
}
