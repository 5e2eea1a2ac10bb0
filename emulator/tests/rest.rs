//! The REST interface as its public documents and the observations of others describe it: a test
//! for each row of what is known. Every reply here is also held against `/openapi.json` (see
//! `lab`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod lab;

use cometchat_emulator::core::{self, Body, Change, Config, ErrorKind, Request, User, seed};
use cometchat_emulator::document::Document;
use lab::{DESCRIPTION, KEY, Lab, NOW, Operation, code, codes, header};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Tests that each say: this call has this status, and this is in its reply.
macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident: $method:literal $path:literal $body:tt => $status:literal { $($pointer:literal: $value:tt),* $(,)? };)*) => {
        $($(#[$doc])* #[test]
        fn $name() {
            let mut lab = Lab::new();
            let (status, reply) = lab.rest($method, $path, json!($body));
            assert_eq!(status, $status, "{reply}");
            $(assert_eq!(reply.pointer($pointer), Some(&json!($value)), "{}: {reply}", $pointer);)*
        })*
    };
}

// ---- envelope and pagination

rows! {
    an_object_is_in_data: "GET" "/users/superhero1" null => 200 {
        "/data/uid": "superhero1",
        "/data/createdAt": 1_800_000_000_u64,
    };
    a_list_is_in_data_with_meta_beside_it: "GET" "/users?perPage=3" null => 200 {
        "/data/0/uid": "superhero5",
        "/data/2/uid": "superhero3",
        "/meta/pagination": {
            "total": 10,
            "count": 3,
            "per_page": 3,
            "current_page": 1,
            "total_pages": 4,
        },
        "/meta/cursor": { "updatedAt": 1_800_000_000_u64, "affix": "append" },
    };
    an_action_says_so_in_words: "DELETE" "/users/superhero1/auth_tokens" null => 200 {
        "/data": { "success": true, "message": "Cleared Auth Tokens successfully for uid \
         superhero1." },
    };
    the_last_page_is_what_is_left: "GET" "/users?perPage=4&page=3" null => 200 {
        "/data/0/uid": "cometchat-uid-2",
        "/data/1/uid": "cometchat-uid-1",
        "/meta/pagination": {
            "total": 10,
            "count": 2,
            "per_page": 4,
            "current_page": 3,
            "total_pages": 3,
        },
    };
    a_page_beyond_the_last_is_empty: "GET" "/users?page=7" null => 200 {
        "/data": [],
        "/meta": {
            "pagination": {
                "total": 10,
                "count": 0,
                "per_page": 100,
                "current_page": 7,
                "total_pages": 1,
            },
        },
    };
    the_farthest_page_does_not_overflow: "GET" "/users?perPage=1000&page=2147483647" null => 200 {
        "/data": [],
    };
    a_page_has_at_most_a_thousand: "GET" "/users?perPage=1001" null => 400 {
        "/error/code": "ERR_BAD_REQUEST", "/error/details": { "perPage": ["The perPage may not be \
         greater than 1000."] },
    };
    a_page_has_at_least_one: "GET" "/users?perPage=0&page=-1" null => 400 {
        "/error/details": { "perPage": ["The perPage must be at least 1."], "page": ["The page \
         must be at least 1."] },
    };
    a_page_number_is_whole: "GET" "/users?page=two&perPage=1.5" null => 400 {
        "/error/details": { "perPage": ["The perPage must be an integer."], "page": ["The page \
         must be an integer."] },
    };
    a_huge_page_number_is_too_large: "GET" "/roles?page=99999999999999999999999999" null => 400 {
        "/error/details": { "page": ["The page may not be greater than 2147483647."] },
    };
}

// ---- users: endpoints and the create body

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
    create_has_no_token_unless_asked: "POST" "/users" {
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
    create_a_taken_uid_is_400: "POST" "/users" { "uid": "SUPERHERO1", "name": "A" } => 400 {
        "/error/code": "ERR_UID_ALREADY_EXISTS", "/error/message": "The uid superhero1 already \
         exists. Please use another uid.",
    };
    create_with_a_body_that_is_no_object: "POST" "/users" [1] => 400 {
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

// ---- users: update

rows! {
    update_name_may_not_be_blank: "PUT" "/users/superhero1" { "name": "" } => 400 {
        "/error/details": { "name": ["The name field must have a value."] },
    };
    update_avatar_is_an_address: "PUT" "/users/superhero1" { "avatar": "no address" } => 400 {
        "/error/details": { "avatar": ["The avatar must be a valid URL."] },
    };
    update_tags_are_trimmed_first: "PUT" "/users/superhero1" { "tags": [" "] } => 400 {
        "/error/details": { "tags.0": ["The tags.0 field is required."] },
    };
    update_takes_metadata_as_text: "PUT" "/users/superhero1" { "metadata": "{}" } => 200 {
        "/data/metadata": {},
        "/data/updatedAt": 1_800_000_000_u64,
    };
    update_role_must_exist: "PUT" "/users/superhero1" { "role": "boss" } => 400 {
        "/error/details": { "role": ["The selected role is invalid."] },
    };
    update_ignores_uid_and_token_wish: "PUT" "/users/superhero1" {
        "uid": "x",
        "withAuthToken": true,
        "name": "T",
    } => 200 { "/data/uid": "superhero1", "/data/name": "T" };
    update_unset_clears: "PUT" "/users/superhero1" { "unset": ["avatar"] } => 200 {
        "/data": {
            "uid": "superhero1",
            "name": "Iron Man",
            "status": "offline",
            "role": "default",
            "createdAt": 1_800_000_000_u64,
            "updatedAt": 1_800_000_000_u64,
            "tags": [],
        },
    };
    update_unset_names_what_can_be_cleared: "PUT" "/users/superhero1" {
        "unset": ["avatar", "name", "x"],
    } => 400 {
        "/error/details": {
            "unset.1": ["The selected unset.1 is invalid."],
            "unset.2": ["The selected unset.2 is invalid."],
        },
    };
    update_of_an_unknown_user: "PUT" "/users/No%20Body" { "name": "T" } => 404 {
        "/error/code": "ERR_UID_NOT_FOUND",
        "/error/message": "The UID no%20body does not exist, please make sure you have created a \
         user with UID no%20body.",
    };
    get_an_unknown_user: "GET" "/users/nobody" null => 404 { "/error/code": "ERR_UID_NOT_FOUND" };
    delete_an_unknown_user: "DELETE" "/users/nobody" { "permanent": true } => 404 {
        "/error/code": "ERR_UID_NOT_FOUND",
    };
}

// ---- users: the list's query

fn crowd() -> Lab {
    let mut lab = Lab::new();
    for (uid, name, tags) in [
        ("zoe", "Alpha", vec!["red"]),
        ("alpha", "Zoe", vec!["blue", "red"]),
        ("eve", "Eve", vec![]),
    ] {
        lab.data(
            "POST",
            "/users",
            json!({ "uid": uid, "name": name, "tags": tags, "metadata": { "k": 1 } }),
        );
    }
    lab.data("POST", "/roles", json!({ "role": "staff", "name": "Staff" }));
    lab.data("PUT", "/users/eve", json!({ "role": "staff" }));
    lab.data("DELETE", "/users", json!({ "uidsToDeactivate": ["superhero1", "superhero2"] }));
    lab
}

/// Tests that each say: this query lists these uids.
macro_rules! queries {
    ($($name:ident: $query:literal => [$($uid:literal),*];)*) => {
        $(#[test]
        fn $name() {
            assert_eq!(crowd().listed(concat!("/users?perPage=3&", $query), "uid"), [$($uid),*] as [&str; _]);
        })*
    };
}

queries! {
    list_is_newest_first: "" => ["eve", "alpha", "zoe"];
    list_search_key_is_the_beginning_of_uid_or_name: "searchKey=AL" => ["alpha", "zoe"];
    list_search_key_in_the_middle_finds_an_unknown_user: "searchKey=lpha" => [];
    list_search_in_name: "searchKey=alpha&searchIn=name" => ["zoe"];
    list_search_in_uid: "searchKey=alpha&searchIn[]=uid" => ["alpha"];
    list_search_in_both: "searchKey=alpha&searchIn=name&searchIn=uid" => ["alpha", "zoe"];
    list_search_key_is_decoded: "searchKey=Andrew+J" => ["cometchat-uid-1"];
    list_offline_is_everybody: "status=offline" => ["eve", "alpha", "zoe"];
    list_available_is_an_unknown_user: "status=available" => [];
    list_of_a_role: "role=staff" => ["eve"];
    list_of_an_unknown_role: "role=boss" => [];
    list_of_roles: "roles[]=staff&roles[]=other" => ["eve"];
    list_of_roles_by_index: "roles[0]=other&roles[1]=staff" => ["eve"];
    list_of_tags: "tags=blue,green" => ["alpha"];
    list_of_more_tags: "tags=red" => ["alpha", "zoe"];
    list_without_deactivated: "searchKey=superhero" => ["superhero5", "superhero4", "superhero3"];
    list_with_deactivated: "searchKey=superhero&withDeactivated=true&page=2" => ["superhero2", "superhero1"];
    list_only_deactivated: "onlyDeactivated=1" => ["superhero2", "superhero1"];
    list_of_an_empty_filter_is_unfiltered: "role=&tags=&searchKey=%20&status=" => ["eve", "alpha", "zoe"];
    list_ignores_what_it_does_not_know: "colour=red&sortBy" => ["eve", "alpha", "zoe"];
}

rows! {
    list_status_is_one_of_two: "GET" "/users?status=away" null => 400 {
        "/error/details": { "status": ["The selected status is invalid."] },
    };
    list_search_in_is_one_of_two: "GET" "/users?searchIn=uid,link" null => 400 {
        "/error/details": { "searchIn.1": ["The selected searchIn.1 is invalid."] },
    };
    list_flags_are_true_or_false: "GET" "/users?withTags=maybe" null => 400 {
        "/error/details": { "withTags": ["The withTags field must be true or false."] },
    };
    list_count_changes_nothing: "GET" "/users?count=true&perPage=1" null => 200 {
        "/meta/pagination/total": 10,
        "/meta/pagination/count": 1,
    };
}

#[test]
fn list_shows_tags_on_request_and_metadata_never() {
    let mut lab = crowd();
    let plain = lab.data("GET", "/users?searchKey=alpha&searchIn=uid", Value::Null);
    assert_eq!((&plain[0]["tags"], &plain[0]["metadata"]), (&Value::Null, &Value::Null));
    let tagged = lab.data("GET", "/users?searchKey=alpha&searchIn=uid&withTags=true", Value::Null);
    assert_eq!(
        (&tagged[0]["tags"], &tagged[0]["metadata"]),
        (&json!(["blue", "red"]), &Value::Null)
    );
}

#[test]
fn a_list_has_the_time_of_deactivation() {
    let data = crowd().data("GET", "/users?onlyDeactivated=true", Value::Null);
    assert_eq!(data[0]["deactivatedAt"], NOW);
}

// ---- users: delete, deactivate, reactivate

rows! {
    delete_deactivates: "DELETE" "/users/SuperHero1" null => 200 {
        "/data": { "deactivatedUids": ["superhero1"] },
    };
    delete_not_permanent_deactivates: "DELETE" "/users/superhero1" { "permanent": false } => 200 {
        "/data": { "deactivatedUids": ["superhero1"] },
    };
    delete_permanent_removes: "DELETE" "/users/superhero1" { "permanent": true } => 200 {
        "/data": { "success": true, "message": "User with superhero1 has been deleted \
         successfully." },
    };
    delete_permanent_is_true_or_false: "DELETE" "/users/superhero1" { "permanent": "yes" } => 400 {
        "/error/details": { "permanent": ["The permanent field must be true or false."] },
    };
    deactivate_names_whom: "DELETE" "/users" {
        "uidsToDeactivate": ["SuperHero1", "superhero2", "superhero1"],
    } => 200 { "/data": { "deactivatedUids": ["superhero1", "superhero2"] }, };
    deactivate_unknown_ones_is_no_error_and_keeps_their_case: "DELETE" "/users" {
        "uidsToDeactivate": ["InvalidUserUID"],
    } => 200 {
        "/data": { "notFound": ["InvalidUserUID"] },
    };
    reactivate_active_ones: "PUT" "/users" { "uidsToActivate": ["superhero1", "Nobody"] } => 200 {
        "/data": { "nonDeactivatedUids": ["superhero1"], "notFound": ["Nobody"] },
    };
    deactivate_needs_uids: "DELETE" "/users" null => 400 {
        "/error/details": { "uidsToDeactivate": ["The uidsToDeactivate field is required."] },
    };
    deactivate_needs_more_than_an_empty_list: "DELETE" "/users" { "uidsToDeactivate": [] } => 400 {
        "/error/details": { "uidsToDeactivate": ["The uidsToDeactivate field is required."] },
    };
    reactivate_needs_a_list: "PUT" "/users" { "uidsToActivate": "superhero1" } => 400 {
        "/error/details": { "uidsToActivate": ["The uidsToActivate must be an array."] },
    };
    reactivate_needs_texts: "PUT" "/users" { "uidsToActivate": ["superhero1", 7, ""] } => 400 {
        "/error/details": {
            "uidsToActivate.1": ["The uidsToActivate.1 must be a string."],
            "uidsToActivate.2": ["The uidsToActivate.2 field is required."],
        },
    };
}

#[test]
fn users_are_deactivated_and_reactivated_with_their_tokens() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    let all = json!({ "uidsToDeactivate": ["superhero1", "superhero2"] });
    lab.data("DELETE", "/users", all.clone());
    let again = lab.data(
        "DELETE",
        "/users",
        json!({ "uidsToDeactivate": ["superhero3", "superhero1", "x"] }),
    );
    assert_eq!(
        again,
        json!({
            "deactivatedUids": ["superhero3"],
            "alreadyDeactivatedUids": ["superhero1"],
            "notFound": ["x"],
        })
    );
    for (method, path) in [
        ("GET", "/users/superhero1"),
        ("PUT", "/users/superhero1"),
        ("DELETE", "/users/superhero1"),
        ("POST", "/users/superhero1/auth_tokens"),
    ] {
        let (status, reply) = lab.rest(method, path, json!({}));
        assert_eq!((status, code(&reply)), (404, "ERR_UID_NOT_FOUND"), "{method} {path}");
    }
    assert_eq!(code(&lab.me("GET", &token, Value::Null).1), "ERR_UID_NOT_FOUND");
    let (_, taken) = lab.rest("POST", "/users", json!({ "uid": "superhero1", "name": "N" }));
    assert!(taken["error"]["message"].as_str().unwrap().contains("permanently"), "{taken}");
    let back = lab.data("PUT", "/users", json!({ "uidsToActivate": ["SUPERHERO1", "superhero4"] }));
    assert_eq!(
        back,
        json!({ "reactivatedUids": ["superhero1"], "nonDeactivatedUids": ["superhero4"] })
    );
    assert_eq!(lab.me("GET", &token, Value::Null).0, 200);
    let (status, user) = lab.rest("GET", "/users/superhero1", Value::Null);
    assert_eq!((status, &user["data"]["deactivatedAt"]), (200, &Value::Null));
}

// ---- auth tokens

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
    tokens_of_somebody_without: "GET" "/users/superhero1/auth_tokens" null => 200 {
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
    let (status, reply) = lab.rest("PUT", &path, json!({ "platform": 5, "appInfo": "x" }));
    let details = json!({
        "platform": ["The platform must be a string."],
        "appInfo": ["The appInfo must be an object."],
    });
    assert_eq!((status, &reply["error"]["details"]), (400, &details));
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
        let (status, reply) = lab.me("PUT", &token, other);
        assert_eq!((status, code(&reply)), (401, "ERR_AUTHTOKEN_UNAVAILABLE"));
        assert!(!reply.to_string().contains(&token));
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

// ---- API keys

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
    keys_by_their_names_beginning: "GET" "/apikeys?searchKey=rest" null => 200 {
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
    key_update_may_not_blank: "PUT" "/apikeys/emulator-auth-key" { "name": "", "scope": " " } => 400 {
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
fn a_new_key_works_at_once_and_a_deleted_one_no_more() {
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

// ---- roles

rows! {
    roles_of_a_fresh_app: "GET" "/roles" null => 200 {
        "/data": [{ "role": "default", "name": "Default Role", "createdAt": 1_800_000_000_u64 }],
        "/meta/pagination/total": 1,
    };
    role_create: "POST" "/roles" {
        "role": "Staff_1",
        "name": "Staff",
        "description": "d",
        "metadata": { "k": 1 },
        "settings": { "listUsers": "all", "sendMessagesTo": "friendsOnly" },
    } => 200 {
        "/data": {
            "role": "staff_1",
            "name": "Staff",
            "description": "d",
            "metadata": { "k": 1 },
            "settings": { "listUsers": "all", "sendMessagesTo": "friendsOnly" },
            "createdAt": 1_800_000_000_u64,
        },
    };
    role_needs_id_and_name: "POST" "/roles" {} => 400 {
        "/error/details": { "role": ["The role field is required."], "name": ["The name field is \
         required."] },
    };
    role_is_not_made_twice: "POST" "/roles" { "role": "DEFAULT", "name": "D" } => 400 {
        "/error/code": "ERR_BAD_REQUEST", "/error/details": { "role": ["The role has already been \
         taken."] },
    };
    role_settings_are_one_of_two: "POST" "/roles" {
        "role": "r",
        "name": "R",
        "settings": { "listUsers": "some" },
    } => 400 {
        "/error/details": { "settings.listUsers": ["The selected settings.listUsers is invalid."] },
    };
    role_get: "GET" "/roles/Default" null => 200 { "/data/role": "default" };
    role_get_unknown: "GET" "/roles/boss" null => 404 { "/error/code": "ERR_ROLE_NOT_FOUND" };
    role_update_unknown: "PUT" "/roles/boss" {} => 404 { "/error/code": "ERR_ROLE_NOT_FOUND" };
    role_delete_unknown: "DELETE" "/roles/boss" null => 404 { "/error/code": "ERR_ROLE_NOT_FOUND" };
    role_default_is_kept: "DELETE" "/roles/default" null => 403 {
        "/error/code": "ERR_ROLE_DELETE_DENIED",
    };
    role_default_can_be_described: "PUT" "/roles/default" { "description": "d" } => 200 {
        "/data/description": "d",
        "/data/updatedAt": 1_800_000_000_u64,
    };
    role_name_may_not_be_blank: "PUT" "/roles/default" { "name": "" } => 400 {
        "/error/details": { "name": ["The name field must have a value."] },
    };
}

#[test]
fn roles_are_listed_newest_first_changed_cleared_and_deleted() {
    let mut lab = Lab::new();
    for role in ["one", "two"] {
        lab.data(
            "POST",
            "/roles",
            json!({
                "role": role,
                "name": role,
                "description": "d",
                "metadata": {},
                "settings": {},
            }),
        );
    }
    assert_eq!(lab.listed("/roles", "role"), ["two", "one", "default"]);
    let role = lab.data(
        "PUT",
        "/roles/ONE",
        json!({ "name": "New", "unset": ["description", "metadata", "settings"] }),
    );
    assert_eq!(role, json!({ "role": "one", "name": "New", "createdAt": NOW, "updatedAt": NOW }));
    lab.data("PUT", "/users/superhero1", json!({ "role": "one" }));
    let deleted = lab.data("DELETE", "/roles/one", Value::Null);
    assert_eq!(
        deleted,
        json!({ "success": true, "message": "Role one has been deleted successfully." })
    );
    assert_eq!(lab.rest("DELETE", "/roles/one", Value::Null).0, 404, "twice");
    assert_eq!(
        lab.data("GET", "/users/superhero1", Value::Null)["role"],
        "default",
        "nobody has a role that is not there"
    );
}

#[test]
fn m10_an_app_has_at_most_25_roles() {
    let mut lab = Lab::new();
    let add = |lab: &mut Lab, at: i32| {
        lab.rest("POST", "/roles", json!({ "role": format!("r{at}"), "name": "R" }))
    };
    let added = (0..30).filter(|at| add(&mut lab, *at).0 == 200).count();
    assert_eq!(added, 24, "and the default role");
    let (status, reply) = add(&mut lab, 99);
    assert_eq!((status, code(&reply)), (400, "ERR_BAD_REQUEST"), "{reply}");
    lab.data("DELETE", "/roles/r0", Value::Null);
    assert_eq!(add(&mut lab, 99).0, 200, "room again");
}

#[test]
fn m10_unset_clears_avatar_link_and_metadata_and_nothing_else() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    let all = json!({
        "link": "https://e.test/",
        "metadata": { "k": 1 },
        "statusMessage": "s",
        "tags": ["t"],
    });
    lab.data("PUT", "/users/superhero1", all);
    for field in ["statusMessage", "tags", "name", "role"] {
        for (status, reply) in [
            lab.rest("PUT", "/users/superhero1", json!({ "unset": [field] })),
            lab.me("PUT", &token, json!({ "unset": [field] })),
        ] {
            let details = json!({ "unset.0": ["The selected unset.0 is invalid."] });
            assert_eq!((status, &reply["error"]["details"]), (400, &details), "{field}");
        }
    }
    let user =
        lab.data("PUT", "/users/superhero1", json!({ "unset": ["avatar", "link", "metadata"] }));
    for cleared in ["avatar", "link", "metadata"] {
        assert_eq!(user[cleared], Value::Null, "{user}");
    }
    assert_eq!((&user["statusMessage"], &user["tags"]), (&json!("s"), &json!(["t"])));
}

#[test]
fn m10_bots_get_no_auth_tokens_and_are_25_at_most() {
    let mut lab = Lab::new();
    lab.load(include_str!("../seeds/bot.json"));
    let users = lab.listed("/users", "uid");
    assert!(users.len() == 11 && users[0] == "helper-bot", "the test users stay: {users:?}");
    let (status, reply) = lab.auth("POST", "/users/helper-bot/auth_tokens", Value::Null);
    let message = "Auth token creation not allowed for this bot helper-bot";
    assert_eq!(
        (status, code(&reply), &reply["error"]["message"]),
        (400, "ERR_BAD_REQUEST", &json!(message))
    );
    lab.data("PUT", "/users/helper-bot", json!({ "name": "Still a bot", "bot": false }));
    assert_eq!(lab.auth("POST", "/users/helper-bot/auth_tokens", Value::Null).0, 400);

    let refused = |app: Value| {
        let document = json!({ "apps": [app] }).to_string();
        let document = Document::parse(document.as_bytes()).unwrap();
        document.changes(&lab.state, NOW).unwrap_err()
    };
    let bot = |at: usize| json!({ "uid": format!("bot-{at}"), "name": "B", "bot": true });
    let bots: Vec<Value> = (0..25).map(bot).collect();
    let error = refused(json!({ "id": seed::APP_ID, "users": bots }));
    assert!(error.contains("26 of them are bots"), "{error}");
    let token = json!({ "authToken": "t", "uid": "bot-1" });
    let error = refused(json!({ "id": "other", "users": [bot(1)], "tokens": [token] }));
    assert!(error.contains("\"bot-1\" is a bot"), "{error}");
    let token = json!({ "authToken": "t", "uid": "helper-bot" });
    let error = refused(json!({ "id": seed::APP_ID, "tokens": [token] }));
    assert!(error.contains("\"helper-bot\" is a bot"), "{error}");
}

// ---- permissions of roles

rows! {
    permissions_have_ids_types_and_defaults: "GET" "/roles/default/permissions?perPage=1" null => 200 {
        "/data/0/id": "listUsers",
        "/data/0/type": "role",
        "/data/0/dataType": "string",
        "/data/0/availableValues": ["allow", "deny"],
        "/data/0/defaultValue": "allow",
        "/meta/pagination/total": 29,
    };
    permissions_of_an_unknown_role: "GET" "/roles/boss/permissions" null => 404 {
        "/error/code": "ERR_ROLE_NOT_FOUND",
    };
    permissions_are_set_by_id: "PUT" "/roles/default/permissions" {
        "permissions": {
            "createGroup": "deny",
            "getUserDetails.mode": "friends",
            "createGroup.allowedGroupTypes": ["public"],
        },
    } => 200 {
        "/data/createGroup": {
            "success": true,
            "message": "Permission with id createGroup have been mapped successfully to role default.",
        },
        "/data/permissions": {
            "createGroup": "deny",
            "getUserDetails.mode": "friends",
            "createGroup.allowedGroupTypes": ["public"],
        },
    };
    permissions_are_needed: "PUT" "/roles/default/permissions" {} => 400 {
        "/error/details": { "permissions": ["The permissions field is required."] },
    };
    permissions_are_known_ones: "PUT" "/roles/default/permissions" {
        "permissions": { "fly": "allow" },
    } => 400 {
        "/error/details": { "permissions.fly": ["The selected permissions.fly is invalid."] },
    };
    permissions_have_values_of_their_type: "PUT" "/roles/default/permissions" {
        "permissions": {
            "listUsers": "maybe",
            "listUsers.mode": ["all"],
            "getUserDetails.allowedRoles": ["boss"],
            "sendMessage.allowedMimeTypes": [""],
            "joinGroup": null,
        },
    } => 400 {
        "/error/details": {
            "permissions.listUsers": ["The selected permissions.listUsers is invalid."],
            "permissions.listUsers.mode": ["The selected permissions.listUsers.mode is invalid."],
            "permissions.getUserDetails.allowedRoles": [
                "The selected permissions.getUserDetails.allowedRoles is invalid.",
            ],
            "permissions.sendMessage.allowedMimeTypes": [
                "The selected permissions.sendMessage.allowedMimeTypes is invalid.",
            ],
            "permissions.joinGroup": ["The selected permissions.joinGroup is invalid."],
        },
    };
    permission_null_is_no_restriction: "PUT" "/roles/default/permissions" {
        "permissions": {
            "listUsers.allowedRoles": null,
            "sendMessage.allowedMimeTypes": ["image/png"],
        },
    } => 200 {
        "/data/permissions": {
            "listUsers.allowedRoles": null,
            "sendMessage.allowedMimeTypes": ["image/png"],
        },
    };
    permission_unset_is_idempotent: "DELETE" "/roles/default/permissions/editProfile" null => 200 {
        "/data": { "permissions": {} },
    };
    permission_unset_of_an_unknown_one: "DELETE" "/roles/default/permissions/fly" null => 400 {
        "/error/code": "ERR_BAD_REQUEST",
    };
}

#[test]
fn m10_the_role_decides_whom_a_user_may_read() {
    let mut lab = Lab::new();
    lab.data("POST", "/roles", json!({ "role": "staff", "name": "Staff" }));
    lab.data("PUT", "/users/superhero2", json!({ "role": "staff" }));
    let token = lab.token("superhero1");
    let read = |lab: &mut Lab, uid: &str| {
        let path = format!("/v3/users/{uid}");
        let (status, reply) = lab.send("GET", &path, &[("authtoken", &token)], Value::Null);
        if status == 200 { "200".to_owned() } else { format!("{status} {}", code(&reply)) }
    };
    let set = |lab: &mut Lab, permissions: Value| {
        lab.data("PUT", "/roles/default/permissions", json!({ "permissions": permissions }));
        ["superhero1", "superhero2", "superhero3"].map(|uid| read(lab, uid))
    };
    let denied = "403 ERR_PERMISSION_DENIED";
    assert_eq!(set(&mut lab, json!({})), ["200", "200", "200"]);
    assert_eq!(
        set(&mut lab, json!({ "getUserDetails.allowedRoles": ["staff"] })),
        ["200", "200", denied]
    );
    assert_eq!(
        set(&mut lab, json!({ "getUserDetails.mode": "friends" })),
        ["200", denied, denied],
        "there are no friends here"
    );
    assert_eq!(lab.rest("GET", "/users/superhero3", Value::Null).0, 200, "API keys are not users");
    lab.data("DELETE", "/roles/default/permissions/getUserDetails.mode", Value::Null);
    let open = json!({ "getUserDetails.allowedRoles": [] });
    assert_eq!(set(&mut lab, open), ["200", "200", "200"]);
}

#[test]
fn m10_the_role_decides_whether_users_change_themselves() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    let deny = json!({ "permissions": { "editProfile": "deny" } });
    lab.data("PUT", "/roles/default/permissions", deny);
    let (status, reply) = lab.me("PUT", &token, json!({ "name": "Tony" }));
    assert_eq!((status, code(&reply)), (403, "ERR_PERMISSION_DENIED"), "{reply}");
    assert_eq!(lab.me("PUT", &token, json!({})).0, 200, "a login changes no profile");
    assert_eq!(lab.rest("PUT", "/users/superhero1", json!({ "name": "Tony" })).0, 200);
    let kept = lab.data("GET", "/roles/default", Value::Null);
    assert_eq!(kept["name"], "Default Role", "the rest of the role stays: {kept}");
}

// ---- the description says what can happen, all of it, and nothing else

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
            // One of each kind.
            lab.data("POST", "/users", json!({ "uid": "a", "name": "A" }));
            lab.data("GET", "/users", Value::Null);
        }
        // What the core says when the shell could not store; there is nothing to provoke in it.
        "500 ERR_EXCEPTION" => return None,
        other => panic!("no way known to provoke {other} of {}", operation.path),
    }
    let path = fill(&operation.path, [uid, auth_token, api_key, role, "listUsers"]);
    headers.push(credential);
    let reply = lab.raw(&operation.method, &path, &headers, body);
    Some((reply.status, serde_json::from_str(&reply.body).unwrap()))
}

#[test]
fn every_described_error_happens() {
    let mut happened = 0;
    for operation in &DESCRIPTION.operations {
        for (described, status) in codes(operation) {
            let Some((was, reply)) = provoke(operation, &described) else { continue };
            let at = format!("{} {}: {described}: {reply}", operation.method, operation.path);
            assert_eq!((was, code(&reply)), (status, described.split_once(' ').unwrap().1), "{at}");
            happened += 1;
        }
    }
    assert!(happened > 200, "{happened}");
}

#[test]
fn every_described_property_is_seen() {
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
fn the_description_has_every_route_once_and_describes_what_is_sent() {
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

// ---- limits

#[test]
fn a_body_of_ten_kilobytes_is_accepted_and_one_byte_more_is_not() {
    let mut lab = Lab::new();
    let body = |size: usize| {
        let mut text = json!({ "uid": "a", "name": "A" }).to_string();
        text.extend(std::iter::repeat_n(' ', size - text.len()));
        Body::Bytes(text.into())
    };
    assert_eq!(
        lab.raw("POST", "/v3/users", &[KEY], body(10 * 1024 + 1)).status,
        ErrorKind::BodyTooLarge.status()
    );
    assert_eq!(lab.raw("POST", "/v3/users", &[KEY], body(10 * 1024)).status, 200);
}

#[test]
fn bulk_calls_draw_on_the_budget_of_their_kind() {
    let mut lab = Lab::new();
    (lab.state.config.core_limit, lab.state.config.standard_limit) = (1, 2);
    let left = |reply: &cometchat_emulator::core::Response| {
        header(reply, "x-rate-limit-remaining").map(str::to_owned)
    };
    let body = || Body::Bytes(br#"{"uidsToDeactivate":["x"],"uidsToActivate":["x"]}"#.to_vec());
    assert_eq!(left(&lab.raw("PUT", "/v3/users", &[KEY], body())).as_deref(), Some("1"));
    assert_eq!(left(&lab.raw("DELETE", "/v3/users", &[KEY], body())).as_deref(), Some("0"));
    let over = lab.raw("DELETE", "/v3/users", &[KEY], body());
    assert_eq!((over.status, header(&over, "retry-after").is_some()), (429, true));
    assert_eq!(lab.raw("PUT", "/v3/users", &[KEY], body()).status, 200);
}

#[test]
fn m6_a_read_that_may_store_describes_that_storing_can_fail() {
    let fails = |method: &str, path: &str| {
        let described = codes(DESCRIPTION.find(method, path).unwrap());
        described.contains_key("500 ERR_EXCEPTION")
    };
    assert!(fails("GET", "/v3/me"), "it stores the web socket pass that it makes");
    assert!(fails("POST", "/v3/users") && fails("PUT", "/v3/me"));
    assert!(!fails("GET", "/v3/users") && !fails("GET", "/v3/settings"));
}

#[test]
fn m12_a_page_of_users_costs_its_length_whatever_their_number() {
    let fastest = |users: u64, query: &str| {
        let mut lab = Lab::new();
        for seq in 0..users {
            let user = User::new(format!("user-{seq}"), format!("Name {seq}"), NOW, 100 + seq);
            lab.state.apply(&Change::PutUser { app: seed::APP_ID.to_owned(), user });
        }
        let request = Request {
            method: "GET".to_owned(),
            path: "/v3/users".to_owned(),
            query: query.to_owned(),
            headers: vec![("apikey".to_owned(), seed::REST_API_KEY.to_owned())],
            body: Body::Empty,
            now: NOW,
            entropy: [0; 64],
        };
        let list = || {
            let start = std::time::Instant::now();
            let (reply, _) = core::handle(&lab.state, &request);
            assert_eq!(reply.status, 200);
            start.elapsed()
        };
        (0..20).map(|_| list()).min().unwrap()
    };
    for query in ["perPage=10", "perPage=10&page=2", "perPage=10&searchKey=user-77"] {
        let (few, many) = (fastest(200, query), fastest(20_000, query));
        assert!(many < 20 * few, "{query}: {few:?} among 200 users, {many:?} among 20,000");
    }
}
