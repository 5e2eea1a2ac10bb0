//! The permissions of roles.

use crate::lab::{Lab, code};
use crate::rows::rows;
use serde_json::{Value, json};

rows! {
    permissions_have_ids_types_and_defaults:
    "GET" "/roles/default/permissions?perPage=1" null => 200 {
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
            "message": "Permission with id createGroup have been mapped successfully to \
                role default.",
        },
        "/data/permissions": {
            "createGroup": "deny",
            "getUserDetails.mode": "friends",
            "createGroup.allowedGroupTypes": ["public"],
        },
    };
    permissions_are_required: "PUT" "/roles/default/permissions" {} => 400 {
        "/error/details": { "permissions": ["The permissions field is required."] },
    };
    unknown_permissions_are_rejected: "PUT" "/roles/default/permissions" {
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
    permission_unset_needs_a_known_id: "DELETE" "/roles/default/permissions/fly" null => 400 {
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
        let (status, response) = lab.send("GET", &path, &[("authtoken", &token)], Value::Null);
        if status == 200 { "200".to_owned() } else { format!("{status} {}", code(&response)) }
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
    let (status, response) = lab.me("PUT", &token, json!({ "name": "Tony" }));
    assert_eq!((status, code(&response)), (403, "ERR_PERMISSION_DENIED"), "{response}");
    assert_eq!(lab.me("PUT", &token, json!({})).0, 200, "a login changes no profile");
    assert_eq!(lab.rest("PUT", "/users/superhero1", json!({ "name": "Tony" })).0, 200);
    let kept = lab.data("GET", "/roles/default", Value::Null);
    assert_eq!(kept["name"], "Default Role", "the rest of the role stays: {kept}");
}
