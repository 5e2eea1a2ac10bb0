//! The description at `/openapi.json`, and the check of responses against it.

use super::{NOW, code};
use cometchat_emulator::core::{self, Body, Config, Request, Response, State};
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

pub static DESCRIPTION: LazyLock<Description> = LazyLock::new(Description::read);

/// One described call.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: String,
    pub path: String,
    pub details: Value,
}

/// The document at `/openapi.json`, and the validators of its schemas.
pub struct Description {
    pub document: Value,
    pub operations: Vec<Operation>,
    validators: Mutex<HashMap<usize, Arc<Validator>>>,
}

impl Description {
    fn read() -> Self {
        let request = Request {
            method: "GET".into(),
            path: "/openapi.json".into(),
            query: String::new(),
            headers: Vec::new(),
            body: Body::Empty,
            now: NOW,
            entropy: [0; 64],
        };
        let (response, _) = core::handle(&State::new(Config::default()), &request);
        assert_eq!((response.status, response.content_type), (200, Some("application/json")));
        let document: Value = serde_json::from_str(&response.body).unwrap();
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, details) in item.as_object().unwrap() {
                let (method, path, details) =
                    (method.to_uppercase(), path.clone(), details.clone());
                operations.push(Operation { method, path, details });
            }
        }
        Self { document, operations, validators: Mutex::default() }
    }

    /// The described call of a request, if there is one.
    pub fn find(&self, method: &str, path: &str) -> Option<&Operation> {
        let method = if method == "HEAD" { "GET" } else { method };
        let path = if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path };
        let named = |path: &str| {
            self.operations
                .iter()
                .find(|operation| operation.method == method && fits(&operation.path, path))
        };
        let rest = path
            .strip_prefix("/v3.0/")
            .or_else(|| path.strip_prefix("/v3/"))
            .or_else(|| path.strip_prefix('/'));
        named(path).or_else(|| named(&format!("/v3/{}", rest?)))
    }

    /// Checks a response against the description. Returns its properties, such as "User.uid".
    pub fn check(&self, request: &Request, response: &Response) -> BTreeSet<String> {
        let at =
            format!("{} {} -> {} {}", request.method, request.path, response.status, response.body);
        if request.method == "OPTIONS" && request.header("access-control-request-method").is_some()
        {
            assert_eq!(
                (response.status, response.content_type, response.body.as_str()),
                (204, None, ""),
                "{at}"
            );
            return BTreeSet::new();
        }
        let Some(operation) = self.find(&request.method, &request.path) else {
            let body: Value = serde_json::from_str(&response.body).expect(&at);
            assert_eq!(response.status, 404, "{at}");
            assert!(matches!(code(&body), "ERR_API_NOT_FOUND" | "ERR_INVALID_API_VERSION"), "{at}");
            assert_eq!(body["error"]["source"], "chat-api", "{at}");
            return BTreeSet::new();
        };
        let description = &operation.details["responses"][response.status.to_string()];
        assert!(description.is_object(), "a status that is not described: {at}");
        for (name, value) in &response.headers {
            let described = description["headers"].as_object().into_iter().flatten();
            let mut described = described.filter(|(known, _)| known.eq_ignore_ascii_case(name));
            if let Some((_, header)) = described.next() {
                let value: Value = serde_json::from_str(value).expect(&at);
                assert!(
                    jsonschema::is_valid(&header["schema"], &value),
                    "header {name}: {value}: {at}"
                );
            } else {
                let needed = response.status == 429
                    || (response.status == 200 && name.starts_with("x-rate"));
                assert!(
                    !needed || !name.starts_with("x-rate"),
                    "a header that is not described: {name}: {at}"
                );
            }
        }
        let media = response.content_type.unwrap_or_default().split(';').next().unwrap();
        let schema = &description["content"][media]["schema"];
        assert!(schema.is_object(), "a content type that is not described: {media}: {at}");
        let instance = if media == "application/json" {
            serde_json::from_str(&response.body).expect(&at)
        } else {
            Value::String(response.body.clone())
        };
        let errors: Vec<String> = self
            .validator(schema)
            .iter_errors(&instance)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:?}: {at}");
        let mut seen = BTreeSet::new();
        self.collect_properties(schema, &instance, &mut seen);
        seen
    }

    /// M6: a call that stores something can fail to store it, so it has 500 among its responses.
    pub fn check_writes(&self, request: &Request) {
        let operation = self.find(&request.method, &request.path).unwrap();
        let described = operation.details["responses"]["500"].is_object();
        assert!(described, "{} {} stores something", request.method, request.path);
    }

    /// A body for an operation, with a value for every field that it describes.
    pub fn example(&self, method: &str, path: &str) -> Value {
        let operation = self.find(method, path).unwrap();
        let body = &operation.details["requestBody"]["content"]["application/json"]["schema"];
        let properties = body["properties"].as_object().unwrap();
        let example = |schema: &Value| match schema["type"].as_str() {
            Some("string") if schema["format"] == "uri" => json!("https://example.test/"),
            Some("string") => schema["enum"].get(0).cloned().unwrap_or(json!("x")),
            Some("array") => json!(["x"]),
            Some("boolean") => json!(true),
            Some("integer") => schema["minimum"].clone(),
            _ => json!({}),
        };
        properties.iter().map(|(name, schema)| (name.clone(), example(schema))).collect()
    }

    /// Whether a value fits a schema of the description.
    pub fn fits(&self, schema: &Value, instance: &Value) -> bool {
        self.validator(schema).is_valid(instance)
    }

    /// The validator of a schema, compiled once. The key is the address of the schema.
    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let address = std::ptr::from_ref(schema).addr();
        let mut validators =
            self.validators.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = validators.entry(address).or_insert_with(|| {
            let mut root = schema.as_object().unwrap().clone();
            root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
            if schema.to_string().contains("$ref") {
                root.insert("components".into(), self.document["components"].clone());
            }
            let root = Value::Object(root);
            Arc::new(jsonschema::options().should_validate_formats(true).build(&root).unwrap())
        });
        Arc::clone(known)
    }

    fn collect_properties(&self, schema: &Value, instance: &Value, seen: &mut BTreeSet<String>) {
        if let Some(name) =
            schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/"))
        {
            let properties = instance.as_object().into_iter().flat_map(Map::keys);
            seen.extend(properties.map(|property| format!("{name}.{property}")));
            self.collect_properties(&self.document["components"]["schemas"][name], instance, seen);
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = instance.get(name) {
                self.collect_properties(schema, value, seen);
            }
        }
        for item in instance.as_array().into_iter().flatten() {
            self.collect_properties(&schema["items"], item, seen);
        }
        for branch in schema["anyOf"].as_array().into_iter().flatten() {
            if self.fits(branch, instance) {
                self.collect_properties(branch, instance, seen);
            }
        }
    }

    /// All properties of all models: "User.uid".
    pub fn properties(&self) -> BTreeSet<String> {
        let models = self.document["components"]["schemas"].as_object().unwrap();
        let of = |(name, model): (&String, &Value)| {
            let properties = model["properties"].as_object().unwrap();
            properties.keys().map(|property| format!("{name}.{property}")).collect::<Vec<_>>()
        };
        models.iter().flat_map(of).collect()
    }
}

/// Whether a path fits a template.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(template, path)| {
            match (template.find('{'), template.find('}')) {
                (Some(open), Some(close)) => {
                    let (before, after) = (&template[..open], &template[close + 1..]);
                    path.len() >= before.len() + after.len()
                        && path.starts_with(before)
                        && path.ends_with(after)
                }
                _ => template == path,
            }
        })
}

/// The error codes of a described call, with their statuses.
pub fn codes(operation: &Operation) -> BTreeMap<String, u16> {
    let mut codes = BTreeMap::new();
    for (status, response) in operation.details["responses"].as_object().unwrap() {
        let schema = &response["content"]["application/json"]["schema"];
        for code in schema["properties"]["error"]["properties"]["code"]["enum"]
            .as_array()
            .into_iter()
            .flatten()
        {
            codes.insert(format!("{} {}", status, code.as_str().unwrap()), status.parse().unwrap());
        }
    }
    codes
}
