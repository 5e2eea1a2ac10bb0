//! The JSON schema accepts the seed documents that the emulator accepts.
#![cfg(test)]

use cometchat_emulator::document::Document;
use cometchat_emulator::lab::{SEED_SCHEMA, SEED_STARTER, Setup};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

fn schema() -> Value {
    serde_json::from_str(SEED_SCHEMA).unwrap()
}

fn validator() -> Validator {
    jsonschema::options().build(&schema()).unwrap()
}

fn is_accepted(document: &Value) -> bool {
    let seeds = vec![("test".to_owned(), document.to_string())];
    let plan = Setup { seeds, ..Setup::default() }.check();
    plan.is_ok()
}

/// A value that the schema of a property allows.
fn example(root: &Value, schema: &Value) -> Value {
    if let Some(path) = schema["$ref"].as_str() {
        let target = root.pointer(path.trim_start_matches('#')).unwrap();
        return example(root, target);
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(values) = schema["enum"].as_array() {
        return values[0].clone();
    }
    match schema["type"].as_str() {
        Some("object") if schema["properties"].is_null() => json!({ "any": "thing" }),
        Some("object") => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            let of = |(name, property): (&String, &Value)| (name.clone(), example(root, property));
            Value::Object(properties.map(of).collect::<Map<_, _>>())
        }
        Some("array") => json!([example(root, &schema["items"])]),
        Some("integer") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        Some("string") => json!("default"),
        _ => json!({ "any": ["thing"] }),
    }
}

#[test]
fn every_field_of_the_schema_is_accepted_and_written_back() {
    let root = schema();
    let everything = example(&root, &root);
    assert!(validator().is_valid(&everything), "{everything}");
    assert!(is_accepted(&everything), "{everything}");
    let read = Document::parse(everything.to_string().as_bytes()).unwrap();
    let mut written = serde_json::to_value(read).unwrap();
    assert!(validator().is_valid(&written), "{written}");
    // The address of the schema is for editors, so it is not written back.
    written.as_object_mut().unwrap().insert("$schema".to_owned(), json!("default"));
    assert_eq!(written, everything);
}

#[test]
fn the_starter_and_small_documents_are_accepted() {
    let starter: Value = serde_json::from_str(SEED_STARTER).unwrap();
    for document in [
        starter,
        json!({ "apps": [] }),
        json!({ "version": 1, "apps": [{ "id": "a" }] }),
        json!({ "apps": [{ "id": "a", "users": [], "keys": [] }] }),
        json!({
            "apps": [],
            "faults": [{
                "match": { "path": "/me$", "nth": 2 },
                "times": 1,
                "act": { "headers": { "x": null } },
            }],
        }),
    ] {
        assert!(validator().is_valid(&document) && is_accepted(&document), "{document}");
    }
}

#[test]
fn the_schema_rejects_documents_that_the_emulator_rejects() {
    let app = |parts: Value| {
        let mut app = json!({ "id": "a" });
        app.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
        json!({ "apps": [app] })
    };
    for document in [
        json!({}),
        json!({ "apps": {} }),
        json!({ "version": 2, "apps": [] }),
        json!({ "apps": [], "more": 1 }),
        json!({ "apps": [{ "id": "a b" }] }),
        json!({ "apps": [{ "id": "-a" }] }),
        app(json!({ "more": 1 })),
        app(json!({ "users": [{ "uid": "x" }] })),
        app(json!({ "users": [{ "uid": "x y", "name": "X" }] })),
        app(json!({ "users": [{ "uid": "x", "name": "X", "more": 1 }] })),
        app(json!({ "users": [{ "uid": "x", "name": " " }] })),
        app(json!({ "keys": [{ "apiKey": "a b", "scope": "authOnly" }] })),
        app(json!({ "keys": [{ "apiKey": "a", "scope": "all" }] })),
        app(json!({ "roles": [{ "role": "A", "name": "A" }] })),
        app(json!({ "tokens": [{ "authToken": "a/b", "uid": "superhero1" }] })),
        app(json!({ "faults": [{ "act": {} }] })),
        app(json!({ "faults": [{ "act": { "status": 600 } }] })),
        app(json!({ "faults": [{ "act": { "cors": true } }] })),
        app(json!({ "faults": [{ "act": { "delayMs": 600_001 } }] })),
        app(json!({ "faults": [{ "act": { "drop": "body" } }] })),
        app(json!({ "faults": [{ "act": { "status": 500 }, "times": 0 }] })),
        app(json!({ "faults": [{ "act": { "status": 500 }, "match": { "nth": 0 } }] })),
        app(json!({ "faults": [{ "act": { "status": 500 }, "match": { "more": 0 } }] })),
    ] {
        assert!(!is_accepted(&document), "the emulator accepts {document}");
        assert!(!validator().is_valid(&document), "the schema accepts {document}");
    }
}
