//! JSON text.

use serde_json::Value;

/// Writes JSON as the engine of a page does.
pub fn canonical(text: &str) -> Option<String> {
    serde_json::from_str::<Value>(text).ok().map(|value| value.to_string())
}

/// Collects every string of a value, member names included.
pub fn collect_strings(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect_strings(item, out)),
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            out.push(key.clone());
            collect_strings(value, out);
        }),
        _ => {}
    }
}
