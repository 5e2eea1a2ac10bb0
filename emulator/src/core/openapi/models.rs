//! The schemas of the objects in responses.

use crate::core::schema::{Model, Type};
use serde_json::{Map, Value, json};

/// A reference to the schema of a model, which is added to `models`.
pub(super) fn reference(model: &Model, models: &mut Map<String, Value>) -> Value {
    if !models.contains_key(model.name) {
        // Before its properties, so that models come in the order in which they are first spoken
        // of.
        models.insert(model.name.to_owned(), Value::Null);
        let bases = model.extends.into_iter().chain([model]);
        let all = bases.flat_map(|model| model.all_properties());
        let mut properties = Map::new();
        let mut required = Vec::new();
        for property in all {
            let mut schema = match property.holds {
                Type::Text => json!({ "type": "string" }),
                Type::Seconds => json!({ "type": "integer", "minimum": 0 }),
                Type::Flag => json!({ "type": "boolean" }),
                Type::Object => json!({ "type": "object" }),
                Type::Texts => json!({ "type": "array", "items": { "type": "string" } }),
                Type::Word(words) => json!({ "type": "string", "enum": words }),
                Type::Any => json!({}),
                Type::Is(other) => reference(other, models),
            };
            if let Some(schema) = schema.as_object_mut() {
                schema.insert("description".into(), json!(property.about));
            }
            properties.insert(property.name.to_owned(), schema);
            if property.always {
                required.push(property.name);
            }
        }
        let mut schema = closed(Value::Object(properties), &required);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".into(), json!(model.about));
            if model.open {
                schema.remove("additionalProperties");
            }
        }
        models.insert(model.name.to_owned(), schema);
    }
    json!({ "$ref": format!("#/components/schemas/{}", model.name) })
}

/// An object with these properties and no others.
pub(super) fn closed(properties: Value, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}
