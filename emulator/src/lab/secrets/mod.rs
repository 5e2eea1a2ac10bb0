//! Masks secrets in the journal and in the log.
//!
//! A text is masked where it contains a known secret, and where its name is the name of a secret.
//! Known secrets are the auth tokens, API keys, web socket passes and channel secrets of the state,
//! and for a while those that were in it. Only their hashes are kept.

mod index;
mod mask;
mod names;

pub(crate) use self::index::Secrets;
pub(crate) use self::mask::Mask;
