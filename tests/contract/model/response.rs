//! The outcomes of requests, with the text of their data.

use super::values::{Hosts, Session, Token, Uid};

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    ConnectionLost,
    /// An HTML error page.
    Html,
    /// An envelope with `null` as data.
    NullData,
    /// An error of the service.
    Error(&'static str),
    /// The code of an unknown token with a status that must not end a session: 429 or 5xx.
    TokenUnknownAt(u16),
    /// Status 0.
    StatusZero,
    /// Status 204.
    NoContent,
    Data(Data),
}

/// The `data` of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data {
    pub uid: Option<Uid>,
    pub token: Option<Token>,
    pub name: u16,
    pub jwt: Option<u16>,
    pub channel: Option<u16>,
    pub hosts: Hosts,
}

impl Data {
    /// As the service writes it.
    pub fn text(&self) -> String {
        let mut text = format!(r#"{{"name":"n{}""#, self.name);
        if let Some(uid) = self.uid {
            text.push_str(&format!(r#","uid":"{}""#, uid.text()));
        }
        if let Some(token) = self.token {
            text.push_str(&format!(r#","authToken":"{}""#, token.text()));
        }
        if let Some(number) = self.channel {
            text.push_str(&format!(r#","wsChannel":{{"identity":"c{number}"}}"#));
        }
        if let Some(number) = self.jwt {
            text.push_str(&format!(r#","jwt":"j{number}""#));
        }
        if let Some(hosts) = self.hosts.text() {
            text.push_str(&format!(r#","settings":{hosts}"#));
        }
        text.push('}');
        text
    }

    /// The session that a response makes with a token. Absent fields keep their earlier values
    /// (B29).
    pub fn session(&self, uid: Uid, token: Token, before: Option<&Session>) -> Session {
        Session {
            uid,
            token,
            name: self.name,
            jwt: self.jwt.or(before.and_then(|before| before.jwt)),
            channel: self.channel.or(before.and_then(|before| before.channel)),
            hosts: match (self.hosts, before) {
                (Hosts::Absent, Some(before)) => before.hosts,
                (hosts, _) => hosts,
            },
        }
    }
}
