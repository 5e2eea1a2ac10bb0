//! The grammar of hosts that an app may name (rule B18).
//!
//! `[https:// | http://] name-or-address [:port] [/path]`. Anything else is refused.

/// A host that an app names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'a> {
    /// The scheme, if it is given.
    pub scheme: Option<Scheme>,
    /// The name or the address.
    pub name: &'a str,
    /// Name, port and path, as they stand in a URL.
    pub rest: &'a str,
}

/// The scheme of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `http`, without encryption.
    Http,
    /// `https`.
    Https,
}

impl<'a> Host<'a> {
    /// Reads a host. White space around it and slashes at its end do not count.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut rest = text.trim_ascii();
        let mut scheme = None;
        for (prefix, known) in [("https://", Scheme::Https), ("http://", Scheme::Http)] {
            let (start, after) = rest.split_at_checked(prefix.len()).unwrap_or_default();
            if start.eq_ignore_ascii_case(prefix) {
                (scheme, rest) = (Some(known), after);
                break;
            }
        }
        rest = without_slashes(rest);
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let end = if authority.starts_with('[') {
            authority.find(']')? + 1
        } else {
            authority.find(':').unwrap_or(authority.len())
        };
        let (name, port) = authority.split_at_checked(end)?;
        let is_good = (is_name(name) || is_ipv4(name) || is_ipv6(name))
            && (port.is_empty() || is_port(port))
            && (path.is_empty() || is_path(path));
        is_good.then_some(Self { scheme, name, rest })
    }

    /// Whether it is this machine.
    pub fn is_this_machine(self) -> bool {
        let name = self.name;
        has_suffix(name, "localhost")
            || name == "[::1]"
            || is_ipv4(name) && name.starts_with("127.")
    }

    /// Whether only a development network has such a host: a private or link-local address, a name
    /// of one label, or one below a domain that is for this use.
    pub fn is_of_development(self) -> bool {
        let name = self.name;
        if is_ipv4(name) {
            let mut octets = name.split('.').map(|octet| octet.parse().unwrap_or(0_u8));
            let pair = (octets.next(), octets.next());
            return matches!(
                pair,
                (Some(10), _)
                    | (Some(172), Some(16..=31))
                    | (Some(192), Some(168))
                    | (Some(169), Some(254))
            );
        }
        if let Some(address) = name.strip_prefix('[') {
            let first: Vec<u8> =
                address.bytes().take(3).map(|byte| byte.to_ascii_lowercase()).collect();
            return matches!(
                first[..],
                [b'f', b'c' | b'd', _] | [b'f', b'e', b'8' | b'9' | b'a' | b'b']
            ) && address.split(':').next().is_some_and(|group| group.len() == 4);
        }
        !name.contains('.')
            || ["local", "internal", "test"].iter().any(|domain| has_suffix(name, domain))
    }
}

/// A path of the page's own origin, such as `/emulator`.
pub fn own_path(text: &str) -> Option<&str> {
    let path = without_slashes(text.trim_ascii());
    path.strip_prefix('/').filter(|path| is_path(path)).map(|_| path)
}

fn without_slashes(mut text: &str) -> &str {
    while let Some(shorter) = text.strip_suffix('/') {
        text = shorter;
    }
    text
}

/// Whether a name is a domain or stands below it.
fn has_suffix(name: &str, domain: &str) -> bool {
    let start = name.len().wrapping_sub(domain.len());
    let (before, end) = name.split_at_checked(start).unwrap_or_default();
    end.eq_ignore_ascii_case(domain) && (before.is_empty() || before.ends_with('.'))
}

fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.split('.').all(is_label) && !name.rsplit('.').next().is_some_and(is_number)
}

/// Whether a URL reads a label as a number, and the name as an address.
fn is_number(label: &str) -> bool {
    match label.as_bytes() {
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

fn is_ipv4(name: &str) -> bool {
    let is_octet = |octet: &str| {
        octet.bytes().all(|byte| byte.is_ascii_digit())
            && (octet == "0" || !octet.starts_with('0'))
            && octet.parse::<u8>().is_ok()
    };
    name.split('.').count() == 4 && name.split('.').all(is_octet)
}

fn is_ipv6(name: &str) -> bool {
    let Some(address) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) else {
        return false;
    };
    let gap = address.as_bytes().windows(2).position(|pair| pair == b"::");
    let (head, tail) = match gap {
        Some(at) => (address.get(..at), address.get(at + 2..)),
        None => (Some(address), None),
    };
    // How many groups there are; none in an empty part.
    let groups = |part: &str| {
        let is_group = |group: &str| {
            (1..=4).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        match part {
            "" => Some(0),
            _ => part.split(':').all(is_group).then(|| part.split(':').count()),
        }
    };
    match (head.and_then(groups), tail.map(groups)) {
        (Some(count), None) => gap.is_none() && count == 8,
        (Some(head), Some(Some(tail))) => head + tail < 8,
        _ => false,
    }
}

fn is_port(port: &str) -> bool {
    let digits = port.strip_prefix(':').unwrap_or_default();
    digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
}

fn is_path(path: &str) -> bool {
    let is_segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'%')
            })
    };
    path.split('/').all(is_segment)
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
