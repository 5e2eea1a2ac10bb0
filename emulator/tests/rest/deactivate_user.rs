//! Deleting, deactivating and reactivating users.

use crate::lab::{Lab, code};
use crate::rows::rows;
use serde_json::{Value, json};

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
    deactivate_lists_each_uid_once: "DELETE" "/users" {
        "uidsToDeactivate": ["SuperHero1", "superhero2", "superhero1"],
    } => 200 { "/data": { "deactivatedUids": ["superhero1", "superhero2"] }, };
    deactivate_reports_unknown_uids_as_they_were_sent: "DELETE" "/users" {
        "uidsToDeactivate": ["InvalidUserUID"],
    } => 200 {
        "/data": { "notFound": ["InvalidUserUID"] },
    };
    reactivate_reports_active_and_unknown_uids: "PUT" "/users" {
        "uidsToActivate": ["superhero1", "Nobody"],
    } => 200 {
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
    reactivate_needs_strings: "PUT" "/users" { "uidsToActivate": ["superhero1", 7, ""] } => 400 {
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
    let second = lab.data(
        "DELETE",
        "/users",
        json!({ "uidsToDeactivate": ["superhero3", "superhero1", "x"] }),
    );
    assert_eq!(
        second,
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
        let (status, response) = lab.rest(method, path, json!({}));
        assert_eq!((status, code(&response)), (404, "ERR_UID_NOT_FOUND"), "{method} {path}");
    }
    assert_eq!(code(&lab.me("GET", &token, Value::Null).1), "ERR_UID_NOT_FOUND");
    let (_, taken) = lab.rest("POST", "/users", json!({ "uid": "superhero1", "name": "N" }));
    assert!(taken["error"]["message"].as_str().unwrap().contains("permanently"), "{taken}");
    let reactivated =
        lab.data("PUT", "/users", json!({ "uidsToActivate": ["SUPERHERO1", "superhero4"] }));
    assert_eq!(
        reactivated,
        json!({ "reactivatedUids": ["superhero1"], "nonDeactivatedUids": ["superhero4"] })
    );
    assert_eq!(lab.me("GET", &token, Value::Null).0, 200);
    let (status, user) = lab.rest("GET", "/users/superhero1", Value::Null);
    assert_eq!((status, &user["data"]["deactivatedAt"]), (200, &Value::Null));
}
