//! The table of errors: a test for each row.

use crate::lab::{KEY, Lab, code, header};
use cometchat_emulator::core::{Body, ErrorKind, Evidence, MAX_BODY, Response, error, seed};
use serde_json::{Value, json};

/// A test for each row that provokes the error. The expected code and status are written here,
/// not read from the table.
macro_rules! row_tests {
    ($($name:ident: $kind:ident => $status:literal $code:literal, |$lab:ident| $provoke:expr;)*) => {
        $(#[test]
        fn $name() {
            let mut $lab = Lab::new();
            let response: Response = $provoke;
            let body: Value = serde_json::from_str(&response.body).unwrap();
            assert_eq!((response.status, code(&body)), ($status, $code), "{body}");
            assert_eq!((ErrorKind::$kind.status(), ErrorKind::$kind.code()), ($status, $code));
            let error = body["error"].as_object().unwrap();
            assert!(!error["message"].as_str().unwrap().is_empty());
            assert!(error["devMessage"].is_string());
            assert_eq!(error["source"], "chat-api");
            let allowed = header(&response, "access-control-allow-origin");
            assert_eq!(allowed, Some("*"), "an error must be readable by the page");
            assert_eq!(response.content_type, Some("application/json"));
        })*

        #[test]
        fn every_error_kind_has_one_row_and_one_test() {
            let tested = [$(ErrorKind::$kind),*];
            for row in error::TABLE {
                let kind = row.kind;
                assert_eq!(tested.iter().filter(|other| **other == kind).count(), 1, "{kind:?}");
                let rows = error::TABLE.iter().filter(|other| other.kind == kind);
                assert_eq!(rows.count(), 1, "{kind:?}");
                assert!(!row.source.is_empty());
            }
            assert_eq!(tested.len(), error::TABLE.len());
            assert!(error::TABLE.iter().any(|row| row.evidence == Evidence::Seen));
        }
    };
}

row_tests! {
    status_empty_app_id: EmptyAppId => 401 "AUTH_ERR_EMPTY_APPID",
        |lab| lab.raw("GET", "/v3/users/superhero1", &[KEY, ("appid", " ")], Body::Empty);
    status_invalid_app_id: InvalidAppId => 401 "AUTH_ERR_INVALID_APPID",
        |lab| lab.raw("GET", "/v3/users/superhero1", &[KEY, ("appid", "other")], Body::Empty);
    status_empty_api_key: EmptyApiKey => 401 "AUTH_ERR_EMPTY_APIKEY",
        |lab| lab.raw("POST", "/v3/users", &[("apikey", "")], Body::Empty);
    status_api_key_not_found: ApiKeyNotFound => 401 "AUTH_ERR_APIKEY_NOT_FOUND",
        |lab| lab.raw("POST", "/v3/users", &[("apikey", "not-a-key-of-this-app")], Body::Empty);
    status_no_access: NoAccess => 403 "AUTH_ERR_NO_ACCESS",
        |lab| lab.raw("DELETE", "/v3/users/superhero1", &[("apikey", seed::AUTH_KEY)], Body::Empty);
    status_empty_auth_token: EmptyAuthToken => 401 "AUTH_ERR_EMPTY_AUTH_TOKEN",
        |lab| lab.raw("PUT", "/v3.0/me", &[KEY], Body::Empty);
    status_auth_token_not_found: AuthTokenNotFound => 401 "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
        |lab| lab.raw("PUT", "/v3.0/me", &[("authtoken", "superhero1_gone")], Body::Empty);
    status_path_token_not_found: PathTokenNotFound => 404 "ERR_AUTH_TOKEN_NOT_FOUND",
        |lab| {
            let path = "/v3/users/superhero1/auth_tokens/superhero1_gone";
            lab.raw("DELETE", path, &[KEY], Body::Empty)
        };
    status_token_unavailable: TokenUnavailable => 401 "ERR_AUTHTOKEN_UNAVAILABLE", |lab| {
        lab.state.config.single_use_tokens = true;
        let token = lab.token("superhero1");
        assert_eq!(lab.me("PUT", &token, json!({})).0, 200);
        lab.raw("PUT", "/v3/me", &[("authtoken", &token)], Body::Empty)
    };
    status_key_not_found: KeyNotFound => 404 "ERR_APIKEY_NOT_FOUND",
        |lab| lab.raw("GET", "/v3/apikeys/nobody-has-it", &[KEY], Body::Empty);
    status_no_self_action: NoSelfAction => 403 "ERR_APIKEY_NO_SELF_ACTION",
        |lab| {
            let path = format!("/v3/apikeys/{}", seed::REST_API_KEY);
            lab.raw("DELETE", &path, &[KEY], Body::Empty)
        };
    status_too_many_keys: TooManyKeys => 400 "ERR_BAD_REQUEST", |lab| {
        for at in 3..=25 {
            assert_eq!(lab.rest("POST", "/apikeys", json!({ "name": format!("key {at}") })).0, 200);
        }
        lab.raw("POST", "/v3/apikeys", &[KEY], Body::Bytes(br#"{"name":"key 26"}"#.to_vec()))
    };
    status_too_many_roles: TooManyRoles => 400 "ERR_BAD_REQUEST", |lab| {
        for at in 2..=25 {
            let role = json!({ "role": format!("r{at}"), "name": "R" });
            assert_eq!(lab.rest("POST", "/roles", role).0, 200);
        }
        lab.raw("POST", "/v3/roles", &[KEY], Body::Bytes(br#"{"role":"r26","name":"R"}"#.to_vec()))
    };
    status_unknown_permission: UnknownPermission => 400 "ERR_BAD_REQUEST",
        |lab| lab.raw("DELETE", "/v3/roles/default/permissions/fly", &[KEY], Body::Empty);
    status_permission_denied: PermissionDenied => 403 "ERR_PERMISSION_DENIED", |lab| {
        let denied = json!({ "permissions": { "editProfile": "deny" } });
        lab.data("PUT", "/roles/default/permissions", denied);
        let token = lab.token("superhero1");
        lab.raw("PUT", "/v3/me", &[("authtoken", &token)], Body::Bytes(br#"{"name":"N"}"#.to_vec()))
    };
    status_bot_token: BotToken => 400 "ERR_BAD_REQUEST", |lab| {
        lab.load(include_str!("../../seeds/bot.json"));
        lab.raw("POST", "/v3/users/helper-bot/auth_tokens", &[KEY], Body::Empty)
    };
    status_role_not_found: RoleNotFound => 404 "ERR_ROLE_NOT_FOUND",
        |lab| lab.raw("PUT", "/v3/roles/nobody", &[KEY], Body::Empty);
    status_role_delete_denied: RoleDeleteDenied => 403 "ERR_ROLE_DELETE_DENIED",
        |lab| lab.raw("DELETE", "/v3/roles/Default", &[KEY], Body::Empty);
    status_uid_not_found: UidNotFound => 404 "ERR_UID_NOT_FOUND",
        |lab| lab.raw("GET", "/v3/users/nobody", &[KEY], Body::Empty);
    status_uid_exists: UidExists => 400 "ERR_UID_ALREADY_EXISTS",
        |lab| {
            let body = br#"{"uid":"SuperHero1","name":"Again"}"#.to_vec();
            lab.raw("POST", "/v3/users", &[KEY], Body::Bytes(body))
        };
    status_invalid: Invalid => 400 "ERR_BAD_REQUEST",
        |lab| lab.raw("POST", "/v3/users", &[KEY], Body::Bytes(b"{}".to_vec()));
    status_malformed: Malformed => 400 "ERR_BAD_REQUEST",
        |lab| lab.raw("POST", "/v3/users", &[KEY], Body::Bytes(br#"{"uid":"#.to_vec()));
    status_body_too_large: BodyTooLarge => 413 "ERR_BAD_REQUEST",
        |lab| lab.raw("POST", "/v3/users", &[KEY], Body::Bytes(vec![b' '; MAX_BODY + 1]));
    status_api_not_found: ApiNotFound => 404 "ERR_API_NOT_FOUND",
        |lab| lab.raw("PATCH", "/v3/users/superhero1", &[KEY], Body::Empty);
    status_invalid_api_version: InvalidApiVersion => 404 "ERR_INVALID_API_VERSION",
        |lab| lab.raw("GET", "/v2.0/me", &[], Body::Empty);
    status_too_many_requests: TooManyRequests => 429 "ERR_TOO_MANY_REQUESTS", |lab| {
        lab.state.config.standard_limit = 1;
        assert_eq!(lab.raw("GET", "/v3/users/superhero1", &[KEY], Body::Empty).status, 200);
        lab.raw("GET", "/v3/users/superhero1", &[KEY], Body::Empty)
    };
    status_internal: Internal => 500 "ERR_EXCEPTION", |_lab| Response::not_stored();
}

#[test]
fn unknown_paths_and_wrong_methods_have_the_same_response() {
    let mut lab = Lab::new();
    for (method, path) in [
        ("GET", "/v3/nothing"),
        ("GET", "/nothing"),
        ("PATCH", "/v3/users/superhero1"),
        ("POST", "/v3/me"),
        ("POST", "/v3/users/a/b/auth_tokens"),
        ("POST", "/"),
        ("PUT", "/avatars/superhero1.svg"),
        ("GET", "/v3"),
    ] {
        let (status, response) = lab.send(method, path, &[KEY], Value::Null);
        assert_eq!((status, code(&response)), (404, "ERR_API_NOT_FOUND"), "{method} {path}");
        assert_eq!(
            response["error"]["message"],
            "The API endpoint is invalid. Please verify the API call."
        );
    }
}
