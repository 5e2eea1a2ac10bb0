//! B22: the fields of an exception.

use cometchat_auth::client::Call;
use cometchat_auth::client::ports::Received;
use cometchat_auth::protocol::error::Http;
use serde_json::json;

use crate::harness::*;

#[test]
fn b22_a_service_error_keeps_its_status_and_details() {
    let mut tab = Tab::ready();
    let login = tab.login_key("alice", AUTH_KEY);
    let envelope = json!({"error": {"code": "ERR_UID_NOT_FOUND", "message": "No such user.",
        "details": {"uid": ["unknown"]}, "devMessage": "d"}});
    tab.respond(Ok(Box::new(Received {
        http: Http { status: 404, retry_after: 12 },
        body: envelope.to_string(),
    })));
    assert_eq!(
        tab.error(login),
        ExceptionFields {
            code: "ERR_UID_NOT_FOUND".into(),
            message: "No such user.".into(),
            details: Some(r#"{"uid":["unknown"]}"#.into()),
            status: Some(404),
            retryable: false,
            retry_after: Some(12),
            own: false,
        }
    );
}

#[test]
fn b22_package_errors_have_a_status_only_after_a_response() {
    let mut tab = Tab::ready();
    let login = tab.login_key("alice", AUTH_KEY);
    tab.respond(body(503, "<h1>no</h1>"));
    let error = tab.error(login);
    assert_eq!((error.code.as_str(), error.own), ("INVALID_RESPONSE", true));
    assert_eq!((error.status, error.retryable), (Some(503), true));
    let logout = tab.logout();
    let error = tab.error(logout);
    assert_eq!(
        (error.code.as_str(), error.own, error.status, error.retryable),
        ("USER_NOT_LOGGED_IN", true, None, false)
    );
}

#[test]
fn b22_status_zero_is_an_invalid_response() {
    let mut tab = Tab::ready();
    let login = tab.login_token("alice-token-1");
    tab.respond(body(0, r#"{"error":{"code":"ERR_X"}}"#));
    let error = tab.error(login);
    assert_eq!((&*error.code, error.status), ("INVALID_RESPONSE", None));
}

#[test]
fn b22_metadata_that_is_nested_too_deeply_is_rejected() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let user = |depth| {
        format!(
            r#"{{"user":{{"uid":"b","name":"B","metadata":{}}},"authKey":"{AUTH_KEY}"}}"#,
            nested(depth)
        )
    };
    let mut tab = Tab::ready();
    let id = tab.raw_call(Call::CreateUser, user(1_001));
    assert_eq!(tab.code(id), "INVALID_USER_METADATA");
    let id = tab.raw_call(Call::CreateUser, user(1));
    tab.respond(body(200, &format!(r#"{{"data":{{"uid":"b","metadata":{}}}}}"#, nested(5_000))));
    assert_eq!(tab.code(id), "INVALID_RESPONSE");
}
