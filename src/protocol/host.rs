//! Hosts that an app may name (rule B18).
//!
//! The grammar is `[https:// | http://] name-or-address [:port] [/path]`. Everything else is refused,
//! so that a URL made of a host has no user, query or fragment.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A host that an app names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'a> {
    /// The scheme, if it is given.
    pub scheme: Option<Scheme>,
    /// The name or the address.
    pub name: &'a str,
    /// Name, port and path, as they stand in a URL.
    pub rest: &'a str,
    kind: Kind,
}

/// The scheme of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `http`, without encryption.
    Http,
    /// `https`.
    Https,
}

/// What a host is called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Name,
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

impl<'a> Host<'a> {
    /// Reads a host. White space around it and slashes at its end are ignored.
    pub fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim_ascii();
        let (scheme, rest) = if let Some(rest) = strip_prefix(text, "https://") {
            (Some(Scheme::Https), rest)
        } else if let Some(rest) = strip_prefix(text, "http://") {
            (Some(Scheme::Http), rest)
        } else {
            (None, text)
        };
        let rest = without_slashes(rest);
        let (authority, path) = cut(rest, b'/');
        let (name, kind, port) = match authority.strip_prefix('[') {
            Some(bracketed) => {
                let (address, port) = cut(bracketed, b']');
                let name = authority.get(..address.len() + 2)?;
                let port = port?;
                let port = if port.is_empty() { None } else { Some(port.strip_prefix(':')?) };
                (name, Kind::V6(address.parse().ok()?), port)
            }
            None => {
                let (name, port) = cut(authority, b':');
                let address = name.parse().ok().map(Kind::V4);
                (name, address.or_else(|| is_name(name).then_some(Kind::Name))?, port)
            }
        };
        let is_good = port.is_none_or(is_port) && path.is_none_or(is_path);
        is_good.then_some(Self { scheme, name, rest, kind })
    }

    /// Whether it is this machine.
    pub fn is_this_machine(self) -> bool {
        match self.kind {
            Kind::Name => is_below(self.name, "localhost"),
            Kind::V4(address) => address.is_loopback(),
            Kind::V6(address) => address.is_loopback(),
        }
    }

    /// Whether only a development network has such a host: a private or link-local address, a name
    /// of one label, or a name below a domain for that use.
    pub fn is_of_development(self) -> bool {
        match self.kind {
            Kind::Name => {
                cut(self.name, b'.').1.is_none()
                    || ["local", "internal", "test"].iter().any(|domain| is_below(self.name, domain))
            }
            Kind::V4(address) => address.is_private() || address.is_link_local(),
            Kind::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
        }
    }
}

/// A path of the page's own origin, such as `/emulator`.
pub fn own_path(text: &str) -> Option<&str> {
    let path = without_slashes(text.trim_ascii());
    path.strip_prefix('/').filter(|path| is_path(path)).map(|_| path)
}

/// Whether a name is a domain or stands below it, in either case.
fn is_below(name: &str, domain: &str) -> bool {
    strip_suffix(name, domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The text without a prefix, which may be in either case.
fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The text without a suffix, which may be in either case.
pub fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let (rest, end) = text.split_at_checked(text.len().wrapping_sub(suffix.len()))?;
    end.eq_ignore_ascii_case(suffix).then_some(rest)
}

/// The text before the first occurrence of a separator, and the text after it. As
/// [`str::split_once`], whose search is 1 KB larger.
fn cut(text: &str, separator: u8) -> (&str, Option<&str>) {
    match text.bytes().position(|byte| byte == separator) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    }
}

fn without_slashes(mut text: &str) -> &str {
    while let Some(shorter) = text.strip_suffix('/') {
        text = shorter;
    }
    text
}

/// Whether it is a host name. A name whose last label is a number is an address to a URL parser.
fn is_name(name: &str) -> bool {
    let (mut label, mut rest) = cut(name, b'.');
    while is_label(label) {
        match rest {
            Some(labels) => (label, rest) = cut(labels, b'.'),
            None => return !is_number(label),
        }
    }
    false
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether a URL parser reads a label as a number.
fn is_number(label: &str) -> bool {
    match label.as_bytes() {
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

fn is_port(port: &str) -> bool {
    whole_number(port).is_some_and(|port| port <= u16::MAX.into())
}

/// A number of decimal digits.
pub fn whole_number(text: &str) -> Option<u32> {
    // A sign is refused here: `parse` takes one.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn is_path(path: &str) -> bool {
    let mut rest = Some(path);
    while let Some(segments) = rest {
        let segment;
        (segment, rest) = cut(segments, b'/');
        let is_segment = !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'%')
            });
        if !is_segment {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn b18_a_host_is_a_name_or_an_address_with_port_and_path() {
        for (good, name) in [
            ("chat.example.com", "chat.example.com"),
            (" HTTPS://Chat.Example:8443/v3.0/ ", "Chat.Example"),
            ("an_app.api-us.cometchat.io", "an_app.api-us.cometchat.io"),
            ("10.0.0.1:80", "10.0.0.1"),
            ("http://[::1]:8599/x", "[::1]"),
            ("[2001:db8:0:0:0:0:0:1]", "[2001:db8:0:0:0:0:0:1]"),
            ("[fe80::1:2]", "[fe80::1:2]"),
            ("1.example", "1.example"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(Host::parse(good).map(|host| host.name), Some(name), "{good}");
        }
    }

    #[test]
    fn b18_anything_else_is_refused() {
        for bad in [
            "",
            "/",
            "https:/chat.example.com",
            "https:chat.example.com",
            "http://127.",
            "127.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "a.0x",
            "256.1.1.1",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "a..b",
            ".a",
            "a.",
            "a b",
            "u@h",
            "h?x",
            "h#x",
            "h\\x",
            "h//x",
            "h/./x",
            "h/../x",
            ":80",
            "h:",
            "h:x",
            "h:65536",
            "h:-1",
            "h:80:80",
            "ftp://h",
            "//h",
            "[::1",
            "[::1]x",
            "[::g]",
            "[1:2:3]",
            "[1::2::3]",
            "[:::]",
            "[1:2:3:4:5:6:7:8:9]",
            "[]",
            "http://",
            "https://https://h",
            "h%41",
            "ä.example",
            "h/ä",
            "h\n.example",
        ] {
            assert_eq!(Host::parse(bad), None, "{bad}");
        }
        assert_eq!(Host::parse(&"a".repeat(64)), None);
        assert!(Host::parse(&"a".repeat(63)).is_some());
    }

    #[test]
    fn b18_this_machine_and_a_development_network_are_told_by_the_whole_name() {
        let host = |name| Host::parse(name).unwrap();
        for this in
            ["localhost", "app.localhost", "LOCALHOST:1", "127.0.0.1", "127.255.0.9", "[::1]"]
        {
            assert!(host(this).is_this_machine(), "{this}");
        }
        for other in [
            "localhost.evil.example",
            "xlocalhost",
            "127.0.0.1.evil.example",
            "128.0.0.1",
            "[::2]",
            "127.evil.example",
            "localhost.local",
        ] {
            assert!(!host(other).is_this_machine(), "{other}");
        }
        for development in [
            "emulator",
            "emulator:8599",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.9.9",
            "192.168.1.20",
            "169.254.1.1",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[fe80::1]",
            "[FEBF::1]",
            "mac.local",
            "host.docker.internal",
            "app.test",
        ] {
            assert!(host(development).is_of_development(), "{development}");
        }
        for public in [
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "192.169.0.1",
            "169.253.1.1",
            "100.64.0.1",
            "[2001:db8::1]",
            "[fec0::1]",
            "[fc::1]",
            "[fd::1]",
            "local.example",
            "xlocal.test.example",
            "example.com",
        ] {
            assert!(!host(public).is_of_development(), "{public}");
        }
    }

    #[test]
    fn b18_a_path_of_the_own_origin_cannot_leave_it() {
        assert_eq!(own_path(" /emulator/ "), Some("/emulator"));
        assert_eq!(own_path("/a/b"), Some("/a/b"));
        for bad in
            ["//evil.example", "/\\evil.example", "/", "", "/../x", "/a//b", "/a?b", "emulator"]
        {
            assert_eq!(own_path(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn b18_any_text_is_read_without_harm(text in "\\PC{0,24}|[a-z0-9.:/\\[\\]@#?%-]{0,24}") {
            if let Some(host) = Host::parse(&text) {
                let url = format!("https://{}", host.rest);
                prop_assert!(!url.contains(['@', '?', '#', '\\', ' ']), "{}", url);
            }
        }
    }
}
