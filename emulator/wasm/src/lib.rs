//! The emulator without I/O, for the npm package. All values at the boundary are JSON texts,
//! numbers or bytes. A number identifies an in-flight request or an open web socket.

#![cfg(target_arch = "wasm32")]

mod convert;
mod options;

use cometchat_emulator::lab::{
    Answer, Conversation, Destination, Event, Exchange, Lab, Outcome, Plan, Reaction, Start, bounds,
};
use convert::{array, body_of, head_of, response_of};
use options::Options;
use serde_json::json;
use std::collections::HashMap;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// A running emulator.
#[wasm_bindgen]
pub struct Emulator {
    lab: Lab,
    exchanges: HashMap<u32, (Exchange, Option<Sent>)>,
    conversations: HashMap<u32, Conversation>,
    last: u32,
    region: String,
}

/// The code and the outcome of a response that was not sent yet.
struct Sent {
    code: Option<&'static str>,
    outcome: Outcome,
}

#[wasm_bindgen]
impl Emulator {
    /// Creates an emulator. `options` is JSON, `entropy` is 16 random bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: &str,
        url: String,
        at_ms: f64,
        entropy: &[u8],
    ) -> Result<Emulator, JsError> {
        let options: Options = serde_json::from_str(options)?;
        let setup = options.setup().check()?;
        let start = Start {
            public_url: url,
            shell: "node",
            rows: None,
            at_ms: at_ms as u64,
            entropy: array(entropy)?,
        };
        let lab = Lab::new(&setup, start)?;
        Ok(Self {
            lab,
            exchanges: HashMap::new(),
            conversations: HashMap::new(),
            last: 0,
            region: setup.region().to_owned(),
        })
    }

    /// The values that clients need: app id, region, keys, users, apps.
    pub fn ready(&self) -> String {
        let state = self.lab.state();
        let app = state.default_app();
        let (auth_key, rest_api_key) = app.map(Lab::keys_of).unwrap_or_default();
        let apps: Vec<&str> = state.apps().map(|app| app.id.as_str()).collect();
        json!({
            "appId": app.map(|app| &app.id),
            "region": self.region,
            "authKey": auth_key,
            "restApiKey": rest_api_key,
            "users": app.map(|app| app.uids().collect::<Vec<_>>()),
            "apps": apps,
        })
        .to_string()
    }

    /// Sets the address for clients.
    #[wasm_bindgen(js_name = setUrl)]
    pub fn set_url(&mut self, url: String) {
        self.lab.set_public_url(url);
    }

    /// The limits that the shell enforces.
    pub fn bounds() -> String {
        json!({
            "bodyKept": bounds::BODY_KEPT,
            "bodyRead": bounds::BODY_READ,
            "controlBody": bounds::CONTROL_BODY,
            "headerMs": bounds::HEADER_TIME.as_millis(),
            "bodyMs": bounds::BODY_TIME.as_millis(),
            "headers": bounds::HEADERS,
            "headerBytes": bounds::HEADER_BYTES,
            "frame": bounds::FRAME,
            "farewellMs": bounds::SOCKET_FAREWELL.as_millis(),
        })
        .to_string()
    }

    /// Decides whether a request may come in, and what it is for.
    pub fn admit(&self, head: &str) -> Result<String, JsError> {
        let shown = match self.lab.admit(&head_of(head)?) {
            Ok(Destination::Service) => json!({ "destination": "service" }),
            Ok(Destination::Control) => json!({ "destination": "control" }),
            Ok(Destination::Dashboard(path)) => json!({ "destination": "dashboard", "path": path }),
            Err(refusal) => {
                json!({
                    "destination": "none",
                    "response": response_of(&refusal.response),
                    "log": refusal.log,
                })
            }
        };
        Ok(shown.to_string())
    }

    /// Answers a call to `/emulator/v1`. `body` is absent if it was too large.
    pub fn control(
        &mut self,
        head: &str,
        body: Option<Vec<u8>>,
        at_ms: f64,
        entropy: &[u8],
        waited: bool,
    ) -> Result<String, JsError> {
        let (head, entropy) = (head_of(head)?, array(entropy)?);
        let answer = self.lab.control(&head, &body_of(body), at_ms as u64, entropy, waited);
        let shown = match answer {
            Answer::Send(response) => json!({ "response": response_of(&response) }),
            Answer::Wait(ms) => json!({ "wait": ms }),
        };
        Ok(shown.to_string())
    }

    /// Starts a request to the service.
    pub fn begin(
        &mut self,
        head: &str,
        body: Option<Vec<u8>>,
        at_ms: f64,
        entropy: &[u8],
    ) -> Result<String, JsError> {
        let exchange = self.lab.begin(head_of(head)?, body_of(body), at_ms as u64, array(entropy)?);
        self.last += 1;
        let shown = json!({
            "id": self.last,
            "delayMs": exchange.delay_ms,
            "path": exchange.path,
            "fault": exchange.fault,
        });
        self.exchanges.insert(self.last, (exchange, None));
        Ok(shown.to_string())
    }

    /// Returns the plan for a request. Call it after the delay.
    pub fn serve(&mut self, id: u32, at_ms: f64) -> String {
        let Some((exchange, sent)) = self.exchanges.get_mut(&id) else {
            return json!({ "do": "drop" }).to_string();
        };
        let shown = match self.lab.serve(exchange, at_ms as u64) {
            Plan::Drop => json!({ "do": "drop" }),
            Plan::Hang => json!({ "do": "hang" }),
            Plan::Open(conversation) => {
                self.last += 1;
                let deadline = conversation.deadline();
                self.conversations.insert(self.last, conversation);
                json!({ "do": "open", "socket": self.last, "deadline": deadline })
            }
            Plan::Send(sending) => {
                *sent = Some(Sent { code: sending.code, outcome: sending.outcome });
                json!({
                    "do": "send",
                    "response": response_of(&sending.response),
                    "app": sending.app,
                    "code": sending.code,
                })
            }
        };
        shown.to_string()
    }

    /// Ends a request. `outcome` is used if nothing was sent: "dropped", "hung" or "answered".
    pub fn finish(&mut self, id: u32, status: Option<u16>, outcome: &str, ms: f64) {
        let Some((exchange, sent)) = self.exchanges.remove(&id) else { return };
        let (code, outcome) = match (sent, outcome) {
            (Some(sent), _) => (sent.code, sent.outcome),
            (None, "hung") => (None, Outcome::Hung),
            (None, "answered") => (None, Outcome::Answered),
            (None, _) => (None, Outcome::Dropped),
        };
        self.lab.finish(&exchange, status, code, outcome, ms as u64);
    }

    /// Handles an event of a web socket: "text", "ping", "binary", "large", "closed", "broke",
    /// "time" or "stopping".
    #[wasm_bindgen(js_name = socketEvent)]
    pub fn socket_event(
        &mut self,
        id: u32,
        kind: &str,
        text: String,
        code: u16,
        at_ms: f64,
    ) -> String {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return json!({ "gone": true }).to_string();
        };
        let event = match kind {
            "text" => Event::Text(text),
            "ping" => Event::Ping,
            "binary" => Event::Binary,
            "large" => Event::TooLarge,
            "closed" => Event::Closed(code, text),
            "broke" => Event::Broke,
            "stopping" => Event::Stopping,
            _ => Event::Time,
        };
        let Reaction { send, close, gone } = conversation.take(&mut self.lab, event, at_ms as u64);
        json!({ "send": send, "close": close, "gone": gone, "deadline": conversation.deadline() })
            .to_string()
    }

    /// Whether the session of a web socket has ended.
    #[wasm_bindgen(js_name = socketHasEnded)]
    pub fn socket_has_ended(&self, id: u32) -> bool {
        self.conversations.get(&id).is_some_and(|conversation| conversation.has_ended(&self.lab))
    }

    /// Removes a web socket that is closed.
    #[wasm_bindgen(js_name = socketGone)]
    pub fn socket_gone(&mut self, id: u32) {
        if self.conversations.remove(&id).is_some() {
            self.lab.socket_gone();
        }
    }

    /// A number that grows when a session may have ended.
    #[wasm_bindgen(js_name = sessionsRevision)]
    pub fn sessions_revision(&self) -> f64 {
        self.lab.sessions_revision() as f64
    }

    /// A number that grows with each change of the journal.
    #[wasm_bindgen(js_name = journalRevision)]
    pub fn journal_revision(&self) -> f64 {
        self.lab.journal_revision() as f64
    }
}
