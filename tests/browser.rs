//! The thin edge in a real browser, against a live emulator: `exports` and `browser`, which nothing but a browser can try.
//! `cargo xtask test --only browser` starts both and compiles the emulator's address in.
//!
//! The page's side (`Host`) is a few lines of JavaScript here: it keeps what it is told, and a test may break what stands around.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::cell::Cell;

use cometchat_auth::exports;
use cometchat_auth::protocol::error::TABLE;
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
let questions = [];
let fetched = [];
let hostThrows = false;
let codes = [];
let lastUser = "";

function descriptor(name) {
  return Object.getOwnPropertyDescriptor(window, name);
}

const EVENTS = [, "loginSuccess", "loginFailure", "logoutSuccess", "logoutFailure"];

// `names`: the codes of our own, by their numbers.
export function host(names) {
  codes = names.split(" ");
  return {
    tell(what, id, form, text) {
      // A user that is the same as last time is not told again.
      if (form === 1 && what < 2) lastUser = text ||= lastUser;
      const value = text && JSON.parse(text);
      if (value?.ours) value.code = codes[parseInt(value.ours, 36)];
      if (what === 0) {
        waiting.get(id)(JSON.stringify({ form, value }));
        waiting.delete(id);
      } else if (what in EVENTS) {
        heard.push([EVENTS[what], value?.uid ?? value?.code].filter((part) => part !== undefined).join(" "));
      } else if (what === 6) {
        questions.push([id, form]);
      }
      if (hostThrows) throw new Error("the page's own");
    },
  };
}

// The token providers that were asked since the last look, as JSON: the number to answer under, and of the call.
export function askedProviders() {
  return JSON.stringify(questions.splice(0));
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

// What was asked for by fetch, as JSON: method, path, body as it was given (null where there was none), keepalive, whether it has a signal and that is
// aborted, headers.
export function requests() {
  return JSON.stringify(fetched.map(([url, init]) => ({
    method: init.method,
    path: new URL(url).pathname,
    body: init.body ?? null,
    keepalive: Boolean(init.keepalive),
    aborted: init.signal?.aborted ?? null,
    headers: Object.fromEntries(new Headers(init.headers)),
  })));
}

// Unseen by the client, and not counted as its.
export async function revoke(emulator, token) {
  const { ok } = await original.fetch.call(globalThis, `${emulator}/v3/me`, { method: "DELETE", headers: { appId: "emulator-app", authToken: token } });
  if (!ok) throw new Error("the emulator did not revoke it");
}

export function reset() {
  globalThis.fetch = (...args) => (fetched.push(args), original.fetch.apply(globalThis, args));
  Object.defineProperty(window, "localStorage", original.local);
  Object.defineProperty(window, "sessionStorage", original.session);
  if (original.setItem) Storage.prototype.setItem = original.setItem;
  hostThrows = false;
  localStorage.clear();
  sessionStorage.clear();
  waiting.clear();
  heard = [];
  questions = [];
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
    fn host(names: &str) -> JsValue;
    fn settled(id: u32) -> js_sys::Promise;
    fn events() -> String;
    #[wasm_bindgen(js_name = heardSoMany)]
    fn heard_so_many(count: u32) -> js_sys::Promise;
    fn requests() -> String;
    #[wasm_bindgen(js_name = askedProviders)]
    fn asked_providers() -> String;
    #[wasm_bindgen(js_name = revoke)]
    fn revoke_at(emulator: &str, token: &str) -> js_sys::Promise;
    fn reset();
    #[wasm_bindgen(js_name = breakFetch)]
    fn break_fetch(how: &str, nested: &JsValue);
    fn deny(name: &str);
    fn fill(longest: u32);
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

/// What the page's side makes new ids out of.
const FOR_DEVICE: &str = "6f0c7a52-0000-4000-8000-000000000001_1800000000000";
const FOR_TAB: &str = "6f0c7a52-0000-4000-8000-000000000002-1800000000001";
const USER: &str = "emulator-app:common_store/user";

// What is called and asked, by the numbers of `src/exports.rs`.
const INIT: u32 = 0;
const LOGIN: u32 = 1;
const LOGOUT: u32 = 2;
const LOGGED_IN_USER: u32 = 3;
const CREATE_USER: u32 = 4;
const UPDATE_USER: u32 = 5;
const UPDATE_ME: u32 = 6;
const GET_USER: u32 = 7;
const VERIFY: u32 = 8;
const ABORT: u32 = 9;
const TOKEN: u32 = 10;
const DISPOSE: u32 = 11;
const APP_ID: u32 = 0;
const PERSISTENCE: u32 = 1;
const AUTH_TOKEN: u32 = 2;

// The forms of a value.
const PLAIN: u64 = 0;
const A_USER: u64 = 1;
const PROFILE: u64 = 2;
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

    /// The user that the service described.
    fn profile(&self) -> &Value {
        assert_eq!(self.form, PROFILE, "{self:?}");
        &self.value
    }
}

/// A page that has just been opened, with nothing on disk.
fn fresh() {
    begin(DISPOSE);
    reset();
    reopened();
}

/// The same page again: what is on disk stays.
fn reopened() {
    let names: Vec<_> = TABLE.iter().map(|row| row.name).collect();
    exports::start(host(&names.join(" ")).unchecked_into());
}

/// A call that nobody waits for.
fn begin(what: u32) {
    exports::call(what, 0, 0, String::new());
}

/// A call of the API, and how it ends. Begins at once.
fn call(what: u32, args: Value) -> impl Future<Output = Outcome> {
    let id = CALLS.get() + 1;
    CALLS.set(id);
    let ends = JsFuture::from(settled(id));
    exports::call(what, id, 0, args.to_string());
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
    let mut args = json!({
        "appId": APP, "region": "us", "emulator": emulator(),
        "userAgent": browser(), "hostName": "127.0.0.1", "forDevice": FOR_DEVICE, "forTab": FOR_TAB,
    });
    args.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let outcome = call(INIT, args).await;
    assert_eq!((outcome.form, &outcome.value), (PLAIN, &json!(true)));
}

fn login(uid: &str) -> impl Future<Output = Outcome> {
    call(LOGIN, json!({ "uid": uid, "authKey": AUTH_KEY }))
}

async fn who() -> Option<String> {
    let outcome = call(LOGGED_IN_USER, json!({})).await;
    (!outcome.value.is_null()).then(|| outcome.uid().to_owned())
}

fn asked() -> Vec<Value> {
    serde_json::from_str(&requests()).unwrap()
}

fn ask(what: u32) -> Option<String> {
    exports::ask(what).as_string().filter(|answer| !answer.is_empty())
}

/// The token providers that were asked since the last look: the number to answer under, and of the call.
fn providers() -> Vec<(u32, u32)> {
    serde_json::from_str(&asked_providers()).unwrap()
}

/// Another client of the service ends the session of that token.
async fn revoke(token: &str) {
    JsFuture::from(revoke_at(emulator(), token)).await.unwrap();
}

/// The name of the user that is stored.
fn name_on_disk() -> String {
    let inner: String = serde_json::from_str(&stored("localStorage", USER).unwrap()).unwrap();
    let user: Value = serde_json::from_str(&inner).unwrap();
    user["name"].as_str().unwrap().to_owned()
}

async fn heard(count: u32) -> String {
    JsFuture::from(heard_so_many(count)).await.unwrap().as_string().unwrap()
}

/// A user entry as another client writes it.
fn entry(uid: &str) -> String {
    let user =
        json!({ "uid": uid, "name": uid, "authToken": format!("token-of-{uid}") }).to_string();
    Value::from(user).to_string()
}

#[wasm_bindgen_test]
async fn b4_init_writes_the_ids_and_asks_nobody() {
    fresh();
    assert_eq!(ask(APP_ID), None);
    init().await;
    assert_eq!(
        keys(),
        "emulator-app:common_store/appId, emulator-app:keys_store/deviceId, emulator-app:keys_store/integrationSource"
    );
    assert_eq!(
        stored("localStorage", "emulator-app:common_store/appId").as_deref(),
        Some(r#""\"emulator-app\"""#)
    );
    assert!(stored("sessionStorage", "sessionId").unwrap().starts_with("WEB-4_2_0-"));
    assert_eq!(
        (ask(APP_ID).as_deref(), ask(PERSISTENCE).as_deref(), ask(AUTH_TOKEN)),
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
        (Some(IRON_MAN), ask(AUTH_TOKEN))
    );
    assert!(keys().contains("emulator-app:common_store/app_settings"));
    let asked = asked();
    let names =
        |at: usize| asked[at]["headers"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
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
    let ending = call(LOGOUT, json!({}));
    assert_eq!(
        (stored("localStorage", USER), events().as_str()),
        (None, "loginSuccess superhero1, logoutSuccess")
    );
    let outcome = ending.await;
    assert_eq!((outcome.form, &outcome.value["success"]), (PLAIN, &json!(true)));
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
    assert_eq!(call(LOGOUT, json!({})).await.code(), "USER_NOT_LOGGED_IN");
}

#[wasm_bindgen_test]
async fn b4_a_warm_start_finds_the_session_without_a_request() {
    fresh();
    init().await;
    login(IRON_MAN).await;
    let token = ask(AUTH_TOKEN);
    let before = asked().len();
    reopened();
    assert_eq!(ask(AUTH_TOKEN), None);
    init().await;
    assert_eq!((who().await.as_deref(), ask(AUTH_TOKEN)), (Some(IRON_MAN), token));
    assert_eq!((asked().len(), events().as_str()), (before, "loginSuccess superhero1"));
}

#[wasm_bindgen_test]
async fn b4_the_ids_of_device_and_tab_are_made_of_what_the_page_gives() {
    fresh();
    init().await;
    assert_eq!(
        stored("localStorage", "emulator-app:keys_store/deviceId"),
        Some(format!("\"emulator-app_{FOR_DEVICE}\""))
    );
    assert_eq!(stored("sessionStorage", "sessionId"), Some(format!("WEB-4_2_0-{FOR_TAB}")));
    login(IRON_MAN).await;
    let device: Value = serde_json::from_str(asked()[0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(device["deviceId"], json!(format!("emulator-app_{FOR_DEVICE}")));
    assert_eq!(device["appInfo"]["userAgent"], json!(browser()));
}

#[wasm_bindgen_test]
async fn b16_get_user_is_a_get_without_a_body_with_the_sessions_token() {
    fresh();
    init().await;
    login(IRON_MAN).await;
    let outcome = call(GET_USER, json!({ "uid": " superhero2 " })).await;
    assert_eq!(
        (&outcome.profile()["uid"], &outcome.profile()["name"]),
        (&json!("superhero2"), &json!("Captain America"))
    );
    let request = asked().pop().unwrap();
    assert_eq!(
        (&request["method"], &request["path"], &request["body"]),
        (&json!("GET"), &json!("/v3.0/users/superhero2"), &Value::Null)
    );
    assert_eq!(request["headers"]["authtoken"], json!(ask(AUTH_TOKEN)));
    assert!(request["headers"].get("apikey").is_none(), "{request}");
    assert_eq!(call(GET_USER, json!({ "uid": "nobody-here" })).await.code(), "ERR_UID_NOT_FOUND");
    assert_eq!(who().await.as_deref(), Some(IRON_MAN), "that ends no session");
}

#[wasm_bindgen_test]
async fn b11_a_user_that_is_made_and_changed_is_the_services_and_the_session_keeps_its_token() {
    fresh();
    init().await;
    let uid = format!("made-{}", js_sys::Date::now());
    let user = json!({ "uid": uid, "name": "Made", "role": "default", "nonsense": 1 });
    let made = call(CREATE_USER, json!({ "user": user, "plain": 1, "authKey": AUTH_KEY })).await;
    assert_eq!((&made.profile()["uid"], &made.profile()["name"]), (&json!(uid), &json!("Made")));
    let request = asked().pop().unwrap();
    assert_eq!((&request["method"], &request["path"]), (&json!("POST"), &json!("/v3.0/users")));
    assert_eq!(request["headers"]["apikey"], json!(AUTH_KEY));
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, json!({ "uid": uid, "name": "Made", "role": "default" }));
    assert_eq!((who().await, events().as_str()), (None, ""), "to make a user logs nobody in");

    let again = call(CREATE_USER, json!({ "user": user, "plain": 1, "authKey": AUTH_KEY })).await;
    assert_eq!(again.code(), "ERR_UID_ALREADY_EXISTS");

    login(&uid).await;
    let token = ask(AUTH_TOKEN);
    let user = json!({ "uid": uid, "name": "Changed" });
    let changed = call(UPDATE_USER, json!({ "user": user, "plain": 1, "authKey": AUTH_KEY })).await;
    assert_eq!(changed.profile()["name"], json!("Changed"));
    let request = asked().pop().unwrap();
    assert_eq!(
        (&request["method"], &request["path"]),
        (&json!("PUT"), &json!(format!("/v3.0/users/{uid}")))
    );
    assert_eq!(name_on_disk(), "Changed");

    let user = json!({ "uid": "somebody else", "name": "Changed again" });
    let mine = call(UPDATE_ME, json!({ "user": user, "plain": 1 })).await;
    assert_eq!(
        (&mine.profile()["uid"], &mine.profile()["name"]),
        (&json!(uid), &json!("Changed again"))
    );
    for secret in ["jwt", "settings", "wsChannel"] {
        assert_eq!(mine.profile().get(secret), None, "{secret}");
    }
    let request = asked().pop().unwrap();
    assert_eq!((&request["method"], &request["path"]), (&json!("PUT"), &json!("/v3.0/me")));
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, json!({ "uid": uid, "name": "Changed again" }));
    assert_eq!((name_on_disk().as_str(), ask(AUTH_TOKEN)), ("Changed again", token));
    assert_eq!(events(), format!("loginSuccess {uid}"), "a refreshed user is no event");
}

#[wasm_bindgen_test]
async fn b23_a_user_that_cannot_be_is_refused_without_a_request() {
    fresh();
    init().await;
    for (what, args, code) in [
        (
            CREATE_USER,
            json!({ "user": { "uid": "a" }, "plain": 1, "authKey": AUTH_KEY }),
            "USER_NAME_IS_COMPULSORY",
        ),
        (
            CREATE_USER,
            json!({ "user": { "name": "A" }, "plain": 1, "authKey": AUTH_KEY }),
            "UID_IS_COMPULSORY",
        ),
        (UPDATE_USER, json!({ "user": { "uid": "a" }, "plain": 1 }), "INVALID_AUTH_KEY"),
        (UPDATE_ME, json!({ "user": { "name": "A" }, "plain": 1 }), "USER_NOT_LOGGED_IN"),
        (GET_USER, json!({ "uid": "a" }), "USER_NOT_LOGGED_IN"),
        (GET_USER, json!({}), "MISSING_PARAMETERS"),
    ] {
        assert_eq!(call(what, args).await.code(), code);
    }
    assert_eq!(asked(), Vec::<Value>::new());
}

#[wasm_bindgen_test]
async fn b29_verify_session_asks_the_service_with_a_get_and_finds_a_stale_token() {
    fresh();
    init().await;
    let nobody = call(VERIFY, json!({})).await;
    assert_eq!((nobody.form, nobody.value, asked().len()), (A_USER, Value::Null, 0));

    login(IRON_MAN).await;
    let token = ask(AUTH_TOKEN).unwrap();
    assert_eq!(call(VERIFY, json!({})).await.uid(), IRON_MAN);
    let request = asked().pop().unwrap();
    assert_eq!(
        (&request["method"], &request["path"], &request["body"], &request["headers"]["authtoken"]),
        (&json!("GET"), &json!("/v3.0/me"), &Value::Null, &json!(token))
    );
    assert_eq!(
        (ask(AUTH_TOKEN).as_deref(), events().as_str()),
        (Some(token.as_str()), "loginSuccess superhero1")
    );

    // Somebody else ended that very session at the service.
    revoke(&token).await;
    let stale = call(VERIFY, json!({})).await;
    assert_eq!((stale.form, stale.value), (A_USER, Value::Null));
    assert_eq!((stored("localStorage", USER), ask(AUTH_TOKEN)), (None, None));
    assert_eq!(events(), "loginSuccess superhero1, logoutSuccess");
}

#[wasm_bindgen_test]
async fn b10_a_call_that_carries_a_revoked_token_ends_the_session_once() {
    fresh();
    init().await;
    login(IRON_MAN).await;
    revoke(&ask(AUTH_TOKEN).unwrap()).await;
    let (one, other) = (
        call(GET_USER, json!({ "uid": "superhero2" })),
        call(GET_USER, json!({ "uid": "superhero3" })),
    );
    assert_eq!(one.await.code(), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
    assert_eq!(other.await.code(), "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
    assert_eq!((who().await, events().as_str()), (None, "loginSuccess superhero1, logoutSuccess"));
}

#[wasm_bindgen_test]
async fn b7_a_provider_is_asked_once_for_all_who_join_and_its_token_is_what_is_sent() {
    fresh();
    init().await;
    login(IRON_MAN).await;
    let token = ask(AUTH_TOKEN).unwrap();
    // The same user again, elsewhere: this page knows nothing of it.
    forget(USER);
    let one = call(LOGIN, json!({ "provider": 1 }));
    let other = call(LOGIN, json!({ "provider": 1 }));
    let asking = providers();
    assert_eq!(asking.len(), 1, "{asking:?}");
    assert_eq!(asking[0].1, CALLS.get() - 1, "it is the first call's provider");
    assert_eq!(asked().len(), 2, "nothing is sent before it has answered");
    exports::call(TOKEN, asking[0].0, 0, format!(" {token}\n"));
    assert_eq!((one.await.uid(), other.await.uid()), (IRON_MAN, IRON_MAN));
    let requests = asked();
    assert_eq!((requests.len(), &requests[2]["path"]), (3, &json!("/v3.0/me")));
    assert_eq!(requests[2]["headers"]["authtoken"], json!(token));
    // There is a session to answer with: nobody is asked.
    assert_eq!(call(LOGIN, json!({ "provider": 1 })).await.uid(), IRON_MAN);
    assert_eq!((providers().len(), asked().len()), (0, 3));
}

#[wasm_bindgen_test]
async fn b7_a_provider_without_an_answer_or_with_an_empty_one_ends_the_login() {
    fresh();
    init_with(json!({ "requestTimeout": "100" })).await;
    let going = call(LOGIN, json!({ "provider": 1 }));
    exports::call(TOKEN, providers()[0].0, 0, " ".into());
    assert_eq!(going.await.code(), "TOKEN_PROVIDER_FAILED");

    let going = call(LOGIN, json!({ "provider": 1 }));
    let late = providers()[0].0;
    assert_eq!(going.await.code(), "REQUEST_TIMEOUT");
    exports::call(TOKEN, late, 0, "late".into());
    assert_eq!(asked(), Vec::<Value>::new(), "what comes too late is not sent");
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
}

#[wasm_bindgen_test]
async fn b12_session_mode_writes_to_session_storage_alone() {
    fresh();
    init_with(json!({ "storageMode": "session" })).await;
    login(IRON_MAN).await;
    assert_eq!((keys().as_str(), ask(PERSISTENCE).as_deref()), ("", Some("session")));
    assert!(stored("sessionStorage", USER).is_some());
}

#[wasm_bindgen_test]
async fn b15_what_another_document_writes_is_noticed_by_the_storage_event() {
    fresh();
    init().await;
    elsewhere(USER, Some(entry("alice")));
    assert_eq!(heard(1).await, "loginSuccess alice");
    assert_eq!(ask(AUTH_TOKEN).as_deref(), Some("token-of-alice"));
    elsewhere(USER, Some(entry("bob")));
    assert_eq!(heard(3).await, "loginSuccess alice, logoutSuccess, loginSuccess bob");
    elsewhere(USER, None);
    assert_eq!(
        heard(4).await,
        "loginSuccess alice, logoutSuccess, loginSuccess bob, logoutSuccess"
    );
    assert_eq!(asked(), Vec::<Value>::new());
}

#[wasm_bindgen_test]
async fn b15_what_changed_unheard_is_noticed_when_the_page_is_shown_again() {
    for (target, event) in
        [("window", "focus"), ("window", "pageshow"), ("document", "visibilitychange")]
    {
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
    for how in ["throws", "rejects", "rejects with nothing", "resolves with nothing", "breaks off"]
    {
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
    exports::call(ABORT, CALLS.get(), 0, String::new());
    assert_eq!(going.await.code(), "REQUEST_ABORTED");
    assert_eq!(asked()[0]["aborted"], json!(true));
}

#[wasm_bindgen_test]
async fn b8_dispose_settles_what_is_under_way() {
    fresh();
    init().await;
    break_fetch("never answers", &JsValue::UNDEFINED);
    let going = login(IRON_MAN);
    begin(DISPOSE);
    assert_eq!(going.await.code(), "LOGIN_ABORTED");
    assert_eq!(asked()[0]["aborted"], json!(true));
    assert_eq!(call(LOGGED_IN_USER, json!({})).await.code(), "COMETCHAT_INITIALIZATION_NOT_DONE");
}

#[wasm_bindgen_test]
async fn b14_where_storage_is_denied_the_session_lives_in_memory() {
    fresh();
    deny("localStorage");
    deny("sessionStorage");
    reopened();
    init().await;
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
    assert_eq!(
        (ask(PERSISTENCE).as_deref(), who().await.as_deref()),
        (Some("memory"), Some(IRON_MAN))
    );
    assert_eq!(call(LOGOUT, json!({})).await.value["success"], json!(true));
    assert_eq!(who().await, None);
}

#[wasm_bindgen_test]
async fn b14_where_storage_is_full_nothing_half_written_stays() {
    fresh();
    init().await;
    fill(100);
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
    assert_eq!(ask(PERSISTENCE).as_deref(), Some("memory"));
    assert!(
        !keys().contains("common_store/user") && !keys().contains("app_settings"),
        "{}",
        keys()
    );
    assert_eq!(who().await.as_deref(), Some(IRON_MAN));
}

#[wasm_bindgen_test]
async fn b24_a_page_that_throws_when_it_is_told_harms_nobody() {
    fresh();
    init().await;
    throw_from_now_on();
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
    assert_eq!(events(), "loginSuccess superhero1, loginSuccess superhero1");
    assert_eq!(call(LOGOUT, json!({})).await.value["success"], json!(true));
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
            answers.borrow_mut().push((ask(APP_ID), call(LOGGED_IN_USER, json!({}))));
        })
    };
    break_fetch("calls back", nested.as_ref());
    assert_eq!(login(IRON_MAN).await.uid(), IRON_MAN);
    let answers = answers.take();
    assert_eq!(answers.len(), 2);
    for (app, answer) in answers {
        assert_eq!(app.as_deref(), Some(APP));
        assert_eq!(answer.await.value, Value::Null, "nobody is logged in yet");
    }
}
