//! The schemas of responses.

use super::models::{closed, reference};
use crate::core::access::{Credential, Right};
use crate::core::error::ErrorKind;
use crate::core::routes::Route;
use crate::core::schema::Shape;
use serde_json::{Map, Value, json};

/// The responses of a call, by status.
pub(super) fn responses(route: &Route, models: &mut Map<String, Value>) -> Value {
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
        json!({
            "description": "Done.",
            "headers": rate_headers(&["X-Rate-Limit", "X-Rate-Limit-Remaining"]),
            "content": { "application/json": { "schema": schema } },
        }),
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

/// The errors that a call can fail with.
fn error_kinds(route: &Route) -> Vec<ErrorKind> {
    use ErrorKind::{
        ApiKeyNotFound, AuthTokenNotFound, BodyTooLarge, EmptyApiKey, EmptyAppId, EmptyAuthToken,
        Internal, Invalid, InvalidAppId, KeyNotFound, Malformed, NoAccess, PathTokenNotFound,
        RoleNotFound, TooManyRequests, UidNotFound, UnknownPermission,
    };
    // The emulator reads the body of every call, even if the call needs none.
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

fn error(codes: &[&str]) -> Value {
    let text = || json!({ "type": "string", "minLength": 1 });
    let details = json!({
        "type": "object",
        "description": "For each field at fault, what is wrong.",
        "additionalProperties": { "type": "array", "minItems": 1, "items": text() },
    });
    let properties = json!({
        "message": text(),
        "devMessage": text(),
        "source": { "const": "chat-api" },
        "code": { "type": "string", "enum": codes },
        "details": details,
    });
    closed(
        json!({ "error": closed(properties, &["message", "devMessage", "source", "code"]) }),
        &["error"],
    )
}

/// The counts of a list.
pub(super) fn pagination() -> Value {
    let count = |about: &str| json!({ "type": "integer", "minimum": 0, "description": about });
    closed(
        json!({
            "total": count("The number of items that match."),
            "count": count("The number of items on this page."),
            "per_page": count("The number of items per page."),
            "current_page": count("The number of this page, from 1."),
            "total_pages": count("The number of pages."),
        }),
        &["total", "count", "per_page", "current_page", "total_pages"],
    )
}

/// The position of a list's last item.
pub(super) fn cursor() -> Value {
    closed(
        json!({
            "updatedAt": { "type": "integer", "minimum": 0, "description": "When the page's last \
             item was last changed." },
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
        json!({
            "required": false,
            "description": about,
            "schema": { "type": "integer", "minimum": 0 },
        })
    };
    Value::Object(names.iter().map(|name| ((*name).to_owned(), header(name))).collect())
}
