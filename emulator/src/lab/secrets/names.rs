//! The names that secrets have, and the look of secrets.

/// Whole names of secrets, in lower case and without `-` and `_`.
const NAMES: [&str; 5] = ["auth", "key", "pass", "pin", "credentials"];
/// Parts of names: a name that contains one of them is the name of a secret.
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

/// Whether a header, a parameter or a field with this name contains a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    NAMES.contains(&name.as_str()) || PARTS_OF_NAMES.iter().any(|part| name.contains(part))
}

/// Whether a text looks like a token or key: 32 or more hexadecimal digits in a row.
pub(super) fn looks_secret(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_hexdigit()).any(|run| run.len() >= 32)
}
