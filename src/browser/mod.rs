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
use js_sys::Date;
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, StorageEvent, Window};

use crate::client::ports::{Area, Outcome, Read, Refused, RequestId, World};
use crate::client::sync::Change;
use crate::protocol::request::Request;

#[wasm_bindgen]
extern "C" {
    /// The page's window. A test runner such as Vitest puts the members of one on Node's global object,
    /// which is no `Window` for web-sys.
    #[wasm_bindgen(thread_local_v2, js_name = window)]
    static WINDOW: Option<Window>;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &JsValue, ms: u32, id: RequestId) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout, catch)]
    fn clear_timeout(timer: &JsValue) -> Result<(), JsValue>;
    /// A function of a number.
    type Bound;
    #[wasm_bindgen(method)]
    fn bind(this: &Bound, to: &JsValue, id: i32) -> js_sys::Function;
}

/// The window of a page or of an environment like one; none in a worker or on a server.
fn window() -> Option<Window> {
    WINDOW.with(Clone::clone)
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

    fn read_if_changed(&mut self, area: Area, key: &str, known: bool) -> Result<Read, Refused> {
        self.areas.read_if_changed(area, key, known)
    }

    fn set(&mut self, area: Area, key: &str, value: &str) -> Result<(), Refused> {
        self.areas.set(area, key, value)
    }

    fn remove(&mut self, area: Area, key: &str) -> Result<(), Refused> {
        self.areas.remove(area, key)
    }

    fn json(&self, text: &str) -> Option<String> {
        self.host.canonical(text).ok()?.as_string()
    }
}

/// A request under way, or a provider that was asked: its timer, its request, and what aborts that.
struct InFlight {
    id: RequestId,
    timer: JsValue,
    /// When the time is up.
    due: f64,
    sent: Option<Sent>,
    abort: Option<AbortController>,
    /// A logout: it survives the page.
    keepalive: bool,
    /// Nobody waits for it any more.
    released: bool,
}

/// The requests under way and their timers.
pub struct Wires {
    up: Vec<InFlight>,
    /// JavaScript calls it with a number and a value. The number is a request's if its time is up, its
    /// negative if the request can go on, and 0 with an event.
    wake: JsValue,
    /// The page is going away: between `pagehide` and `pageshow`.
    leaving: bool,
}

impl Wires {
    /// From now on the client hears of every event after which storage may have changed: another tab
    /// has written, or the page is shown again.
    pub fn new(wake: impl Fn(i32, JsValue) + 'static) -> Self {
        // `Fn`: what the page does meanwhile may call it again, with an event of its own making.
        let wake = Closure::<dyn Fn(i32, JsValue)>::new(wake).into_js_value();
        if let Some(window) = window() {
            let sync = wake.unchecked_ref::<Bound>().bind(&wake, 0);
            for event in ["storage", "pageshow", "pagehide", "focus", "visibilitychange"] {
                // `visibilitychange` is the document's, and bubbles.
                let _ = window.add_event_listener_with_callback(event, &sync);
            }
        }
        Self { up: Vec::new(), wake, leaving: false }
    }

    fn wire(&mut self, id: RequestId) -> Option<&mut InFlight> {
        self.up.iter_mut().find(|wire| wire.id == id)
    }

    /// Starts a timer, or starts it anew.
    pub fn remind(&mut self, id: RequestId, ms: u32) {
        let timer = set_timeout(&self.wake, ms, id);
        let due = Date::now() + f64::from(ms);
        if let Some(wire) = self.wire(id) {
            (wire.timer, wire.due) = (timer, due);
            return;
        }
        self.up.push(InFlight {
            id,
            timer,
            due,
            sent: None,
            abort: None,
            keepalive: false,
            released: false,
        });
    }

    pub fn send(&mut self, id: RequestId, request: &Request) {
        let wake = self.wake.unchecked_ref::<Bound>().bind(&self.wake, -(id as i32));
        if let Some(wire) = self.wire(id) {
            let (sent, abort) = http::send(request, wake.into());
            (wire.sent, wire.abort) = (Some(sent), abort);
            wire.keepalive = request.keepalive();
        }
    }

    /// The time of a request is up: how late that is noticed, in milliseconds, if somebody waits.
    pub fn late(&mut self, id: RequestId) -> Option<u32> {
        let wire = self.wire(id)?;
        if wire.released {
            self.cancel(id);
            return None;
        }
        Some((Date::now() - wire.due) as u32)
    }

    /// Ends a request. While the page goes away, a logout goes on (rule B9).
    pub fn cancel(&mut self, id: RequestId) {
        if let Some(at) = self.up.iter().position(|wire| wire.id == id) {
            let wire = self.up.swap_remove(at);
            // A page may have replaced it. A timer that fires all the same finds no request.
            let _ = clear_timeout(&wire.timer);
            if let Some(abort) = wire.abort
                && !(wire.keepalive && self.leaving)
            {
                abort.abort();
            }
        }
    }

    /// Lets a request go on until its time is up.
    pub fn release(&mut self, id: RequestId) {
        if let Some(wire) = self.wire(id) {
            wire.released = true;
        }
    }

    /// Takes note of whether the page goes away.
    pub fn note(&mut self, event: &str) {
        match event {
            "pagehide" => self.leaving = true,
            "pageshow" => self.leaving = false,
            _ => {}
        }
    }
}

/// What an event is called, and the change of storage that it tells of if it is about one entry.
pub fn event(event: &JsValue) -> (String, Option<Change>) {
    let event: &StorageEvent = event.unchecked_ref();
    let change = event.key().map(|key| {
        let local = window().and_then(|window| window.local_storage().ok().flatten());
        let area = if event.storage_area() == local { Area::Local } else { Area::Session };
        Change { area, key, old: event.old_value(), new: event.new_value() }
    });
    (event.type_(), change)
}

/// Goes on with a request. At the end: the outcome, and the error behind it.
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
