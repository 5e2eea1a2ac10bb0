//! Requests in flight and their timers.

use std::cell::{Cell, RefCell, RefMut};
use std::task::Poll;

use js_sys::Date;
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use super::Global;
use super::http::{self, Sent};
use crate::client::ports::{Outcome, RequestId};
use crate::protocol::request::Request;

/// How long Chromium keeps the connection of an aborted `keepalive` request open, in milliseconds.
const KEPT_OPEN_MS: f64 = 30_000.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &JsValue, ms: u32, id: RequestId) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout, catch)]
    fn clear_timeout(timer: &JsValue) -> Result<(), JsValue>;
    /// An `AbortController`, of the browser or of the page.
    type Controller;
    #[wasm_bindgen(method, catch)]
    fn abort(this: &Controller) -> Result<(), JsValue>;
    /// A JavaScript function that takes a number.
    type Bound;
    #[wasm_bindgen(method)]
    fn bind(this: &Bound, to: &JsValue, id: i32) -> js_sys::Function;
}

/// A request in flight or a call of a token provider, with its timer.
struct InFlight {
    id: RequestId,
    timer: JsValue,
    /// When the timer should fire.
    due: f64,
    sent: Option<Sent>,
    abort: Option<AbortController>,
    /// Whether it should continue when the page is closed.
    keepalive: bool,
    /// Whether it was sent with `keepalive`.
    kept_alive: bool,
    /// Whether its outcome is ignored.
    released: bool,
}

/// The requests in flight.
///
/// Nothing is borrowed while code of the page runs: a page can replace `fetch` or `setTimeout` by a
/// function that dispatches an event, and `wake` handles the event at once.
pub struct Transport {
    #[allow(clippy::vec_box, reason = "`take` moves one out: a box is one word, not twelve")]
    in_flight: RefCell<Vec<Box<InFlight>>>,
    /// Called by JavaScript with a number and a value: the id of a request whose timer fired, the
    /// negative id of a request that can continue, or 0 for an event.
    wake: JsValue,
    /// Whether the page is being closed: between `pagehide` and `pageshow`.
    leaving: Cell<bool>,
    /// When a request with `keepalive` was last aborted without a complete response.
    gave_up: Cell<f64>,
}

impl Transport {
    /// Calls `wake` with every event after which storage may have changed: another tab has written,
    /// or the page is shown again.
    pub fn new(wake: impl Fn(i32, JsValue) + 'static) -> Self {
        // `Fn`, because the page may call it again while it runs, with an event of its own.
        let wake = Closure::<dyn Fn(i32, JsValue)>::new(wake).into_js_value();
        if let Some(window) = Global::window() {
            let sync = wake.unchecked_ref::<Bound>().bind(&wake, 0);
            for event in ["storage", "pageshow", "pagehide", "focus", "visibilitychange"] {
                // `visibilitychange` is fired at the document and bubbles to the window.
                let _ = window.add_event_listener_with_callback(event, &sync);
            }
        }
        Self {
            in_flight: RefCell::default(),
            wake,
            leaving: Cell::new(false),
            gave_up: Cell::new(f64::NEG_INFINITY),
        }
    }

    /// The request in flight with that id. The caller drops it before code of the page runs.
    fn find(&self, id: RequestId) -> Option<RefMut<'_, InFlight>> {
        RefMut::filter_map(self.in_flight.borrow_mut(), |all| {
            all.iter_mut().map(AsMut::as_mut).find(|in_flight| in_flight.id == id)
        })
        .ok()
    }

    /// Starts or restarts a timer.
    pub fn start_timer(&self, id: RequestId, ms: u32) {
        let timer = set_timeout(&self.wake, ms, id);
        let due = Date::now() + f64::from(ms);
        if let Some(mut in_flight) = self.find(id) {
            (in_flight.timer, in_flight.due) = (timer, due);
        } else {
            self.in_flight.borrow_mut().push(Box::new(InFlight {
                id,
                timer,
                due,
                sent: None,
                abort: None,
                keepalive: false,
                kept_alive: false,
                released: false,
            }));
        }
    }

    /// Sends a request whose timer has been started.
    pub fn send(&self, id: RequestId, request: &Request) {
        let wake = self.wake.unchecked_ref::<Bound>().bind(&self.wake, -(id as i32));
        // Chromium opens six connections to a host over HTTP/1.1, so six logouts that hang would
        // block every other request.
        let may_keep_alive = Date::now() - self.gave_up.get() > KEPT_OPEN_MS;
        let (sent, abort) = http::send(request, may_keep_alive, wake.into());
        if let Some(mut in_flight) = self.find(id) {
            (in_flight.sent, in_flight.abort) = (Some(sent), abort);
            in_flight.keepalive = request.keepalive();
            in_flight.kept_alive = request.keepalive() && may_keep_alive;
        }
    }

    /// Continues a request. Returns the outcome at the end, with the error that caused it.
    pub fn go_on(&self, id: RequestId) -> Option<(Outcome, JsValue)> {
        let mut sent = self.find(id)?.sent.take()?;
        if let Poll::Ready(outcome) = sent.poll() {
            return Some(outcome);
        }
        self.find(id)?.sent = Some(sent);
        None
    }

    /// How late the timer of a request fired, in milliseconds; `None` for an unknown request.
    pub fn late(&self, id: RequestId) -> Option<u32> {
        let in_flight = self.find(id)?;
        let (due, released) = (in_flight.due, in_flight.released);
        drop(in_flight);
        if released {
            self.cancel(id);
            return None;
        }
        Some((Date::now() - due) as u32)
    }

    /// Aborts a request. While the page is being closed, a logout goes on (rule B9).
    pub fn cancel(&self, id: RequestId) {
        let Some(in_flight) = self.take(id) else { return };
        // A page may have replaced `clearTimeout`. A timer that fires nevertheless finds no request.
        let _ = clear_timeout(&in_flight.timer);
        if in_flight.kept_alive && in_flight.sent.is_some() {
            self.gave_up.set(Date::now());
        }
        if let Some(abort) = in_flight.abort
            && !(in_flight.keepalive && self.leaving.get())
        {
            // A request that cannot be aborted ends on its own. Its outcome is ignored.
            let _ = abort.unchecked_ref::<Controller>().abort();
        }
    }

    fn take(&self, id: RequestId) -> Option<Box<InFlight>> {
        let mut all = self.in_flight.borrow_mut();
        let at = all.iter().position(|in_flight| in_flight.id == id)?;
        Some(all.swap_remove(at))
    }

    /// Lets a request continue until its timer fires.
    pub fn release(&self, id: RequestId) {
        if let Some(mut in_flight) = self.find(id) {
            in_flight.released = true;
        }
    }

    /// Notes whether the page is being closed.
    pub fn note_event(&self, name: &str) {
        match name {
            "pagehide" => self.leaving.set(true),
            "pageshow" => self.leaving.set(false),
            _ => {}
        }
    }
}
