//! What JavaScript sees: converts in, steps the client, converts out. No decisions.
//!
//! Everything that happens goes through one queue. Whatever the client's outputs set off in the page (a listener that calls
//! the API, a patched `fetch`) is queued behind them, so the client is never entered twice.

use std::cell::RefCell;
use std::collections::VecDeque;

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::browser::{Web, Wires, watch};
use crate::client::ports::{Answer, CallId, Event, Output};
use crate::client::{Call, Client, Input};
use crate::protocol::error::Exception;

#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[wasm_bindgen]
extern "C" {
    /// The page's side: promises and listeners. `form` says what `value` is.
    pub type Host;
    #[wasm_bindgen(method, catch)]
    fn settle(this: &Host, call: CallId, value: JsValue, form: Form) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn tell(this: &Host, event: &str, value: JsValue, form: Form) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn warn(this: &Host, text: &str) -> Result<(), JsValue>;
}

/// What a value handed to the page is.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Form {
    /// The value itself.
    Plain,
    /// A plain object, as JSON text.
    Json,
    /// A user, as JSON text.
    User,
    /// What a `CometChatException` is made of.
    Exception,
}

struct Core {
    client: Client<Web>,
    wires: Wires,
    host: Option<Host>,
}

thread_local! {
    static CORE: RefCell<Core> = RefCell::new(Core { client: Client::new(Web::new()), wires: Wires::default(), host: None });
    static INBOX: RefCell<VecDeque<Input>> = const { RefCell::new(VecDeque::new()) };
    static AT_WORK: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
}

/// Takes what happened and does what follows from it, or leaves that to whoever is at it.
fn feed(input: Input) {
    INBOX.with_borrow_mut(|inbox| inbox.push_back(input));
    if AT_WORK.replace(true) {
        return;
    }
    while let Some(input) = INBOX.with_borrow_mut(VecDeque::pop_front) {
        with_core(|core| core.client.handle(input));
        perform();
    }
    AT_WORK.set(false);
}

fn perform() {
    while let Some(output) = with_core(|core| core.client.next_output()).flatten() {
        match output {
            Output::Send(id, request) => {
                // Out of the cell: the page may have put its own `fetch` there, and that may call the API.
                let mut wires = with_core(|core| core::mem::take(&mut core.wires)).unwrap_or_default();
                wires.send(id, &request, feed);
                with_core(|core| core.wires = wires);
            }
            Output::Remind(id, ms) => drop(with_core(|core| core.wires.remind(id, ms, feed))),
            Output::Cancel(id) => drop(with_core(|core| core.wires.cancel(id))),
            Output::Settle(call, result) => {
                let (value, form) = match result {
                    Ok(answer) => answered(answer),
                    Err(exception) => failed(&exception),
                };
                tell_host(|host| host.settle(call, value, form));
            }
            Output::Tell(event) => {
                let (name, (value, form)) = match event {
                    Event::LoginSuccess(user) => ("loginSuccess", answered(Answer::User(user))),
                    Event::LoginFailure(exception) => ("loginFailure", failed(&exception)),
                    Event::LogoutSuccess => ("logoutSuccess", (JsValue::UNDEFINED, Form::Plain)),
                    Event::LogoutFailure(exception) => ("logoutFailure", failed(&exception)),
                };
                tell_host(|host| host.tell(name, value, form));
            }
            Output::Warn(text) => tell_host(|host| host.warn(text)),
        }
    }
}

/// `None` where the core is in use: somebody patched the storage with code that calls the API.
fn with_core<T>(step: impl FnOnce(&mut Core) -> T) -> Option<T> {
    CORE.with(|core| core.try_borrow_mut().ok().map(|mut core| step(&mut core)))
}

fn tell_host(what: impl FnOnce(&Host) -> Result<(), JsValue>) {
    let host: Option<Host> = with_core(|core| core.host.as_ref().map(|host| JsValue::clone(host).unchecked_into())).flatten();
    if let Some(host) = host {
        // The page's side reports its own failures.
        let _ = what(&host);
    }
}

fn answered(answer: Answer) -> (JsValue, Form) {
    match answer {
        Answer::Done => (JsValue::TRUE, Form::Plain),
        Answer::Nobody => (JsValue::NULL, Form::Plain),
        Answer::User(session) => (JsValue::from_str(&session.user), Form::User),
        Answer::Object(json) => (json.into(), Form::Json),
    }
}

fn failed(exception: &Exception) -> (JsValue, Form) {
    (exception.serialize(&Serializer::json_compatible()).unwrap_or_default(), Form::Exception)
}

/// Begins: from now on the page is told, and the disk is watched.
#[wasm_bindgen]
pub fn start(host: Host) {
    with_core(|core| core.host = Some(host));
    watch(feed);
}

/// A call of the API, its arguments by name as a JSON object. `gate` is the `init` call that was under way when it was made,
/// 0 for none.
#[wasm_bindgen]
pub fn call(id: CallId, gate: CallId, what: &str, args: String) {
    let what = match what {
        "init" => Call::Init,
        "login" => Call::Login,
        "logout" => Call::Logout,
        _ => Call::LoggedInUser,
    };
    feed(Input::Call { id, gate, what, args });
}

/// The caller of that call no longer wants it.
#[wasm_bindgen]
pub fn abort(id: CallId) {
    feed(Input::Abort(id));
}

/// Ends everything.
#[wasm_bindgen]
pub fn dispose() {
    feed(Input::Dispose);
}

/// What is so at this moment: `appId`, `persistence` or `authToken`; undefined where there is none.
#[wasm_bindgen]
pub fn ask(what: &str) -> JsValue {
    feed(Input::Look);
    let answer = with_core(|core| match what {
        "appId" => core.client.app_id().map(JsValue::from_str),
        "persistence" => core.client.persistence().map(JsValue::from_str),
        _ => core.client.auth_token().map(JsValue::from_str),
    });
    answer.flatten().unwrap_or_default()
}
