//! The description at `/openapi.json` (OpenAPI 3.1), generated from the tables of `routes.rs`,
//! `validate`, `schema.rs` and `error`.

mod models;
mod pages;
mod request;
mod response;

use super::access::{Credential, Right};
use super::call::MAX_BODY;
use super::routes::{PING, ROUTES, Route};
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

/// The document, as JSON text. It is the same for every emulator: addresses in it are relative.
pub(crate) fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| document().to_string())
}

fn document() -> Value {
    let mut paths = Map::new();
    let mut models = Map::new();
    for route in ROUTES {
        describe(route, "/v3", &mut paths, &mut models);
    }
    describe(&PING, "", &mut paths, &mut models);
    for (path, item) in pages::own_pages() {
        paths.insert(path, item);
    }
    models.insert("Pagination".to_owned(), response::pagination());
    models.insert("Cursor".to_owned(), response::cursor());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "CometChat emulator",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The part of CometChat's service that this emulator has: users, auth \
                tokens, API keys, roles, and the client's `me`. Unofficial. Paths below `/v3` also \
                work below `/v3.0` and without a version. Any other path or method responds with \
                404 and `ERR_API_NOT_FOUND`. Strings are trimmed, blank strings count as absent, \
                and fields that are not described are ignored.",
        },
        "paths": paths,
        "components": {
            "schemas": models,
            "parameters": {
                "appId": {
                    "name": "appId",
                    "in": "header",
                    "required": false,
                    "schema": { "type": "string", "minLength": 1 },
                    "description": "The app, if the host name does not contain it. The default is \
                        the emulator's default app.",
                },
            },
            "securitySchemes": {
                "apiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "apikey",
                    "description": "An API key: Auth Key or REST API key.",
                },
                "authToken": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "authtoken",
                    "description": "A user's auth token.",
                },
            },
        },
    })
}

fn describe(
    route: &Route,
    prefix: &str,
    paths: &mut Map<String, Value>,
    models: &mut Map<String, Value>,
) {
    let path = format!("{prefix}/{}", route.path.join("/"));
    let item = paths.entry(path).or_insert_with(|| json!({}));
    let mut operation = Map::new();
    operation.insert("operationId".into(), json!(route.name));
    operation.insert("summary".into(), json!(route.about));
    if let Some(tag) = route.path.iter().rfind(|part| !part.starts_with('{')) {
        operation.insert("tags".into(), json!([tag]));
    }
    let (security, right) = security(route.credential);
    operation.insert("description".into(), json!(right));
    operation.insert("security".into(), security);
    let parts = route.path.iter().filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = parts
        .map(|name| {
            json!({
                "name": name,
                "in": "path",
                "required": true,
                "schema": { "type": "string", "minLength": 1 },
            })
        })
        .collect();
    parameters.extend(route.tables.query.iter().copied().flatten().map(request::query_parameter));
    if route.name == "getUser" {
        parameters.push(json!({
            "name": "onBehalfOf",
            "in": "header",
            "required": false,
            "schema": { "type": "string" },
            "description": "The uid of the user to look on behalf of; with an API key.",
        }));
    }
    parameters.push(json!({ "$ref": "#/components/parameters/appId" }));
    operation.insert("parameters".into(), json!(parameters));
    let body = route.tables.body;
    if !body.is_empty() {
        let needed: Vec<&str> = request::required(body).collect();
        operation.insert(
            "requestBody".into(),
            json!({
                "required": !needed.is_empty(),
                "description": format!("At most {MAX_BODY} bytes."),
                "content": { "application/json": { "schema": request::body_schema(body) } },
            }),
        );
    }
    operation.insert("responses".into(), response::responses(route, models));
    let method = format!("{:?}", route.method).to_ascii_lowercase();
    if let Some(item) = item.as_object_mut() {
        item.insert(method, Value::Object(operation));
    }
}

fn security(credential: Credential) -> (Value, &'static str) {
    let key = |right: Right| match right {
        Right::CreateTokens => "With an Auth Key or a REST API key.",
        Right::ManageUsers => {
            "With a REST API key, or with an Auth Key, unless the emulator was started with \
             `--strict-auth-keys`."
        }
        Right::Everything => "With a REST API key.",
    };
    match credential {
        Credential::Nothing => (json!([]), "For everybody."),
        Credential::ApiKey(right) => (json!([{ "apiKey": [] }]), key(right)),
        Credential::AuthToken => (json!([{ "authToken": [] }]), "With a user's auth token."),
        Credential::ApiKeyOrAuthToken(_) => (
            json!([{ "apiKey": [] }, { "authToken": [] }]),
            "With a REST API key or a user's auth token.",
        ),
    }
}
