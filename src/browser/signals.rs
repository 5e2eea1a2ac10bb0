//! When the disk may have changed: another tab wrote, or the page is shown again after it could not hear.

use wasm_bindgen::prelude::*;

use super::Feed;
use crate::client::Input;

pub fn watch(feed: Feed) {
    let Some(window) = web_sys::window() else { return };
    let look = Closure::<dyn FnMut()>::new(move || feed(Input::Look)).into_js_value();
    let look = look.unchecked_ref();
    for event in ["storage", "pageshow", "focus", "visibilitychange"] {
        // `visibilitychange` is the document's, and bubbles.
        let _ = window.add_event_listener_with_callback(event, look);
    }
}
