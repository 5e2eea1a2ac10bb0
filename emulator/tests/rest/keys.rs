//! API keys.

use crate::lab::Lab;
use crate::rows::rows;
use serde_json::{Value, json};

rows! {
    keys_of_a_fresh_app: "GET" "/apikeys" null => 200 {
        "/data/0": {
            "apiKey": "emulator-rest-api-key",
            "name": "Rest API Key",
            "scope": "fullAccess",
            "createdAt": 1_800_000_000_u64,
        },
        "/data/1": {
            "apiKey": "emulator-auth-key",
            "name": "Auth Key",
            "scope": "authOnly",
            "createdAt": 1_800_000_000_u64,
        },
        "/meta/pagination/total": 2,
    };
    keys_of_a_scope: "GET" "/apikeys?scope=authOnly" null => 200 {
        "/meta/pagination/total": 1,
        "/data/0/name": "Auth Key",
    };
    keys_of_an_unknown_scope: "GET" "/apikeys?scope=everything" null => 200 { "/data": [] };
    keys_whose_name_begins_with_the_search_key: "GET" "/apikeys?searchKey=rest" null => 200 {
        "/meta/pagination/total": 1,
        "/data/0/name": "Rest API Key",
    };
    key_scope_is_auth_only_by_default: "POST" "/apikeys" { "name": "k" } => 200 {
        "/data/name": "k",
        "/data/scope": "authOnly",
    };
    key_name_is_required: "POST" "/apikeys" { "scope": "authOnly" } => 400 {
        "/error/details": { "name": ["The name field is required."] },
    };
    key_name_may_not_be_blank: "POST" "/apikeys" { "name": " ", "scope": "authOnly" } => 400 {
        "/error/details": { "name": ["The name field is required."] },
    };
    key_scope_may_not_be_blank: "POST" "/apikeys" { "name": "k", "scope": "" } => 400 {
        "/error/details": { "scope": ["The scope field must have a value."] },
    };
    key_scope_is_one_of_two: "POST" "/apikeys" { "name": "k", "scope": "all" } => 400 {
        "/error/details": { "scope": ["The selected scope is invalid."] },
    };
    key_name_is_not_used_twice: "POST" "/apikeys" { "name": "Auth Key" } => 400 {
        "/error/code": "ERR_BAD_REQUEST",
        "/error/details": { "name": ["The name has already been taken."] },
    };
    key_get: "GET" "/apikeys/emulator-auth-key" null => 200 { "/data/name": "Auth Key" };
    key_get_unknown: "GET" "/apikeys/x" null => 404 { "/error/code": "ERR_APIKEY_NOT_FOUND" };
    key_update_unknown: "PUT" "/apikeys/x" { "name": "k" } => 404 {
        "/error/code": "ERR_APIKEY_NOT_FOUND",
    };
    key_delete_unknown: "DELETE" "/apikeys/x" null => 404 { "/error/code": "ERR_APIKEY_NOT_FOUND" };
    key_update_changes_what_is_sent: "PUT" "/apikeys/emulator-auth-key" {
        "scope": "fullAccess",
    } => 200 {
        "/data/scope": "fullAccess",
        "/data/name": "Auth Key",
    };
    key_update_may_keep_its_name: "PUT" "/apikeys/emulator-auth-key" { "name": "Auth Key" } => 200 {
        "/data/scope": "authOnly",
    };
    key_update_may_not_blank: "PUT" "/apikeys/emulator-auth-key" {
        "name": "",
        "scope": " ",
    } => 400 {
        "/error/details": {
            "name": ["The name field must have a value."],
            "scope": ["The scope field must have a value."],
        },
    };
    key_does_not_update_itself: "PUT" "/apikeys/emulator-rest-api-key" { "name": "k" } => 403 {
        "/error/code": "ERR_APIKEY_NO_SELF_ACTION",
    };
    key_does_not_delete_itself: "DELETE" "/apikeys/emulator-rest-api-key" null => 403 {
        "/error/code": "ERR_APIKEY_NO_SELF_ACTION",
    };
}

#[test]
fn a_key_works_from_its_creation_to_its_deletion() {
    let mut lab = Lab::new();
    let key = lab.data("POST", "/apikeys", json!({ "name": "k", "scope": "fullAccess" }))["apiKey"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(key.len() == 40 && key.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')), "{key}");
    let get =
        |lab: &mut Lab| lab.send("GET", "/v3/users/superhero1", &[("apikey", &key)], Value::Null).0;
    assert_eq!(get(&mut lab), 200);
    let path = format!("/apikeys/{key}");
    lab.data("PUT", &path, json!({ "scope": "authOnly" }));
    assert_eq!(get(&mut lab), 403);
    let deleted = lab.data("DELETE", &path, Value::Null);
    let shown = format!("{}{}{}", &key[..5], "*".repeat(30), &key[35..]);
    assert_eq!(deleted["message"], format!("The Api Key {shown} has been deleted successfully."));
    assert_eq!(get(&mut lab), 401);
    assert_eq!(lab.rest("DELETE", &path, Value::Null).0, 404, "twice");
    assert_eq!(
        lab.data("POST", "/apikeys", json!({ "name": "k" }))["name"],
        "k",
        "the name is free again"
    );
}

#[test]
fn an_app_has_at_most_25_keys() {
    let mut lab = Lab::new();
    let add = |lab: &mut Lab, at: i32| {
        lab.rest("POST", "/apikeys", json!({ "name": format!("key {at}") })).0
    };
    let added = (0..30).filter(|at| add(&mut lab, *at) == 200).count();
    assert_eq!(added, 23);
    let newest = lab.listed("/apikeys?perPage=1", "apiKey").remove(0);
    lab.data("DELETE", &format!("/apikeys/{newest}"), Value::Null);
    assert_eq!(add(&mut lab, 99), 200, "room again");
}
