//! The masking of one request.

use super::index::{Secrets, TAIL};
use super::names::{is_secret, looks_secret};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// How many layers of percent-encoding are decoded.
const DECODINGS: usize = 4;

/// The mask of one request: the secrets of the state, and those that the request names as secrets.
pub(crate) struct Mask<'a> {
    known: &'a Secrets,
    own: Secrets,
}

impl<'a> Mask<'a> {
    pub(crate) fn new(known: &'a Secrets) -> Self {
        Self { known, own: Secrets::new(known.seed) }
    }

    /// Adds a value of the request if its name is the name of a secret. It is then masked
    /// everywhere.
    pub(crate) fn learn(&mut self, name: &str, value: &str) {
        // A short value such as "1" also occurs in texts that are not secret.
        if is_secret(name) && value.len() >= TAIL {
            self.own.add(value);
        }
    }

    /// Does the same for everything in a JSON document.
    pub(crate) fn learn_all(&mut self, value: &Value, below_secret: bool) {
        match value {
            Value::String(text) if below_secret => self.learn("secret", text),
            Value::Array(items) => items.iter().for_each(|item| self.learn_all(item, below_secret)),
            Value::Object(map) => map
                .iter()
                .for_each(|(name, value)| self.learn_all(value, below_secret || is_secret(name))),
            _ => {}
        }
    }

    /// Masks the secrets in a text, percent-encoded ones too.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut shown = self.plain(text).unwrap_or_else(|| text.to_owned());
        let mut decoded = shown.clone();
        for _ in 0..DECODINGS {
            let next = match percent_decode_str(&decoded).decode_utf8_lossy() {
                Cow::Borrowed(_) => break,
                Cow::Owned(next) => next,
            };
            decoded = match self.plain(&next) {
                None => next,
                Some(masked) => {
                    shown.clone_from(&masked);
                    masked
                }
            };
        }
        shown
    }

    /// Masks a value with a name.
    pub(crate) fn named(&self, name: &str, value: &str) -> String {
        if is_secret(name) { self.known.mark(value) } else { self.text(value) }
    }

    /// Masks a path: known secrets, the segments after `auth_tokens` and `apikeys`, and segments
    /// that look like a secret.
    pub(crate) fn path(&self, path: &str) -> String {
        let mut previous = String::new();
        let masked: Vec<String> = path
            .split('/')
            .map(|segment| {
                let decoded = decode(segment);
                let by_place = matches!(previous.as_str(), "auth_tokens" | "apikeys");
                previous = decoded.to_ascii_lowercase();
                if !segment.is_empty() && (by_place || looks_secret(&decoded)) {
                    "***".to_owned()
                } else {
                    segment.to_owned()
                }
            })
            .collect();
        self.text(&masked.join("/"))
    }

    /// Masks a value that is likely a secret if it looks like one, such as a query parameter.
    pub(crate) fn guess(&self, text: &str) -> String {
        if looks_secret(&decode(text)) { self.known.mark(text) } else { self.path(text) }
    }

    /// Masks a uid that is a secret by mistake. Uids are in lower case, so it is compared as the
    /// path has it.
    pub(crate) fn uid(&self, uid: &str, path: &str) -> String {
        let mut segments = path.split('/').map(decode);
        let sent = segments.find(|segment| segment.to_lowercase() == uid);
        let sent = sent.unwrap_or_else(|| uid.to_owned());
        let shown = self.guess(&sent);
        if shown == sent { uid.to_owned() } else { shown }
    }

    /// Masks a JSON document.
    pub(crate) fn value(&self, value: Value, below_secret: bool) -> Value {
        match value {
            Value::String(text) if below_secret => Value::String(self.known.mark(&text)),
            Value::String(text) => Value::String(self.text(&text)),
            Value::Number(number) if below_secret => {
                Value::String(self.known.mark(&number.to_string()))
            }
            Value::Number(number) => match self.plain(&number.to_string()) {
                Some(masked) => Value::String(masked),
                None => Value::Number(number),
            },
            Value::Array(items) => {
                items.into_iter().map(|item| self.value(item, below_secret)).collect()
            }
            Value::Object(map) => {
                let shown = map.into_iter().map(|(name, value)| {
                    let below = below_secret || is_secret(&name);
                    (self.text(&name), self.value(value, below))
                });
                Value::Object(shown.collect::<Map<_, _>>())
            }
            other => other,
        }
    }

    /// The text with marks in place of its secrets; `None` if it has none.
    fn plain(&self, text: &str) -> Option<String> {
        let mut found = Vec::new();
        self.known.find(text, &mut found);
        self.own.find(text, &mut found);
        if found.is_empty() {
            return None;
        }
        found.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::new();
        for (start, end) in found {
            match merged.last_mut() {
                Some(last) if start < last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        let part = |start: usize, end: usize| text.get(start..end).unwrap_or_default();
        let mut shown = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end) in merged {
            shown.push_str(part(done, start));
            shown.push_str(&self.known.mark(part(start, end)));
            done = end;
        }
        shown.push_str(part(done, text.len()));
        Some(shown)
    }
}

/// Decodes percent-encoding, also of several layers.
fn decode(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..DECODINGS {
        let next = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if next == text {
            break;
        }
        text = next;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn secrets(list: &[&str]) -> Secrets {
        let mut secrets = Secrets::new([7; 16]);
        list.iter().for_each(|secret| secrets.add(secret));
        secrets
    }

    #[test]
    fn m9_a_known_secret_is_masked_everywhere() {
        let token = "ann_1700000000abcdef0123456789";
        let secrets = secrets(&[token, "emulator-auth-key", "k+/9=&x%y", "pw1"]);
        let mask = Mask::new(&secrets);
        let mark = secrets.mark(token);
        assert!(mark.starts_with("*** ") && mark.len() == 12, "{mark}");
        for text in [
            token.to_owned(),
            format!("x{token}y"),
            format!("ä{token}ä{token}"),
            token.replace('_', "%5F"),
            token.replace('_', "%255f"),
            token.bytes().map(|byte| format!("%{byte:02x}")).collect(),
            format!("{token}/{}", token.replace('a', "%61")),
        ] {
            let shown = mask.text(&text);
            assert!(shown.contains(&mark), "{text} -> {shown}");
            assert!(!decode(&shown).to_lowercase().contains(token), "{text} -> {shown}");
        }
        assert_eq!(
            mask.text("a=k%2B%2F9%3D%26x%25y"),
            format!("a={}", secrets.mark("k+/9=&x%y")),
            "a key of other characters"
        );
        assert_eq!(mask.text("the pw1 is"), format!("the {} is", secrets.mark("pw1")));
        assert_eq!(mask.text("pw12 xpw1 %41"), "pw12 xpw1 %41", "no secret, no change");
        assert_eq!(mask.text("1700000000abcdef0123456789"), "1700000000abcdef0123456789");
    }

    #[test]
    fn m9_values_below_the_name_of_a_secret_are_masked() {
        let secrets = secrets(&[]);
        let mut mask = Mask::new(&secrets);
        let body = json!({
            "restApiKey": "unknown-1",
            "x": { "AUTH_TOKEN": ["unknown-2", { "y": 12345678 }] },
            "searchKey": "ann",
            "note": "has unknown-2 in it",
            "withAuthToken": true,
            "key": null,
        });
        mask.learn_all(&body, false);
        let shown = mask.value(body, false);
        for text in ["unknown", "12345678"] {
            assert!(!shown.to_string().contains(text), "{shown}");
        }
        assert_eq!(shown["searchKey"], "ann");
        assert_eq!(shown["withAuthToken"], true);
        assert_eq!(shown["note"], format!("has {} in it", secrets.mark("unknown-2")));
        for name in ["apiKey", "x-api-key", "rest_api_key", "Authorization", "set-cookie", "jwt"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["sec-websocket-key", "searchKey", "uid", "author", "x-rate-limit"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn m9_paths_are_masked_by_position_value_and_form() {
        let secrets = secrets(&["emulator-auth-key"]);
        let mask = Mask::new(&secrets);
        let hex = "0123456789abcdef0123456789abcdef";
        for (path, hidden) in [
            ("/v3/users/ann/auth_tokens/revoked", "revoked"),
            ("/v3/users/ann/auth%5Ftokens/revoked", "revoked"),
            ("/v3/apikeys/gone", "gone"),
            ("/v3/users/emulator%2Dauth-key", "auth-key"),
            (&format!("/v3/users/{hex}"), hex),
        ] {
            let shown = mask.path(path);
            assert!(!shown.contains(hidden) && shown.contains("***"), "{path} -> {shown}");
        }
        assert_eq!(mask.path("/v3/users/a%20b"), "/v3/users/a%20b");
        assert!(!mask.guess(hex).contains(hex));
        let jwt = "eyJhbGciOiJSUzI1NiJ9.AbCdEf";
        let secrets = self::secrets(&[jwt, "AUTH_TOKEN"]);
        let mask = Mask::new(&secrets);
        let path = format!("/v3/users/{}", jwt.replace('.', "%2E"));
        assert!(mask.uid(&jwt.to_lowercase(), &path).starts_with("***"));
        assert_eq!(mask.uid("ann", "/v3/users/Ann"), "ann");
        assert_eq!(mask.path("/users/ann/auth_tokens"), "/users/ann/auth_tokens");
    }

    #[test]
    fn m9_the_log_shows_paths_without_secrets() {
        let token = "superhero1_1800000000aabbccddeeff001122334455667788";
        let key = "0123456789abcdef0123456789abcdef01234567";
        let secrets = secrets(&[]);
        let mask = Mask::new(&secrets);
        for (path, logged) in [
            ("/v3/users/superhero1".to_owned(), "/v3/users/superhero1"),
            ("/v3/users/a/auth_tokens".to_owned(), "/v3/users/a/auth_tokens"),
            ("/v3/users/a/auth_tokens/AUTH_TOKEN".to_owned(), "/v3/users/a/auth_tokens/***"),
            ("/v3/apikeys/my-key".to_owned(), "/v3/apikeys/***"),
            (format!("/v3/me/{token}"), "/v3/me/***"),
            (format!("/{key}"), "/***"),
        ] {
            assert_eq!(mask.path(&path), logged);
        }
    }
}
