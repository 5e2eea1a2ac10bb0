//! The web socket's conversation: takes the client's `auth` frame, answers it and its pings, and ends when the session does. Nothing else is
//! spoken here: the emulator has no messages. A shell carries the frames and keeps the time.

use super::Lab;
use super::bounds::{FRAME, SOCKET_AUTH_TIME, SOCKET_SILENCE};
use serde_json::{Value, json};

/// Codes of RFC 6455 for the end of a web socket.
mod close {
    pub(super) const AWAY: u16 = 1001;
    pub(super) const UNSUPPORTED: u16 = 1003;
    pub(super) const INVALID: u16 = 1007;
    pub(super) const POLICY: u16 = 1008;
    pub(super) const TOO_LARGE: u16 = 1009;
}

/// An open web socket.
#[derive(Debug)]
pub struct Conversation {
    /// Its line in the journal.
    entry: u64,
    /// UNIX milliseconds: what has to happen before.
    deadline: u64,
    session: Option<Session>,
}

#[derive(Debug)]
struct Session {
    app: String,
    token: String,
}

/// What came to an open web socket.
#[derive(Debug)]
pub enum Event {
    /// A text frame.
    Text(String),
    /// A ping or pong of the protocol itself.
    Ping,
    /// A binary frame.
    Binary,
    /// A frame above [`FRAME`].
    TooLarge,
    /// The client closed it, with code and reason.
    Closed(u16, String),
    /// The connection broke.
    Broke,
    /// Nothing of the client's: the deadline may have passed, or the session may have ended.
    Time,
    /// The emulator stops.
    Stopping,
}

/// What a shell does then, in this order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reaction {
    /// A text frame to send.
    pub send: Option<String>,
    /// The end: code and reason. With a session that has ended, the shell first gives the client a second to close by itself.
    pub close: Option<(u16, &'static str)>,
    /// The socket is gone; there is nothing more to do.
    pub gone: bool,
}

impl Conversation {
    /// A web socket that has just been opened. `entry` is its line in the journal.
    pub fn new(entry: u64, at_ms: u64) -> Self {
        let deadline = at_ms + SOCKET_AUTH_TIME.as_millis() as u64;
        Self { entry, deadline, session: None }
    }

    /// When to come back with [`Event::Time`], in UNIX milliseconds. Until a client has authenticated, frames do not move it.
    pub fn deadline(&self) -> u64 {
        self.deadline
    }

    /// Whether its session has ended.
    pub fn has_ended(&self, lab: &Lab) -> bool {
        let session = self.session.as_ref();
        session.is_some_and(|session| !lab.state().has_session(&session.app, &session.token))
    }

    /// Takes what came.
    pub fn take(&mut self, lab: &mut Lab, event: Event, at_ms: u64) -> Reaction {
        let end = |lab: &mut Lab, code: u16, reason: &'static str| {
            let how = json!({ "by": "emulator", "code": code, "reason": reason });
            lab.socket_closed(self.entry, how);
            Reaction { close: Some((code, reason)), ..Reaction::default() }
        };
        match event {
            Event::Text(text) => self.take_text(lab, &text, at_ms),
            Event::Ping => {
                self.extend_deadline(at_ms);
                self.take(lab, Event::Time, at_ms)
            }
            Event::Binary => end(lab, close::UNSUPPORTED, "text frames only"),
            Event::TooLarge => end(lab, close::TOO_LARGE, "a frame was too large"),
            Event::Stopping => end(lab, close::AWAY, "the emulator stops"),
            Event::Closed(code, reason) => {
                let how = json!({ "by": "client", "code": code, "reason": reason });
                lab.socket_closed(self.entry, how);
                Reaction { gone: true, ..Reaction::default() }
            }
            Event::Broke => {
                lab.socket_closed(self.entry, json!({ "by": "connection" }));
                Reaction { gone: true, ..Reaction::default() }
            }
            Event::Time if self.has_ended(lab) => end(lab, close::POLICY, "the session has ended"),
            Event::Time if at_ms < self.deadline => Reaction::default(),
            Event::Time if self.session.is_none() => end(lab, close::POLICY, "no auth frame came"),
            Event::Time => end(lab, close::AWAY, "no ping came"),
        }
    }

    /// Only a client that has authenticated gets more time.
    fn extend_deadline(&mut self, at_ms: u64) {
        if self.session.is_some() {
            self.deadline = at_ms + SOCKET_SILENCE.as_millis() as u64;
        }
    }

    fn take_text(&mut self, lab: &mut Lab, text: &str, at_ms: u64) -> Reaction {
        let mut reaction = Reaction::default();
        if text.len() > FRAME {
            return self.take(lab, Event::TooLarge, at_ms);
        }
        let end = |lab: &mut Lab, entry: u64, code: u16, reason: &'static str| {
            let how = json!({ "by": "emulator", "code": code, "reason": reason });
            lab.socket_closed(entry, how);
            Some((code, reason))
        };
        let Ok(frame) = serde_json::from_str::<Frame>(text) else {
            reaction.close = end(lab, self.entry, close::INVALID, "a frame was no JSON");
            return reaction;
        };
        lab.socket_frame(self.entry, "received", text);
        if self.has_ended(lab) {
            reaction.close = end(lab, self.entry, close::POLICY, "the session has ended");
            return reaction;
        }
        if self.session.is_none() && at_ms >= self.deadline {
            return self.take(lab, Event::Time, at_ms);
        }
        self.extend_deadline(at_ms);
        let reply = if frame.is("type", "auth") {
            self.session = frame.session(lab);
            if self.session.is_some() {
                self.extend_deadline(at_ms);
                frame.auth_reply("200", "OK")
            } else {
                frame.auth_reply("401", "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
            }
        } else if self.session.is_some() && frame.is("action", "ping") {
            json!({ "action": "pong", "ack": "true" })
        } else {
            return reaction;
        };
        let reply = reply.to_string();
        lab.socket_frame(self.entry, "sent", &reply);
        reaction.send = Some(reply);
        if self.session.is_none() {
            reaction.close = end(lab, self.entry, close::POLICY, "the pass is not valid");
        }
        reaction
    }
}

/// What a client says.
struct Frame(Value);

impl<'de> serde::Deserialize<'de> for Frame {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Value::deserialize(from).map(Self)
    }
}

impl Frame {
    fn is(&self, name: &str, word: &str) -> bool {
        self.0.get(name).and_then(Value::as_str) == Some(word)
    }

    /// The session of an `auth` frame: its pass must be one that `me` gave out and that is still valid, and be the sender's.
    fn session(&self, lab: &Lab) -> Option<Session> {
        let app = self.0.get("appId").and_then(Value::as_str)?;
        let pass = self.0.get("body").and_then(|body| body.get("auth")).and_then(Value::as_str)?;
        let (app, user, token) = lab.state().session_of_pass(app, pass)?;
        let sender = self.0.get("sender").and_then(Value::as_str).unwrap_or(&user.uid);
        let own = sender.eq_ignore_ascii_case(&user.uid);
        own.then(|| Session { app: app.id.clone(), token: token.token.clone() })
    }

    fn auth_reply(&self, code: &str, status: &str) -> Value {
        let same = |name: &str| self.0.get(name).cloned().unwrap_or(Value::Null);
        json!({
            "appId": same("appId"), "type": "auth", "deviceId": same("deviceId"), "receiver": "", "receiverType": "", "sender": same("sender"),
            "body": { "code": code, "status": status },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Setup, Start};

    fn lab() -> Lab {
        let plan = Setup::default().check().unwrap();
        let start = Start {
            public_url: String::new(),
            shell: "test",
            rows: None,
            at_ms: 0,
            entropy: [0; 16],
        };
        Lab::new(&plan, start).unwrap()
    }

    fn text(frame: &Value) -> Event {
        Event::Text(frame.to_string())
    }

    #[test]
    fn m2_frames_do_not_move_the_deadline_of_a_client_that_has_not_authenticated() {
        let mut lab = lab();
        let mut socket = Conversation::new(0, 1_000);
        assert_eq!(socket.deadline(), 11_000);
        for at in [4_000, 8_000, 10_999] {
            let events = [text(&json!({})), Event::Ping, text(&json!({ "action": "ping" }))];
            for event in events {
                assert_eq!(socket.take(&mut lab, event, at), Reaction::default(), "{at}");
            }
            assert_eq!(socket.deadline(), 11_000, "{at}");
        }
        let reaction = socket.take(&mut lab, text(&json!({})), 12_000);
        assert_eq!(reaction.close, Some((close::POLICY, "no auth frame came")));
        let mut silent = Conversation::new(0, 1_000);
        let reaction = silent.take(&mut lab, Event::Time, 11_000);
        assert_eq!(reaction.close, Some((close::POLICY, "no auth frame came")));
    }

    #[test]
    fn what_is_no_frame_of_the_service_ends_the_socket() {
        let mut lab = lab();
        for (event, code) in [
            (Event::Text("x".to_owned()), close::INVALID),
            (Event::Text("[".repeat(FRAME + 1)), close::TOO_LARGE),
            (Event::Text("[".repeat(FRAME)), close::INVALID),
            (Event::Binary, close::UNSUPPORTED),
            (Event::Stopping, close::AWAY),
            (text(&json!({ "type": "auth", "appId": "emulator-app" })), close::POLICY),
        ] {
            let shown = format!("{event:.60?}");
            let reaction = Conversation::new(0, 0).take(&mut lab, event, 1);
            assert_eq!(reaction.close.map(|(code, _)| code), Some(code), "{shown}");
        }
    }
}
