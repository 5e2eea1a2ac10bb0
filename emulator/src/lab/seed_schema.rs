//! The JSON schema of seed documents, and the TypeScript types of the npm package. Both are
//! generated from one description, which takes the fields of users from the table that requests
//! use.

use super::bounds::DELAY;
use crate::core::{Field, Kind, USER_PROFILE};
use serde_json::{Map, Value, json};

/// The command that writes both files.
const COMMAND: &str = "cargo run -p cometchat-emulator --example seed-schema";

/// One property of an object.
struct Property {
    name: &'static str,
    required: bool,
    schema: Value,
    about: String,
}

impl Property {
    fn of(field: &Field) -> Self {
        let schema = match field.kind {
            Kind::Text(_) | Kind::Id | Kind::Url | Kind::Word(_) => text(),
            Kind::Metadata | Kind::Object | Kind::Choices(_) => object(),
            Kind::Flag => flag(),
            Kind::Texts { .. } | Kind::Words(_) => json!({ "type": "array", "items": text() }),
            Kind::Whole { min, .. } => json!({ "type": "integer", "minimum": min }),
        };
        maybe(field.name, schema, field.about)
    }
}

fn always(name: &'static str, schema: Value, about: &str) -> Property {
    Property { name, required: true, schema, about: about.to_owned() }
}

fn maybe(name: &'static str, schema: Value, about: &str) -> Property {
    Property { name, required: false, schema, about: about.to_owned() }
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn object() -> Value {
    json!({ "type": "object" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn count(minimum: u64) -> Value {
    json!({ "type": "integer", "minimum": minimum })
}

fn list(of: &str) -> Value {
    json!({ "type": "array", "items": { "$ref": format!("#/$defs/{of}") } })
}

/// A display name.
fn name() -> Property {
    always("name", pattern(r"\S"), "The display name.")
}

/// A uid in any letter case.
fn uid(about: &str) -> Property {
    always("uid", pattern("^[A-Za-z0-9_-]{1,100}$"), about)
}

fn created_at() -> Property {
    maybe("createdAt", count(0), "The time of creation in UNIX seconds; now if left out.")
}

fn updated_at() -> Property {
    maybe("updatedAt", count(0), "The time of the last change in UNIX seconds.")
}

fn app() -> Vec<Property> {
    let users = "The users, oldest first. Left out: the ten test users, if the app is new.";
    let keys = "The API keys. Left out: the emulator's two keys, if the app is new.";
    vec![
        always("id", pattern("^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$"), "The id."),
        maybe("users", list("user"), users),
        maybe("keys", list("key"), keys),
        maybe("roles", list("role"), "The roles besides \"default\"."),
        maybe("tokens", list("token"), "The auth tokens, oldest first."),
        maybe("faults", list("fault"), "The fault rules of this app."),
    ]
}

fn user() -> Vec<Property> {
    let mut properties = vec![uid("The id, which is kept in lower case."), name()];
    properties.extend(USER_PROFILE.iter().map(Property::of));
    let bot = "Whether the user is a bot. Bots have no auth tokens; an app has at most 25 bots.";
    let deactivated_at = "The time of the deactivation in UNIX seconds.";
    properties.extend([
        maybe("role", text(), "One of the app's roles; \"default\" if left out."),
        maybe("bot", flag(), bot),
        created_at(),
        updated_at(),
        maybe("deactivatedAt", count(0), deactivated_at),
    ]);
    properties
}

fn role() -> Vec<Property> {
    let permissions = "The permissions that differ from the defaults, by id.";
    vec![
        always("role", pattern("^[a-z0-9_-]{1,100}$"), "The id."),
        name(),
        maybe("description", text(), "The description."),
        maybe("metadata", object(), "Custom data."),
        maybe("settings", object(), "The users that its users may list and message."),
        maybe("permissions", object(), permissions),
        created_at(),
        updated_at(),
    ]
}

fn key() -> Vec<Property> {
    let scope = "authOnly is an Auth Key, fullAccess a REST API key.";
    vec![
        always("apiKey", pattern("^[!-~]{1,500}$"), "The key itself."),
        maybe("name", text(), "The name in lists."),
        always("scope", json!({ "enum": ["authOnly", "fullAccess"] }), scope),
        created_at(),
    ]
}

fn token() -> Vec<Property> {
    vec![
        always("authToken", pattern("^[!-.0-~]{1,500}$"), "The token itself."),
        uid("The user of the token."),
        created_at(),
        maybe("platform", text(), "The platform of the client."),
        maybe("userAgent", text(), "The user agent of the client."),
        maybe("appInfo", object(), "The details that the client reports."),
        maybe("deviceId", text(), "The device of the client."),
        maybe("jwt", text(), "The pass for the web socket."),
        maybe("channelSecret", text(), "The secret of the channel on the web socket."),
        maybe("used", flag(), "Whether a client has logged in with the token."),
        maybe("pinned", flag(), "Whether the token stays valid after a logout."),
    ]
}

fn fault() -> Vec<Property> {
    let reference = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    vec![
        maybe("match", reference("match"), "Which requests; all if left out."),
        maybe("times", count(1), "How many requests; all if left out."),
        always("act", reference("act"), "What happens to them."),
    ]
}

fn matching() -> Vec<Property> {
    let regex = || json!({ "type": "string", "format": "regex" });
    vec![
        maybe("method", text(), "The method."),
        maybe("path", regex(), "A regular expression, searched in the path without query."),
        maybe("host", regex(), "A regular expression, searched in the Host header."),
        maybe("app", text(), "The id of the app."),
        maybe("uid", text(), "The user of the auth token, else the user in the path."),
        maybe("nth", count(1), "The first matching request to which the rule applies."),
    ]
}

fn act() -> Vec<Property> {
    let status = json!({ "type": "integer", "minimum": 200, "maximum": 599 });
    let headers =
        json!({ "type": "object", "additionalProperties": { "type": ["string", "null"] } });
    let delay = || json!({ "type": "integer", "minimum": 0, "maximum": DELAY });
    let body = "Responds with this body in place of the service: a text as it is, others as JSON.";
    let moments = "before the service receives the request, after it has handled the request";
    let hang = format!("Stops responding: {moments}, or in the middle of the body.");
    let drop = format!("Closes the connection without a response: {moments}.");
    vec![
        maybe("status", status, "Responds with this status in place of the service."),
        maybe("body", json!({}), body),
        maybe("headers", headers, "Sets headers of the response; null removes a header."),
        maybe("contentType", text(), "Sets the content type of the response."),
        maybe("cors", json!({ "const": false }), "Removes the CORS headers."),
        maybe("delayMs", delay(), "Delays the response."),
        maybe("bodyDelayMs", delay(), "Pauses in the middle of the body."),
        maybe("truncate", count(0), "Closes the connection after so many bytes of the body."),
        maybe("hang", json!({ "enum": ["before", "after", "body"] }), &hang),
        maybe("drop", json!({ "enum": ["before", "after"] }), &drop),
    ]
}

/// The objects of a document: the name in the schema, the description, the properties.
fn definitions() -> Vec<(&'static str, &'static str, Vec<Property>)> {
    vec![
        ("app", "An app.", app()),
        ("user", "A user.", user()),
        ("role", "A role that users can have. Every app has \"default\".", role()),
        ("key", "An API key.", key()),
        ("token", "An auth token: one session of one user.", token()),
        ("fault", "A fault rule: which requests fail, and how.", fault()),
        ("match", "Which requests. Absent fields match every request.", matching()),
        ("act", "What happens: one or more of these.", act()),
    ]
}

fn closed(about: &str, properties: Vec<Property>) -> Map<String, Value> {
    let required: Vec<&str> =
        properties.iter().filter(|property| property.required).map(|one| one.name).collect();
    let mut all = Map::new();
    for Property { name, mut schema, about, .. } in properties {
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".into(), json!(about));
        }
        all.insert(name.into(), schema);
    }
    let mut schema = Map::new();
    schema.insert("type".into(), json!("object"));
    schema.insert("description".into(), json!(about));
    schema.insert("properties".into(), Value::Object(all));
    schema.insert("required".into(), json!(required));
    schema.insert("additionalProperties".into(), json!(false));
    schema
}

/// The JSON schema of seed documents, as JSON text.
pub fn json_schema() -> String {
    let root = vec![
        maybe("$schema", text(), "The location of this schema, for editors."),
        maybe("version", json!({ "const": 1 }), "The version of this format."),
        always("apps", list("app"), "The first is the default app, unless --app names another."),
        maybe("faults", list("fault"), "The fault rules of all apps."),
    ];
    let mut schema = Map::new();
    schema.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".into(), json!("Seed of the CometChat emulator"));
    schema.extend(closed("The content of an emulator.", root));
    let of = |(name, about, properties): (&str, &str, Vec<Property>)| {
        let mut schema = closed(about, properties);
        if name == "act" {
            schema.insert("minProperties".into(), json!(1));
        }
        (name.to_owned(), Value::Object(schema))
    };
    let definitions: Map<String, Value> = definitions().into_iter().map(of).collect();
    schema.insert("$defs".into(), Value::Object(definitions));
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    format!("{text}\n")
}

/// The TypeScript types of the entities in a seed document.
pub fn typescript() -> String {
    let interfaces =
        [("user", "SeedUser"), ("role", "SeedRole"), ("key", "SeedKey"), ("token", "SeedToken")];
    let mut text = format!("// Generated by `{COMMAND}`. Do not edit.\n");
    for (name, about, properties) in definitions() {
        let Some((_, interface)) = interfaces.iter().find(|(known, _)| *known == name) else {
            continue;
        };
        text += &format!("\n/** {about} */\nexport interface {interface} {{\n");
        for Property { name, required, schema, about } in properties {
            let optional = if required { "" } else { "?" };
            let kind = type_of(&schema);
            text += &format!("  /** {about} */\n  {name}{optional}: {kind};\n");
        }
        text += "}\n";
    }
    text
}

fn type_of(schema: &Value) -> String {
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => "string".to_owned(),
        Some("integer") => "number".to_owned(),
        Some("boolean") => "boolean".to_owned(),
        Some("object") => "Record<string, unknown>".to_owned(),
        Some("array") => format!("{}[]", type_of(schema.get("items").unwrap_or(&Value::Null))),
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_and_the_types_are_up_to_date() {
        let root = env!("CARGO_MANIFEST_DIR");
        let file = |path| std::fs::read_to_string(format!("{root}/{path}")).unwrap();
        assert!(file("seed.schema.json") == json_schema(), "run: {COMMAND}");
        assert!(file("npm/src/seed-types.ts") == typescript(), "run: {COMMAND}");
    }
}
