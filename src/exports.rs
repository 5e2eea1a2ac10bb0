//! What JavaScript sees: converts in, steps the client, converts out. No decisions.
//!
//! Everything that happens goes through one queue. Whatever the client's outputs set off in the page (a listener that calls
//! the API, a patched `fetch`) is queued behind them, so the client is never entered twice.

use std::cell::RefCell;

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::browser::{Web, Wires, watch};
use crate::client::ports::{Answer, CallId, Event, Output, Page};
use crate::client::{Call, Client, Input};
use crate::protocol::error::Exception;

#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[wasm_bindgen]
extern "C" {
    /// The page's side: promises and listeners. `form` says what `value` is.
    pub type Host;
    #[wasm_bindgen(method, catch)]
    fn settle(this: &Host, call: CallId, value: JsValue, form: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn tell(this: &Host, event: &str, value: JsValue, form: u32) -> Result<(), JsValue>;
}

/// The value itself.
const PLAIN: u32 = 0;
/// A plain object, as JSON text.
const JSON: u32 = 1;
/// A user, as JSON text.
const USER: u32 = 2;
/// What a `CometChatException` is made of.
const EXCEPTION: u32 = 3;

struct Core {
    client: Client<Web>,
    wires: Wires,
    host: Host,
}

thread_local! {
    static CORE: RefCell<Option<Core>> = const { RefCell::new(None) };
    static INBOX: RefCell<Vec<Input>> = const { RefCell::new(Vec::new()) };
    static AT_WORK: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
}

/// Takes what happened and does what follows from it, or leaves that to whoever is at it.
fn feed(input: Input) {
    INBOX.with_borrow_mut(|inbox| inbox.push(input));
    if AT_WORK.replace(true) {
        return;
    }
    loop {
        let inputs = INBOX.take();
        if inputs.is_empty() {
            break;
        }
        for input in inputs {
            with_core(|core| {
                if let Input::Replied(id, _) | Input::TimeIsUp(id) = &input {
                    // It is over: nothing is kept for giving it up.
                    core.wires.cancel(*id);
                }
                core.client.handle(input);
            });
            perform();
        }
    }
    AT_WORK.set(false);
}

fn perform() {
    for output in with_core(|core| core.client.take_outputs()).unwrap_or_default() {
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
                    Event::LogoutSuccess => ("logoutSuccess", (JsValue::UNDEFINED, PLAIN)),
                    Event::LogoutFailure(exception) => ("logoutFailure", failed(&exception)),
                };
                tell_host(|host| host.tell(name, value, form));
            }
            Output::Warn(text) => tell_host(|host| host.tell("warn", text.into(), PLAIN)),
        }
    }
}

/// `None` before the start, and where the core is in use: somebody patched the storage with code that calls the API.
fn with_core<T>(step: impl FnOnce(&mut Core) -> T) -> Option<T> {
    CORE.with(|core| core.try_borrow_mut().ok()?.as_mut().map(step))
}

fn tell_host(what: impl FnOnce(&Host) -> Result<(), JsValue>) {
    if let Some(host) = with_core(|core| JsValue::clone(&core.host).unchecked_into()) {
        // The page's side reports its own failures.
        let _ = what(&host);
    }
}

fn answered(answer: Answer) -> (JsValue, u32) {
    match answer {
        Answer::Done => (JsValue::TRUE, PLAIN),
        Answer::Nobody => (JsValue::NULL, PLAIN),
        Answer::User(session) => (JsValue::from_str(&session.user), USER),
        Answer::Object(json) => (json.into(), JSON),
    }
}

fn failed(exception: &Exception) -> (JsValue, u32) {
    (exception.serialize(&Serializer::json_compatible()).unwrap_or_default(), EXCEPTION)
}

/// Begins: from now on the page is told, and the disk is watched.
#[wasm_bindgen]
pub fn start(host: Host, user_agent: String, host_name: String) {
    let core = Core { client: Client::new(Web::new(), Page { user_agent, host_name }), wires: Wires::default(), host };
    CORE.with(|cell| cell.replace(Some(core)));
    watch(feed);
}

/// A call of the API, its arguments by name as a JSON object. `gate` is the `init` call that was under way when it was made,
/// 0 for none. Beside the calls that settle: `abort` gives the call of that number up, `dispose` ends everything.
#[wasm_bindgen]
pub fn call(id: CallId, gate: CallId, what: &str, args: String) {
    let what = match what {
        "init" => Call::Init,
        "login" => Call::Login,
        "logout" => Call::Logout,
        "abort" => return feed(Input::Abort(id)),
        "dispose" => return feed(Input::Dispose),
        _ => Call::LoggedInUser,
    };
    feed(Input::Call { id, gate, what, args });
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
