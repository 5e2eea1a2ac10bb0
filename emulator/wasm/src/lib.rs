//! The emulator without a machine around it, for the npm package. Everything that crosses is text (JSON), a number or bytes; a request under
//! way and an open web socket are numbers.

#![cfg(target_arch = "wasm32")]

use base64::Engine as _;
use cometchat_emulator::core::Body;
use cometchat_emulator::lab::{
    Answer, Conversation, Destination, Event, Exchange, Head, Lab, Plan, Reaction, Readings, Response,
    Setup, Start, Step, bounds,
};
use serde::Deserialize;
use serde_json::{Value, json};
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

/// What is known of a response before it is sent.
struct Sent {
    code: Option<&'static str>,
    outcome: cometchat_emulator::lab::Outcome,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    apps: Vec<String>,
    regions: Vec<String>,
    docs: bool,
    /// What to call each in an error, and its text.
    seeds: Vec<(String, String)>,
    allow_hosts: Vec<String>,
    allow_origins: Vec<String>,
    open_control: bool,
    single_use_tokens: bool,
    logout_keeps_token: bool,
    strict_auth_keys: bool,
    core_limit: u64,
    standard_limit: u64,
}

impl Default for Options {
    fn default() -> Self {
        let readings = Readings::default();
        Self {
            apps: Vec::new(),
            regions: Vec::new(),
            docs: false,
            seeds: Vec::new(),
            allow_hosts: Vec::new(),
            allow_origins: Vec::new(),
            open_control: false,
            single_use_tokens: readings.single_use_tokens,
            logout_keeps_token: readings.logout_keeps_token,
            strict_auth_keys: readings.strict_auth_keys,
            core_limit: readings.core_limit,
            standard_limit: readings.standard_limit,
        }
    }
}

/// A request's head, as JavaScript writes it.
#[derive(Deserialize)]
struct JsHead {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    local: bool,
}

fn head_of(text: &str) -> Result<Head, JsError> {
    let JsHead { method, path, query, headers, local } = serde_json::from_str(text)?;
    Ok(Head { method, path, query, headers, local })
}

fn body_of(bytes: Option<Vec<u8>>) -> Body {
    match bytes {
        None => Body::TooLarge,
        Some(bytes) if bytes.is_empty() => Body::Empty,
        Some(bytes) => Body::Bytes(bytes),
    }
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], JsError> {
    bytes.try_into().map_err(|_| JsError::new(&format!("{N} random bytes are needed.")))
}

fn show(response: &Response) -> Value {
    let steps: Vec<Value> = response
        .steps
        .iter()
        .map(|step| match step {
            Step::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => json!({ "text": text }),
                Err(_) => {
                    json!({ "base64": base64::engine::general_purpose::STANDARD.encode(bytes) })
                }
            },
            Step::Wait(ms) => json!({ "wait": ms }),
            Step::Hang => json!({ "end": "hang" }),
            Step::Cut => json!({ "end": "cut" }),
        })
        .collect();
    json!({
        "status": response.status, "headers": response.headers, "steps": steps, "length": response.length,
    })
}

#[wasm_bindgen]
impl Emulator {
    /// Sets one up. `options` is JSON, `entropy` 16 random bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: &str,
        url: String,
        at_ms: f64,
        entropy: &[u8],
    ) -> Result<Emulator, JsError> {
        let options: Options = serde_json::from_str(options)?;
        let setup = Setup {
            apps: options.apps,
            regions: options.regions,
            docs: options.docs,
            seeds: options.seeds,
            hosts: options.allow_hosts,
            origins: options.allow_origins,
            open_control: options.open_control,
            readings: Readings {
                single_use_tokens: options.single_use_tokens,
                logout_keeps_token: options.logout_keeps_token,
                strict_auth_keys: options.strict_auth_keys,
                core_limit: options.core_limit,
                standard_limit: options.standard_limit,
            },
        };
        let plan = setup.check()?;
        let start = Start {
            public_url: url,
            shell: "node",
            rows: None,
            at_ms: at_ms as u64,
            entropy: array(entropy)?,
        };
        let lab = Lab::new(&plan, start)?;
        Ok(Self {
            lab,
            exchanges: HashMap::new(),
            conversations: HashMap::new(),
            last: 0,
            region: plan.region().to_owned(),
        })
    }

    /// What clients need to know: app id, region, keys, users, apps.
    pub fn ready(&self) -> String {
        let state = self.lab.state();
        let app = state.default_app();
        let (auth_key, rest_api_key) = app.map(Lab::keys_of).unwrap_or_default();
        let apps: Vec<&str> = state.apps().map(|app| app.id.as_str()).collect();
        json!({
            "appId": app.map(|app| &app.id), "region": self.region, "authKey": auth_key, "restApiKey": rest_api_key,
            "users": app.map(|app| app.uids().collect::<Vec<_>>()), "apps": apps,
        })
        .to_string()
    }

    /// Sets the address for clients, once it is known.
    #[wasm_bindgen(js_name = setUrl)]
    pub fn set_url(&mut self, url: String) {
        self.lab.set_public_url(url);
    }

    /// The bounds that the shell keeps.
    pub fn bounds() -> String {
        json!({
            "bodyKept": bounds::BODY_KEPT, "bodyRead": bounds::BODY_READ, "controlBody": bounds::CONTROL_BODY,
            "headerMs": bounds::HEADER_TIME.as_millis(), "bodyMs": bounds::BODY_TIME.as_millis(),
            "headers": bounds::HEADERS, "headerBytes": bounds::HEADER_BYTES, "frame": bounds::FRAME,
            "farewellMs": bounds::SOCKET_FAREWELL.as_millis(),
        })
        .to_string()
    }

    /// Whether a request may come in, and what it is for.
    pub fn admit(&self, head: &str) -> Result<String, JsError> {
        let shown = match self.lab.admit(&head_of(head)?) {
            Ok(Destination::Service) => json!({ "destination": "service" }),
            Ok(Destination::Control) => json!({ "destination": "control" }),
            Ok(Destination::Dashboard(path)) => json!({ "destination": "dashboard", "path": path }),
            Err(refusal) => {
                json!({ "destination": "none", "response": show(&refusal.response), "log": refusal.log })
            }
        };
        Ok(shown.to_string())
    }

    /// A call to `/emulator/v1`. `body` is absent if it was too large.
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
            Answer::Send(response) => json!({ "response": show(&response) }),
            Answer::Wait(ms) => json!({ "wait": ms }),
        };
        Ok(shown.to_string())
    }

    /// Takes in a request to the service.
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
            "id": self.last, "delayMs": exchange.delay_ms, "path": exchange.path, "fault": exchange.fault,
        });
        self.exchanges.insert(self.last, (exchange, None));
        Ok(shown.to_string())
    }

    /// What to do about a request, once its delay is over.
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
                    "do": "send", "response": show(&sending.response), "app": sending.app, "code": sending.code,
                })
            }
        };
        shown.to_string()
    }

    /// The request is over. `outcome` counts where nothing was sent: "dropped", "hung" or "answered".
    pub fn finish(&mut self, id: u32, status: Option<u16>, outcome: &str, ms: f64) {
        use cometchat_emulator::lab::Outcome;
        let Some((exchange, sent)) = self.exchanges.remove(&id) else { return };
        let (code, outcome) = match (sent, outcome) {
            (Some(sent), _) => (sent.code, sent.outcome),
            (None, "hung") => (None, Outcome::Hung),
            (None, "answered") => (None, Outcome::Answered),
            (None, _) => (None, Outcome::Dropped),
        };
        self.lab.finish(&exchange, status, code, outcome, ms as u64);
    }

    /// Something came to a web socket: "text", "ping", "binary", "large", "closed", "broke", "time" or "stopping".
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

    /// Whether a web socket's session has ended.
    #[wasm_bindgen(js_name = socketHasEnded)]
    pub fn socket_has_ended(&self, id: u32) -> bool {
        self.conversations.get(&id).is_some_and(|conversation| conversation.has_ended(&self.lab))
    }

    /// A web socket is gone.
    #[wasm_bindgen(js_name = socketGone)]
    pub fn socket_gone(&mut self, id: u32) {
        if self.conversations.remove(&id).is_some() {
            self.lab.socket_gone();
        }
    }

    /// Grows when a session may have ended.
    #[wasm_bindgen(js_name = sessionsRevision)]
    pub fn sessions_revision(&self) -> f64 {
        self.lab.sessions_revision() as f64
    }

    /// Grows with each change of the journal.
    #[wasm_bindgen(js_name = journalRevision)]
    pub fn journal_revision(&self) -> f64 {
        self.lab.journal_revision() as f64
    }
}
