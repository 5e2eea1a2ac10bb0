//! The client's ports on the web platform, and the only room that knows web-sys. So thin that the browser tests cover it all.
//!
//! Works in a page and, without storage, wherever else there is `fetch` (a worker, Node).

mod host;
mod http;
mod storage;

pub use host::{Host, masked};

use std::cell::RefCell;
use std::task::Poll;

use http::Sent;
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use crate::client::ports::{Area, Outcome, Refused, RequestId, World};
use crate::protocol::request::Request;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &JsValue, ms: u32, id: RequestId) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
    /// A function of a number.
    type Bound;
    #[wasm_bindgen(method)]
    fn bind(this: &Bound, to: &JsValue, id: i32) -> js_sys::Function;
}

/// What the client asks.
#[derive(Debug)]
pub struct Web {
    areas: storage::Areas,
    host: Host,
}

impl Web {
    pub fn new(host: Host) -> Self {
        Self { areas: storage::Areas::probe(), host }
    }
}

impl World for Web {
    fn get(&self, area: Area, key: &str) -> Result<Option<String>, Refused> {
        self.areas.get(area, key)
    }

    fn news(
        &mut self,
        area: Area,
        key: &str,
        known: bool,
    ) -> Result<Option<Option<String>>, Refused> {
        self.areas.news(area, key, known)
    }

    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused> {
        self.areas.set(area, key, value)
    }

    fn remove(&mut self, area: Area, key: &str) {
        self.areas.remove(area, key);
    }

    fn json(&self, text: &str) -> Option<String> {
        self.host.canonical(text).ok()?.as_string()
    }
}

/// A call that waits: its time, its request, and what gives that up.
struct Wire {
    id: RequestId,
    timer: JsValue,
    sent: Option<Sent>,
    abort: Option<AbortController>,
}

/// What the client has done: the times that run and the requests under way.
pub struct Wires {
    up: Vec<Wire>,
    /// The page calls it with the number of a time that is up, with that of a request that can go on, negative, or with 0 for a
    /// look at the disk.
    wake: JsValue,
}

impl Wires {
    /// From now on the client looks at the disk whenever it may have changed: another tab wrote, or the page is shown again
    /// after it could not hear.
    pub fn new(wake: impl Fn(i32) + 'static) -> Self {
        // `Fn`: what the page does meanwhile may call it again, with an event of its own making.
        let wake = Closure::<dyn Fn(i32)>::new(wake).into_js_value();
        if let Some(window) = web_sys::window() {
            let look = wake.unchecked_ref::<Bound>().bind(&wake, 0);
            for event in ["storage", "pageshow", "focus", "visibilitychange"] {
                // `visibilitychange` is the document's, and bubbles.
                let _ = window.add_event_listener_with_callback(event, &look);
            }
        }
        Self { up: Vec::new(), wake }
    }

    fn wire(&mut self, id: RequestId) -> Option<&mut Wire> {
        self.up.iter_mut().find(|wire| wire.id == id)
    }

    /// The browser hands the number back.
    pub fn remind(&mut self, id: RequestId, ms: u32) {
        let timer = set_timeout(&self.wake, ms, id);
        self.up.push(Wire { id, timer, sent: None, abort: None });
    }

    pub fn send(&mut self, id: RequestId, request: &Request) {
        let wake = self.wake.unchecked_ref::<Bound>().bind(&self.wake, -(id as i32));
        if let Some(wire) = self.wire(id) {
            let (sent, abort) = http::send(request, wake.into());
            (wire.sent, wire.abort) = (Some(sent), abort);
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

/// Goes on with a request. What came of it, at the end.
///
/// Nothing is borrowed meanwhile: the page may have functions of its own in place of the response's.
pub fn go_on(wires: &RefCell<Wires>, id: RequestId) -> Option<(Outcome, JsValue)> {
    let mut sent = wires.borrow_mut().wire(id)?.sent.take()?;
    if let Poll::Ready(outcome) = sent.poll() {
        return Some(outcome);
    }
    wires.borrow_mut().wire(id)?.sent = Some(sent);
    None
}
