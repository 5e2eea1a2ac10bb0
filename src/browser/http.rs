//! Requests by `fetch`. Every way in which it can fail becomes one outcome.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gloo_net::http::Response;
use js_sys::{Date, JSON, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit};

use super::{Value, member};
use crate::client::ports::{NoResponse, Outcome, Received};
use crate::protocol::error::Http;
use crate::protocol::request::Request;

#[wasm_bindgen]
extern "C" {
    // Called directly, because web-sys panics if a replaced `fetch` throws, and gloo-net never
    // resolves then.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<JsValue, JsValue>;
    /// A response whose members may be missing or may throw: a page can replace `fetch`.
    type Raw;
    #[wasm_bindgen(method, catch)]
    fn text(this: &Raw) -> Result<JsValue, JsValue>;
    type Headers;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Headers, name: &str) -> Result<JsValue, JsValue>;
    type Options;
    #[wasm_bindgen(method, setter)]
    fn set_keepalive(this: &Options, yes: bool);
    type Thenable;
    #[wasm_bindgen(method)]
    fn then(this: &Thenable, done: &JsValue, failed: &JsValue);
}

/// A request that was sent.
pub struct Sent {
    /// The response, and then its text.
    next: JsFuture,
    /// Status and `Retry-After`, once the response has arrived.
    http: Option<Http>,
    /// Called when `next` has settled.
    wake: JsValue,
}

impl Sent {
    /// Continues after `next` has settled. Returns the outcome at the end, with the error that
    /// caused it.
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
        let (Some(status), Ok(headers)) =
            (status(&raw), raw.unchecked_ref::<Value>().at("headers"))
        else {
            return response(Http::default(), String::new());
        };
        let text = match raw.text() {
            Ok(text) => text,
            Err(error) => return failed(error),
        };
        self.next = future(Promise::resolve(&text), &self.wake);
        let after =
            headers.unchecked_ref::<Headers>().get("retry-after").unwrap_or_default().as_string();
        let retry_after = after.map_or(0, |after| seconds(&after));
        self.http = Some(Http { status, retry_after });
        Poll::Pending
    }
}

/// The status, if it can be read and is valid.
fn status(raw: &Raw) -> Option<u16> {
    let number = member(raw, "status").as_f64()?;
    // Reading the status did not throw, so this does not throw either.
    let status = Response::from(JsValue::from(raw).unchecked_into::<web_sys::Response>()).status();
    (f64::from(status) == number && (100..600).contains(&status)).then_some(status)
}

/// The seconds of a `Retry-After` header, which may be an HTTP-date; 0 if it is neither.
fn seconds(after: &str) -> u32 {
    // `parseInt` and `Date.parse` also accept other texts. An HTTP-date in the current form has 29
    // characters.
    let seconds = if after.bytes().all(|byte| byte.is_ascii_digit()) {
        js_sys::parse_int(after, 10)
    } else if after.len() == 29 && after.ends_with(" GMT") {
        (Date::parse(after) - Date::now()) / 1000.0
    } else {
        0.0
    };
    seconds.ceil() as u32
}

fn response(http: Http, body: String) -> Poll<(Outcome, JsValue)> {
    Poll::Ready((Ok(Box::new(Received { http, body })), JsValue::UNDEFINED))
}

fn failed(error: JsValue) -> Poll<(Outcome, JsValue)> {
    Poll::Ready((Err(NoResponse), error))
}

/// The result of a promise. The promise calls `wake` right after it, in place of an executor.
fn future(promise: Promise, wake: &JsValue) -> JsFuture {
    let future = JsFuture::from(promise.clone());
    promise.unchecked_into::<Thenable>().then(wake, wake);
    future
}

/// Sends a request. `may_keep_alive` is false while aborted logouts hold connections. Also returns
/// the controller that aborts the request.
pub fn send(
    request: &Request,
    may_keep_alive: bool,
    wake: JsValue,
) -> (Sent, Option<AbortController>) {
    let abort = AbortController::new().ok();
    let sent = JSON::parse(request.init().as_str()).and_then(|init| {
        // `fetch` reads inherited options as well, and a page may have added some to every object.
        let _ = Reflect::set_prototype_of(
            init.unchecked_ref::<js_sys::Object>(),
            JsValue::NULL.unchecked_ref::<js_sys::Object>(),
        );
        if !may_keep_alive {
            init.unchecked_ref::<Options>().set_keepalive(false);
        }
        let init: RequestInit = init.unchecked_into();
        if let Some(abort) = &abort {
            init.set_signal(Some(member(abort, "signal").unchecked_ref()));
            // `fetch` and `AbortController` can come from different implementations, as in test
            // runners. Then `fetch` refuses the signal. The request is sent without one and cannot
            // be aborted; the timer still ends the call.
            if web_sys::Request::new_with_str_and_init(request.url(), &init).is_err() {
                init.set_signal(None);
            }
        }
        fetch(request.url(), &init)
    });
    // As `await` does: a replaced `fetch` may return something else than a promise.
    let sent = match sent {
        Ok(sent) => Promise::resolve(&sent),
        Err(error) => Promise::reject(&error),
    };
    (Sent { next: future(sent, &wake), http: None, wake }, abort)
}
