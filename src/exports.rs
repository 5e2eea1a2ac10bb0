//! The JavaScript boundary: converts in, steps the client, converts out. Decides nothing.
//!
//! All inputs go through one queue. Inputs that follow from an output (a listener that calls the
//! API, a patched `fetch`) wait behind it, so the client is never entered twice. The numbers are
//! those of [`crate::boundary`].

use std::cell::{Cell, RefCell};

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use talc::cell::TalcSyncCell;
use talc::wasm::{WasmBinning, WasmGrowAndClaim};
use wasm_bindgen::prelude::*;

use crate::boundary::{self, Form, Message, Query};
use crate::browser::{Host, Transport, Web, event, masked};
use crate::client::ports::{Answer, CallId, Event, Output};
use crate::client::{Call, Client, Input};
use crate::protocol::error::{Exception, ServiceError};
use crate::protocol::json::CanonicalJson;
use crate::protocol::secret::Secret;

#[global_allocator]
static ALLOCATOR: TalcSyncCell<WasmGrowAndClaim, WasmBinning> =
    TalcSyncCell::new_wasm(WasmGrowAndClaim);

struct Core {
    client: RefCell<Client<Web>>,
    transport: Transport,
    /// Inputs, each with the error that caused it, or undefined.
    inbox: RefCell<Vec<(Input, JsValue)>>,
    is_running: Cell<bool>,
    host: Host,
}

thread_local! {
    // Leaked, because its event listeners stay until the page is closed.
    static CORE: Cell<Option<&'static Core>> = const { Cell::new(None) };
}

/// Handles an input and carries out its outputs. Inputs that arrive during that are queued.
fn feed(input: Input, cause: JsValue) {
    let Some(core) = CORE.get() else { return };
    core.inbox.borrow_mut().push((input, cause));
    if core.is_running.replace(true) {
        return;
    }
    loop {
        // Take it out first: a borrow in the loop's condition would last for the whole step.
        let next = first(&mut core.inbox.borrow_mut());
        let Some((input, cause)) = next else { break };
        let cause = if cause.is_undefined() {
            cause
        } else {
            masked(cause, core.client.borrow().mask(&input))
        };
        core.client.borrow_mut().handle(input);
        loop {
            let output = first(core.client.borrow_mut().outputs());
            let Some(output) = output else { break };
            core.perform(output, &cause);
        }
    }
    core.is_running.set(false);
}

/// Handles a call of the browser: see [`Transport`]. The facade does not see a trap in it. Its
/// watchdog notices that a call is not settled.
fn wake(number: i32, value: JsValue) {
    let Some(core) = CORE.get() else { return };
    let id = number.unsigned_abs();
    if number < 0 {
        if let Some((outcome, cause)) = core.transport.go_on(id) {
            feed(Input::Responded(id, outcome), cause);
        }
    } else if number > 0 {
        let late = core.transport.late(id);
        if let Some(late_ms) = late {
            feed(Input::TimedOut(id, late_ms), JsValue::UNDEFINED);
        }
    } else {
        let (name, change) = event(&value);
        core.transport.note_event(&name);
        feed(change.map_or(Input::Sync, Input::StorageChanged), JsValue::UNDEFINED);
    }
}

fn first<T>(queue: &mut Vec<T>) -> Option<T> {
    if queue.is_empty() { None } else { Some(queue.remove(0)) }
}

impl Core {
    fn perform(&self, output: Output, cause: &JsValue) {
        match output {
            Output::Send(id, request) => self.transport.send(id, &request),
            Output::StartTimer(id, ms) => self.transport.start_timer(id, ms),
            Output::Cancel(id) => self.transport.cancel(id),
            Output::Release(id) => self.transport.release(id),
            // The facade reports its own failures.
            Output::AskProvider(id, call) => drop(self.host.ask_provider(id, call)),
            Output::Watch(call, ms) => drop(self.host.watch(call, ms)),
            Output::Warn(text) => self.tell(Message::Warn, 0, Form::Value, Some(text)),
            Output::SessionChanged { session, in_memory } => {
                // After `dispose` it is unknown whether a user is logged in.
                let none = if self.client.borrow().app_id().is_some() { "null" } else { "" };
                let user = session.as_ref().map_or(none, |session| session.user.as_str());
                self.tell(Message::SessionChanged, in_memory.into(), Form::User, Some(user));
            }
            Output::Notify(event) => match event {
                // The facade has the user: `SessionChanged` came before.
                Event::LoginSuccess(_) => self.tell(Message::LoginSuccess, 0, Form::User, None),
                Event::LogoutSuccess => self.tell(Message::LogoutSuccess, 0, Form::User, None),
                Event::LoginFailure(why) => self.fail(Message::LoginFailure, 0, &why, cause),
                Event::LogoutFailure(why) => self.fail(Message::LogoutFailure, 0, &why, cause),
            },
            Output::Settle(calls, Err(exception)) => {
                for id in calls {
                    self.fail(Message::Settle, id, &exception, cause);
                }
            }
            Output::Settle(calls, Ok(answer)) => {
                let (form, text) = match &answer {
                    Answer::Done => (Form::Value, Some("true")),
                    // The facade has the user: `SessionChanged` came before.
                    Answer::NoUser | Answer::User(_) => (Form::User, None),
                    Answer::Object(json) => (Form::Value, Some(json.as_str())),
                    Answer::Profile(json) => (Form::Profile, Some(json.as_str())),
                };
                for id in calls {
                    self.tell(Message::Settle, id, form, text);
                }
            }
        }
    }

    fn tell(&self, message: Message, id: u32, form: Form, text: Option<&str>) {
        let _ = self.host.tell(message as u32, id, form as u32, text);
    }

    fn fail(&self, message: Message, id: u32, exception: &Exception, cause: &JsValue) {
        let (code, subject, text, details) = match exception {
            Exception::Own { code, subject, .. } => (*code as i32, *subject, "", ""),
            Exception::Service { error, .. } => {
                let ServiceError { code, message, details, .. } = error;
                (-1, &**code, &**message, &**details)
            }
        };
        let http = exception.http();
        let _ = self.host.fail(
            message as u32,
            id,
            code,
            subject,
            text,
            details,
            http.status.into(),
            exception.is_retryable(),
            http.retry_after,
            cause,
        );
    }
}

/// Does nothing, but `__wbg_reset_state` of wasm-bindgen calls it when an instance is replaced.
#[wasm_bindgen(start)]
fn on_instance() {}

/// Starts the core: it reports to this host and watches the storage.
#[wasm_bindgen]
pub fn start(host: Host) {
    let core = Core {
        client: RefCell::new(Client::new(Web::new(host.clone()))),
        transport: Transport::new(wake),
        inbox: RefCell::default(),
        is_running: Cell::new(false),
        host,
    };
    CORE.set(Some(Box::leak(Box::new(core))));
}

/// Takes a call by its number in [`boundary::Call`]. `args` is a JSON object, or a provider's
/// token. `pending_init` is the id of the `init` that was pending when the call was made, or 0.
/// `cause` is an error that the facade caught; the exceptions of the call carry it.
#[wasm_bindgen]
pub fn call(call: u32, id: CallId, pending_init: CallId, args: String, cause: JsValue) {
    use boundary::Call as Number;
    let Some(number) = Number::from_number(call) else { return unknown("call") };
    let what = match number {
        Number::Init => Call::Init,
        Number::Login => Call::Login,
        Number::Logout => Call::Logout,
        Number::LoggedInUser => Call::LoggedInUser,
        Number::CreateUser => Call::CreateUser,
        Number::UpdateUser => Call::UpdateUser,
        Number::UpdateMe => Call::UpdateMe,
        Number::GetUser => Call::GetUser,
        Number::Verify => Call::Verify,
        Number::Abort => return feed(Input::Abort(id), cause),
        Number::Token => return feed(Input::Token(id, args), cause),
        Number::Dispose => return feed(Input::Dispose, cause),
    };
    let args = CanonicalJson::from_engine(args);
    feed(Input::Call { id, pending_init, what, args }, cause);
}

/// Answers a question by its number in [`Query`]. Empty or undefined if there is no answer.
#[wasm_bindgen]
pub fn ask(query: u32) -> JsValue {
    feed(Input::Sync, JsValue::UNDEFINED);
    // The client is borrowed if a storage that the page has patched calls this.
    let Some(Ok(client)) = CORE.get().map(|core| core.client.try_borrow()) else {
        return JsValue::UNDEFINED;
    };
    let answer = match Query::from_number(query) {
        Some(Query::AppId) => client.app_id(),
        Some(Query::Persistence) => client.persistence(),
        Some(Query::AuthToken) => client.auth_token().map(Secret::expose),
        None => {
            unknown("query");
            None
        }
    };
    answer.unwrap_or_default().serialize(&Serializer::new()).unwrap_or_default()
}

/// Logs in a debug build that JavaScript and Rust are of different versions.
fn unknown(what: &str) {
    if cfg!(debug_assertions)
        && let Some(core) = CORE.get()
    {
        let text = format!("An unknown number of a {what}");
        core.tell(Message::Warn, 0, Form::Value, Some(&text));
    }
}
