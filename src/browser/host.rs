//! The facade, as Rust calls it.

use wasm_bindgen::prelude::*;

use super::member;
use crate::protocol::mask::Mask;

#[wasm_bindgen]
extern "C" {
    /// The page's side: promises, listeners, token providers. Its numbers are those of
    /// [`crate::boundary`].
    #[derive(Clone)]
    pub type Host;
    /// Reports a success or a change.
    #[wasm_bindgen(method, catch)]
    pub fn tell(
        this: &Host,
        message: u32,
        id: u32,
        form: u32,
        text: Option<&str>,
    ) -> Result<(), JsValue>;
    /// Reports a failure, with the fields of the exception.
    #[wasm_bindgen(method, catch)]
    pub fn fail(
        this: &Host,
        message: u32,
        id: u32,
        code: i32,
        subject: &str,
        text: &str,
        details: &str,
        status: u32,
        retryable: bool,
        retry_after: u32,
        cause: &JsValue,
    ) -> Result<(), JsValue>;
    /// Asks the token provider of a call. Its token comes back with the number of the request.
    #[wasm_bindgen(method, catch, js_name = askProvider)]
    pub fn ask_provider(this: &Host, request: u32, call: u32) -> Result<(), JsValue>;
    /// Reports how long the timer of a call runs from now on, in milliseconds.
    #[wasm_bindgen(method, catch)]
    pub fn watch(this: &Host, call: u32, ms: u32) -> Result<(), JsValue>;
    /// JSON as `JSON.stringify` writes it. Throws if it is no JSON.
    #[wasm_bindgen(method, catch)]
    pub fn canonical(this: &Host, text: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = String, catch)]
    fn string(value: &JsValue) -> Result<JsValue, JsValue>;
}

/// An error that an app may see: one that contains a credential is replaced by an error with the
/// masked message (rule B26).
pub fn masked(error: JsValue, mask: Mask<'_>) -> JsValue {
    let texts =
        [member(&error, "message"), member(&error, "stack"), string(&error).unwrap_or_default()];
    let mut shown = None;
    let mut has_credential = false;
    for text in texts {
        let Some(text) = text.as_string() else { continue };
        let masked = mask.text(&text);
        has_credential |= masked != text;
        shown.get_or_insert(masked);
    }
    if has_credential { js_sys::Error::new(&shown.unwrap_or_default()).into() } else { error }
}
