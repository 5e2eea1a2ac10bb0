//! The service's behaviour, without HTTP: one request in, reply and changes out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod lab;

use cometchat_emulator::core::{
    ApiKey, Body, Change, Config, ErrorKind, Evidence, MAX_BODY, Response, Scope, error, routes,
    seed,
};
use lab::{KEY, Lab, NOW, code, header};
use proptest::prelude::*;
use serde_json::{Value, json};

// ---- the table of statuses: one test a row

/// For each row: what the issue's table promises, provoked. The expected code and status are
/// written out, not read from the table.
macro_rules! row_tests {
    ($($name:ident: $kind:ident => $status:literal $code:literal, |$lab:ident| $provoke:expr;)*) => {
        $(#[test]
        fn $name() {
            let mut $lab = Lab::new();
            let reply: Response = $provoke;
            let body: Value = serde_json::from_str(&reply.body).unwrap();
            assert_eq!((reply.status, code(&body)), ($status, $code), "{body}");
            assert_eq!((ErrorKind::$kind.status(), ErrorKind::$kind.code()), ($status, $code));
            let error = body["error"].as_object().unwrap();
            assert!(!error["message"].as_str().unwrap().is_empty());
            assert!(error["devMessage"].is_string());
            assert_eq!(error["source"], "chat-api");
            assert_eq!(header(&reply, "access-control-allow-origin"), Some("*"), "an error must be readable by the page");
            assert_eq!(reply.content_type, Some("application/json"));
        })*

        #[test]
        fn status_table_has_one_row_for_each_kind_and_a_test_for_each_row() {
            let tested = [$(ErrorKind::$kind),*];
            for row in error::TABLE {
                assert_eq!(tested.iter().filter(|kind| **kind == row.kind).count(), 1, "{:?}", row.kind);
                assert_eq!(error::TABLE.iter().filter(|other| other.kind == row.kind).count(), 1, "{:?}", row.kind);
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
        |lab| lab.raw("DELETE", "/v3/users/superhero1/auth_tokens/superhero1_gone", &[KEY], Body::Empty);
    status_token_unavailable: TokenUnavailable => 401 "ERR_AUTHTOKEN_UNAVAILABLE", |lab| {
        lab.state.config.single_use_tokens = true;
        let token = lab.token("superhero1");
        assert_eq!(lab.me("PUT", &token, json!({})).0, 200);
        lab.raw("PUT", "/v3/me", &[("authtoken", &token)], Body::Empty)
    };
    status_key_not_found: KeyNotFound => 404 "ERR_APIKEY_NOT_FOUND",
        |lab| lab.raw("GET", "/v3/apikeys/nobody-has-it", &[KEY], Body::Empty);
    status_no_self_action: NoSelfAction => 403 "ERR_APIKEY_NO_SELF_ACTION",
        |lab| lab.raw("DELETE", &format!("/v3/apikeys/{}", seed::REST_API_KEY), &[KEY], Body::Empty);
    status_too_many_keys: TooManyKeys => 400 "ERR_BAD_REQUEST", |lab| {
        for at in 3..=25 {
            assert_eq!(lab.rest("POST", "/apikeys", json!({ "name": format!("key {at}") })).0, 200);
        }
        lab.raw("POST", "/v3/apikeys", &[KEY], Body::Bytes(br#"{"name":"key 26"}"#.to_vec()))
    };
    status_too_many_roles: TooManyRoles => 400 "ERR_BAD_REQUEST", |lab| {
        for at in 2..=25 {
            assert_eq!(lab.rest("POST", "/roles", json!({ "role": format!("r{at}"), "name": "R" })).0, 200);
        }
        lab.raw("POST", "/v3/roles", &[KEY], Body::Bytes(br#"{"role":"r26","name":"R"}"#.to_vec()))
    };
    status_unknown_permission: UnknownPermission => 400 "ERR_BAD_REQUEST",
        |lab| lab.raw("DELETE", "/v3/roles/default/permissions/fly", &[KEY], Body::Empty);
    status_permission_denied: PermissionDenied => 403 "ERR_PERMISSION_DENIED", |lab| {
        lab.data("PUT", "/roles/default/permissions", json!({ "permissions": { "editProfile": "deny" } }));
        let token = lab.token("superhero1");
        lab.raw("PUT", "/v3/me", &[("authtoken", &token)], Body::Bytes(br#"{"name":"N"}"#.to_vec()))
    };
    status_bot_token: BotToken => 400 "ERR_BAD_REQUEST", |lab| {
        lab.load(include_str!("../seeds/bot.json"));
        lab.raw("POST", "/v3/users/helper-bot/auth_tokens", &[KEY], Body::Empty)
    };
    status_role_not_found: RoleNotFound => 404 "ERR_ROLE_NOT_FOUND",
        |lab| lab.raw("PUT", "/v3/roles/nobody", &[KEY], Body::Empty);
    status_role_delete_denied: RoleDeleteDenied => 403 "ERR_ROLE_DELETE_DENIED",
        |lab| lab.raw("DELETE", "/v3/roles/Default", &[KEY], Body::Empty);
    status_uid_not_found: UidNotFound => 404 "ERR_UID_NOT_FOUND",
        |lab| lab.raw("GET", "/v3/users/nobody", &[KEY], Body::Empty);
    status_uid_exists: UidExists => 400 "ERR_UID_ALREADY_EXISTS",
        |lab| lab.raw("POST", "/v3/users", &[KEY], Body::Bytes(br#"{"uid":"SuperHero1","name":"Again"}"#.to_vec()));
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
        let (status, reply) = lab.send(method, path, &[KEY], Value::Null);
        assert_eq!((status, code(&reply)), (404, "ERR_API_NOT_FOUND"), "{method} {path}");
        assert_eq!(
            reply["error"]["message"],
            "The API endpoint is invalid. Please verify the API call."
        );
    }
}

// ---- users

#[test]
fn create_user_lower_cases_the_uid_and_keeps_what_was_sent() {
    let mut lab = Lab::new();
    let (status, reply) = lab.auth(
        "POST",
        "/users",
        json!({ "uid": " Demo-Anna_1 ", "name": " Anna 🦊 ", "avatar": "https://example.test/a.png", "link": "https://example.test/anna",
            "statusMessage": "hi", "metadata": { "team": "blue" }, "tags": ["qa "], "hasBlockedMe": false, "authToken": "forged" }),
    );
    assert_eq!(status, 200);
    assert_eq!(
        reply,
        json!({ "data": { "uid": "demo-anna_1", "name": "Anna 🦊", "avatar": "https://example.test/a.png",
            "link": "https://example.test/anna", "statusMessage": "hi", "metadata": { "team": "blue" }, "status": "offline",
            "role": "default", "tags": ["qa"], "createdAt": NOW } })
    );
    let (_, read) = lab.rest("GET", "/users/DEMO-anna_1", Value::Null);
    assert_eq!(read, reply);
}

#[test]
fn create_user_with_auth_token_gives_one_that_works() {
    let mut lab = Lab::new();
    let (_, reply) =
        lab.auth("POST", "/users", json!({ "uid": "neo", "name": "Neo", "withAuthToken": true }));
    let token = reply["data"]["authToken"].as_str().unwrap().to_owned();
    let (status, me) = lab.me("PUT", &token, json!({}));
    assert_eq!((status, &me["data"]["uid"]), (200, &json!("neo")));
}

#[test]
fn validation_names_every_field_in_the_services_words() {
    let long = "x".repeat(101);
    let cases = [
        (json!({ "name": "A" }), "uid", "The uid field is required."),
        (json!({ "uid": "  ", "name": "A" }), "uid", "The uid field is required."),
        (json!({ "uid": 5, "name": "A" }), "uid", "The uid must be a string."),
        (
            json!({ "uid": "a b", "name": "A" }),
            "uid",
            "The uid may only contain letters, numbers, dashes and underscores.",
        ),
        (
            json!({ "uid": long, "name": "A" }),
            "uid",
            "The uid may not be greater than 100 characters.",
        ),
        (json!({ "uid": "a" }), "name", "The name field is required."),
        (
            json!({ "uid": "a", "name": "🦊".repeat(51) }),
            "name",
            "The name may not be greater than 100 characters.",
        ),
        (
            json!({ "uid": "a", "name": "A", "avatar": "x.png" }),
            "avatar",
            "The avatar must be a valid URL.",
        ),
        (
            json!({ "uid": "a", "name": "A", "link": "http:x" }),
            "link",
            "The link must be a valid URL.",
        ),
        (
            json!({ "uid": "a", "name": "A", "role": "boss" }),
            "role",
            "The selected role is invalid.",
        ),
        (
            json!({ "uid": "a", "name": "A", "metadata": 5 }),
            "metadata",
            "The metadata must be an object.",
        ),
        (
            json!({ "uid": "a", "name": "A", "metadata": "{" }),
            "metadata",
            "The metadata must be a valid JSON string.",
        ),
        (
            json!({ "uid": "a", "name": "A", "metadata": { "k": "x".repeat(5200) } }),
            "metadata",
            "The metadata may not be greater than 5 kilobytes.",
        ),
        (json!({ "uid": "a", "name": "A", "tags": "t" }), "tags", "The tags must be an array."),
        (
            json!({ "uid": "a", "name": "A", "tags": vec!["t"; 26] }),
            "tags",
            "The tags may not have more than 25 items.",
        ),
        (
            json!({ "uid": "a", "name": "A", "tags": ["t", " "] }),
            "tags.1",
            "The tags.1 field is required.",
        ),
        (json!({ "uid": "a", "name": "A", "tags": [7] }), "tags.0", "The tags.0 must be a string."),
        (
            json!({ "uid": "a", "name": "A", "withAuthToken": "yes" }),
            "withAuthToken",
            "The withAuthToken field must be true or false.",
        ),
    ];
    for (body, field, phrase) in cases {
        let mut lab = Lab::new();
        let (status, reply) = lab.auth("POST", "/users", body.clone());
        assert_eq!((status, code(&reply)), (400, "ERR_BAD_REQUEST"), "{body}");
        assert_eq!(reply["error"]["message"], "Failed to validate the data sent with the request.");
        assert_eq!(reply["error"]["details"], json!({ field: [phrase] }), "{body}");
        assert!(
            lab.state.default_app().unwrap().active_user("a").is_none(),
            "nothing was made of {body}"
        );
    }
    let (_, reply) = Lab::new().auth("POST", "/users", json!({}));
    assert_eq!(
        reply["error"]["details"].as_object().unwrap().len(),
        2,
        "all fields at fault are named: {reply}"
    );
}

#[test]
fn links_are_absolute_urls_with_a_host() {
    let mut lab = Lab::new();
    for good in [
        "https://example.test",
        "http://127.0.0.1:8599/avatars/a.svg",
        "https://user:pass@example.test:8443/a?b=c#d",
        "https://[::1]:8599/",
        "ftp://files.example.test",
        "https://bücher.example",
        "my-app+x.y://host",
    ] {
        let (status, reply) = lab.rest("PUT", "/users/superhero1", json!({ "link": good }));
        assert_eq!((status, &reply["data"]["link"]), (200, &json!(good)), "{reply}");
    }
    for bad in [
        "example.test",
        "http:x",
        "://example.test",
        "1http://example.test",
        "https://",
        "https:///path",
        "https://user@",
        "https://:80",
        "https://host:port",
        "https://host:65536",
        "https://a b",
        "https://example.test/a b",
        "https://[::1",
        "https://[x]",
        "https://?query",
        "https://ex\u{7}ample.test",
    ] {
        let (status, reply) = lab.rest("PUT", "/users/superhero1", json!({ "link": bad }));
        assert_eq!(
            (status, &reply["error"]["details"]["link"]),
            (400, &json!(["The link must be a valid URL."])),
            "{bad}"
        );
    }
}

#[test]
fn update_user_replaces_only_the_fields_that_are_sent() {
    let mut lab = Lab::new();
    lab.rest(
        "PUT",
        "/users/superhero1",
        json!({ "metadata": { "a": 1 }, "tags": ["x"], "statusMessage": "busy" }),
    );
    lab.now += 5;
    let (status, reply) = lab.auth(
        "PUT",
        "/users/SUPERHERO1",
        json!({ "uid": "other", "name": "Tony", "metadata": "{\"b\":2}" }),
    );
    assert_eq!(status, 200);
    let data = &reply["data"];
    assert_eq!(data["uid"], "superhero1", "a uid never changes");
    assert_eq!((&data["name"], &data["metadata"]), (&json!("Tony"), &json!({ "b": 2 })));
    assert_eq!((&data["tags"], &data["statusMessage"]), (&json!(["x"]), &json!("busy")));
    assert_eq!((&data["createdAt"], &data["updatedAt"]), (&json!(NOW), &json!(NOW + 5)));

    let (_, reply) =
        lab.rest("PUT", "/users/superhero1", json!({ "unset": ["avatar", "metadata", "link"] }));
    assert_eq!(
        (&reply["data"]["avatar"], &reply["data"]["metadata"], &reply["data"]["tags"]),
        (&Value::Null, &Value::Null, &json!(["x"]))
    );
    let (status, reply) = lab.rest("PUT", "/users/superhero1", json!({ "unset": ["uid"] }));
    assert_eq!(
        (status, &reply["error"]["details"]),
        (400, &json!({ "unset.0": ["The selected unset.0 is invalid."] }))
    );
    let (status, reply) = lab.rest("PUT", "/users/superhero1", json!({ "name": "" }));
    assert_eq!(
        (status, &reply["error"]["details"]),
        (400, &json!({ "name": ["The name field must have a value."] }))
    );
}

#[test]
fn delete_user_deactivates_and_permanently_removes() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    let (status, reply) = lab.rest("DELETE", "/users/SuperHero1", Value::Null);
    assert_eq!((status, reply), (200, json!({ "data": { "deactivatedUids": ["superhero1"] } })));
    assert_eq!(lab.rest("GET", "/users/superhero1", Value::Null).0, 404);
    assert_eq!(
        code(&lab.auth("POST", "/users/superhero1/auth_tokens", Value::Null).1),
        "ERR_UID_NOT_FOUND"
    );
    assert_eq!(code(&lab.me("GET", &token, Value::Null).1), "ERR_UID_NOT_FOUND");
    assert_eq!(
        code(&lab.rest("POST", "/users", json!({ "uid": "superhero1", "name": "N" })).1),
        "ERR_UID_ALREADY_EXISTS"
    );

    let (status, reply) = lab.rest("DELETE", "/users/superhero1", json!({ "permanent": true }));
    assert_eq!(status, 200);
    assert_eq!(
        reply["data"],
        json!({ "success": true, "message": "User with superhero1 has been deleted successfully." })
    );
    assert_eq!(code(&lab.me("GET", &token, Value::Null).1), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
    assert_eq!(
        lab.rest("POST", "/users", json!({ "uid": "superhero1", "name": "N" })).0,
        200,
        "the uid is free again"
    );
    assert_eq!(
        code(&lab.me("GET", &token, Value::Null).1),
        "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
        "an old token opens no new account"
    );
}

#[test]
fn uid_not_found_prints_the_path_lower_cased_and_undecoded() {
    let (_, reply) = Lab::new().rest("GET", "/users/No%20Body", Value::Null);
    let message = "The UID no%20body does not exist, please make sure you have created a user with UID no%20body.";
    assert_eq!(reply["error"]["message"], message);
    let (status, reply) = Lab::new().auth("POST", "/users//auth_tokens", Value::Null);
    assert_eq!((status, code(&reply)), (404, "ERR_UID_NOT_FOUND"), "a blank uid is an unknown one");
}

#[test]
fn a_logged_in_user_sees_others_but_not_their_private_data() {
    let mut lab = Lab::new();
    let metadata = json!({ "team": "blue", "@private": { "email": "a@example.test" } });
    lab.rest("PUT", "/users/superhero2", json!({ "metadata": metadata }));
    let token = lab.token("superhero1");
    let (status, reply) =
        lab.send("GET", "/v3.0/users/superhero2", &[("authtoken", &token)], Value::Null);
    assert_eq!((status, &reply["data"]["metadata"]), (200, &json!({ "team": "blue" })));
    assert_eq!(reply["data"]["conversationId"], "superhero1_user_superhero2");
    let (_, reply) = lab.rest("GET", "/users/superhero2", Value::Null);
    assert_eq!(
        (&reply["data"]["metadata"], &reply["data"]["conversationId"]),
        (&metadata, &Value::Null)
    );
}

// ---- keys

/// Calls everything that takes an API key with the Auth Key, and gives the names of what was not
/// refused for its scope.
fn open_to_auth_keys(config: &Config) -> Vec<&'static str> {
    let takes_token = ["me", "settings", "user_sessions"];
    let mut open = Vec::new();
    for route in routes::ROUTES.iter().filter(|route| !takes_token.contains(&route.path[0])) {
        let mut lab = Lab::with(config.clone());
        let path: Vec<&str> = route
            .path
            .iter()
            .map(|part| if *part == "{uid}" { "superhero1" } else { *part })
            .collect();
        let method = format!("{:?}", route.method).to_uppercase();
        let (status, reply) = lab.auth(
            &method,
            &format!("/{}", path.join("/")),
            json!({ "uid": "new", "name": "New" }),
        );
        match (status, code(&reply)) {
            (200, _) => open.push(route.name),
            other => assert_eq!(other, (403, "AUTH_ERR_NO_ACCESS"), "{}: {reply}", route.name),
        }
    }
    open
}

#[test]
fn an_auth_key_only_creates_and_updates_users_and_creates_tokens() {
    assert_eq!(
        open_to_auth_keys(&Config::default()),
        ["createUser", "updateUser", "createAuthToken"]
    );
}

#[test]
fn a_strict_auth_key_only_creates_tokens() {
    assert_eq!(
        open_to_auth_keys(&Config { strict_auth_keys: true, ..Config::default() }),
        ["createAuthToken"]
    );
}

#[test]
fn keys_are_masked_in_messages() {
    let mut lab = Lab::new();
    let key = "ab12cdefgh0123456789abcdefg9f0e1";
    let (_, reply) = lab.send("POST", "/v3/users", &[("apikey", key)], json!({}));
    assert_eq!(
        reply["error"]["message"],
        format!("The key ab12c{}9f0e1 does not exist. Please use correct apiKey.", "*".repeat(22))
    );
    assert!(!reply.to_string().contains(key));
    let of_24 = "abcde0123456789012fghij0";
    let (_, reply) = lab.send("POST", "/v3/users", &[("apikey", of_24)], json!({}));
    assert!(
        reply["error"]["message"].as_str().unwrap().contains("abcde**************ghij0"),
        "{reply}"
    );
    for short in ["abcde012345678901fghij0", "emulator-auth-kee", "short"] {
        let (_, reply) = lab.send("POST", "/v3/users", &[("apikey", short)], json!({}));
        let stars = "*".repeat(short.len());
        assert_eq!(
            reply["error"]["message"],
            format!("The key {stars} does not exist. Please use correct apiKey."),
            "a mistyped short key would be quoted nearly whole"
        );
        let (_, reply) = lab.rest("GET", &format!("/apikeys/{short}"), Value::Null);
        assert!(!reply.to_string().contains(&short[..5]), "{reply}");
    }
}

// ---- auth tokens

#[test]
fn a_token_is_uid_seconds_and_thirty_hex() {
    let mut lab = Lab::new();
    let token = lab.token("Cometchat-UID-1");
    let suffix = token.strip_prefix("cometchat-uid-1_").unwrap();
    assert_eq!(suffix.len(), 40);
    assert_eq!(&suffix[..10], NOW.to_string());
    assert!(suffix[10..].chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)));
    assert_ne!(token, lab.token("cometchat-uid-1"), "each one is new");
}

#[test]
fn the_hundred_newest_tokens_stay() {
    let mut lab = Lab::new();
    let tokens: Vec<String> = (0..103).map(|_| lab.token("superhero1")).collect();
    let alive: Vec<bool> =
        tokens.iter().map(|token| lab.me("GET", token, Value::Null).0 == 200).collect();
    assert_eq!(alive.iter().position(|alive| *alive), Some(3));
    assert!(alive[3..].iter().all(|alive| *alive));
    let (_, list) = lab.rest("GET", "/users/superhero1/auth_tokens", Value::Null);
    let listed = list["data"].as_array().unwrap();
    assert_eq!(listed.len(), 100);
    assert_eq!(listed[0]["authToken"], json!(tokens[102]), "newest first");
}

#[test]
fn tokens_are_listed_read_deleted_and_flushed() {
    let mut lab = Lab::new();
    let (one, two, other) =
        (lab.token("superhero1"), lab.token("superhero1"), lab.token("superhero2"));
    let path = |token: &str| format!("/users/superhero1/auth_tokens/{token}");
    let (status, reply) = lab.rest("GET", &path(&one), Value::Null);
    assert_eq!(
        (status, reply["data"].clone()),
        (200, json!({ "uid": "superhero1", "authToken": one, "createdAt": NOW }))
    );
    assert_eq!(
        lab.rest("GET", &path(&other), Value::Null).0,
        404,
        "another user's token is not this user's"
    );
    assert_eq!(lab.rest("DELETE", &path(&one), Value::Null).0, 200);
    assert_eq!(lab.rest("DELETE", &path(&one), Value::Null).0, 404);
    let (status, reply) = lab.rest("DELETE", "/users/superhero1/auth_tokens", Value::Null);
    assert_eq!(
        (status, &reply["data"]["message"]),
        (200, &json!("Cleared Auth Tokens successfully for uid superhero1."))
    );
    assert_eq!(code(&lab.me("GET", &two, Value::Null).1), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
    assert_eq!(lab.me("GET", &other, Value::Null).0, 200);
}

// ---- me

#[test]
fn login_returns_user_token_channel_and_settings_with_the_emulators_hosts() {
    let mut lab = Lab::new();
    let token = lab.token("cometchat-uid-1");
    let device = json!({ "platform": "WEB", "deviceId": "d", "appInfo": { "version": "v4.2.0", "userAgent": "Test/1" } });
    let (status, reply) = lab.me("PUT", &token, device);
    let data = &reply["data"];
    assert_eq!(status, 200);
    assert_eq!(
        (&data["uid"], &data["name"], &data["authToken"]),
        (&json!("cometchat-uid-1"), &json!("Andrew Joseph"), &json!(token))
    );
    assert_eq!(data["avatar"], "http://127.0.0.1:8599/avatars/cometchat-uid-1.svg");
    assert_eq!(data["jwt"].as_str().unwrap().split('.').count(), 3);
    assert_eq!(data["wsChannel"]["identity"], "[emulator-app]cometchat-uid-1");
    assert!(data["wsChannel"]["secret"].as_str().unwrap().len() >= 16);
    let settings = &data["settings"];
    for (name, value) in [
        ("ADMIN_API_HOST", json!("127.0.0.1:8599")),
        ("CLIENT_API_HOST", json!("127.0.0.1:8599")),
        ("CHAT_API_VERSION", json!("v3.0")),
        ("APP_VERSION", json!(4)),
        ("REGION", json!("us")),
        ("CHAT_HOST", json!("127.0.0.1")),
        ("CHAT_WSS_PORT", json!("8599")),
        ("ANALYTICS_HOST", json!("127.0.0.1:8599")),
        ("ANALYTICS_VERSION", json!("v1")),
        ("settingsHashReceivedAt", json!(NOW)),
    ] {
        assert_eq!(settings[name], value, "{name}");
    }
    let (_, again) = lab.me("GET", &token, Value::Null);
    assert_eq!(again["data"]["jwt"], data["jwt"], "reading changes nothing");
    assert_eq!(again["data"]["settings"]["settingsHash"], settings["settingsHash"]);
    let (_, read) =
        lab.rest("GET", &format!("/users/cometchat-uid-1/auth_tokens/{token}"), Value::Null);
    assert_eq!(
        (&read["data"]["platform"], &read["data"]["userAgent"]),
        (&json!("WEB"), &json!("Test/1"))
    );
}

#[test]
fn settings_of_a_service_host_name_hosts_of_the_same_domain() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    let host = "Emulator-App.apiclient-us.lab.test:9443";
    let (_, reply) = lab.send("PUT", "/v3/me", &[("authtoken", &token), ("host", host)], json!({}));
    let settings = &reply["data"]["settings"];
    assert_eq!(settings["CLIENT_API_HOST"], "emulator-app.apiclient-us.lab.test:9443");
    assert_eq!(settings["ADMIN_API_HOST"], "emulator-app.api-us.lab.test:9443");
    assert_eq!(
        (&settings["CHAT_HOST"], &settings["CHAT_WSS_PORT"]),
        (&json!("emulator-app.websocket-us.lab.test"), &json!("9443"))
    );
    assert_eq!(settings["CHAT_API_VERSION"], "v3", "the version spoken");
}

#[test]
fn put_me_changes_own_fields_but_never_the_role() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    lab.now += 9;
    let (status, reply) =
        lab.me("PUT", &token, json!({ "uid": "superhero2", "name": "Tony", "role": "boss" }));
    assert_eq!(status, 200, "{reply}");
    let data = &reply["data"];
    assert_eq!(
        (&data["uid"], &data["name"], &data["role"]),
        (&json!("superhero1"), &json!("Tony"), &json!("default"))
    );
    assert_eq!((&data["updatedAt"], &data["authToken"]), (&json!(NOW + 9), &json!(token)));
    assert_eq!(
        lab.rest("GET", "/users/superhero2", Value::Null).1["data"]["name"],
        "Captain America"
    );
    let (status, reply) = lab.me("PUT", &token, json!({ "name": " " }));
    assert_eq!(
        (status, &reply["error"]["details"]),
        (400, &json!({ "name": ["The name field must have a value."] }))
    );
}

#[test]
fn a_drawn_avatar_survives_a_round_trip_and_a_change_of_port() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    let (_, shown) = lab.me("PUT", &token, json!({}));
    lab.me("PUT", &token, json!({ "avatar": shown["data"]["avatar"] }));
    lab.state.config.public_url = "http://127.0.0.1:9999".into();
    let (_, reply) = lab.me("GET", &token, Value::Null);
    assert_eq!(reply["data"]["avatar"], "http://127.0.0.1:9999/avatars/superhero1.svg");
}

#[test]
fn logout_revokes_only_this_token_unless_tokens_are_kept() {
    let mut lab = Lab::new();
    let (one, two) = (lab.token("superhero1"), lab.token("superhero1"));
    let (status, reply) = lab.me("DELETE", &one, Value::Null);
    assert_eq!((status, &reply["data"]["success"]), (200, &json!(true)));
    assert!(reply["data"]["message"].is_string());
    assert_eq!(code(&lab.me("DELETE", &one, Value::Null).1), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
    assert_eq!(lab.me("GET", &two, Value::Null).0, 200);

    let mut lab = Lab::with(Config { logout_keeps_token: true, ..Config::default() });
    let token = lab.token("superhero1");
    lab.me("DELETE", &token, Value::Null);
    assert_eq!(lab.me("GET", &token, Value::Null).0, 200);
}

// ---- apps

#[test]
fn the_app_comes_from_host_then_header_then_default() {
    let mut lab = Lab::new();
    lab.take(seed::app(&lab.state, "Second", NOW));
    lab.rest("PUT", "/users/superhero1", json!({ "name": "Of the default app" }));
    let name = |lab: &mut Lab, headers: &[(&str, &str)]| {
        let headers: Vec<_> = [KEY].into_iter().chain(headers.iter().copied()).collect();
        lab.send("GET", "/v3/users/superhero1", &headers, Value::Null).1["data"]["name"].clone()
    };
    assert_eq!(name(&mut lab, &[]), "Of the default app");
    assert_eq!(name(&mut lab, &[("appid", "Second")]), "Iron Man");
    assert_eq!(name(&mut lab, &[("host", "second.api-us.cometchat.io")]), "Iron Man");
    assert_eq!(
        name(&mut lab, &[("host", "second.api-us.localhost:8599"), ("appid", "emulator-app")]),
        "Iron Man"
    );
    assert_eq!(name(&mut lab, &[("host", "api-us.cometchat.io"), ("appid", "second")]), "Iron Man");

    let (_, reply) =
        lab.send("GET", "/v3/users/superhero1", &[KEY, ("appid", "third")], Value::Null);
    assert!(reply["error"]["message"].as_str().unwrap().contains("--app third"), "{reply}");
    let (_, reply) = lab.send(
        "GET",
        "/v3/users/superhero1",
        &[KEY, ("host", "second.api-eu.cometchat.io")],
        Value::Null,
    );
    assert_eq!(code(&reply), "AUTH_ERR_INVALID_APPID");
    assert!(reply["error"]["message"].as_str().unwrap().contains("--region eu"), "{reply}");
}

#[test]
fn keys_and_tokens_of_one_app_are_not_valid_in_another() {
    let mut lab = Lab::new();
    lab.take(seed::app(&lab.state, "second", NOW));
    let key = ApiKey {
        api_key: "only-of-second".into(),
        name: "k".into(),
        scope: Scope::FullAccess,
        created_at: NOW,
        seq: 99,
    };
    lab.take(vec![Change::PutKey { app: "second".into(), key }]);
    let with = |app| [("apikey", "only-of-second"), ("appid", app)];
    assert_eq!(lab.send("GET", "/v3/users/superhero1", &with("second"), Value::Null).0, 200);
    assert_eq!(lab.send("GET", "/v3/users/superhero1", &with("emulator-app"), Value::Null).0, 401);
    let token = lab.token("superhero1");
    let headers = [("authtoken", token.as_str()), ("appid", "second")];
    assert_eq!(lab.send("GET", "/v3/me", &headers, Value::Null).0, 401);
}

// ---- limits, CORS, pages, log

#[test]
fn rate_limits_are_counted_by_class_and_minute() {
    let mut lab = Lab::new();
    (lab.state.config.core_limit, lab.state.config.standard_limit) = (2, 5);
    lab.now = NOW - NOW % 60 + 42;
    let get = |lab: &mut Lab| lab.raw("GET", "/v3/users/superhero1", &[KEY], Body::Empty);
    let log_in =
        |lab: &mut Lab| lab.raw("POST", "/v3/users/superhero1/auth_tokens", &[KEY], Body::Empty);
    let reply = get(&mut lab);
    assert_eq!(
        (header(&reply, "x-rate-limit"), header(&reply, "x-rate-limit-remaining")),
        (Some("5"), Some("4"))
    );
    assert_eq!(header(&reply, "retry-after"), None);
    assert_eq!(header(&log_in(&mut lab), "x-rate-limit-remaining"), Some("1"));
    assert_eq!(log_in(&mut lab).status, 200);
    let reply = log_in(&mut lab);
    assert_eq!((reply.status, header(&reply, "retry-after")), (429, Some("18")));
    assert_eq!(header(&reply, "x-rate-limit-reset"), Some((lab.now + 18).to_string().as_str()));
    assert_eq!(get(&mut lab).status, 200, "the other budget is untouched");
    lab.now += 18;
    assert_eq!(log_in(&mut lab).status, 200, "a new minute");
}

#[test]
fn preflight_allows_the_requested_headers() {
    let asked = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "appid,authtoken,content-type,resource,sdk"),
    ];
    let mut lab = Lab::new();
    let reply = lab.raw("OPTIONS", "/v3.0/me", &asked, Body::Empty);
    assert_eq!((reply.status, reply.body.as_str()), (204, ""));
    assert_eq!(header(&reply, "access-control-allow-origin"), Some("*"));
    assert_eq!(header(&reply, "access-control-allow-headers"), Some(asked[2].1));
    assert!(header(&reply, "access-control-allow-methods").unwrap().contains("PUT"));
    assert!(header(&reply, "access-control-max-age").unwrap().parse::<u32>().unwrap() > 0);
    assert_eq!(header(&reply, "access-control-allow-private-network"), None, "only where asked");
    let private: Vec<_> =
        asked.into_iter().chain([("access-control-request-private-network", "true")]).collect();
    let reply = lab.raw("OPTIONS", "/v3.0/me", &private, Body::Empty);
    assert_eq!(header(&reply, "access-control-allow-private-network"), Some("true"));
    let reply = lab.raw("GET", "/v3/users/superhero1", &[KEY], Body::Empty);
    let exposed = header(&reply, "access-control-expose-headers").unwrap();
    for name in ["Retry-After", "X-Rate-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"] {
        assert!(exposed.split(", ").any(|exposed| exposed == name), "{name}");
    }
}

#[test]
fn the_ready_page_is_html_or_json() {
    let mut lab = Lab::new();
    let reply = lab.raw("GET", "/", &[("accept", "application/json")], Body::Empty);
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(
        (&body["ready"], &body["appId"], &body["region"]),
        (&json!(true), &json!("emulator-app"), &json!("us"))
    );
    assert_eq!(body["users"].as_array().unwrap().len(), 10);
    let reply = lab.raw("GET", "/", &[("accept", "text/html")], Body::Empty);
    assert_eq!(reply.content_type, Some("text/html; charset=utf-8"));
    assert!(reply.body.contains("Andrew Joseph"));
}

#[test]
fn avatars_are_drawn_the_same_each_time_and_carry_no_markup() {
    let mut lab = Lab::new();
    let draw =
        |lab: &mut Lab, uid: &str| lab.raw("GET", &format!("/avatars/{uid}.svg"), &[], Body::Empty);
    let first = draw(&mut lab, "cometchat-uid-1");
    assert_eq!((first.status, first.content_type), (200, Some("image/svg+xml")));
    assert!(first.body.contains(">AJ</text>"));
    assert_eq!(first.body, draw(&mut lab, "cometchat-uid-1").body);
    assert_ne!(draw(&mut lab, "x").body, draw(&mut lab, "y").body);
    lab.rest("PUT", "/users/superhero1", json!({ "name": "<script>\"&" }));
    let hostile = draw(&mut lab, "superhero1").body + &draw(&mut lab, "%3Cscript%3E").body;
    assert!(!hostile.contains("<script"), "{hostile}");
    let page = lab.raw("GET", "/", &[], Body::Empty);
    assert!(!page.body.contains("<script"));
}

#[test]
fn initials_can_be_read_on_every_avatar() {
    // WCAG's relative luminance and contrast, worked out here anew.
    let luminance = |[red, green, blue]: [f64; 3]| {
        let linear =
            |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    };
    let mut lab = Lab::new();
    let mut backgrounds = std::collections::BTreeSet::new();
    for at in 0..1500 {
        let svg = lab.raw("GET", &format!("/avatars/user-{at}.svg"), &[], Body::Empty).body;
        assert!(svg.contains("<text") && svg.contains(r##"fill="#fff""##), "white letters: {svg}");
        let gloss: f64 = svg
            .split("fill-opacity=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        for stop in svg.split("stop-color=\"#").skip(1) {
            let part =
                |at: usize| f64::from(u8::from_str_radix(&stop[at..at + 2], 16).unwrap()) / 255.0;
            let colour = [part(0), part(2), part(4)];
            let under_gloss = colour.map(|part| part + (1.0 - part) * gloss);
            for (where_, colour) in [("bare", colour), ("below the highlight", under_gloss)] {
                let contrast = 1.05 / (luminance(colour) + 0.05);
                assert!(contrast >= 4.5, "user-{at}, {where_}: {contrast}");
            }
            backgrounds.insert(stop[..6].to_owned());
        }
    }
    assert!(backgrounds.len() > 1000, "the backgrounds differ: {}", backgrounds.len());
}

#[test]
fn seed_docs_has_the_names_of_the_snippets_and_survives_a_logout() {
    let mut lab = Lab::new();
    let docs = seed::docs(&lab.state, lab.state.default_app().unwrap(), NOW);
    lab.take(docs);
    let (status, reply) =
        lab.send("POST", "/v3.0/users/UID/auth_tokens", &[("apikey", "AUTH_KEY")], json!({}));
    assert_eq!((status, &reply["data"]["uid"]), (200, &json!("uid")));
    assert_eq!(lab.me("PUT", "AUTH_TOKEN", json!({})).1["data"]["uid"], "uid");
    lab.me("DELETE", "AUTH_TOKEN", Value::Null);
    assert_eq!(lab.me("PUT", "AUTH_TOKEN", json!({})).0, 200, "the snippets run in any order");
    assert!(
        seed::docs(&lab.state, lab.state.default_app().unwrap(), NOW).is_empty(),
        "a second time adds nothing"
    );
    assert!(seed::app(&lab.state, seed::APP_ID, NOW).is_empty());
    assert_eq!(lab.rest("DELETE", "/users/uid/auth_tokens/AUTH_TOKEN", Value::Null).0, 200);
    assert_eq!(lab.me("PUT", "AUTH_TOKEN", json!({})).0, 401, "revoked by hand it is gone");
}

// ---- properties

proptest! {
    /// Whatever is sent, an answer comes: an envelope, never a 5xx, and never a change along with
    /// an error.
    #[test]
    fn any_request_is_answered(
        method in prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "OPTIONS", "BREW"]),
        path in prop_oneof![
            "/.{0,40}",
            "/v3(\\.0)?/(users|me)(/[a-zA-Z0-9%_-]{0,12}){0,4}/?",
        ],
        host in prop_oneof![".{0,30}", "[a-z-]{0,9}\\.?(api|apiclient)-(us|eu)\\.?[a-z.]{0,9}(:[0-9]{0,6})?"],
        key in prop::sample::select(vec!["", seed::AUTH_KEY, seed::REST_API_KEY, "wrong"]),
        body in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut lab = Lab::new();
        let before = lab.log.len();
        let reply = lab.raw(method, &path, &[("host", &host), ("apikey", key)], Body::Bytes(body));
        prop_assert!(reply.status < 500);
        if reply.content_type == Some("application/json") {
            let value: Value = serde_json::from_str(&reply.body).unwrap();
            prop_assert!(value["data"].is_null() != value["error"].is_null() || path == "/");
        }
        if reply.status >= 400 {
            prop_assert!(lab.log[before..].iter().all(|change| !change.is_row()));
        }
    }

    /// A uid that was accepted is found in any letter case, is part of its tokens, and the last `_`
    /// ends it.
    #[test]
    fn uids_are_lower_cased_everywhere(uid in "[a-zA-Z0-9_-]{1,100}") {
        let mut lab = Lab::new();
        let lower = uid.to_lowercase();
        let (status, reply) = lab.auth("POST", "/users", json!({ "uid": uid, "name": "P" }));
        prop_assert_eq!((status, &reply["data"]["uid"]), (200, &json!(lower)));
        let token = lab.token(&uid.to_uppercase());
        let (of, suffix) = token.rsplit_once('_').unwrap();
        prop_assert_eq!(of, &lower);
        prop_assert_eq!(suffix.len(), 40);
        let reply = lab.me("PUT", &token, json!({})).1;
        prop_assert_eq!(&reply["data"]["uid"], &json!(lower));
    }

    /// Any uid is either accepted as its lower-case form or refused by name; nothing in between.
    #[test]
    fn other_uids_are_refused_by_name(uid in "\\PC{1,20}") {
        let fits = uid.trim().to_lowercase();
        let good = !fits.is_empty() && fits.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        let (status, reply) = Lab::new().auth("POST", "/users", json!({ "uid": uid, "name": "P" }));
        if good {
            prop_assert_eq!((status, &reply["data"]["uid"]), (200, &json!(fits)));
        } else {
            prop_assert_eq!(status, 400);
            prop_assert!(reply["error"]["details"]["uid"].is_array());
        }
    }

    /// The stored changes alone, replayed, give the same service.
    #[test]
    fn replaying_the_rows_gives_the_same_state(steps in prop::collection::vec((0..6_u8, 0..4_u8), 1..40)) {
        let mut lab = Lab::new();
        let mut tokens = vec!["none".to_owned()];
        for (what, who) in steps {
            let uid = format!("superhero{who}");
            match what {
                0 => drop(lab.rest("POST", "/users", json!({ "uid": uid, "name": "P" }))),
                1 => drop(lab.rest("PUT", &format!("/users/{uid}"), json!({ "name": what.to_string() }))),
                2 => drop(lab.rest("DELETE", &format!("/users/{uid}"), json!({ "permanent": who % 2 == 0 }))),
                3 => {
                    let (_, reply) = lab.auth("POST", &format!("/users/{uid}/auth_tokens"), Value::Null);
                    tokens.extend(reply["data"]["authToken"].as_str().map(str::to_owned));
                }
                4 => drop(lab.me("PUT", &tokens[usize::from(who) % tokens.len()].clone(), json!({ "platform": "WEB" }))),
                _ => drop(lab.me("DELETE", &tokens[usize::from(who) % tokens.len()].clone(), Value::Null)),
            }
        }
        let mut copy = Lab::bare(lab.state.config.clone());
        copy.take(lab.log.iter().filter(|change| change.is_row()).cloned().collect());
        for who in 0..5 {
            for path in [format!("/users/superhero{who}"), format!("/users/superhero{who}/auth_tokens")] {
                prop_assert_eq!(copy.rest("GET", &path, Value::Null), lab.rest("GET", &path, Value::Null));
            }
        }
        for token in tokens {
            prop_assert_eq!(copy.me("GET", &token, Value::Null).0, lab.me("GET", &token, Value::Null).0);
        }
    }
}
