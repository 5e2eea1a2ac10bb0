//! The outputs of the client in the words of the model.

use std::fmt::Write as _;
use std::rc::Rc;

use cometchat_auth::client::ports::{Answer, Event};
use cometchat_auth::protocol::error::{Exception, TABLE};
use cometchat_auth::protocol::json::CanonicalJson;
use cometchat_auth::protocol::request::Request;

pub fn request_text(request: &Request) -> String {
    let mut text = String::new();
    let init = request.init().root();
    let headers = init.at("headers");
    let name = if headers.at("apiKey").is_there() { "apiKey" } else { "authToken" };
    let secret = headers.text_of(name);
    let body = CanonicalJson::from_engine(init.at("body").text());
    let body = match body.root() {
        body if !body.is_there() => String::new(),
        body if body.at("uid").is_there() => body.text_of("uid"),
        body => if body.at("deviceId").is_there() { "device" } else { "?" }.into(),
    };
    let _ = write!(text, "{} {} {name} {secret} {body}", init.at("method").text(), request.url());
    text
}

pub fn result_text(result: &Result<Answer, Rc<Exception>>) -> String {
    match result {
        Ok(Answer::Done) => "done".into(),
        Ok(Answer::NoUser) => "no user".into(),
        Ok(Answer::User(session)) => format!("user {}", session.user.as_str()),
        Ok(Answer::Object(text)) => format!("object {}", text.as_str()),
        Ok(Answer::Profile(text)) => {
            let text = |name| text.root().text_of(name);
            let leaks: String = ["jwt", "wsChannel", "settings"].into_iter().map(text).collect();
            format!("profile {} {} {}{leaks}", text("uid"), text("name"), text("authToken"))
        }
        Err(exception) => code(exception),
    }
}

pub fn event_text(event: &Event) -> String {
    match event {
        Event::LoginSuccess(session) => format!("loginSuccess {}", session.user.as_str()),
        Event::LoginFailure(exception) => format!("loginFailure {}", code(exception)),
        Event::LogoutSuccess => "logoutSuccess".into(),
        Event::LogoutFailure(exception) => format!("logoutFailure {}", code(exception)),
    }
}

fn code(exception: &Exception) -> String {
    match exception {
        Exception::Own { code, .. } => TABLE[*code as usize].name.into(),
        Exception::Service { error, .. } => error.code.clone(),
    }
}
