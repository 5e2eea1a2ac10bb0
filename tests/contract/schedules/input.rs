//! The calls and responses of the model as inputs of the client.

use cometchat_auth::client;
use cometchat_auth::client::ports::{NoResponse, Received};
use cometchat_auth::protocol::error::Http;

use crate::model::{APPS, Call, Login, Response, Uid};

/// The call and its arguments as the facade passes them.
pub fn arguments(call: Call) -> (client::Call, String) {
    use client::Call as Of;
    let user =
        |uid: Uid| format!(r#"{{"user":{{"uid":"{}","name":"N"}},"authKey":"key-0"}}"#, uid.text());
    let uid_member = |uid: Option<Uid>| {
        uid.map_or_else(String::new, |uid| format!(r#","uid":"{}""#, uid.text()))
    };
    match call {
        Call::Init { app, session_mode, timeout, other_region } => {
            let region = if other_region { r#""region":"eu""# } else { r#""region":"us""# };
            let (app, mode) = (APPS[app], if session_mode { "session" } else { "local" });
            let limit = format!(r#""requestTimeout":"{timeout}""#);
            let page = r#""isThisMachine":true,"userAgent":"b","forDevice":"d_1","forTab":"t-1""#;
            (
                Of::Init,
                format!(r#"{{"appId":"{app}","storageMode":"{mode}",{limit},{region},{page}}}"#),
            )
        }
        Call::InvalidInit => (Of::Init, r#"{"appId":"myapp","region":"mars"}"#.into()),
        Call::Login(Login::Key(uid, key)) => {
            (Of::Login, format!(r#"{{"authKey":"key-{key}"{}}}"#, uid_member(Some(uid))))
        }
        Call::Login(Login::Token(token, uid)) => {
            (Of::Login, format!(r#"{{"authToken":"{}"{}}}"#, token.text(), uid_member(uid)))
        }
        Call::Login(Login::Provider(uid, function)) => {
            (Of::Login, format!(r#"{{"provider":"{function}"{}}}"#, uid_member(uid)))
        }
        Call::AbortedLogin => (Of::Login, r#"{"authToken":"t","aborted":"1"}"#.into()),
        Call::InvalidLogin => (Of::Login, r#"{"count":"3"}"#.into()),
        Call::Logout => (Of::Logout, "{}".into()),
        Call::LoggedInUser => (Of::LoggedInUser, "{}".into()),
        Call::CreateUser(uid) => (Of::CreateUser, user(uid)),
        Call::UpdateUser(uid) => (Of::UpdateUser, user(uid)),
        // The uid of another user has to be ignored.
        Call::UpdateMe => (Of::UpdateMe, r#"{"user":{"uid":"mallory","name":"N"}}"#.into()),
        Call::GetUser(uid) => (Of::GetUser, format!(r#"{{"uid":"{}"}}"#, uid.text())),
        Call::Verify => (Of::Verify, "{}".into()),
    }
}

pub fn to_outcome(response: Response) -> Result<Box<Received>, NoResponse> {
    let (status, body) = match response {
        Response::ConnectionLost => return Err(NoResponse),
        Response::Html => (502, String::new()),
        Response::StatusZero => (0, r#"{"error":{"code":"ERR_X"}}"#.into()),
        Response::NoContent => (204, String::new()),
        Response::TokenUnknownAt(status) => {
            (status, r#"{"error":{"code":"AUTH_ERR_AUTH_TOKEN_NOT_FOUND"}}"#.into())
        }
        Response::NullData => (200, r#"{"data":null}"#.into()),
        Response::Error(code) => (
            if code == "ERR_TOO_MANY_REQUESTS" { 429 } else { 401 },
            format!(r#"{{"error":{{"code":"{code}"}}}}"#),
        ),
        Response::Data(data) => (200, format!(r#"{{"data":{}}}"#, data.text())),
    };
    Ok(Box::new(Received { http: Http { status, retry_after: 0 }, body }))
}
