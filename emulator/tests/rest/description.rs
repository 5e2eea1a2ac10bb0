//! The description at `/openapi.json`: it has every call, property and error, and nothing else.

use crate::lab::{DESCRIPTION, KEY, Lab, Operation, code, codes};
use cometchat_emulator::core::{Body, seed};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Replaces the parameters of a path.
fn fill(path: &str, values: [&str; 5]) -> String {
    let names = ["{uid}", "{authToken}", "{apiKey}", "{role}", "{permission}"];
    names
        .into_iter()
        .zip(values)
        .fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

/// Makes a described call fail in a described way.
fn provoke(operation: &Operation, code: &str) -> Option<(u16, Value)> {
    let mut lab = Lab::new();
    let secret = operation.details["security"].to_string();
    let by_key = secret.contains("apiKey");
    let token = lab.token("superhero1");
    lab.now += 60;
    let mut credential = if by_key { KEY } else { ("authtoken", token.as_str()) };
    let mut headers = Vec::new();
    let mut body = Body::Empty;
    let json = |value: Value| Body::Bytes(value.to_string().into());
    let (mut uid, mut auth_token, mut api_key, mut role) =
        ("superhero1", token.as_str(), seed::AUTH_KEY, "default");
    match code {
        "400 ERR_BAD_REQUEST" => body = Body::Bytes(b"{".to_vec()),
        "413 ERR_BAD_REQUEST" => body = Body::TooLarge,
        "401 AUTH_ERR_EMPTY_APPID" => headers.push(("appid", "")),
        "401 AUTH_ERR_INVALID_APPID" => headers.push(("appid", "other")),
        "401 AUTH_ERR_EMPTY_APIKEY" => credential.1 = "",
        "401 AUTH_ERR_APIKEY_NOT_FOUND" => credential.1 = "wrong",
        "403 AUTH_ERR_NO_ACCESS" => {
            lab.state.config.strict_auth_keys = true;
            credential.1 = seed::AUTH_KEY;
        }
        "401 AUTH_ERR_EMPTY_AUTH_TOKEN" if by_key => {
            headers.push(("host", "emulator-app.apiclient-us.test"))
        }
        "401 AUTH_ERR_EMPTY_AUTH_TOKEN" => credential.1 = "",
        "401 AUTH_ERR_AUTH_TOKEN_NOT_FOUND" => credential = ("authtoken", "wrong"),
        "401 ERR_AUTHTOKEN_UNAVAILABLE" => {
            lab.state.config.single_use_tokens = true;
            lab.me("PUT", &token, json!({}));
        }
        "404 ERR_UID_NOT_FOUND" if by_key => uid = "nobody",
        "404 ERR_UID_NOT_FOUND" => drop(lab.data("DELETE", "/users/superhero1", Value::Null)),
        "404 ERR_AUTH_TOKEN_NOT_FOUND" => auth_token = "wrong",
        "404 ERR_APIKEY_NOT_FOUND" => api_key = "wrong",
        "404 ERR_ROLE_NOT_FOUND" => role = "wrong",
        "403 ERR_APIKEY_NO_SELF_ACTION" => api_key = seed::REST_API_KEY,
        "403 ERR_ROLE_DELETE_DENIED" => role = "default",
        "403 ERR_PERMISSION_DENIED" => {
            let permissions = json!({ "editProfile": "deny", "getUserDetails.mode": "friends" });
            lab.data("PUT", "/roles/default/permissions", json!({ "permissions": permissions }));
            credential = ("authtoken", token.as_str());
            uid = "superhero2";
            body = json(json!({ "name": "N" }));
        }
        "400 ERR_UID_ALREADY_EXISTS" => body = json(json!({ "uid": uid, "name": "N" })),
        "429 ERR_TOO_MANY_REQUESTS" => {
            (lab.state.config.core_limit, lab.state.config.standard_limit) = (1, 1);
            // One request of each class.
            lab.data("POST", "/users", json!({ "uid": "a", "name": "A" }));
            lab.data("GET", "/users", Value::Null);
        }
        // The error of a shell that cannot store. No request to the core provokes it.
        "500 ERR_EXCEPTION" => return None,
        other => panic!("no way known to provoke {other} of {}", operation.path),
    }
    let path = fill(&operation.path, [uid, auth_token, api_key, role, "listUsers"]);
    headers.push(credential);
    let response = lab.raw(&operation.method, &path, &headers, body);
    Some((response.status, serde_json::from_str(&response.body).unwrap()))
}

#[test]
fn every_described_error_can_be_provoked() {
    let mut provoked = 0;
    for operation in &DESCRIPTION.operations {
        for (described, status) in codes(operation) {
            let Some((actual, response)) = provoke(operation, &described) else { continue };
            let at = format!("{} {}: {described}: {response}", operation.method, operation.path);
            assert_eq!(
                (actual, code(&response)),
                (status, described.split_once(' ').unwrap().1),
                "{at}"
            );
            provoked += 1;
        }
    }
    assert!(provoked > 200, "{provoked}");
}

#[test]
fn every_described_property_occurs_in_a_response() {
    let mut lab = Lab::new();
    lab.data(
        "POST",
        "/roles",
        json!({ "role": "r", "name": "R", "description": "d", "metadata": {}, "settings": {} }),
    );
    lab.data("PUT", "/roles/r", json!({}));
    let permissions = json!({ "permissions": { "listUsers": "deny" } });
    lab.data("PUT", "/roles/r/permissions", permissions);
    lab.data("DELETE", "/roles/r/permissions/listUsers", Value::Null);
    let mut user = DESCRIPTION.example("POST", "/v3/users");
    user["uid"] = json!("a");
    user["role"] = json!("default");
    let token = lab.data("POST", "/users", user)["authToken"].as_str().unwrap().to_owned();
    lab.data("PUT", "/users/a", json!({}));
    lab.me("PUT", &token, json!({}));
    for operation in DESCRIPTION.operations.iter().filter(|operation| operation.method == "GET") {
        let by_key = operation.details["security"].to_string().contains("apiKey");
        let credential = if by_key { KEY } else { ("authtoken", token.as_str()) };
        let path = fill(&operation.path, ["a", &token, seed::AUTH_KEY, "r", "listUsers"]);
        lab.raw("GET", &path, &[credential], Body::Empty);
    }
    lab.send("GET", "/v3/users/superhero1", &[KEY, ("onbehalfof", "a")], Value::Null);
    lab.data(
        "PUT",
        &format!("/users/a/auth_tokens/{token}"),
        json!({ "platform": "p", "userAgent": "u", "appInfo": {} }),
    );
    lab.send("POST", "/v3/me/jwt", &[("authtoken", &token)], Value::Null);
    lab.send("POST", "/v3/user_sessions", &[("authtoken", &token)], json!({ "sessionId": "s" }));
    lab.send("POST", "/v1/ping", &[], Value::Null);
    lab.send("DELETE", "/v3/me", &[("authtoken", &token)], Value::Null);
    for _ in 0..2 {
        lab.data("DELETE", "/users", json!({ "uidsToDeactivate": ["a", "x"] }));
    }
    lab.data("GET", "/users?onlyDeactivated=1", Value::Null);
    for _ in 0..2 {
        lab.data("PUT", "/users", json!({ "uidsToActivate": ["a", "x"] }));
    }
    let unseen: BTreeSet<String> =
        DESCRIPTION.properties().difference(&lab.seen).cloned().collect();
    assert_eq!(unseen, BTreeSet::new());
}

#[test]
fn every_route_is_described_once_with_its_request_body() {
    use cometchat_emulator::core::routes;
    let operations = &DESCRIPTION.operations;
    for route in routes::ROUTES {
        let path = format!("/v3/{}", route.path.join("/"));
        let method = format!("{:?}", route.method).to_uppercase();
        let found = operations
            .iter()
            .filter(|operation| operation.path == path && operation.method == method);
        let found: Vec<&Operation> = found.collect();
        assert_eq!(found.len(), 1, "{method} {path}");
        assert_eq!(found[0].details["operationId"], route.name);
        assert!(!found[0].details["summary"].as_str().unwrap().is_empty());
    }
    let names: BTreeSet<String> =
        operations.iter().map(|operation| operation.details["operationId"].to_string()).collect();
    assert_eq!(names.len(), operations.len(), "names are unique");
    assert_eq!(
        operations.len(),
        routes::ROUTES.len() + 4,
        "and the ping, the first page, avatars, the description itself"
    );
    let create = DESCRIPTION.find("POST", "/v3/users").unwrap();
    let body = &create.details["requestBody"]["content"]["application/json"]["schema"];
    assert!(
        DESCRIPTION.fits(body, &json!({ "uid": "a", "name": "A", "tags": ["t"], "metadata": {} }))
    );
    for bad in [
        json!({ "uid": "a" }),
        json!({ "uid": "a b", "name": "A" }),
        json!({ "uid": "a", "name": " " }),
        json!({ "uid": "a", "name": "A", "tags": vec!["t"; 26] }),
        json!({ "uid": "a", "name": "A", "avatar": "x" }),
    ] {
        assert!(!DESCRIPTION.fits(body, &bad), "{bad}");
    }
}
