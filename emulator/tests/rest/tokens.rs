//! Auth tokens.

use crate::lab::{Lab, code};
use crate::rows::rows;
use cometchat_emulator::core::Config;
use serde_json::{Value, json};

rows! {
    token_of_an_empty_body: "POST" "/users/superhero1/auth_tokens" null => 200 {
        "/data/uid": "superhero1",
        "/data/createdAt": 1_800_000_000_u64,
    };
    token_by_force: "POST" "/users/superhero1/auth_tokens" { "force": true } => 200 {
        "/data/uid": "superhero1",
    };
    token_force_is_true_or_false: "POST" "/users/superhero1/auth_tokens" { "force": "yes" } => 400 {
        "/error/details": { "force": ["The force field must be true or false."] },
    };
    token_for_an_unknown_user: "POST" "/users/nobody/auth_tokens" null => 404 {
        "/error/code": "ERR_UID_NOT_FOUND",
    };
    token_for_a_blank_uid: "POST" "/users/%20/auth_tokens" null => 404 {
        "/error/code": "ERR_UID_NOT_FOUND",
    };
    tokens_of_an_unknown_user: "GET" "/users/nobody/auth_tokens" null => 404 {
        "/error/code": "ERR_UID_NOT_FOUND",
    };
    tokens_of_a_user_without_tokens: "GET" "/users/superhero1/auth_tokens" null => 200 {
        "/data": [],
        "/meta": {
            "pagination": {
                "total": 0,
                "count": 0,
                "per_page": 100,
                "current_page": 1,
                "total_pages": 0,
            },
        },
    };
    token_get_of_an_unknown_user: "GET" "/users/nobody/auth_tokens/x" null => 404 {
        "/error/code": "ERR_UID_NOT_FOUND",
    };
    token_get_unknown: "GET" "/users/superhero1/auth_tokens/x" null => 404 {
        "/error/code": "ERR_AUTH_TOKEN_NOT_FOUND",
    };
    token_update_of_an_unknown_user: "PUT" "/users/nobody/auth_tokens/x" {} => 404 {
        "/error/code": "ERR_UID_NOT_FOUND",
    };
    token_update_unknown: "PUT" "/users/superhero1/auth_tokens/x" {} => 404 {
        "/error/code": "ERR_AUTH_TOKEN_NOT_FOUND",
    };
    token_delete_of_an_unknown_user: "DELETE" "/users/nobody/auth_tokens/x" null => 404 {
        "/error/code": "ERR_UID_NOT_FOUND",
    };
    token_delete_unknown: "DELETE" "/users/superhero1/auth_tokens/x" null => 404 {
        "/error/code": "ERR_AUTH_TOKEN_NOT_FOUND",
    };
    token_flush_of_an_unknown_user: "DELETE" "/users/nobody/auth_tokens" null => 404 {
        "/error/code": "ERR_UID_NOT_FOUND",
    };
}

#[test]
fn tokens_are_listed_newest_first_page_by_page() {
    let mut lab = Lab::new();
    let mut tokens: Vec<String> = (0..5).map(|_| lab.token("superhero1")).collect();
    lab.token("superhero2");
    tokens.reverse();
    assert_eq!(lab.listed("/users/superhero1/auth_tokens", "authToken"), tokens);
    let (_, page) = lab.rest("GET", "/users/superhero1/auth_tokens?perPage=2&page=3", Value::Null);
    assert_eq!(page["data"][0]["authToken"], tokens[4]);
    let pagination =
        json!({ "total": 5, "count": 1, "per_page": 2, "current_page": 3, "total_pages": 3 });
    assert_eq!(page["meta"]["pagination"], pagination);
}

#[test]
fn a_token_shows_the_client_details_that_were_sent() {
    let mut lab = Lab::new();
    let path = format!("/users/superhero1/auth_tokens/{}", lab.token("superhero1"));
    let before = lab.data("GET", &path, Value::Null);
    assert_eq!(
        before.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["uid", "authToken", "createdAt"]
    );
    let about = json!({
        "platform": "web",
        "userAgent": "Test/1",
        "appInfo": { "version": "1" },
        "uid": "superhero2",
    });
    let after = lab.data("PUT", &path, about.clone());
    for name in ["platform", "userAgent", "appInfo"] {
        assert_eq!(after[name], about[name], "{name}");
    }
    assert_eq!(after["uid"], "superhero1");
    assert_eq!(lab.data("GET", &path, Value::Null), after);
    let (status, response) = lab.rest("PUT", &path, json!({ "platform": 5, "appInfo": "x" }));
    let details = json!({
        "platform": ["The platform must be a string."],
        "appInfo": ["The appInfo must be an object."],
    });
    assert_eq!((status, &response["error"]["details"]), (400, &details));
}

#[test]
fn single_use_tokens_allow_one_login_and_its_session() {
    let mut lab = Lab::with(Config { single_use_tokens: true, ..Lab::new().state.config });
    let token = lab.token("superhero1");
    let on = |device: &str| json!({ "deviceId": device, "platform": "WEB" });
    assert_eq!(lab.me("PUT", &token, on("one")).0, 200);
    assert_eq!(lab.me("GET", &token, Value::Null).0, 200, "the session goes on");
    assert_eq!(
        lab.me("PUT", &token, json!({ "name": "Tony" })).0,
        200,
        "a change of fields is no login"
    );
    assert_eq!(
        lab.me("PUT", &token, on("one")).0,
        200,
        "the same device takes its session up again"
    );
    for other in [on("two"), json!({}), json!({ "deviceId": null })] {
        let (status, response) = lab.me("PUT", &token, other);
        assert_eq!((status, code(&response)), (401, "ERR_AUTHTOKEN_UNAVAILABLE"));
        assert!(!response.to_string().contains(&token));
    }
    let fresh = lab.token("superhero1");
    assert_eq!(lab.me("PUT", &fresh, json!({})).0, 200);
    assert_eq!(lab.me("PUT", &fresh, json!({})).0, 401);
}

#[test]
fn tokens_allow_many_logins_by_default() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    for device in ["one", "two", "one"] {
        assert_eq!(lab.me("PUT", &token, json!({ "deviceId": device })).0, 200);
    }
}
