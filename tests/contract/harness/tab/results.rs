//! What the calls settled with, events and warnings.

use cometchat_auth::client::ports::{Answer, CallId};
use serde_json::Value;

use super::Tab;
use crate::harness::javascript::ExceptionFields;
use crate::harness::log::{LogEntry, event_text};

impl Tab {
    /// Takes the events since the last call.
    pub fn take_events(&mut self) -> Vec<String> {
        let events = self.log[self.log_position..].iter().filter_map(|entry| match entry {
            LogEntry::Event(event) => Some(event_text(event)),
            _ => None,
        });
        let events = events.collect();
        self.log_position = self.log.len();
        events
    }

    pub fn event_count(&self) -> usize {
        self.log.iter().filter(|entry| matches!(entry, LogEntry::Event(_))).count()
    }

    pub fn warnings(&self) -> Vec<&'static str> {
        let warning =
            |entry: &LogEntry| if let LogEntry::Warning(text) = entry { Some(*text) } else { None };
        self.log.iter().filter_map(warning).collect()
    }

    pub fn settled(&self, call: CallId) -> Option<&Result<Answer, ExceptionFields>> {
        self.calls[&call].1.as_ref()
    }

    pub fn is_pending(&self, call: CallId) -> bool {
        self.settled(call).is_none()
    }

    /// The result that the call resolved with.
    pub fn result_of(&self, call: CallId) -> Answer {
        self.settled(call).expect("settled").clone().expect("resolved")
    }

    /// The user that the call resolved with.
    pub fn user(&self, call: CallId) -> Value {
        match self.result_of(call) {
            Answer::User(session) => serde_json::from_str(session.user.as_str()).unwrap(),
            Answer::Profile(text) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("a user, not {other:?}"),
        }
    }

    /// The plain object that the call resolved with.
    pub fn object(&self, call: CallId) -> Value {
        match self.result_of(call) {
            Answer::Object(text) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("an object, not {other:?}"),
        }
    }

    /// The exception that the call rejected with.
    pub fn error(&self, call: CallId) -> ExceptionFields {
        self.settled(call).expect("settled").clone().expect_err("rejected")
    }

    pub fn code(&self, call: CallId) -> String {
        self.error(call).code.clone()
    }
}
