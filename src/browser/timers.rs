//! Times that run. One function serves them all; the browser hands it back the number.

use wasm_bindgen::prelude::*;

use super::Feed;
use crate::client::Input;
use crate::client::ports::RequestId;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &JsValue, ms: u32, id: RequestId) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(handle: &JsValue);
}

#[derive(Default)]
pub struct Timers {
    then: Option<JsValue>,
    running: Vec<(RequestId, JsValue)>,
}

impl Timers {
    pub fn start(&mut self, id: RequestId, ms: u32, feed: Feed) {
        let then = self.then.get_or_insert_with(|| {
            Closure::<dyn FnMut(RequestId)>::new(move |id| feed(Input::TimeIsUp(id))).into_js_value()
        });
        let handle = set_timeout(then, ms, id);
        self.running.push((id, handle));
    }

    pub fn stop(&mut self, id: RequestId) {
        self.running.retain(|(timer, handle)| {
            if *timer == id {
                clear_timeout(handle);
            }
            *timer != id
        });
    }
}
