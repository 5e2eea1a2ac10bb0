//! Auth keys and auth tokens.

use std::fmt;

/// An auth key or an auth token. It fits an HTTP header: printable ASCII, not empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text that fits an HTTP header.
    pub fn parse(text: &str) -> Option<Self> {
        fits_header(text).then(|| Self(text.into()))
    }

    /// The text, for the header, the stored entry and the app that asks for it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// Whether a text fits an HTTP header: printable ASCII, not empty.
pub fn fits_header(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b17_a_secret_is_printable_ascii() {
        for good in ["a", "a b", "~!\"\\"] {
            assert_eq!(Secret::parse(good).unwrap().expose(), good);
        }
        for bad in ["", "é", "a\n", "\u{7f}", "a\0"] {
            assert_eq!(Secret::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn b26_debug_output_hides_a_secret() {
        assert_eq!(format!("{:?}", Secret::parse("an-auth-key")), "Some(***)");
    }
}
