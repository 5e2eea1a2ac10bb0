//! Users.

use crate::lab::{Lab, NOW, code};
use serde_json::{Value, json};

#[test]
fn create_user_lower_cases_the_uid_and_stores_the_sent_fields() {
    let mut lab = Lab::new();
    let (status, response) = lab.auth(
        "POST",
        "/users",
        json!({
            "uid": " Demo-Anna_1 ",
            "name": " Anna 🦊 ",
            "avatar": "https://example.test/a.png",
            "link": "https://example.test/anna",
            "statusMessage": "hi",
            "metadata": { "team": "blue" },
            "tags": ["qa "],
            "hasBlockedMe": false,
            "authToken": "forged",
        }),
    );
    assert_eq!(status, 200);
    let expected = json!({
        "uid": "demo-anna_1",
        "name": "Anna 🦊",
        "avatar": "https://example.test/a.png",
        "link": "https://example.test/anna",
        "statusMessage": "hi",
        "metadata": { "team": "blue" },
        "status": "offline",
        "role": "default",
        "tags": ["qa"],
        "createdAt": NOW,
    });
    assert_eq!(response, json!({ "data": expected }));
    let (_, read) = lab.rest("GET", "/users/DEMO-anna_1", Value::Null);
    assert_eq!(read, response);
}

#[test]
fn create_user_with_auth_token_returns_a_valid_token() {
    let mut lab = Lab::new();
    let (_, response) =
        lab.auth("POST", "/users", json!({ "uid": "neo", "name": "Neo", "withAuthToken": true }));
    let token = response["data"]["authToken"].as_str().unwrap().to_owned();
    let (status, me) = lab.me("PUT", &token, json!({}));
    assert_eq!((status, &me["data"]["uid"]), (200, &json!("neo")));
}

#[test]
fn validation_errors_have_the_messages_of_the_service() {
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
        let (status, response) = lab.auth("POST", "/users", body.clone());
        assert_eq!((status, code(&response)), (400, "ERR_BAD_REQUEST"), "{body}");
        assert_eq!(
            response["error"]["message"],
            "Failed to validate the data sent with the request."
        );
        assert_eq!(response["error"]["details"], json!({ field: [phrase] }), "{body}");
        assert!(
            lab.state.default_app().unwrap().active_user("a").is_none(),
            "nothing was made of {body}"
        );
    }
    let (_, response) = Lab::new().auth("POST", "/users", json!({}));
    assert_eq!(
        response["error"]["details"].as_object().unwrap().len(),
        2,
        "all fields at fault are named: {response}"
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
        let (status, response) = lab.rest("PUT", "/users/superhero1", json!({ "link": good }));
        assert_eq!((status, &response["data"]["link"]), (200, &json!(good)), "{response}");
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
        let (status, response) = lab.rest("PUT", "/users/superhero1", json!({ "link": bad }));
        assert_eq!(
            (status, &response["error"]["details"]["link"]),
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
    let (status, response) = lab.auth(
        "PUT",
        "/users/SUPERHERO1",
        json!({ "uid": "other", "name": "Tony", "metadata": "{\"b\":2}" }),
    );
    assert_eq!(status, 200);
    let data = &response["data"];
    assert_eq!(data["uid"], "superhero1", "a uid never changes");
    assert_eq!((&data["name"], &data["metadata"]), (&json!("Tony"), &json!({ "b": 2 })));
    assert_eq!((&data["tags"], &data["statusMessage"]), (&json!(["x"]), &json!("busy")));
    assert_eq!((&data["createdAt"], &data["updatedAt"]), (&json!(NOW), &json!(NOW + 5)));

    let (_, response) =
        lab.rest("PUT", "/users/superhero1", json!({ "unset": ["avatar", "metadata", "link"] }));
    assert_eq!(
        (&response["data"]["avatar"], &response["data"]["metadata"], &response["data"]["tags"]),
        (&Value::Null, &Value::Null, &json!(["x"]))
    );
    let (status, response) = lab.rest("PUT", "/users/superhero1", json!({ "unset": ["uid"] }));
    assert_eq!(
        (status, &response["error"]["details"]),
        (400, &json!({ "unset.0": ["The selected unset.0 is invalid."] }))
    );
    let (status, response) = lab.rest("PUT", "/users/superhero1", json!({ "name": "" }));
    assert_eq!(
        (status, &response["error"]["details"]),
        (400, &json!({ "name": ["The name field must have a value."] }))
    );
}

#[test]
fn delete_user_deactivates_or_removes_permanently() {
    let mut lab = Lab::new();
    let token = lab.token("superhero1");
    let (status, response) = lab.rest("DELETE", "/users/SuperHero1", Value::Null);
    assert_eq!((status, response), (200, json!({ "data": { "deactivatedUids": ["superhero1"] } })));
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

    let (status, response) = lab.rest("DELETE", "/users/superhero1", json!({ "permanent": true }));
    assert_eq!(status, 200);
    assert_eq!(
        response["data"],
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
fn uid_not_found_names_the_uid_in_lower_case_and_undecoded() {
    let (_, response) = Lab::new().rest("GET", "/users/No%20Body", Value::Null);
    let message = "The UID no%20body does not exist, please make sure you have created a user \
                   with UID no%20body.";
    assert_eq!(response["error"]["message"], message);
    let (status, response) = Lab::new().auth("POST", "/users//auth_tokens", Value::Null);
    assert_eq!(
        (status, code(&response)),
        (404, "ERR_UID_NOT_FOUND"),
        "a blank uid is an unknown one"
    );
}

#[test]
fn a_logged_in_user_sees_others_but_not_their_private_data() {
    let mut lab = Lab::new();
    let metadata = json!({ "team": "blue", "@private": { "email": "a@example.test" } });
    lab.rest("PUT", "/users/superhero2", json!({ "metadata": metadata }));
    let token = lab.token("superhero1");
    let (status, response) =
        lab.send("GET", "/v3.0/users/superhero2", &[("authtoken", &token)], Value::Null);
    assert_eq!((status, &response["data"]["metadata"]), (200, &json!({ "team": "blue" })));
    assert_eq!(response["data"]["conversationId"], "superhero1_user_superhero2");
    let (_, response) = lab.rest("GET", "/users/superhero2", Value::Null);
    assert_eq!(
        (&response["data"]["metadata"], &response["data"]["conversationId"]),
        (&metadata, &Value::Null)
    );
}
