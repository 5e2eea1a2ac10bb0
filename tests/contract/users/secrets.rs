//! B11, B26: no token in a request body, no secret in an error.

use cometchat_auth::client::Call;
use serde_json::json;

use super::all_calls;
use crate::harness::*;

#[test]
fn b26_auth_key_and_token_are_masked_in_the_errors_of_every_call() {
    for (what, make_call) in all_calls() {
        let mut tab = Tab::logged_in("alice");
        let call = make_call(&mut tab);
        // The service can repeat only the credential of the call.
        let secret =
            if matches!(what, "createUser" | "updateUser") { AUTH_KEY } else { "alice-token-1" };
        let text = format!("{secret} or {}", secret.replace('-', "%2D"));
        let error =
            json!({"error": {"code": "ERR_X", "message": text, "details": {"cause": text}}});
        tab.respond(body(400, &error.to_string()));
        let error = tab.error(call);
        assert_eq!(error.message, "*** or ***", "{what}");
        assert_eq!(error.details.as_deref(), Some(r#"{"cause":"*** or ***"}"#), "{what}");
    }
}

#[test]
fn b11_request_bodies_carry_no_token_and_b26_errors_mask_it() {
    let mut tab = Tab::logged_in("alice");
    let user = json!({"uid": "bob", "name": "B", "authToken": "alice-token-1", "jwt": "a.b.c",
        "wsChannel": {"secret": "s"}});
    for call in [Call::CreateUser, Call::UpdateUser, Call::UpdateMe] {
        let id = tab.call(call, 0, &json!({"user": user, "authKey": AUTH_KEY}));
        let body = tab.open_requests()[0].body.to_string();
        assert!(!body.contains("alice-token-1") && !body.contains("a.b.c"), "{body}");
        let envelope = json!({"error": {"code": "ERR_BAD_REQUEST", "message": "Token alice-token-1",
            "details": {"token": "ALICE-TOKEN-1"}}});
        tab.respond(crate::harness::body(400, &envelope.to_string()));
        let error = tab.error(id);
        assert_eq!(error.message, "Token ***");
        assert_eq!(error.details.as_deref(), Some(r#"{"token":"***"}"#));
    }
}

#[test]
fn b26_a_cause_is_masked_with_the_credentials_of_its_call() {
    let mut tab = Tab::logged_in("alice");
    let get = tab.call(Call::UpdateUser, 0, &json!({"user": {"uid": "bob"}, "authKey": AUTH_KEY}));
    let request = tab.open_requests()[0].id;
    let input = cometchat_auth::client::Input::Responded(request, NO_RESPONSE);
    let text = format!("fetch failed for {AUTH_KEY} of alice-token-1");
    assert_eq!(tab.client.mask(&input).text(&text), "fetch failed for *** of ***");
    tab.respond(NO_RESPONSE);
    assert_eq!(tab.code(get), "FAILED_TO_FETCH");
}
