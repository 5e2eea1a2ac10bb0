//! Creating users.

use crate::lab::Lab;
use crate::rows::rows;
use serde_json::json;

rows! {
    create_uid_is_required: "POST" "/users" { "name": "A" } => 400 {
        "/error/details": { "uid": ["The uid field is required."] },
    };
    create_uid_may_not_be_blank: "POST" "/users" { "uid": " ", "name": "A" } => 400 {
        "/error/details": { "uid": ["The uid field is required."] },
    };
    create_uid_is_lower_cased: "POST" "/users" {
        "uid": "Anna-B_1",
        "name": "A",
    } => 200 { "/data/uid": "anna-b_1" };
    create_uid_has_no_other_characters: "POST" "/users" { "uid": "a.b", "name": "A" } => 400 {
        "/error/message": "Failed to validate the data sent with the request.",
        "/error/details": { "uid": ["The uid may only contain letters, numbers, dashes and \
         underscores."] },
    };
    create_name_is_required: "POST" "/users" { "uid": "a" } => 400 {
        "/error/details": { "name": ["The name field is required."] },
    };
    create_name_may_not_be_blank: "POST" "/users" { "uid": "a", "name": "" } => 400 {
        "/error/details": { "name": ["The name field is required."] },
    };
    create_takes_an_avatar: "POST" "/users" {
        "uid": "a",
        "name": "A",
        "avatar": "https://example.test/a.png",
    } => 200 { "/data/avatar": "https://example.test/a.png" };
    create_takes_a_link: "POST" "/users" {
        "uid": "a",
        "name": "A",
        "link": "https://example.test/a",
    } => 200 { "/data/link": "https://example.test/a" };
    create_role_is_default: "POST" "/users" { "uid": "a", "name": "A" } => 200 {
        "/data/role": "default",
        "/data/status": "offline",
        "/data/tags": [],
    };
    create_role_must_exist: "POST" "/users" { "uid": "a", "name": "A", "role": "boss" } => 400 {
        "/error/code": "ERR_BAD_REQUEST", "/error/details": { "role": ["The selected role is \
         invalid."] },
    };
    create_takes_a_status_message: "POST" "/users" {
        "uid": "a",
        "name": "A",
        "statusMessage": "hi",
    } => 200 { "/data/statusMessage": "hi" };
    create_takes_metadata: "POST" "/users" {
        "uid": "a",
        "name": "A",
        "metadata": { "@private": { "email": "a@example.test" } },
    } => 200 { "/data/metadata": { "@private": { "email": "a@example.test" } } };
    create_takes_metadata_as_text: "POST" "/users" {
        "uid": "a",
        "name": "A",
        "metadata": "{\"k\":1}",
    } => 200 { "/data/metadata": { "k": 1 } };
    create_takes_tags: "POST" "/users" {
        "uid": "a",
        "name": "A",
        "tags": [" x ", "y"],
    } => 200 { "/data/tags": ["x", "y"] };
    create_returns_a_token_only_on_request: "POST" "/users" {
        "uid": "a",
        "name": "A",
        "withAuthToken": false,
    } => 200 {
        "/data": {
            "uid": "a",
            "name": "A",
            "status": "offline",
            "role": "default",
            "createdAt": 1_800_000_000_u64,
            "tags": [],
        },
    };
    create_with_an_existing_uid_is_400: "POST" "/users" {
        "uid": "SUPERHERO1",
        "name": "A",
    } => 400 {
        "/error/code": "ERR_UID_ALREADY_EXISTS", "/error/message": "The uid superhero1 already \
         exists. Please use another uid.",
    };
    create_with_a_body_that_is_not_an_object: "POST" "/users" [1] => 400 {
        "/error/code": "ERR_BAD_REQUEST",
        "/error/message": "The request body must be a JSON object.",
    };
}

#[test]
fn create_takes_a_role_that_exists() {
    let mut lab = Lab::new();
    lab.data("POST", "/roles", json!({ "role": "Staff", "name": "Staff" }));
    assert_eq!(
        lab.data("POST", "/users", json!({ "uid": "a", "name": "A", "role": "staff" }))["role"],
        "staff"
    );
}
