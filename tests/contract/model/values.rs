//! Users, tokens, hosts and sessions as a few numbers each, with their text forms.

pub const APPS: [&str; 2] = ["myapp", "otherapp"];

/// A uid in upper or lower case. Both spellings mean the same user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uid {
    pub user: u8,
    pub upper: bool,
}

impl Uid {
    pub fn text(self) -> &'static str {
        let names = if self.upper { ["ALICE", "BOB", "CAROL"] } else { ["alice", "bob", "carol"] };
        names[usize::from(self.user)]
    }

    pub fn same_user(self, other: Self) -> bool {
        self.user == other.user
    }
}

/// A token. It contains its user, so that a mix of two sessions is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub user: u8,
    pub number: u8,
}

impl Token {
    pub fn text(self) -> String {
        let mut text = Uid { user: self.user, upper: false }.text().to_owned();
        text.push_str("-token-");
        text.push(char::from(b'0' + self.number));
        text
    }
}

/// The host that the service's settings name for the calls of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    Absent,
    OfService(u16),
    Foreign,
}

impl Hosts {
    /// The settings as the service sends them.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::OfService(number) => {
                Some(format!(r#"{{"CLIENT_API_HOST":"h{number}.cometchat.io"}}"#))
            }
            Self::Foreign => Some(r#"{"CLIENT_API_HOST":"evil.example"}"#.into()),
        }
    }
}

/// A session. Its data carry the number of the response that they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub uid: Uid,
    pub token: Token,
    pub name: u16,
    pub jwt: Option<u16>,
    pub channel: Option<u16>,
    pub hosts: Hosts,
}

impl Session {
    pub fn same_login(&self, other: &Self) -> bool {
        self.uid.same_user(other.uid) && self.token == other.token
    }

    /// The stored user in the form of the official client.
    pub fn text(&self) -> String {
        let (uid, token, name) = (self.uid.text(), self.token.text(), self.name);
        let mut text = r#"{"hasBlockedMe":false,"blockedByMe":false,"deactivatedAt":0,"#.to_owned();
        text.push_str(&format!(
            r#""authToken":"{token}","status":"online","uid":"{uid}","name":"n{name}""#
        ));
        if let Some(number) = self.channel {
            text.push_str(&format!(r#","wsChannel":{{"identity":"c{number}"}}"#));
        }
        if let Some(number) = self.jwt {
            text.push_str(&format!(r#","jwt":"j{number}""#));
        }
        text.push('}');
        text
    }
}
