//! The description at `/openapi.json` (OpenAPI 3.1), generated from the tables of `routes.rs`,
//! `validate`, `schema.rs` and `error.rs`.

use super::access::{Credential, Right};
use super::avatar;
use super::call::MAX_BODY;
use super::error::ErrorKind;
use super::routes::{PING, ROUTES, Route};
use super::schema::{Model, Shape, Type};
use super::state::Storage;
use super::validate::{Field, Kind, MAX_ID, MAX_URL, Need};
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
    for (path, item) in own_pages() {
        paths.insert(path, item);
    }
    models.insert("Pagination".to_owned(), pagination());
    models.insert("Cursor".to_owned(), cursor());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "CometChat emulator",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What this emulator answers of CometChat's service: users, auth tokens, API keys, roles, and the client's `me`. \
                Unofficial. Paths below `/v3` also work below `/v3.0` and without a version. Any path that is not described, and any other \
                method, answers 404 with `ERR_API_NOT_FOUND`. Strings are trimmed, a blank one counts as none, and fields that are not \
                described are ignored.",
        },
        "paths": paths,
        "components": {
            "schemas": models,
            "parameters": { "appId": {
                "name": "appId", "in": "header", "required": false, "schema": { "type": "string", "minLength": 1 },
                "description": "The app, where the host name does not say it; without both it is the emulator's default app.",
            } },
            "securitySchemes": {
                "apiKey": { "type": "apiKey", "in": "header", "name": "apikey", "description": "An API key: Auth Key or REST API key." },
                "authToken": { "type": "apiKey", "in": "header", "name": "authtoken", "description": "A user's auth token." },
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
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } }))
        .collect();
    parameters.extend(route.tables.query.iter().copied().flatten().map(query_parameter));
    if route.name == "getUser" {
        parameters
            .push(json!({ "name": "onBehalfOf", "in": "header", "required": false, "schema": { "type": "string" },
            "description": "The uid of the user to look on behalf of; with an API key." }));
    }
    parameters.push(json!({ "$ref": "#/components/parameters/appId" }));
    operation.insert("parameters".into(), json!(parameters));
    let body = route.tables.body;
    if !body.is_empty() {
        let needed: Vec<&str> = required(body).collect();
        operation.insert(
            "requestBody".into(),
            json!({
                "required": !needed.is_empty(),
                "description": format!("At most {MAX_BODY} bytes."),
                "content": { "application/json": { "schema": body_schema(body) } },
            }),
        );
    }
    operation.insert("responses".into(), responses(route, models));
    let method = format!("{:?}", route.method).to_ascii_lowercase();
    if let Some(item) = item.as_object_mut() {
        item.insert(method, Value::Object(operation));
    }
}

fn security(credential: Credential) -> (Value, &'static str) {
    let key = |right: Right| match right {
        Right::CreateTokens => "With an Auth Key or a REST API key.",
        Right::ManageUsers => {
            "With a REST API key, or with an Auth Key, unless the emulator was started with `--strict-auth-keys`."
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

// ---- what goes in

fn required(tables: &[&[Field]]) -> impl Iterator<Item = &'static str> {
    tables
        .iter()
        .copied()
        .flatten()
        .filter(|field| field.need == Need::Required)
        .map(|field| field.name)
}

fn query_parameter(field: &Field) -> Value {
    let mut parameter = json!({ "name": field.name, "in": "query", "required": field.need == Need::Required,
        "description": field.about, "schema": schema(field) });
    if let (Kind::Texts { .. } | Kind::Words(_), Some(parameter)) =
        (field.kind, parameter.as_object_mut())
    {
        parameter.insert("style".into(), json!("form"));
        parameter.insert("explode".into(), json!(false));
    }
    parameter
}

fn body_schema(tables: &[&[Field]]) -> Value {
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
            json!({ "type": "string", "format": "uri", "maxLength": MAX_URL, "pattern": r"^[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9]" })
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

// ---- what goes out

fn responses(route: &Route, models: &mut Map<String, Value>) -> Value {
    let data = match route.gives {
        Shape::One(model) => reference(model, models),
        Shape::Either(one, other) => {
            json!({ "anyOf": [reference(one, models), reference(other, models)] })
        }
        Shape::List(model, _) => json!({ "type": "array", "items": reference(model, models) }),
    };
    let schema = match route.gives {
        Shape::List(_, with_cursor) => {
            let mut meta = json!({ "pagination": { "$ref": "#/components/schemas/Pagination" } });
            if let (true, Some(meta)) = (with_cursor, meta.as_object_mut()) {
                meta.insert("cursor".into(), json!({ "$ref": "#/components/schemas/Cursor" }));
            }
            closed(
                json!({ "data": data, "meta": closed(meta, &["pagination"]) }),
                &["data", "meta"],
            )
        }
        _ => closed(json!({ "data": data }), &["data"]),
    };
    let mut responses = Map::new();
    responses.insert(
        "200".into(),
        json!({ "description": "Done.", "headers": rate_headers(&["X-Rate-Limit", "X-Rate-Limit-Remaining"]),
            "content": { "application/json": { "schema": schema } } }),
    );
    let mut by_status: Vec<(u16, Vec<&str>)> = Vec::new();
    for kind in error_kinds(route) {
        let at = by_status.iter().position(|(status, _)| *status == kind.status());
        match at.and_then(|at| by_status.get_mut(at)) {
            Some((_, codes)) if codes.contains(&kind.code()) => {}
            Some((_, codes)) => codes.push(kind.code()),
            None => by_status.push((kind.status(), vec![kind.code()])),
        }
    }
    by_status.sort_unstable();
    for (status, codes) in by_status {
        let mut response = json!({ "description": codes.join(", "),
            "content": { "application/json": { "schema": error(&codes) } } });
        if let (429, Some(response)) = (status, response.as_object_mut()) {
            let names =
                ["X-Rate-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset", "Retry-After"];
            response.insert("headers".into(), rate_headers(&names));
        }
        responses.insert(status.to_string(), response);
    }
    Value::Object(responses)
}

/// All that can go wrong with a call.
fn error_kinds(route: &Route) -> Vec<ErrorKind> {
    use ErrorKind::{
        ApiKeyNotFound, AuthTokenNotFound, BodyTooLarge, EmptyApiKey, EmptyAppId, EmptyAuthToken,
        Internal, Invalid, InvalidAppId, KeyNotFound, Malformed, NoAccess, PathTokenNotFound,
        RoleNotFound, TooManyRequests, UidNotFound, UnknownPermission,
    };
    // Every call has its body read, wanted or not.
    let mut kinds = vec![EmptyAppId, InvalidAppId, TooManyRequests, Malformed, BodyTooLarge];
    let key = |right| {
        let all = [EmptyApiKey, ApiKeyNotFound, NoAccess];
        all.into_iter().filter(move |kind| !(right == Right::CreateTokens && *kind == NoAccess))
    };
    // The user may have been deactivated since.
    let token = [EmptyAuthToken, AuthTokenNotFound, UidNotFound];
    match route.credential {
        Credential::Nothing => {}
        Credential::ApiKey(right) => kinds.extend(key(right)),
        Credential::AuthToken => kinds.extend(token),
        Credential::ApiKeyOrAuthToken(right) => kinds.extend(key(right).chain(token)),
    }
    if !route.tables.body.is_empty() || !route.tables.query.is_empty() {
        kinds.push(Invalid);
    }
    for part in route.path {
        match *part {
            "{uid}" => kinds.push(UidNotFound),
            "{authToken}" => kinds.push(PathTokenNotFound),
            "{apiKey}" => kinds.push(KeyNotFound),
            "{role}" => kinds.push(RoleNotFound),
            "{permission}" => kinds.push(UnknownPermission),
            _ => {}
        }
    }
    if route.stores {
        kinds.push(Internal);
    }
    kinds.extend(route.fails);
    kinds
}

fn reference(model: &Model, models: &mut Map<String, Value>) -> Value {
    if !models.contains_key(model.name) {
        // Before its properties, so that models come in the order in which they are first spoken of.
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
fn closed(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

fn error(codes: &[&str]) -> Value {
    let text = || json!({ "type": "string", "minLength": 1 });
    let details = json!({ "type": "object", "description": "For each field at fault, what is wrong.",
        "additionalProperties": { "type": "array", "minItems": 1, "items": text() } });
    let properties = json!({ "message": text(), "devMessage": text(), "source": { "const": "chat-api" },
        "code": { "type": "string", "enum": codes }, "details": details });
    closed(
        json!({ "error": closed(properties, &["message", "devMessage", "source", "code"]) }),
        &["error"],
    )
}

fn pagination() -> Value {
    let count = |about: &str| json!({ "type": "integer", "minimum": 0, "description": about });
    closed(
        json!({
            "total": count("All that match."), "count": count("Those on this page."), "per_page": count("How many a page has."),
            "current_page": count("This page, from 1."), "total_pages": count("How many pages there are."),
        }),
        &["total", "count", "per_page", "current_page", "total_pages"],
    )
}

fn cursor() -> Value {
    closed(
        json!({
            "updatedAt": { "type": "integer", "minimum": 0, "description": "When the page's last item was last changed." },
            "affix": { "type": "string", "enum": ["append", "prepend"] },
        }),
        &["updatedAt", "affix"],
    )
}

fn rate_headers(names: &[&str]) -> Value {
    // Not required: they are absent while there is no limit.
    let header = |name: &str| {
        let about = match name {
            "X-Rate-Limit" => "Calls of this kind a minute.",
            "X-Rate-Limit-Remaining" => "How many are left in this minute.",
            "X-Rate-Limit-Reset" => "When the next minute begins, in UNIX seconds.",
            _ => "In so many seconds.",
        };
        json!({ "required": false, "description": about, "schema": { "type": "integer", "minimum": 0 } })
    };
    Value::Object(names.iter().map(|name| ((*name).to_owned(), header(name))).collect())
}

/// The ready page has two statuses with the same content.
fn ready_page(text: &Value, ready: &Value) -> Value {
    let content = json!({ "text/html": text, "application/json": { "schema": ready } });
    json!({ "get": { "operationId": "ready", "summary": "Says whether the emulator is ready.", "tags": ["emulator"], "security": [],
        "parameters": [], "responses": {
            "200": { "description": "Ready.", "content": content },
            "503": { "description": "The database file cannot be written.", "content": content },
        } } })
}

/// The emulator's own pages.
fn own_pages() -> Vec<(String, Value)> {
    let get = |name: &str, about: &str, parameters: Value, content: Value| {
        json!({ "get": { "operationId": name, "summary": about, "tags": ["emulator"], "security": [], "parameters": parameters,
            "responses": { "200": { "description": "Done.", "content": content } } } })
    };
    let ready = closed(
        json!({
            "ready": { "type": "boolean" }, "url": { "type": "string" }, "appId": { "type": "string" }, "region": { "type": "string" },
            "users": { "type": "array", "items": { "type": "string" }, "description": "The uids of the oldest 100 users." },
            "userCount": { "type": "integer", "minimum": 0, "description": "How many active users there are." },
            "storage": { "type": "string", "enum": [Storage::Memory.name(), Storage::File.name(), Storage::Failing.name()],
                "description": "Where changes are kept; `failing` while the database file cannot be written." },
        }),
        &["ready", "url", "appId", "region", "users", "userCount", "storage"],
    );
    let text = json!({ "schema": { "type": "string" } });
    let uid = json!([{ "name": "uid", "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } }]);
    vec![
        ("/".to_owned(), ready_page(&text, &ready)),
        (
            format!("{}{{uid}}.svg", avatar::PATH),
            get("avatar", "Draws a picture, for any uid.", uid, json!({ "image/svg+xml": text })),
        ),
        (
            "/openapi.json".to_owned(),
            get(
                "openapi",
                "This description.",
                json!([]),
                json!({ "application/json": { "schema": { "type": "object", "required": ["openapi", "paths"] } } }),
            ),
        ),
    ]
}
