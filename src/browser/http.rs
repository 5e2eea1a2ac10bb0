//! Requests by `fetch`. Whatever it throws, rejects with or never says becomes one outcome.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gloo_net::http::Response;
use js_sys::{Date, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit};

use crate::client::ports::{NoReply, Outcome};
use crate::protocol::error::Http;
use crate::protocol::reply::Reply;
use crate::protocol::request::Request;

#[wasm_bindgen]
extern "C" {
    // web-sys's panics if `fetch` throws, and gloo-net's waits for ever.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<JsValue, JsValue>;
    /// A response whose members may be missing or may throw: a page can replace `fetch`.
    type Raw;
    #[wasm_bindgen(method, getter, catch)]
    fn status(this: &Raw) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn headers(this: &Raw) -> Result<Headers, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn text(this: &Raw) -> Result<JsValue, JsValue>;
    type Headers;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Headers, name: &str) -> Result<JsValue, JsValue>;
    type Thenable;
    #[wasm_bindgen(method)]
    fn then(this: &Thenable, done: &JsValue, failed: &JsValue);
}

/// A request under way.
pub struct Sent {
    /// The response, and when that is there, its text.
    next: JsFuture,
    /// Status and `Retry-After`, when the response is there.
    http: Option<Http>,
    /// Called when what comes next is there.
    wake: JsValue,
}

impl Sent {
    /// Goes on. At the end: the outcome, and the error behind it.
    pub fn poll(&mut self) -> Poll<(Outcome, JsValue)> {
        let Poll::Ready(next) =
            Pin::new(&mut self.next).poll(&mut Context::from_waker(Waker::noop()))
        else {
            return Poll::Pending;
        };
        let next = match next {
            Ok(next) => next,
            Err(error) => return failed(error),
        };
        if let Some(http) = self.http {
            return response(http, next.as_string().unwrap_or_default());
        }
        let raw: Raw = next.unchecked_into();
        let (Some(status), Ok(headers)) = (status(&raw), raw.headers()) else {
            return response(Http::default(), String::new());
        };
        let text = match raw.text() {
            Ok(text) => text,
            Err(error) => return failed(error),
        };
        self.next = future(Promise::resolve(&text), &self.wake);
        let after = headers.get("retry-after").unwrap_or_default().as_string();
        let retry_after = after.map_or(0, |after| seconds(&after));
        self.http = Some(Http { status, retry_after });
        Poll::Pending
    }
}

/// The status, if it can be read and is one.
fn status(raw: &Raw) -> Option<u16> {
    let number = raw.status().ok()?.as_f64()?;
    // Now it is known that reading does not throw.
    let status = Response::from(JsValue::from(raw).unchecked_into::<web_sys::Response>()).status();
    (f64::from(status) == number && (100..600).contains(&status)).then_some(status)
}

/// The seconds that a `Retry-After` header says, also as a date; 0 if it says none.
fn seconds(after: &str) -> u32 {
    let after = after.trim_ascii();
    after.parse().unwrap_or_else(|_| ((Date::parse(after) - Date::now()) / 1000.0).ceil() as u32)
}

fn response(http: Http, body: String) -> Poll<(Outcome, JsValue)> {
    Poll::Ready((Ok(Box::new(Reply { http, body })), JsValue::UNDEFINED))
}

fn failed(error: JsValue) -> Poll<(Outcome, JsValue)> {
    Poll::Ready((Err(NoReply), error))
}

/// What the promise will give; right after that it calls `wake`, which takes the place of an
/// executor.
fn future(promise: Promise, wake: &JsValue) -> JsFuture {
    let future = JsFuture::from(promise.clone());
    promise.unchecked_into::<Thenable>().then(wake, wake);
    future
}

/// Sends a request, and gives what aborts it.
pub fn send(request: &Request, wake: JsValue) -> (Sent, Option<AbortController>) {
    let init =
        js_sys::JSON::parse(request.init()).unwrap_or_default().unchecked_into::<RequestInit>();
    let abort = AbortController::new().ok();
    if let Some(abort) = &abort {
        init.set_signal(Some(&abort.signal()));
    }
    // As `await` takes it: a replaced `fetch` may give no promise.
    let sent = match fetch(&request.url, &init) {
        Ok(sent) => Promise::resolve(&sent),
        Err(error) => Promise::reject(&error),
    };
    (Sent { next: future(sent, &wake), http: None, wake }, abort)
}
