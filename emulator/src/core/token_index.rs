//! The auth tokens of an app: by their text, by user, and by web socket pass.

use super::entity::Token;
use std::collections::BTreeMap;

/// The auth tokens of an app.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tokens {
    by_text: BTreeMap<String, Token>,
    /// The tokens of each user, oldest first.
    by_user: BTreeMap<String, BTreeMap<u64, String>>,
    /// The token of each web socket pass.
    by_pass: BTreeMap<String, String>,
}

impl Tokens {
    pub(crate) fn len(&self) -> usize {
        self.by_text.len()
    }

    pub(crate) fn get(&self, token: &str) -> Option<&Token> {
        self.by_text.get(token)
    }

    pub(crate) fn of_pass(&self, pass: &str) -> Option<&Token> {
        self.by_pass.get(pass).and_then(|token| self.get(token))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Token> {
        self.by_text.values()
    }

    /// The tokens of a user, oldest first.
    pub(crate) fn of_user(&self, uid: &str) -> impl DoubleEndedIterator<Item = &Token> {
        let tokens = self.by_user.get(uid).into_iter().flat_map(BTreeMap::values);
        tokens.filter_map(|token| self.get(token))
    }

    /// The number of tokens of a user.
    pub(crate) fn count_of_user(&self, uid: &str) -> usize {
        self.by_user.get(uid).map_or(0, BTreeMap::len)
    }

    /// Adds a token, or replaces the one of the same text.
    pub(crate) fn put(&mut self, token: Token) {
        self.remove(&token.token);
        self.by_user.entry(token.uid.clone()).or_default().insert(token.seq, token.token.clone());
        if let Some(pass) = &token.jwt {
            self.by_pass.insert(pass.clone(), token.token.clone());
        }
        self.by_text.insert(token.token.clone(), token);
    }

    /// Removes a token.
    pub(crate) fn remove(&mut self, token: &str) {
        let Some(old) = self.by_text.remove(token) else { return };
        if let Some(pass) = &old.jwt {
            self.by_pass.remove(pass);
        }
        if let Some(tokens) = self.by_user.get_mut(&old.uid) {
            tokens.remove(&old.seq);
            if tokens.is_empty() {
                self.by_user.remove(&old.uid);
            }
        }
    }

    /// Removes all tokens of a user.
    pub(crate) fn remove_user(&mut self, uid: &str) {
        let tokens = self.by_user.remove(uid).unwrap_or_default();
        for token in tokens.into_values() {
            self.remove(&token);
        }
    }
}
