//! The facade as Rust sees it.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The page's side: promises, listeners, token providers. Its numbers are those of
    /// [`crate::boundary`].
    #[derive(Clone, Debug)]
    pub type Host;
    /// Tells of a success, or of news.
    #[wasm_bindgen(method, catch)]
    pub fn tell(this: &Host, message: u32, id: u32, form: u32, text: &str) -> Result<(), JsValue>;
    /// Tells of a failure, with the fields of the exception.
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
    /// Asks the token provider of a call. The answer names the request.
    #[wasm_bindgen(method, catch, js_name = askProvider)]
    pub fn ask_provider(this: &Host, request: u32, call: u32) -> Result<(), JsValue>;
    /// Tells how long the timer of a call runs from now on, in milliseconds.
    #[wasm_bindgen(method, catch)]
    pub fn watch(this: &Host, call: u32, ms: u32) -> Result<(), JsValue>;
    /// JSON as `JSON.stringify` writes it. Throws if the text is no JSON.
    #[wasm_bindgen(method, catch)]
    pub fn canonical(this: &Host, text: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = String, catch)]
    fn string(value: &JsValue) -> Result<JsValue, JsValue>;
    type Fault;
    #[wasm_bindgen(method, getter, catch)]
    fn message(this: &Fault) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn stack(this: &Fault) -> Result<JsValue, JsValue>;
}

/// An error as an app may see it: one that holds a credential is replaced by an error with the
/// masked message (rule B26).
pub fn masked(error: JsValue, mask: &dyn Fn(&str) -> String) -> JsValue {
    let fault: &Fault = error.unchecked_ref();
    // Null has no members; asking for one throws, which is caught.
    let texts = [fault.message(), fault.stack(), string(&error)];
    let mut shown = None;
    let mut holds_credential = false;
    for text in texts {
        let Some(text) = text.unwrap_or_default().as_string() else { continue };
        let masked = mask(&text);
        holds_credential |= masked != text;
        shown.get_or_insert(masked);
    }
    if holds_credential { js_sys::Error::new(&shown.unwrap_or_default()).into() } else { error }
}
