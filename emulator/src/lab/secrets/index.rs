//! The known secrets, and the search for them in a text.

use crate::core::{App, Change, State, Token};
use crate::lab::bounds::RETIRED_SECRETS;
use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};

/// Secrets are found by their last bytes: the first ones, such as a token's uid, are often equal.
pub(super) const TAIL: usize = 8;

/// The secrets of a state, or of one request.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// Random in each run, so that marks mean nothing outside it.
    pub(super) seed: [u8; 16],
    /// The last bytes of each secret.
    tails: HashSet<u64, BuildHasherDefault<Mix>>,
    /// The hash of each secret, and the lengths of all.
    hashes: HashSet<u64, BuildHasherDefault<Mix>>,
    lengths: BTreeSet<usize>,
    /// The secrets that are too short to have a tail.
    short: BTreeSet<String>,
    /// The number of secrets at which the index is rebuilt.
    limit: usize,
}

impl Secrets {
    /// An empty index. The seed is random.
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Self { seed, limit: RETIRED_SECRETS, ..Self::default() }
    }

    /// Adds the secrets of a change to the state.
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

    /// Adds the secrets of a whole state.
    pub(crate) fn add_state(&mut self, state: &State) {
        state.apps().for_each(|app| self.add_app(app));
        self.limit = RETIRED_SECRETS + 2 * self.hashes.len();
    }

    fn add_app(&mut self, app: &App) {
        app.keys().for_each(|key| self.add(&key.api_key));
        app.tokens().for_each(|token| self.add_token(token));
    }

    fn add_token(&mut self, token: &Token) {
        self.add(&token.token);
        token.jwt.iter().chain(&token.channel_secret).for_each(|pass| self.add(pass));
    }

    /// Adds one secret.
    pub(super) fn add(&mut self, secret: &str) {
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

    /// The text that replaces a secret. Within one run, equal secrets have equal marks, so that a
    /// test can tell which token a call carried.
    pub(crate) fn mark(&self, secret: &str) -> String {
        format!("*** {:08x}", self.hash(secret.as_bytes()) >> 32)
    }

    /// A hash that cannot be computed without the seed.
    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(&self.seed);
        hasher.write(bytes);
        hasher.write(&self.seed);
        hasher.finish()
    }

    /// Finds the secrets in a text, and adds their byte ranges to `found`.
    pub(super) fn find(&self, text: &str, found: &mut Vec<(usize, usize)>) {
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

/// A fast hasher for numbers whose bits are already evenly distributed.
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

    #[test]
    fn the_index_is_rebuilt_when_it_has_grown() {
        let mut secrets = Secrets::new([1; 16]);
        let state = State::default();
        for number in 0..3 * RETIRED_SECRETS {
            let key = crate::core::ApiKey {
                api_key: format!("some-api-key-{number}"),
                name: String::new(),
                scope: crate::core::Scope::AuthOnly,
                created_at: 0,
                seq: 0,
            };
            secrets.note(&Change::PutKey { app: "a".to_owned(), key }, &state);
        }
        assert!(secrets.hashes.len() <= RETIRED_SECRETS, "{}", secrets.hashes.len());
    }
}
