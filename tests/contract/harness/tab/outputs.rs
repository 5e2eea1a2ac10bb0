//! The outputs of the client, and what must hold for each of them.

use std::collections::BTreeMap;

use cometchat_auth::client::Input;
use cometchat_auth::client::ports::{Answer, Event, Output, RequestId};
use cometchat_auth::protocol::error::Exception;
use cometchat_auth::protocol::json::CanonicalJson;
use cometchat_auth::protocol::request::Request;
use serde_json::Value;

use super::Tab;
use crate::harness::javascript::{ExceptionFields, collect_strings, exception_fields};
use crate::harness::log::{LogEntry, SentRequest};

impl Tab {
    /// Passes an input to the client and checks the invariants on every output.
    pub fn handle(&mut self, input: Input) {
        self.client.handle(input);
        for output in std::mem::take(self.client.outputs()) {
            let shown = format!("{output:?}");
            match output {
                Output::Send(id, request) => self.record_request(id, &request),
                Output::Cancel(id) => {
                    self.timers.retain(|timer| timer.0 != id);
                    self.sent
                        .iter_mut()
                        .filter(|sent| sent.id == id)
                        .for_each(|sent| sent.done = true);
                }
                Output::Release(id) => {
                    self.released.push(id);
                    self.timers.retain(|timer| timer.0 != id);
                    self.sent
                        .iter_mut()
                        .filter(|sent| sent.id == id)
                        .for_each(|sent| sent.done = true);
                }
                Output::StartTimer(id, ms) => {
                    self.timers.push((id, self.platform.now.get() + u64::from(ms)))
                }
                Output::Watch(call, ms) => {
                    assert!(self.calls[&call].1.is_none(), "a pending call");
                    self.watchdog_ms.insert(call, ms);
                }
                Output::SessionChanged { session, in_memory } => {
                    self.session_changes.push((session.clone(), in_memory));
                    self.last_user = session.map(|session| session.user.clone());
                }
                Output::Settle(calls, result) => {
                    if let Ok(answer @ (Answer::User(_) | Answer::NoUser)) = &result {
                        self.check_user(answer);
                    }
                    let result = result.map_err(|exception| self.check_exception(&exception));
                    for call in calls {
                        let slot = &mut self.calls.get_mut(&call).expect("a call that was made").1;
                        assert_eq!(*slot, None, "call {call} settles once");
                        *slot = Some(result.clone());
                        self.log.push(LogEntry::Settled(call));
                    }
                }
                Output::Notify(event) => {
                    if let Event::LoginFailure(exception) | Event::LogoutFailure(exception) = &event
                    {
                        self.check_exception(exception);
                    }
                    if let Event::LoginSuccess(session) = &event {
                        self.check_user(&Answer::User(session.clone()));
                    }
                    self.log.push(LogEntry::Event(event));
                }
                Output::AskProvider(id, call) => self.pending_providers.push((id, call)),
                Output::Warn(text) => {
                    assert!(self.long_secrets().all(|secret| !text.contains(secret)));
                    self.log.push(LogEntry::Warning(text));
                }
            }
            // Rule B26.
            assert!(self.long_secrets().all(|secret| !shown.contains(secret)), "{shown}");
        }
    }

    /// Records a request. It has to carry one credential, and no secret in its URL.
    fn record_request(&mut self, id: RequestId, request: &Request) {
        let init: Value = serde_json::from_str(request.init().as_str()).unwrap();
        let headers: BTreeMap<String, String> =
            serde_json::from_value(init["headers"].clone()).unwrap();
        let credentials: Vec<_> = ["apiKey", "authToken"]
            .into_iter()
            .filter_map(|name| headers.get(name))
            .cloned()
            .collect();
        assert_eq!(credentials.len(), 1, "one credential in {headers:?}");
        assert!(!credentials[0].is_empty());
        self.secrets.extend(credentials);
        for secret in self.long_secrets() {
            assert!(!request.url().contains(secret), "a secret in a URL: {}", request.url());
        }
        let body = init
            .get("body")
            .map_or(Value::Null, |body| serde_json::from_str(body.as_str().unwrap()).unwrap());
        let known = |method: &&str| init["method"] == **method;
        let method = ["GET", "POST", "PUT", "DELETE"].into_iter().find(known).expect("a method");
        let keepalive = init.get("keepalive").is_some();
        assert_eq!(
            keepalive,
            method == "DELETE",
            "only a logout continues when no call waits for it"
        );
        assert_eq!(keepalive, request.keepalive());
        let url = request.url().to_owned();
        self.sent.push(SentRequest { id, method, url, headers, body, keepalive, done: false });
        self.log.push(LogEntry::Sent(id));
    }

    /// The facade creates a user from the last `SessionChanged`, so that has to be the same user.
    fn check_user(&self, answer: &Answer) {
        let user = match answer {
            Answer::User(session) => Some(session.user.as_str()),
            _ => None,
        };
        let last_user = self.last_user.as_ref().map(CanonicalJson::as_str);
        assert_eq!(user, last_user, "`SessionChanged` comes first");
    }

    /// Secrets that are too long to be part of another word.
    fn long_secrets(&self) -> impl Iterator<Item = &String> {
        self.secrets.iter().filter(|secret| secret.len() >= 6)
    }

    /// Checks rules B22 and B26 for every exception of every test.
    fn check_exception(&self, exception: &Exception) -> ExceptionFields {
        let exception = exception_fields(exception);
        assert!(!exception.code.is_empty() && !exception.message.is_empty(), "{exception:?}");
        let details = exception
            .details
            .as_deref()
            .map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
        let mut texts = vec![exception.code.clone(), exception.message.clone()];
        details.iter().for_each(|details| collect_strings(details, &mut texts));
        for secret in self.long_secrets() {
            assert!(texts.iter().all(|text| !text.contains(secret)), "a secret in {exception:?}");
        }
        exception
    }
}
