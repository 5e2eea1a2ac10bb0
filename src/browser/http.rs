//! Requests by `fetch`. Whatever it throws, rejects with or never says becomes one outcome.

use gloo_net::http::Response;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, RequestInit};

use super::{Feed, canonical};
use crate::client::Input;
use crate::client::ports::{NoReply, RequestId};
use crate::protocol::reply::Reply;
use crate::protocol::request::Request;

#[wasm_bindgen]
extern "C" {
    // Ours, because web-sys's panics where `fetch` throws, and gloo-net's waits for ever then.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<js_sys::Promise, JsValue>;
}

/// Sends a request and gives what can end it, unless nothing may.
pub fn send(id: RequestId, request: &Request, feed: Feed) -> Option<AbortController> {
    let init = js_sys::JSON::parse(request.init()).unwrap_or_default().unchecked_into::<RequestInit>();
    let abort = if request.keepalive() { None } else { AbortController::new().ok() };
    if let Some(abort) = &abort {
        init.set_signal(Some(&abort.signal()));
    }
    let sent = fetch(&request.url, &init);
    spawn_local(async move {
        let outcome = 'reply: {
            let Ok(sent) = sent else { break 'reply None };
            let Ok(raw) = JsFuture::from(sent).await else { break 'reply None };
            let raw: web_sys::Response = raw.unchecked_into();
            let Ok(text) = raw.text() else { break 'reply None };
            let retry_after = raw.headers().get("retry-after").ok().flatten();
            let status = Response::from(raw).status();
            let Ok(text) = JsFuture::from(text).await else { break 'reply None };
            let body = text.as_string().and_then(|text| canonical(&text)).unwrap_or_default();
            Some(Box::new(Reply { status, body, retry_after }))
        };
        feed(Input::Replied(id, outcome.ok_or(NoReply)));
    });
    abort
}
