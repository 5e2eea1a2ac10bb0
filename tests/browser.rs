//! The thin edge in a real browser, against a live emulator: `exports` and `browser`, which nothing but a browser can try.
//! `cargo xtask test --only browser` starts both and compiles the emulator's address in.
//!
//! The page's side (`Host`) is a few lines of JavaScript here: it keeps what it is told, and a test may break what stands around.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::cell::Cell;

use cometchat_auth::exports;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Where `cargo xtask test` has started the emulator.
const EMULATOR: Option<&str> = option_env!("CCA_TEST_EMULATOR");
const APP: &str = "emulator-app";
const AUTH_KEY: &str = "emulator-auth-key";
const IRON_MAN: &str = "superhero1";

#[wasm_bindgen(inline_js = r#"
const waiting = new Map();
const original = { fetch: globalThis.fetch, local: descriptor("localStorage"), session: descriptor("sessionStorage") };
let heard = [];
let fetched = [];
let hostThrows = false;

function descriptor(name) {
  return Object.getOwnPropertyDescriptor(window, name);
}

// The forms of a value: 0 itself, 1 an object as JSON, 2 a user as JSON, 3 an exception.
const plain = (value, form) => (form === 1 || form === 2 ? JSON.parse(value) : value);

export function host() {
  return {
    settle(id, value, form) {
      waiting.get(id)(JSON.stringify({ form, value: plain(value, form) ?? null }));
      waiting.delete(id);
      if (hostThrows) throw new Error("the page's own");
    },
    tell(event, value, form) {
      if (event !== "warn") heard.push([event, plain(value, form)?.uid ?? plain(value, form)?.code].filter((part) => part !== undefined).join(" "));
      if (hostThrows) throw new Error("the page's own");
    },
    warn() {},
  };
}

// How a call ends, as JSON; "pending" where it does not.
export function settled(id) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("pending"), 8000);
    waiting.set(id, (outcome) => (clearTimeout(timer), resolve(outcome)));
  });
}

export function events() {
  return heard.join(", ");
}

// Resolves once the listeners have heard that much, or with what they have heard after 5 s.
export async function heardSoMany(count) {
  const end = Date.now() + 5000;
  while (heard.length < count && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  return heard.join(", ");
}

// What was asked for by fetch, as JSON: method, path, keepalive, whether it has a signal and that is aborted, header names.
export function requests() {
  return JSON.stringify(fetched.map(([url, init]) => ({
    method: init.method,
    path: new URL(url).pathname,
    keepalive: Boolean(init.keepalive),
    aborted: init.signal?.aborted ?? null,
    headers: [...new Headers(init.headers).keys()],
  })));
}

export function reset() {
  globalThis.fetch = (...args) => (fetched.push(args), original.fetch.apply(globalThis, args));
  Object.defineProperty(window, "localStorage", original.local);
  Object.defineProperty(window, "sessionStorage", original.session);
  if (original.setItem) Storage.prototype.setItem = original.setItem;
  delete crypto.getRandomValues;
  hostThrows = false;
  localStorage.clear();
  sessionStorage.clear();
  waiting.clear();
  heard = [];
  fetched = [];
}

export function breakFetch(how, nested) {
  globalThis.fetch = (...args) => {
    fetched.push(args);
    switch (how) {
      case "throws": throw new TypeError("fetch itself");
      case "rejects": return Promise.reject("no Error at all");
      case "rejects with nothing": return Promise.reject(undefined);
      case "never answers": return new Promise(() => {});
      case "resolves with nothing": return Promise.resolve(undefined);
      case "breaks off": return Promise.resolve(new Response(new ReadableStream({ start: (body) => body.error("gone") })));
      case "calls back": nested(); return original.fetch.apply(globalThis, args);
    }
  };
}

export function deny(name) {
  Object.defineProperty(window, name, { configurable: true, get() { throw new DOMException("Access is denied.", "SecurityError"); } });
}

// Full for what is longer than that.
export function fill(longest) {
  original.setItem = Storage.prototype.setItem;
  Storage.prototype.setItem = function (key, value) {
    if (value.length > longest) throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
    return original.setItem.call(this, key, value);
  };
}

export function withoutChance() {
  Object.defineProperty(crypto, "getRandomValues", { configurable: true, value: undefined });
}

export function throwFromNowOn() {
  hostThrows = true;
}

// Another document of this origin writes: the browser sends this one a real storage event.
export function elsewhere(key, value) {
  const frame = document.body.appendChild(document.createElement("iframe"));
  if (value === undefined) frame.contentWindow.localStorage.removeItem(key);
  else frame.contentWindow.localStorage.setItem(key, value);
}

export function dispatch(target, event) {
  (target === "document" ? document : window).dispatchEvent(new Event(event, { bubbles: true }));
}

export function stored(area, key) {
  return window[area].getItem(key) ?? undefined;
}

export function store(area, key, value) {
  window[area].setItem(key, value);
}

export function forget(key) {
  localStorage.removeItem(key);
}

export function keys() {
  return Object.keys(localStorage).sort().join(", ");
}

export function browser() {
  return navigator.userAgent;
}
"#)]
extern "C" {
    fn host() -> JsValue;
    fn settled(id: u32) -> js_sys::Promise;
    fn events() -> String;
    #[wasm_bindgen(js_name = heardSoMany)]
    fn heard_so_many(count: u32) -> js_sys::Promise;
    fn requests() -> String;
    fn reset();
    #[wasm_bindgen(js_name = breakFetch)]
    fn break_fetch(how: &str, nested: &JsValue);
    fn deny(name: &str);
    fn fill(longest: u32);
    #[wasm_bindgen(js_name = withoutChance)]
    fn without_chance();
    #[wasm_bindgen(js_name = throwFromNowOn)]
    fn throw_from_now_on();
    fn elsewhere(key: &str, value: Option<String>);
    fn dispatch(target: &str, event: &str);
    fn stored(area: &str, key: &str) -> Option<String>;
    fn store(area: &str, key: &str, value: &str);
    fn forget(key: &str);
    fn keys() -> String;
    fn browser() -> String;
}

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

const USER: &str = "emulator-app:common_store/user";
const PLAIN: u64 = 0;
const OBJECT: u64 = 1;
const A_USER: u64 = 2;
const EXCEPTION: u64 = 3;

/// How a call ended.
#[derive(Debug)]
struct Outcome {
    form: u64,
    value: Value,
}

impl Outcome {
    fn code(&self) -> &str {
        assert_eq!(self.form, EXCEPTION, "{self:?}");
        self.value["code"].as_str().unwrap()
    }

    fn uid(&self) -> &str {
        assert_eq!(self.form, A_USER, "{self:?}");
        self.value["uid"].as_str().unwrap()
    }
}

/// A page that has just been opened, with nothing on disk.
fn fresh() {
    begin("dispose");
    reset();
    reopened();
}

/// The same page again: what is on disk stays.
fn reopened() {
    exports::start(host().unchecked_into(), browser(), "127.0.0.1".into());
}

/// A call that nobody waits for.
fn begin(what: &str) {
    exports::call(0, 0, what, String::new());
}

/// A call of the API, and how it ends. Begins at once.
fn call(what: &str, args: Value) -> impl Future<Output = Outcome> {
    let id = CALLS.get() + 1;
    CALLS.set(id);
    let ends = JsFuture::from(settled(id));
    exports::call(id, 0, what, args.to_string());
    async move {
        let said = ends.await.unwrap().as_string().unwrap();
        let said: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{id} is {said}"));
        Outcome { form: said["form"].as_u64().unwrap(), value: said["value"].clone() }
    }
}

fn emulator() -> &'static str {
    EMULATOR.expect("CCA_TEST_EMULATOR was not set when this was compiled; run `cargo xtask test --only browser`")
}

async fn init() {
    init_with(json!({})).await;
}

async fn init_with(settings: Value) {
    let mut args = json!({ "appId": APP, "region": "us", "emulator": emulator() });
    args.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let outcome = call("init", args).await;
    assert_eq!((outcome.form, &outcome.value), (PLAIN, &json!(true)));
}

fn login(uid: &str) -> impl Future<Output = Outcome> {
    call("login", json!({ "uid": uid, "authKey": AUTH_KEY }))
}

async fn who() -> Option<String> {
    let outcome = call("getLoggedinUser", json!({})).await;
    (!outcome.value.is_null()).then(|| outcome.uid().to_owned())
}

fn asked() -> Vec<Value> {
    serde_json::from_str(&requests()).unwrap()
}

fn ask(what: &str) -> Option<String> {
    exports::ask(what).as_string()
}

async fn heard(count: u32) -> String {
    JsFuture::from(heard_so_many(count)).await.unwrap().as_string().unwrap()
}

/// A user entry as another client writes it.
fn entry(uid: &str) -> String {
    let user = json!({ "uid": uid, "name": uid, "authToken": format!("token-of-{uid}") }).to_string();
    Value::from(user).to_string()
}

#[wasm_bindgen_test]
async fn b4_init_writes_the_ids_and_asks_nobody() {
    fresh();
    assert_eq!(ask("appId"), None);
    init().await;
    assert_eq!(
        keys(),
        "emulator-app:common_store/appId, emulator-app:keys_store/deviceId, emulator-app:keys_store/integrationSource"
    );
    assert_eq!(stored("localStorage", "emulator-app:common_store/appId").as_deref(), Some(r#""\"emulator-app\"""#));
    assert!(stored("sessionStorage", "sessionId").unwrap().starts_with("WEB-4_2_0-"));
    assert_eq!(
        (ask("appId").as_deref(), ask("persistence").as_deref(), ask("authToken")),
        (Some(APP), Some("local"), None)
    );
    assert_eq!(asked(), Vec::<Value>::new());
    assert_eq!(who().await, None);
}

#[wasm_bindgen_test]
async fn b16_a_login_goes_to_the_emulator_and_onto_the_disk() {
    fresh();
    init().await;
    let user = login(IRON_MAN).await;
    assert_eq!((user.uid(), user.value["name"].as_str()), (IRON_MAN, Some("Iron Man")));
    assert_eq!(events(), "loginSuccess superhero1");
    let on_disk: String = serde_json::from_str(&stored("localStorage", USER).unwrap()).unwrap();
    let on_disk: Value = serde_json::from_str(&on_disk).unwrap();
    assert_eq!(
        (on_disk["uid"].as_str(), on_disk["authToken"].as_str().map(str::to_owned)),
        (Some(IRON_MAN), ask("authToken"))
    );
    assert!(keys().contains("emulator-app:common_store/app_settings"));
    let asked = asked();
    let names = |at: usize| {
        asked[at]["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(asked.len(), 2);
    assert_eq!(
        (&asked[0]["method"], &asked[0]["path"]),
        (&json!("POST"), &json!("/v3.0/users/superhero1/auth_tokens"))
    );
    assert_eq!((&asked[1]["method"], &asked[1]["path"]), (&json!("PUT"), &json!("/v3.0/me")));
    assert_eq!(names(0), ["accept", "apikey", "appid", "content-type", "resource", "sdk"]);
    assert_eq!(names(1), ["accept", "appid", "authtoken", "content-type", "resource", "sdk"]);
}

#[wasm_bindgen_test]
async fn b9_a_logout_clears_the_disk_at_once_and_outlives_the_page() {
    fresh();
    init().await;
    login(IRON_MAN).await;
    let ending = call("logout", json!({}));
    assert_eq!((stored("localStorage", USER), events().as_str()), (None, "loginSuccess superhero1, logoutSuccess"));
    let outcome = ending.await;
    assert_eq!((outcome.form, &outcome.value["success"]), (OBJECT, &json!(true)));
    let delete = asked().pop().unwrap();
    assert_eq!(
        (&delete["method"], &delete["keepalive"], &delete["aborted"]),
        (&json!("DELETE"), &json!(true), &Value::Null)
    );
    assert!(
        asked()
            .iter()
            .filter(|request| request["method"] != "DELETE")
            .all(|request| request["keepalive"] == json!(false))
    );
    assert_eq!(call("logout", json!({})).await.code(), "USER_NOT_LOGGED_IN");
}

#[wasm_bindgen_test]
async fn b4_a_warm_start_finds_the_session_without_a_request() {
    fresh();
    init().await;
    login(IRON_MAN).await;
    let token = ask("authToken");
    let before = asked().len();
    reopened();
    assert_eq!(ask("authToken"), None);
    init().await;
    assert_eq!((who().await.as_deref(), ask("authToken")), (Some(IRON_MAN), token));
    assert_eq!((asked().len(), events().as_str()), (before, "loginSuccess superhero1"));
}

#[wasm_bindgen_test]
async fn b12_session_mode_writes_to_session_storage_alone() {
    fresh();
    init_with(json!({ "storageMode": "session" })).await;
    login(IRON_MAN).await;
    assert_eq!((keys().as_str(), ask("persistence").as_deref()), ("", Some("session")));
    assert!(stored("sessionStorage", USER).is_some());
}

#[wasm_bindgen_test]
async fn b15_what_another_document_writes_is_noticed_by_the_storage_event() {
    fresh();
    init().await;
    elsewhere(USER, Some(entry("alice")));
    assert_eq!(heard(1).await, "loginSuccess alice");
    assert_eq!(ask("authToken").as_deref(), Some("token-of-alice"));
    elsewhere(USER, Some(entry("bob")));
    assert_eq!(heard(3).await, "loginSuccess alice, logoutSuccess, loginSuccess bob");
    elsewhere(USER, None);
    assert_eq!(heard(4).await, "loginSuccess alice, logoutSuccess, loginSuccess bob, logoutSuccess");
    assert_eq!(asked(), Vec::<Value>::new());
}

#[wasm_bindgen_test]
async fn b15_what_changed_unheard_is_noticed_when_the_page_is_shown_again() {
    for (target, event) in [("window", "focus"), ("window", "pageshow"), ("document", "visibilitychange")] {
        fresh();
        init().await;
        // This very document writes: no storage event comes.
        store("localStorage", USER, &entry("alice"));
        assert_eq!(events(), "", "{event}");
        dispatch(target, event);
        assert_eq!(events(), "loginSuccess alice", "{event}");
        forget(USER);
        dispatch(target, event);
        assert_eq!(events(), "loginSuccess alice, logoutSuccess", "{event}");
    }
}

#[wasm_bindgen_test]
async fn b1_a_fetch_that_fails_in_whatever_way_is_no_reply() {
    for how in ["throws", "rejects", "rejects with nothing", "resolves with nothing", "breaks off"] {
        fresh();
        init().await;
        break_fetch(how, &JsValue::UNDEFINED);
        assert_eq!(login(IRON_MAN).await.code(), "FAILED_TO_FETCH", "{how}");
        assert_eq!(events(), "loginFailure FAILED_TO_FETCH", "{how}");
        assert_eq!(asked().len(), 1, "{how}");
    }
    reset();
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN, "nothing stays locked");
}

#[wasm_bindgen_test]
async fn b1_a_service_that_is_not_there_is_no_reply() {
    fresh();
    init_with(json!({ "emulator": "http://127.0.0.1:1" })).await;
    assert_eq!(login(IRON_MAN).await.code(), "FAILED_TO_FETCH");
}

#[wasm_bindgen_test]
async fn b1_a_fetch_that_never_answers_ends_by_the_timeout_and_is_aborted() {
    fresh();
    init_with(json!({ "requestTimeout": "100" })).await;
    break_fetch("never answers", &JsValue::UNDEFINED);
    let going = login(IRON_MAN);
    assert_eq!(asked()[0]["aborted"], json!(false));
    assert_eq!(going.await.code(), "REQUEST_TIMEOUT");
    assert_eq!(asked()[0]["aborted"], json!(true));
}

#[wasm_bindgen_test]
async fn b7_an_abort_settles_the_call_and_the_request() {
    fresh();
    init().await;
    break_fetch("never answers", &JsValue::UNDEFINED);
    let going = login(IRON_MAN);
    exports::call(CALLS.get(), 0, "abort", String::new());
    assert_eq!(going.await.code(), "REQUEST_ABORTED");
    assert_eq!(asked()[0]["aborted"], json!(true));
}

#[wasm_bindgen_test]
async fn b8_dispose_settles_what_is_under_way() {
    fresh();
    init().await;
    break_fetch("never answers", &JsValue::UNDEFINED);
    let going = login(IRON_MAN);
    begin("dispose");
    assert_eq!(going.await.code(), "LOGIN_ABORTED");
    assert_eq!(asked()[0]["aborted"], json!(true));
    assert_eq!(call("getLoggedinUser", json!({})).await.code(), "COMETCHAT_INITIALIZATION_NOT_DONE");
}

#[wasm_bindgen_test]
async fn b14_where_storage_is_denied_the_session_lives_in_memory() {
    fresh();
    deny("localStorage");
    deny("sessionStorage");
    reopened();
    init().await;
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
    assert_eq!((ask("persistence").as_deref(), who().await.as_deref()), (Some("memory"), Some(IRON_MAN)));
    assert_eq!(call("logout", json!({})).await.value["success"], json!(true));
    assert_eq!(who().await, None);
}

#[wasm_bindgen_test]
async fn b14_where_storage_is_full_nothing_half_written_stays() {
    fresh();
    init().await;
    fill(100);
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
    assert_eq!(ask("persistence").as_deref(), Some("memory"));
    assert!(!keys().contains("common_store/user") && !keys().contains("app_settings"), "{}", keys());
    assert_eq!(who().await.as_deref(), Some(IRON_MAN));
}

#[wasm_bindgen_test]
async fn b1_without_get_random_values_init_and_login_work() {
    fresh();
    without_chance();
    init().await;
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
    let device = stored("localStorage", "emulator-app:keys_store/deviceId").unwrap();
    let device = device.trim_matches('"').split('_').collect::<Vec<_>>();
    assert_eq!((device[0], device[1].len(), device[2].len()), (APP, 36, 13));
}

#[wasm_bindgen_test]
async fn b24_a_page_that_throws_when_it_is_told_harms_nobody() {
    fresh();
    init().await;
    throw_from_now_on();
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
    assert_eq!(events(), "loginSuccess superhero1, loginSuccess superhero1");
    assert_eq!(call("logout", json!({})).await.value["success"], json!(true));
}

#[wasm_bindgen_test]
async fn b1_a_patched_fetch_that_calls_the_api_finds_it_at_rest() {
    fresh();
    init().await;
    // From within the sending of each request: the client must be at rest by then, and must not be entered twice.
    let answers = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let nested = {
        let answers = answers.clone();
        Closure::<dyn Fn()>::new(move || {
            answers.borrow_mut().push((ask("appId"), call("getLoggedinUser", json!({}))));
        })
    };
    break_fetch("calls back", nested.as_ref());
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
    let answers = answers.take();
    assert_eq!(answers.len(), 2);
    for (app, answer) in answers {
        assert_eq!(app.as_deref(), Some(APP));
        assert_eq!(answer.await.form, PLAIN, "nobody is logged in yet");
    }
}
