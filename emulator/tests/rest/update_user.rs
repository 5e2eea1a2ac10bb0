//! Updating users.

use crate::rows::rows;

rows! {
    update_name_may_not_be_blank: "PUT" "/users/superhero1" { "name": "" } => 400 {
        "/error/details": { "name": ["The name field must have a value."] },
    };
    update_avatar_has_to_be_a_url: "PUT" "/users/superhero1" { "avatar": "no address" } => 400 {
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
    update_ignores_uid_and_with_auth_token: "PUT" "/users/superhero1" {
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
    update_unset_rejects_other_fields: "PUT" "/users/superhero1" {
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
