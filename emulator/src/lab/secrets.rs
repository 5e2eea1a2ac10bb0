//! Masks secrets in what is shown: by their values, wherever they stand, and whatever stands below the name of a secret.
//!
//! Known by value are the auth tokens, API keys, web socket passes and channel secrets of the state, and for a while those that were in it.
//! Only their hashes are kept.

use crate::core::{App, Change, State, Token};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};

/// A secret is found by its last bytes: the first ones, such as a token's uid, are shared by many.
const TAIL: usize = 8;
/// Percent-encodings of percent-encodings that are undone.
const DECODINGS: usize = 4;
/// The index is made anew when it has this many more than twice the secrets of the state.
const REBUILD_MARGIN: usize = 10_000;

/// Names of secrets, in lower case and without `-` and `_`.
const NAMES: [&str; 5] = ["auth", "key", "pass", "pin", "credentials"];
/// A name that contains one of these is the name of a secret.
const PARTS_OF_NAMES: [&str; 12] = [
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "authkey",
    "accesskey",
    "privatekey",
    "authorization",
    "cookie",
    "jwt",
];

/// The secrets of a state, or of one request.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// Fresh in each run, so that a mark tells nothing outside it.
    seed: [u8; 16],
    /// The last bytes of each.
    tails: HashSet<u64, BuildHasherDefault<Mix>>,
    /// The hash of each, and how long they are.
    hashes: HashSet<u64, BuildHasherDefault<Mix>>,
    lengths: BTreeSet<usize>,
    /// Those that are too short to have a tail.
    short: BTreeSet<String>,
    /// How many there may be before the index is made anew.
    limit: usize,
}

impl Secrets {
    /// An empty index. The seed is random.
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Self { seed, limit: REBUILD_MARGIN, ..Self::default() }
    }

    /// Takes over the secrets that a change brought into the state.
    pub(crate) fn note(&mut self, change: &Change, state: &State) {
        match change {
            Change::PutKey { key, .. } => self.add(&key.api_key),
            Change::PutToken { token, .. } => self.add_token(token),
            _ => return,
        }
        if self.hashes.len() > self.limit {
            *self = Self::new(self.seed);
            self.add_state(state);
        }
    }

    /// Takes over the secrets of a state.
    pub(crate) fn add_state(&mut self, state: &State) {
        state.apps().for_each(|app| self.add_app(app));
        self.limit = REBUILD_MARGIN + 2 * self.hashes.len();
    }

    fn add_app(&mut self, app: &App) {
        app.keys().for_each(|key| self.add(&key.api_key));
        app.tokens().for_each(|token| self.add_token(token));
    }

    fn add_token(&mut self, token: &Token) {
        self.add(&token.token);
        token.jwt.iter().chain(&token.channel_secret).for_each(|pass| self.add(pass));
    }

    fn add(&mut self, secret: &str) {
        let Some(tail) = secret.as_bytes().last_chunk::<TAIL>() else {
            if !secret.is_empty() {
                self.short.insert(secret.to_owned());
            }
            return;
        };
        self.tails.insert(u64::from_le_bytes(*tail));
        self.hashes.insert(self.hash(secret.as_bytes()));
        self.lengths.insert(secret.len());
    }

    /// Stands for a secret: the same for the same secret, and only during this run, so that a test can tell which token a call carried.
    pub(crate) fn mark(&self, secret: &str) -> String {
        format!("*** {:08x}", self.hash(secret.as_bytes()) >> 32)
    }

    /// A seeded hash. Its secrecy is the seed's.
    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(&self.seed);
        hasher.write(bytes);
        hasher.write(&self.seed);
        hasher.finish()
    }

    /// Where secrets stand in a text, as ranges of bytes in their order.
    fn find(&self, text: &str, found: &mut Vec<(usize, usize)>) {
        for (start, window) in text.as_bytes().windows(TAIL).enumerate() {
            let Ok(tail) = <[u8; TAIL]>::try_from(window) else { continue };
            if !self.tails.contains(&u64::from_le_bytes(tail)) {
                continue;
            }
            let end = start + TAIL;
            let whole = self.lengths.range(..=end).rev().find(|length| {
                let secret = text.as_bytes().get(end - **length..end).unwrap_or_default();
                self.hashes.contains(&self.hash(secret))
            });
            found.extend(whole.map(|length| (end - length, end)));
        }
        for secret in &self.short {
            for (start, _) in text.match_indices(secret.as_str()) {
                let end = start + secret.len();
                let is_alphanumeric = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                let before = text.get(..start).and_then(|text| text.chars().next_back());
                let after = text.get(end..).and_then(|text| text.chars().next());
                if !is_alphanumeric(before) && !is_alphanumeric(after) {
                    found.push((start, end));
                }
            }
        }
    }
}

/// What masks one request: by the secrets of the state, and by those that the request itself names as such.
pub(crate) struct Mask<'a> {
    known: &'a Secrets,
    own: Secrets,
}

impl<'a> Mask<'a> {
    pub(crate) fn new(known: &'a Secrets) -> Self {
        Self { known, own: Secrets::new(known.seed) }
    }

    /// Masks a value of the request by what its name says, wherever else it stands.
    pub(crate) fn learn(&mut self, name: &str, value: &str) {
        // A short value, such as "1", stands in many places for something else.
        if is_secret(name) && value.len() >= TAIL {
            self.own.add(value);
        }
    }

    /// The same for everything in a document.
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

    /// A text without secrets, also without percent-encoded ones.
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

    /// The value of a name without secrets.
    pub(crate) fn named(&self, name: &str, value: &str) -> String {
        if is_secret(name) { self.known.mark(value) } else { self.text(value) }
    }

    /// A path without secrets: known ones, those after `auth_tokens` and `apikeys`, and what looks like one.
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

    /// A query's value, or a uid: without known secrets, and without what looks like one.
    pub(crate) fn guess(&self, text: &str) -> String {
        if looks_secret(&decode(text)) { self.known.mark(text) } else { self.path(text) }
    }

    /// A uid without secrets. Uids are lower-cased, so one from the path is judged as it stands there.
    pub(crate) fn uid(&self, uid: &str, path: &str) -> String {
        let mut segments = path.split('/').map(decode);
        let sent = segments.find(|segment| segment.to_lowercase() == uid);
        let sent = sent.unwrap_or_else(|| uid.to_owned());
        let shown = self.guess(&sent);
        if shown == sent { uid.to_owned() } else { shown }
    }

    /// A document without secrets.
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

    /// The text with marks in place of secrets, if it has any.
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

/// Undoes percent-encodings, also of percent-encodings.
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

/// Whether a header, a parameter or a field of this name holds a secret.
fn is_secret(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    NAMES.contains(&name.as_str()) || PARTS_OF_NAMES.iter().any(|part| name.contains(part))
}

/// Whether a text has what tokens and keys have: 32 hexadecimal digits or more in a row.
fn looks_secret(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_hexdigit()).any(|run| run.len() >= 32)
}

/// A hasher for numbers that are spread already, or nearly so.
#[derive(Debug, Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        let product = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = product ^ (product >> 32);
    }
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
    fn m9_a_known_secret_is_masked_wherever_it_stands() {
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
    fn m9_whatever_stands_below_the_name_of_a_secret_is_masked() {
        let secrets = secrets(&[]);
        let mut mask = Mask::new(&secrets);
        let body = json!({
            "restApiKey": "unknown-1", "x": { "AUTH_TOKEN": ["unknown-2", { "y": 12345678 }] }, "searchKey": "ann", "note": "has unknown-2 in it",
            "withAuthToken": true, "key": null,
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
    fn m9_paths_are_masked_by_place_value_and_looks() {
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
    fn the_index_is_made_anew_when_it_has_grown() {
        let mut secrets = Secrets::new([1; 16]);
        let state = State::default();
        for number in 0..3 * REBUILD_MARGIN {
            let key = crate::core::ApiKey {
                api_key: format!("some-api-key-{number}"),
                name: String::new(),
                scope: crate::core::Scope::AuthOnly,
                created_at: 0,
                seq: 0,
            };
            secrets.note(&Change::PutKey { app: "a".to_owned(), key }, &state);
        }
        assert!(secrets.hashes.len() <= REBUILD_MARGIN, "{}", secrets.hashes.len());
    }
}
