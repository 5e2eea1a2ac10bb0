//! Requests by `fetch`. Whatever it throws, rejects with or never says becomes one outcome.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gloo_net::http::Response;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit};

use super::canonical;
use crate::client::ports::{NoReply, Outcome};
use crate::protocol::reply::Reply;
use crate::protocol::request::Request;

#[wasm_bindgen]
extern "C" {
    // Ours, because web-sys's panics where `fetch` throws, and gloo-net's waits for ever then.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<JsValue, JsValue>;
    /// Headers whose texts stay with the engine until they are wanted.
    type Fields;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Fields, name: &str) -> Result<JsValue, JsValue>;
    type Thenable;
    #[wasm_bindgen(method)]
    fn then(this: &Thenable, done: &JsValue, failed: &JsValue);
}

/// A request under way.
pub struct Sent {
    /// The response, and when that is there, its text.
    next: JsFuture,
    /// The reply, but for its text.
    reply: Option<Box<Reply>>,
    /// Called when what comes next is there.
    wake: JsValue,
}

impl Sent {
    /// Goes on. What came of it, at the end.
    pub fn poll(&mut self) -> Poll<Outcome> {
        let Poll::Ready(next) =
            Pin::new(&mut self.next).poll(&mut Context::from_waker(Waker::noop()))
        else {
            return Poll::Pending;
        };
        let Ok(next) = next else { return Poll::Ready(Err(NoReply)) };
        if let Some(mut reply) = self.reply.take() {
            reply.body = next.as_string().and_then(|text| canonical(&text)).unwrap_or_default();
            return Poll::Ready(Ok(reply));
        }
        let raw: web_sys::Response = next.unchecked_into();
        let Ok(text) = raw.text() else { return Poll::Ready(Err(NoReply)) };
        self.next = future(Promise::resolve(&text), &self.wake);
        let retry_after = raw.headers().unchecked_into::<Fields>().get("retry-after");
        let retry_after = retry_after.unwrap_or_default().as_string();
        self.reply = Some(Box::new(Reply {
            status: Response::from(raw).status(),
            body: String::new(),
            retry_after,
        }));
        Poll::Pending
    }
}

/// What the promise will give; right after that it calls `wake`, which takes the place of an executor.
fn future(promise: Promise, wake: &JsValue) -> JsFuture {
    let future = JsFuture::from(promise.clone());
    promise.unchecked_into::<Thenable>().then(wake, wake);
    future
}

/// Sends a request, and gives what can end it unless nothing may.
pub fn send(request: &Request, wake: JsValue) -> (Sent, Option<AbortController>) {
    let init =
        js_sys::JSON::parse(request.init()).unwrap_or_default().unchecked_into::<RequestInit>();
    let abort = if request.keepalive() { None } else { AbortController::new().ok() };
    if let Some(abort) = &abort {
        init.set_signal(Some(&abort.signal()));
    }
    // As `await` takes it, which also bears a replaced `fetch` that gives no promise. What was thrown goes the same way: it is no response.
    let (Ok(sent) | Err(sent)) = fetch(&request.url, &init);
    (Sent { next: future(Promise::resolve(&sent), &wake), reply: None, wake }, abort)
}
