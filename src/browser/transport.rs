//! Requests in flight and their timers.

use std::cell::RefCell;
use std::task::Poll;

use js_sys::Date;
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use super::http::{self, Sent};
use crate::client::ports::{Outcome, RequestId};
use crate::protocol::request::Request;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &JsValue, ms: u32, id: RequestId) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout, catch)]
    fn clear_timeout(timer: &JsValue) -> Result<(), JsValue>;
    /// A function of a number.
    type Bound;
    #[wasm_bindgen(method)]
    fn bind(this: &Bound, to: &JsValue, id: i32) -> js_sys::Function;
}

/// A request in flight, or a token provider that was asked, with its timer.
struct InFlight {
    id: RequestId,
    timer: JsValue,
    /// When the timer should fire.
    due: f64,
    sent: Option<Sent>,
    abort: Option<AbortController>,
    /// Whether it goes on when the page is closed.
    keepalive: bool,
    /// Whether its outcome is of no interest any more.
    released: bool,
}

/// The requests in flight.
pub struct Transport {
    in_flight: Vec<InFlight>,
    /// JavaScript calls it with a number and a value. The number is a request's if its timer fired,
    /// its negative if the request can go on, and 0 with an event.
    wake: JsValue,
    /// Whether the page is being closed: between `pagehide` and `pageshow`.
    leaving: bool,
}

impl Transport {
    /// From now on `wake` is called with every event after which storage may have changed: another
    /// tab has written, or the page is shown again.
    pub fn new(wake: impl Fn(i32, JsValue) + 'static) -> Self {
        // `Fn`: while it runs, the page may call it again, with an event of its own.
        let wake = Closure::<dyn Fn(i32, JsValue)>::new(wake).into_js_value();
        if let Some(window) = super::window() {
            let sync = wake.unchecked_ref::<Bound>().bind(&wake, 0);
            for event in ["storage", "pageshow", "pagehide", "focus", "visibilitychange"] {
                // `visibilitychange` is an event of the document, and bubbles.
                let _ = window.add_event_listener_with_callback(event, &sync);
            }
        }
        Self { in_flight: Vec::new(), wake, leaving: false }
    }

    fn find(&mut self, id: RequestId) -> Option<&mut InFlight> {
        self.in_flight.iter_mut().find(|in_flight| in_flight.id == id)
    }

    /// Starts a timer, or starts it anew.
    pub fn start_timer(&mut self, id: RequestId, ms: u32) {
        let timer = set_timeout(&self.wake, ms, id);
        let due = Date::now() + f64::from(ms);
        if let Some(in_flight) = self.find(id) {
            (in_flight.timer, in_flight.due) = (timer, due);
            return;
        }
        self.in_flight.push(InFlight {
            id,
            timer,
            due,
            sent: None,
            abort: None,
            keepalive: false,
            released: false,
        });
    }

    /// Sends a request whose timer runs.
    pub fn send(&mut self, id: RequestId, request: &Request) {
        let wake = self.wake.unchecked_ref::<Bound>().bind(&self.wake, -(id as i32));
        if let Some(in_flight) = self.find(id) {
            let (sent, abort) = http::send(request, wake.into());
            (in_flight.sent, in_flight.abort) = (Some(sent), abort);
            in_flight.keepalive = request.keepalive();
        }
    }

    /// How late the timer of a request fired, in milliseconds; `None` if nothing waits for it.
    pub fn late(&mut self, id: RequestId) -> Option<u32> {
        let in_flight = self.find(id)?;
        if in_flight.released {
            self.cancel(id);
            return None;
        }
        Some((Date::now() - in_flight.due) as u32)
    }

    /// Aborts a request. While the page is being closed, a logout goes on (rule B9).
    pub fn cancel(&mut self, id: RequestId) {
        if let Some(at) = self.in_flight.iter().position(|in_flight| in_flight.id == id) {
            let in_flight = self.in_flight.swap_remove(at);
            // A page may have replaced it. A timer that fires all the same finds no request.
            let _ = clear_timeout(&in_flight.timer);
            if let Some(abort) = in_flight.abort
                && !(in_flight.keepalive && self.leaving)
            {
                abort.abort();
            }
        }
    }

    /// Lets a request go on until its time is up.
    pub fn release(&mut self, id: RequestId) {
        if let Some(in_flight) = self.find(id) {
            in_flight.released = true;
        }
    }

    /// Notes whether the page is being closed.
    pub fn note_event(&mut self, name: &str) {
        match name {
            "pagehide" => self.leaving = true,
            "pageshow" => self.leaving = false,
            _ => {}
        }
    }
}

/// Goes on with a request. At the end: the outcome, and the error that caused it.
///
/// Nothing is borrowed meanwhile: the page may have replaced the functions of a response.
pub fn go_on(transport: &RefCell<Transport>, id: RequestId) -> Option<(Outcome, JsValue)> {
    let mut sent = transport.borrow_mut().find(id)?.sent.take()?;
    if let Poll::Ready(outcome) = sent.poll() {
        return Some(outcome);
    }
    transport.borrow_mut().find(id)?.sent = Some(sent);
    None
}
