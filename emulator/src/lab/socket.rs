//! The conversation on a web socket: it answers the client's `auth` frame and its pings, and ends
//! with the session. The emulator has no messages. A shell transports the frames and runs the
//! timers.

use super::bounds::{FRAME, SOCKET_AUTH_TIME, SOCKET_SILENCE};
use super::instance::Lab;
use serde_json::{Value, json};

/// Close codes of RFC 6455.
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
    /// The id of its entry in the journal.
    entry: u64,
    /// The time at which the conversation ends without a frame, in UNIX milliseconds.
    deadline: u64,
    session: Option<Session>,
}

#[derive(Debug)]
struct Session {
    app: String,
    token: String,
}

/// An event on an open web socket.
#[derive(Debug)]
pub enum Event {
    /// A text frame.
    Text(String),
    /// A ping or pong of the web socket protocol.
    Ping,
    /// A binary frame.
    Binary,
    /// A frame above [`FRAME`].
    TooLarge,
    /// The client closed the socket, with code and reason.
    Closed(u16, String),
    /// The connection broke.
    Broke,
    /// The deadline may have passed, or the session may have ended.
    Time,
    /// The emulator is stopping.
    Stopping,
}

/// What a shell does in response to an event, in this order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reaction {
    /// A text frame to send.
    pub send: Option<String>,
    /// The code and reason to close the socket with. If the session has ended, the shell first
    /// gives the client a second to close the socket itself.
    pub close: Option<(u16, &'static str)>,
    /// Whether the socket is already closed.
    pub gone: bool,
}

impl Conversation {
    /// The conversation on a web socket that has just been opened. `entry` is the id of its entry
    /// in the journal.
    pub fn new(entry: u64, at_ms: u64) -> Self {
        let deadline = at_ms + SOCKET_AUTH_TIME.as_millis() as u64;
        Self { entry, deadline, session: None }
    }

    /// The time of the next [`Event::Time`], in UNIX milliseconds. Frames move it only after the
    /// client has authenticated.
    pub fn deadline(&self) -> u64 {
        self.deadline
    }

    /// Whether the session has ended.
    pub fn has_ended(&self, lab: &Lab) -> bool {
        let session = self.session.as_ref();
        session.is_some_and(|session| !lab.state().has_session(&session.app, &session.token))
    }

    /// Handles an event.
    pub fn take(&mut self, lab: &mut Lab, event: Event, at_ms: u64) -> Reaction {
        let end = |lab: &mut Lab, code: u16, reason: &'static str| {
            let close = Some(self.close(lab, code, reason));
            Reaction { close, ..Reaction::default() }
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
                lab.journal.closed(self.entry, how, &lab.secrets);
                Reaction { gone: true, ..Reaction::default() }
            }
            Event::Broke => {
                lab.journal.closed(self.entry, json!({ "by": "connection" }), &lab.secrets);
                Reaction { gone: true, ..Reaction::default() }
            }
            Event::Time if self.has_ended(lab) => end(lab, close::POLICY, "the session has ended"),
            Event::Time if at_ms < self.deadline => Reaction::default(),
            Event::Time if self.session.is_none() => end(lab, close::POLICY, "no auth frame came"),
            Event::Time => end(lab, close::AWAY, "no ping came"),
        }
    }

    /// Records in the journal that the emulator closes the socket.
    fn close(&self, lab: &mut Lab, code: u16, reason: &'static str) -> (u16, &'static str) {
        let how = json!({ "by": "emulator", "code": code, "reason": reason });
        lab.journal.closed(self.entry, how, &lab.secrets);
        (code, reason)
    }

    /// Moves the deadline, if the client has authenticated.
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
        let Ok(frame) = serde_json::from_str::<Frame>(text) else {
            reaction.close = Some(self.close(lab, close::INVALID, "a frame was not JSON"));
            return reaction;
        };
        lab.journal.frame(self.entry, "received", text, &lab.secrets);
        if self.has_ended(lab) {
            reaction.close = Some(self.close(lab, close::POLICY, "the session has ended"));
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
        lab.journal.frame(self.entry, "sent", &reply, &lab.secrets);
        reaction.send = Some(reply);
        if self.session.is_none() {
            reaction.close = Some(self.close(lab, close::POLICY, "the pass is not valid"));
        }
        reaction
    }
}

/// A frame of the client.
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

    /// The session of an `auth` frame. Its pass must come from `me`, be valid, and belong to the
    /// sender.
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
            "appId": same("appId"),
            "type": "auth",
            "deviceId": same("deviceId"),
            "receiver": "",
            "receiverType": "",
            "sender": same("sender"),
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
    fn m2_frames_do_not_move_the_deadline_before_authentication() {
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
    fn invalid_frames_end_the_socket() {
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
