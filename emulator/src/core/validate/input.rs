//! The check of a body or a query string.

use super::field::{Field, Kind};
use super::problems::Problems;
use super::values::Values;
use crate::core::failure::Failure;
use serde_json::{Map, Value, json};

/// A body or a query: its valid values, and the problems of the others.
pub(crate) struct Input {
    values: Map<String, Value>,
    problems: Problems,
}

impl Input {
    /// Checks a body. Fields that no table names are ignored.
    pub(crate) fn of_body(tables: &[&[Field]], body: &Map<String, Value>) -> Self {
        let mut input = Self { values: Map::new(), problems: Problems::default() };
        for field in tables.iter().copied().flatten() {
            let value = body.get(field.name).and_then(|value| input.problems.check(field, value));
            if let Some(value) = value {
                input.values.insert(field.name.to_owned(), value);
            } else if !input.problems.has(field) {
                input.problems.check_absent(field, body.contains_key(field.name));
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
        self.problems.add(field, phrase);
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
        match self.problems.into_failure() {
            None => Ok(Values(self.values)),
            Some(failure) => Err(failure),
        }
    }
}
