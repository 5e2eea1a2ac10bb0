//! The client's ports on the web platform: storage, `fetch`, timers. The only module with web-sys.
//!
//! Thin enough to be covered by the browser tests. It works in a page, and without storage wherever
//! `fetch` exists (a worker, Node).

mod host;
mod http;
mod storage;
mod transport;

pub use host::{Host, masked};
pub use storage::{Web, event};
pub use transport::Transport;

use wasm_bindgen::prelude::*;
use web_sys::Window;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = globalThis)]
    type Global;
    /// The window of a page or of an environment like one; none in a worker or on a server. Vitest
    /// and similar runners copy the members of a window to Node's global object, which web-sys does
    /// not accept as a `Window`.
    #[wasm_bindgen(static_method_of = Global, getter)]
    fn window() -> Option<Window>;
    /// A value of the page.
    type Value;
    #[wasm_bindgen(method, structural, indexing_getter, catch)]
    fn at(this: &Value, name: &str) -> Result<JsValue, JsValue>;
}

/// A member of a value of the page. Undefined if it is missing or cannot be read.
fn member(of: &JsValue, name: &str) -> JsValue {
    of.unchecked_ref::<Value>().at(name).unwrap_or_default()
}
