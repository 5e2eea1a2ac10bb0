//! The tables of fields that bodies and query strings may have.

/// The largest `metadata`, as JSON text, in bytes.
pub(crate) const MAX_METADATA: usize = 5 * 1024;
/// The longest link, in characters.
pub(crate) const MAX_URL: usize = 3000;
/// The longest id (uid, role), in characters.
pub(crate) const MAX_ID: usize = 100;

/// The type of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Text with at most this many characters.
    Text(usize),
    /// A new id: letters, digits, `-` and `_`; lower-cased.
    Id,
    /// An absolute URL.
    Url,
    /// A JSON object, or the text of one; at most [`MAX_METADATA`].
    Metadata,
    /// A JSON object.
    Object,
    /// A JSON object in which each of these names may be one of these words.
    Choices(&'static [(&'static str, &'static [&'static str])]),
    /// True or false.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of texts, with the most items and the most characters of each.
    Texts { items: usize, characters: usize },
    /// A list of these words.
    Words(&'static [&'static str]),
    /// A whole number within these bounds.
    Whole { min: u64, max: u64, default: u64 },
}

/// Whether a field is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The field must be sent, and must not be blank.
    Required,
    /// The field can be left out, but must not be blank.
    Filled,
    /// The field can be left out or blank.
    Optional,
}

/// One field of a body or of a query string.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) need: Need,
    pub(crate) about: &'static str,
}

pub(crate) const fn required(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Required, about }
}

pub(crate) const fn filled(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Filled, about }
}

pub(crate) const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Optional, about }
}
