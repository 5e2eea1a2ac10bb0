//! The client's ports on the web platform, and the only room that knows web-sys. So thin that the browser tests cover it all.
//!
//! Works in a page and, without storage, wherever else there is `fetch` (a worker, Node).

mod http;
mod signals;
mod storage;

use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use crate::client::Input;
use crate::client::ports::{Area, Refused, RequestId, World};
use crate::protocol::request::Request;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &JsValue, ms: u32, id: RequestId) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Where what happens is reported.
pub type Feed = fn(Input);

/// What the client asks.
#[derive(Debug)]
pub struct Web {
    areas: storage::Areas,
}

impl Web {
    pub fn new() -> Self {
        Self { areas: storage::Areas::probe() }
    }
}

impl World for Web {
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        self.areas.get(area, key)
    }

    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused> {
        self.areas.set(area, key, value)
    }

    fn remove(&mut self, area: Area, key: &str) {
        self.areas.remove(area, key);
    }

    fn json(&self, text: &str) -> Option<String> {
        canonical(text)
    }
}

/// JSON as the engine writes it.
fn canonical(text: &str) -> Option<String> {
    js_sys::JSON::stringify(&js_sys::JSON::parse(text).ok()?).ok()?.as_string()
}

/// A call that waits: its time, and what gives its request up.
struct Wire {
    id: RequestId,
    timer: JsValue,
    abort: Option<AbortController>,
}

/// What the client has done: the times that run and the requests under way.
#[derive(Default)]
pub struct Wires {
    up: Vec<Wire>,
    time_is_up: Option<JsValue>,
}

impl Wires {
    /// One function serves all times; the browser hands it back the number.
    pub fn remind(&mut self, id: RequestId, ms: u32, feed: Feed) {
        let then = self.time_is_up.get_or_insert_with(|| {
            Closure::<dyn FnMut(RequestId)>::new(move |id| feed(Input::TimeIsUp(id))).into_js_value()
        });
        let timer = set_timeout(then, ms, id);
        self.up.push(Wire { id, timer, abort: None });
    }

    pub fn send(&mut self, id: RequestId, request: &Request, feed: Feed) {
        let abort = http::send(id, request, feed);
        if let Some(wire) = self.up.iter_mut().find(|wire| wire.id == id) {
            wire.abort = abort;
        }
    }

    pub fn cancel(&mut self, id: RequestId) {
        if let Some(at) = self.up.iter().position(|wire| wire.id == id) {
            let wire = self.up.swap_remove(at);
            clear_timeout(&wire.timer);
            if let Some(abort) = wire.abort {
                abort.abort();
            }
        }
    }
}

/// Looks at the disk whenever it may have changed.
pub fn watch(feed: Feed) {
    signals::watch(feed);
}
