//! A tab of the client and of the model, and the comparison of both.

use cometchat_auth::client::ports::{Output, RequestId};
use cometchat_auth::client::{Client, Input};
use cometchat_auth::protocol::json::CanonicalJson;
use cometchat_auth::protocol::secret::Secret;

use super::input::arguments;
use super::platform::TestPlatform;
use super::text::{event_text, request_text, result_text};
use crate::model::{Call, CallId, Model, ModelOutput, ModelStorage, Uid};

/// A tab that passes each input to the client and to the model.
pub struct Tab {
    client: Client<TestPlatform>,
    pub model: Model,
    /// The client's request ids, in order of their start.
    pub ids: Vec<RequestId>,
    /// Requests without a response so far, with their method and user.
    pub open: Vec<(usize, &'static str, Uid)>,
    pub pending_providers: Vec<usize>,
    pub timers: Vec<(usize, u64)>,
    calls: CallId,
    pub pending: Vec<CallId>,
    last_init: CallId,
    /// The outputs since the last comparison.
    outputs: Vec<ModelOutput>,
    /// The user that the facade knows.
    last_user: Option<CanonicalJson>,
}

/// The difference between client and model as an error.
pub type CheckResult = Result<(), String>;

impl Tab {
    pub fn new(platform: TestPlatform) -> Self {
        Self {
            model: Model::new(platform.tab),
            client: Client::new(platform),
            ids: Vec::new(),
            open: Vec::new(),
            pending_providers: Vec::new(),
            timers: Vec::new(),
            calls: 0,
            pending: Vec::new(),
            last_init: 0,
            outputs: Vec::new(),
            last_user: None,
        }
    }

    fn number(&self, id: RequestId) -> usize {
        self.ids.iter().rposition(|known| *known == id).unwrap_or(usize::MAX)
    }

    /// Passes an input to the client and records its outputs as model outputs.
    pub fn handle(&mut self, input: Input) {
        self.client.handle(input);
        for output in std::mem::take(self.client.outputs()) {
            let output = match output {
                Output::Send(id, request) => {
                    ModelOutput::Send(self.number(id), request_text(&request))
                }
                Output::Cancel(id) => ModelOutput::Cancel(self.number(id)),
                Output::Release(id) => ModelOutput::Cancel(self.number(id)),
                Output::StartTimer(id, ms) => {
                    if !self.ids.contains(&id) {
                        self.ids.push(id);
                    }
                    ModelOutput::StartTimer(self.number(id), ms)
                }
                Output::AskProvider(id, call) => ModelOutput::AskProvider(self.number(id), call),
                Output::Watch(..) => continue,
                Output::SessionChanged { session, .. } => {
                    self.last_user = session.map(|session| session.user.clone());
                    continue;
                }
                Output::Settle(calls, result) => {
                    let settled = result_text(&result);
                    self.outputs.extend(
                        calls.iter().map(|&call| ModelOutput::Settle(call, settled.clone())),
                    );
                    continue;
                }
                Output::Notify(event) => ModelOutput::Notify(event_text(&event)),
                Output::Warn(text) => ModelOutput::Notify(text.into()),
            };
            self.outputs.push(output);
        }
    }

    /// Compares the outputs. The rules do not define the order in which several promises settle in
    /// a row, nor when within a step a timer starts or a request is cancelled.
    pub fn compare(&mut self, now: u64) -> CheckResult {
        let (actual, expected) =
            (std::mem::take(&mut self.outputs), std::mem::take(&mut self.model.outputs));
        if actual != expected {
            let (actual, expected) = (normalised(actual), normalised(expected.clone()));
            if actual != expected {
                return Err(format!("outputs: {actual:#?}\nexpected: {expected:#?}"));
            }
        }
        let mut request_users = std::mem::take(&mut self.model.request_users).into_iter();
        for output in expected {
            match output {
                ModelOutput::Send(number, line) => {
                    let method =
                        ["GET", "PUT", "DELETE"].into_iter().find(|name| line.starts_with(name));
                    let uid = request_users.next().ok_or("a request without a user")?;
                    self.open.push((
                        number,
                        method.filter(|_| !line.contains("apiKey")).unwrap_or("POST"),
                        uid,
                    ));
                }
                ModelOutput::StartTimer(number, ms) => {
                    self.timers.push((number, now + u64::from(ms)))
                }
                ModelOutput::AskProvider(number, _) => self.pending_providers.push(number),
                ModelOutput::Cancel(number) => self.timers.retain(|timer| timer.0 != number),
                ModelOutput::Settle(call, _) => {
                    match self.pending.iter().position(|pending| *pending == call) {
                        Some(at) => _ = self.pending.swap_remove(at),
                        None => return Err(format!("call {call} settled twice")),
                    }
                }
                ModelOutput::Notify(_) => {}
            }
        }
        let session = self.model.session();
        let token = session.map(|session| session.token.text());
        let actual = (
            self.client.app_id(),
            self.client.persistence(),
            self.client.auth_token().map(Secret::expose),
        );
        let expected = (self.model.app_id(), self.model.persistence(), token.as_deref());
        if actual == expected {
            Ok(())
        } else {
            Err(format!("app, persistence, token: {actual:?}, expected: {expected:?}"))
        }
    }

    pub fn call(&mut self, storages: &mut [ModelStorage; 3], call: Call, waits_for_init: bool) {
        self.calls += 1;
        let (id, pending_init) = (self.calls, if waits_for_init { self.last_init } else { 0 });
        if matches!(call, Call::Init { .. } | Call::InvalidInit) {
            self.last_init = id;
        }
        self.pending.push(id);
        let (what, args) = arguments(call);
        self.model.call(storages, id, pending_init, call);
        self.handle(Input::Call { id, pending_init, what, args: CanonicalJson::from_engine(args) });
    }
}

fn normalised(outputs: Vec<ModelOutput>) -> (Vec<ModelOutput>, Vec<ModelOutput>) {
    let (mut unordered, mut line): (Vec<_>, Vec<_>) = outputs.into_iter().partition(|output| {
        matches!(
            output,
            ModelOutput::StartTimer(..) | ModelOutput::Cancel(_) | ModelOutput::AskProvider(..)
        )
    });
    unordered.sort_by_key(|output| format!("{output:?}"));
    for run in line.chunk_by_mut(|one, other| {
        matches!((one, other), (ModelOutput::Settle(..), ModelOutput::Settle(..)))
    }) {
        run.sort_by_key(|output| if let ModelOutput::Settle(call, _) = output { *call } else { 0 });
    }
    (line, unordered)
}
