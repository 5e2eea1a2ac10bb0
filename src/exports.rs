//! What JavaScript sees: converts in, steps the client, converts out. No decisions.
//!
//! Everything that happens goes through one queue. Whatever the client's outputs set off in the page (a listener that calls
//! the API, a patched `fetch`) is queued behind them, so the client is never entered twice.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::browser::{Web, Wires, go_on};
use crate::client::ports::{Answer, CallId, Event, Output};
use crate::client::{Call, Client, Input};
use crate::memory::{Blocks, Instance};
use crate::protocol::session::Session;

#[global_allocator]
static ALLOCATOR: Blocks<Instance> = Blocks::new(Instance);

#[wasm_bindgen]
extern "C" {
    /// The page's side: promises, listeners, token providers.
    pub type Host;
    /// `what` it is, a number below; `id` of the call it settles, or of what it asks for; what the `text` is, a form below.
    #[wasm_bindgen(method, catch)]
    fn tell(this: &Host, what: u32, id: u32, form: u32, text: &str) -> Result<(), JsValue>;
}

// What is told: a call is settled …
const SETTLE: u32 = 0;
// … listeners hear of something …
const LOGIN_SUCCESS: u32 = 1;
const LOGIN_FAILURE: u32 = 2;
const LOGOUT_SUCCESS: u32 = 3;
const LOGOUT_FAILURE: u32 = 4;
// … the developer is warned, or a provider asked: by the call whose it is; the text is the number to answer under.
const WARN: u32 = 5;
const ASK: u32 = 6;

// The forms of a text: JSON of the value itself, of the session's user (empty: the same as last time; `null`: nobody, and no longer
// whoever it was), of a user as the service describes one, of an exception.
const VALUE: u32 = 0;
const USER: u32 = 1;
const PROFILE: u32 = 2;
const EXCEPTION: u32 = 3;

struct Core {
    client: RefCell<Client<Web>>,
    wires: RefCell<Wires>,
    inbox: RefCell<Vec<Input>>,
    at_work: Cell<bool>,
    /// The session whose user was told last: the page's side has the text.
    told: Cell<Option<Rc<Session>>>,
    host: Host,
}

thread_local! {
    // For as long as the instance lives.
    static CORE: Cell<Option<&'static Core>> = const { Cell::new(None) };
}

/// Takes what happened and does what follows from it, or leaves that to whoever is at it.
fn feed(input: Input) {
    let Some(core) = CORE.get() else { return };
    core.inbox.borrow_mut().push(input);
    if core.at_work.replace(true) {
        return;
    }
    loop {
        // Taken before it is looked at: what is borrowed for a question stays borrowed while the answer is dealt with.
        let input = first(&mut core.inbox.borrow_mut());
        let Some(input) = input else { break };
        core.client.borrow_mut().handle(input);
        loop {
            let output = first(core.client.borrow_mut().outputs());
            let Some(output) = output else { break };
            perform(core, output);
        }
    }
    core.at_work.set(false);
}

/// Takes what the page calls about: see [`Wires`].
fn wake(number: i32) {
    let Some(core) = CORE.get() else { return };
    let id = number.unsigned_abs();
    feed(if number < 0 {
        let Some(outcome) = go_on(&core.wires, id) else { return };
        Input::Replied(id, outcome)
    } else if number > 0 {
        Input::TimeIsUp(id)
    } else {
        Input::Look
    });
}

fn first<T>(queue: &mut Vec<T>) -> Option<T> {
    if queue.is_empty() { None } else { Some(queue.remove(0)) }
}

fn perform(core: &Core, output: Output) {
    let (what, id, result) = match output {
        Output::Send(id, request) => return core.wires.borrow_mut().send(id, &request),
        Output::Remind(id, ms) => return core.wires.borrow_mut().remind(id, ms),
        Output::Cancel(id) => return core.wires.borrow_mut().cancel(id),
        Output::Warn(text) => return core.tell(WARN, 0, VALUE, text),
        Output::Ask(id, call) => return core.tell(ASK, id, call, ""),
        Output::Settle(call, result) => (SETTLE, call, result),
        Output::Tell(Event::LoginSuccess(session)) => (LOGIN_SUCCESS, 0, Ok(Answer::User(session))),
        Output::Tell(Event::LoginFailure(exception)) => (LOGIN_FAILURE, 0, Err(exception)),
        Output::Tell(Event::LogoutSuccess) => (LOGOUT_SUCCESS, 0, Ok(Answer::Nobody)),
        Output::Tell(Event::LogoutFailure(exception)) => (LOGOUT_FAILURE, 0, Err(exception)),
    };
    let (form, text) = match &result {
        Ok(Answer::Done) => (VALUE, "true"),
        Ok(Answer::Nobody) => {
            core.told.take();
            (USER, "null")
        }
        Ok(Answer::Object(json)) => (VALUE, json.as_str()),
        Ok(Answer::Profile(json)) => (PROFILE, json.as_str()),
        Ok(Answer::User(session)) => {
            let again = core
                .told
                .replace(Some(session.clone()))
                .is_some_and(|told| Rc::ptr_eq(&told, session));
            (USER, if again { "" } else { &session.user })
        }
        Err(exception) => (EXCEPTION, exception.0.as_str()),
    };
    core.tell(what, id, form, text);
}

impl Core {
    fn tell(&self, what: u32, id: u32, form: u32, text: &str) {
        // The page's side reports its own failures.
        let _ = self.host.tell(what, id, form, text);
    }
}

/// Begins: from now on the page is told, and the disk is watched.
#[wasm_bindgen]
pub fn start(host: Host) {
    let core = Core {
        client: RefCell::new(Client::new(Web::new())),
        wires: RefCell::new(Wires::new(wake)),
        inbox: RefCell::default(),
        at_work: Cell::new(false),
        told: Cell::default(),
        host,
    };
    CORE.set(Some(Box::leak(Box::new(core))));
}

/// A call of the API by its number (see [`Call`]), its arguments by name as a JSON object, empty for none. `gate` is the `init`
/// call that was under way when it was made, 0 for none. Above the calls: the call of that number is given up; the provider of
/// the login of that number gave this token; everything ends.
#[wasm_bindgen]
pub fn call(what: u32, id: CallId, gate: CallId, args: String) {
    let what = match what {
        0 => Call::Init,
        1 => Call::Login,
        2 => Call::Logout,
        3 => Call::LoggedInUser,
        4 => Call::CreateUser,
        5 => Call::UpdateUser,
        6 => Call::UpdateMe,
        7 => Call::GetUser,
        8 => Call::Verify,
        9 => return feed(Input::Abort(id)),
        10 => return feed(Input::Token(id, args)),
        _ => return feed(Input::Dispose),
    };
    feed(Input::Call { id, gate, what, args });
}

/// What is so at this moment: 0 the app id, 1 the persistence, 2 the auth token; an empty text where there is none.
#[wasm_bindgen]
pub fn ask(what: u32) -> JsValue {
    feed(Input::Look);
    // In use: somebody patched the storage with code that asks.
    let Some(Ok(client)) = CORE.get().map(|core| core.client.try_borrow()) else {
        return JsValue::UNDEFINED;
    };
    let answer = match what {
        0 => client.app_id(),
        1 => client.persistence(),
        _ => client.auth_token(),
    };
    answer.unwrap_or_default().serialize(&Serializer::new()).unwrap_or_default()
}
