//! The WebAssembly without the facade, in Chromium against the emulator.
//!
//! Only what the facade hides is tested here: a host that throws, the ids made from what the host
//! passes, calls into the exports while a request is sent, and numbers that no call has. Everything
//! else is tested on the package that ships, by `tests/pages` and `tests/compat`.
//!
//! `cargo xtask test --only browser` starts both and compiles the emulator's address in.

#![cfg(target_arch = "wasm32")]
#![cfg(test)]

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cometchat_auth::boundary::{Call, Query};
use cometchat_auth::exports;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const EMULATOR: Option<&str> = option_env!("CCA_TEST_EMULATOR");
const IRON_MAN: &str = "superhero1";

#[wasm_bindgen(inline_js = r#"
const { fetch } = globalThis;
const outcomes = new Map();
let user = "null";
let events = [];
let requests = [];
let throws = false;

// The host that `start` takes, with the numbers of `src/boundary.rs`.
export function host() {
  return {
    tell(message, call, form, text) {
      if (message === 5) user = text;
      else if (message === 0) outcomes.get(call)(form === 1 ? user : text);
      else if (message === 1 || message === 3) events.push("success");
      if (throws) throw new Error("the host's own");
    },
    fail(message, call, code) {
      if (message === 0) outcomes.get(call)(JSON.stringify({ code }));
      else events.push("failure");
    },
    askProvider() {},
    watch() {},
    canonical: (text) => JSON.stringify(JSON.parse(text)),
  };
}

export function outcome(call) {
  return new Promise((resolve) => outcomes.set(call, resolve));
}

export function heard() {
  return events.join(", ");
}

export function bodies() {
  return JSON.stringify(requests);
}

export function reset(before_request) {
  globalThis.fetch = (url, init) => {
    requests.push(init.body);
    before_request?.();
    return fetch(url, init);
  };
  localStorage.clear();
  sessionStorage.clear();
  [user, events, requests, throws] = ["null", [], [], false];
}

export function throw_from_now_on() {
  throws = true;
}

export function stored(area, key) {
  return window[area].getItem(key) ?? undefined;
}
"#)]
extern "C" {
    fn host() -> JsValue;
    fn outcome(call: u32) -> js_sys::Promise;
    fn heard() -> String;
    fn bodies() -> String;
    fn reset(before_request: &JsValue);
    fn throw_from_now_on();
    fn stored(area: &str, key: &str) -> Option<String>;
}

const FOR_DEVICE: &str = "6f0c7a52-0000-4000-8000-000000000001_1800000000000";
const FOR_TAB: &str = "6f0c7a52-0000-4000-8000-000000000002-1800000000001";

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// A call of the API and the value that it ends with. The call begins at once.
fn call(what: Call, args: Value) -> impl Future<Output = Value> {
    let id = CALLS.get() + 1;
    CALLS.set(id);
    let ends = JsFuture::from(outcome(id));
    exports::call(what as u32, id, 0, args.to_string(), JsValue::UNDEFINED);
    async move { serde_json::from_str(&ends.await.unwrap().as_string().unwrap()).unwrap() }
}

/// A page that has just been opened, with empty storage and an initialised client.
async fn opened(before_request: &JsValue) {
    exports::call(Call::Dispose as u32, 0, 0, String::new(), JsValue::UNDEFINED);
    reset(before_request);
    exports::start(host().unchecked_into());
    let emulator = EMULATOR.expect("run `cargo xtask test --only browser`");
    let settings = json!({
        "appId": "emulator-app", "region": "us", "emulator": emulator, "userAgent": "a browser",
        "isThisMachine": true, "forDevice": FOR_DEVICE, "forTab": FOR_TAB,
    });
    assert_eq!(call(Call::Init, settings).await, json!(true));
}

fn login() -> impl Future<Output = Value> {
    call(Call::Login, json!({ "uid": IRON_MAN, "authKey": "emulator-auth-key" }))
}

#[wasm_bindgen_test]
async fn b16_a_login_at_the_emulator() {
    opened(&JsValue::UNDEFINED).await;
    assert_eq!(login().await["name"], json!("Iron Man"));
    assert_eq!(heard(), "success");
}

#[wasm_bindgen_test]
async fn b4_the_ids_of_device_and_tab_are_made_from_what_the_host_passes() {
    opened(&JsValue::UNDEFINED).await;
    let device = format!("emulator-app_{FOR_DEVICE}");
    assert_eq!(
        stored("localStorage", "emulator-app:keys_store/deviceId"),
        Some(format!("\"{device}\""))
    );
    assert_eq!(stored("sessionStorage", "sessionId"), Some(format!("WEB-4_2_0-{FOR_TAB}")));
    login().await;
    let bodies: Vec<String> = serde_json::from_str(&bodies()).unwrap();
    let first: Value = serde_json::from_str(&bodies[0]).unwrap();
    assert_eq!(first["deviceId"], json!(device));
    assert_eq!(first["appInfo"]["userAgent"], json!("a browser"));
}

#[wasm_bindgen_test]
async fn b24_a_host_that_throws_breaks_no_call() {
    opened(&JsValue::UNDEFINED).await;
    throw_from_now_on();
    assert_eq!(login().await["uid"], json!(IRON_MAN));
    assert_eq!(login().await["uid"], json!(IRON_MAN));
    assert_eq!(heard(), "success, success");
    assert_eq!(call(Call::Logout, json!({})).await["success"], json!(true));
}

#[wasm_bindgen_test]
async fn b1_the_exports_can_be_called_while_a_request_is_sent() {
    let answers = Rc::new(RefCell::new(Vec::new()));
    let nested = {
        let answers = Rc::clone(&answers);
        Closure::<dyn Fn()>::new(move || {
            let app = exports::ask(Query::AppId as u32).as_string();
            answers.borrow_mut().push((app, call(Call::LoggedInUser, json!({}))));
        })
    };
    opened(nested.as_ref()).await;
    assert_eq!(login().await["uid"], json!(IRON_MAN));
    let answers = answers.take();
    assert_eq!(answers.len(), 2);
    for (app, answer) in answers {
        assert_eq!(app.as_deref(), Some("emulator-app"));
        assert_eq!(answer.await, Value::Null, "no user is logged in yet");
    }
}

#[wasm_bindgen_test]
async fn an_unknown_number_does_nothing() {
    opened(&JsValue::UNDEFINED).await;
    login().await;
    exports::call(12, 0, 0, String::new(), JsValue::UNDEFINED);
    exports::call(u32::MAX, 0, 0, String::new(), JsValue::UNDEFINED);
    assert_eq!(exports::ask(3).as_string().unwrap_or_default(), "");
    assert_eq!(call(Call::LoggedInUser, json!({})).await["uid"], json!(IRON_MAN));
    assert_eq!(heard(), "success");
}
