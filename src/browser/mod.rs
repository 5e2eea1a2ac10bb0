//! The client's ports on the web platform, and the only room that knows web-sys. So thin that the browser tests cover it all.
//!
//! Works in a page and, without storage, wherever else there is `fetch` (a worker, Node).

mod http;
mod signals;
mod storage;
mod timers;

use wasm_bindgen::prelude::*;

use crate::client::Input;
use crate::client::ports::{Area, Clock, Refused, RequestId, Store};
use crate::protocol::request::Request;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_random(bytes: &mut [u8]) -> Result<(), JsValue>;
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

impl Store for Web {
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        self.areas.get(area, key)
    }

    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused> {
        self.areas.set(area, key, value)
    }

    fn remove(&mut self, area: Area, key: &str) {
        self.areas.remove(area, key);
    }
}

impl Clock for Web {
    fn now_ms(&self) -> u64 {
        js_sys::Date::now() as u64
    }

    fn random(&self) -> [u8; 16] {
        // Where there is no chance to be had, the time alone has to tell ids apart.
        let mut bytes = [0; 16];
        let _ = fill_with_random(&mut bytes);
        bytes
    }
}

/// What the client has done: the requests under way and the times that run.
#[derive(Default)]
pub struct Wires {
    requests: http::Requests,
    timers: timers::Timers,
}

impl Wires {
    pub fn send(&mut self, id: RequestId, request: &Request, feed: Feed) {
        self.requests.send(id, request, feed);
    }

    pub fn remind(&mut self, id: RequestId, ms: u32, feed: Feed) {
        self.timers.start(id, ms, feed);
    }

    pub fn cancel(&mut self, id: RequestId) {
        self.requests.cancel(id);
        self.timers.stop(id);
    }
}

/// Looks at the disk whenever it may have changed.
pub fn watch(feed: Feed) {
    signals::watch(feed);
}
