//! The schemas of queries and bodies.

use crate::core::validate::{Field, Kind, MAX_ID, MAX_URL, Need};
use serde_json::{Map, Value, json};

/// The names of the required fields.
pub(super) fn required(tables: &[&[Field]]) -> impl Iterator<Item = &'static str> {
    tables
        .iter()
        .copied()
        .flatten()
        .filter(|field| field.need == Need::Required)
        .map(|field| field.name)
}

/// A parameter of the query string.
pub(super) fn query_parameter(field: &Field) -> Value {
    let mut parameter = json!({
        "name": field.name,
        "in": "query",
        "required": field.need == Need::Required,
        "description": field.about,
        "schema": schema(field),
    });
    if let (Kind::Texts { .. } | Kind::Words(_), Some(parameter)) =
        (field.kind, parameter.as_object_mut())
    {
        parameter.insert("style".into(), json!("form"));
        parameter.insert("explode".into(), json!(false));
    }
    parameter
}

/// The schema of a body.
pub(super) fn body_schema(tables: &[&[Field]]) -> Value {
    let properties: Map<String, Value> = tables
        .iter()
        .copied()
        .flatten()
        .map(|field| {
            let mut schema = schema(field);
            if let Some(schema) = schema.as_object_mut() {
                schema.insert("description".into(), json!(field.about));
            }
            (field.name.to_owned(), schema)
        })
        .collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    let required: Vec<&str> = required(tables).collect();
    if let (false, Some(schema)) = (required.is_empty(), schema.as_object_mut()) {
        schema.insert("required".into(), json!(required));
    }
    schema
}

fn schema(field: &Field) -> Value {
    /// Not blank.
    const SOMETHING: &str = r"\S";
    let mut schema = match field.kind {
        Kind::Text(max) => json!({ "type": "string", "maxLength": max }),
        Kind::Id => json!({ "type": "string", "maxLength": MAX_ID, "pattern": "^[A-Za-z0-9_-]+$" }),
        Kind::Url => {
            json!({
                "type": "string",
                "format": "uri",
                "maxLength": MAX_URL,
                "pattern": r"^[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9]",
            })
        }
        Kind::Metadata => json!({ "type": ["object", "string"] }),
        Kind::Object => json!({ "type": "object" }),
        Kind::Choices(choices) => {
            let word = |words: &[&str]| json!({ "type": "string", "enum": words });
            let properties: Map<String, Value> =
                choices.iter().map(|(name, words)| ((*name).to_owned(), word(words))).collect();
            json!({ "type": "object", "properties": properties })
        }
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Word(words) => json!({ "type": "string", "enum": words }),
        Kind::Texts { items, characters } => {
            let least = u8::from(field.need == Need::Required);
            json!({ "type": "array", "minItems": least, "maxItems": items,
                "items": { "type": "string", "maxLength": characters, "pattern": SOMETHING } })
        }
        Kind::Words(words) => {
            json!({ "type": "array", "items": { "type": "string", "enum": words } })
        }
        Kind::Whole { min, max, default } => {
            json!({ "type": "integer", "minimum": min, "maximum": max, "default": default })
        }
    };
    if let (Kind::Text(_), Need::Required | Need::Filled, Some(schema)) =
        (field.kind, field.need, schema.as_object_mut())
    {
        schema.insert("pattern".into(), json!(SOMETHING));
    }
    schema
}
