//! Roles.

use crate::lab::{Lab, NOW, code};
use crate::rows::rows;
use cometchat_emulator::core::seed;
use cometchat_emulator::document::Document;
use serde_json::{Value, json};

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
    role_default_cannot_be_deleted: "DELETE" "/roles/default" null => 403 {
        "/error/code": "ERR_ROLE_DELETE_DENIED",
    };
    role_default_can_be_changed: "PUT" "/roles/default" { "description": "d" } => 200 {
        "/data/description": "d",
        "/data/updatedAt": 1_800_000_000_u64,
    };
    role_name_may_not_be_blank: "PUT" "/roles/default" { "name": "" } => 400 {
        "/error/details": { "name": ["The name field must have a value."] },
    };
}

#[test]
fn roles_are_listed_newest_first_and_can_be_changed_and_deleted() {
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
        "no user keeps a deleted role"
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
    let (status, response) = add(&mut lab, 99);
    assert_eq!((status, code(&response)), (400, "ERR_BAD_REQUEST"), "{response}");
    lab.data("DELETE", "/roles/r0", Value::Null);
    assert_eq!(add(&mut lab, 99).0, 200, "room again");
}

#[test]
fn m10_unset_clears_only_avatar_link_and_metadata() {
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
        for (status, response) in [
            lab.rest("PUT", "/users/superhero1", json!({ "unset": [field] })),
            lab.me("PUT", &token, json!({ "unset": [field] })),
        ] {
            let details = json!({ "unset.0": ["The selected unset.0 is invalid."] });
            assert_eq!((status, &response["error"]["details"]), (400, &details), "{field}");
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
fn m10_bots_get_no_auth_tokens_and_an_app_has_at_most_25() {
    let mut lab = Lab::new();
    lab.load(include_str!("../../seeds/bot.json"));
    let users = lab.listed("/users", "uid");
    assert!(users.len() == 11 && users[0] == "helper-bot", "the test users stay: {users:?}");
    let (status, response) = lab.auth("POST", "/users/helper-bot/auth_tokens", Value::Null);
    let message = "Auth token creation not allowed for this bot helper-bot";
    assert_eq!(
        (status, code(&response), &response["error"]["message"]),
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
