//! Who may talk to the emulator from a browser.
//!
//! A page of any web site can make its own name point to this machine (DNS rebinding) and then counts as the emulator's own origin. So only
//! names that cannot be pointed here by a stranger are answered: names of this machine, IP addresses (which are not looked up), the
//! service's own domains, and those given with `--allow-host` or `--tls-name`.

use axum::http::{HeaderMap, header};
use std::net::{IpAddr, Ipv6Addr};

/// The domains of the service's hosts, such as `my-app.api-us.cometchat.io`.
pub(super) const SERVICE_DOMAINS: [&str; 3] = ["cometchat.io", "cc-cluster-2.io", "cc-edge-2.io"];

/// The names the emulator answers to, besides loopback names and IP addresses.
#[derive(Debug, Clone, Default)]
pub(super) struct Hosts {
    /// In lower case; `*.` in front stands for any labels, a lone `*` for every name.
    patterns: Vec<String>,
}

impl Hosts {
    pub(super) fn new(patterns: impl IntoIterator<Item = String>) -> Self {
        Self {
            patterns: patterns.into_iter().map(|pattern| pattern.to_ascii_lowercase()).collect(),
        }
    }

    /// Whether a Host header's value is one of ours.
    pub(super) fn allow(&self, host: &str) -> bool {
        let name = name_of(host).to_ascii_lowercase();
        ip_of(&name).is_some()
            || is_loopback(&name)
            || SERVICE_DOMAINS.iter().any(|domain| is_below(&name, domain))
            || self.patterns.iter().any(|pattern| match pattern.strip_prefix("*.") {
                Some(domain) => is_below(&name, domain),
                None => pattern == "*" || *pattern == name,
            })
    }
}

/// Whether a pattern can be meant: a host name, `*.` and a domain, or `*`.
pub(super) fn valid_pattern(pattern: &str) -> bool {
    let name = pattern.strip_prefix("*.").unwrap_or(pattern);
    pattern == "*"
        || (!name.is_empty()
            && name.split('.').all(|label| {
                !label.is_empty()
                    && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            }))
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// The name in a Host header, without port; the brackets of an IPv6 address stay.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    }
}

fn ip_of(name: &str) -> Option<IpAddr> {
    match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inside) => inside.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => name.parse().ok().filter(IpAddr::is_ipv4),
    }
}

fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name.ends_with(".localhost")
        || ip_of(name).is_some_and(|ip| ip.is_loopback())
}

/// Why a request may not use the emulator's own calls (`/emulator/v1`), if so. They are for this machine's programs and pages: a site
/// elsewhere must not be able to empty or read what is here, not even blindly, by a picture's address.
pub(super) fn refuse_control(headers: &HeaderMap, peer: IpAddr) -> Option<&'static str> {
    let text =
        |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if !peer.to_canonical().is_loopback() {
        return Some("It came from another machine.");
    }
    if text(header::HOST).is_some_and(|host| !is_loopback(&name_of(host).to_ascii_lowercase())) {
        return Some("Its Host is not a name of this machine: use 127.0.0.1 or localhost.");
    }
    match text(header::ORIGIN) {
        Some(origin) if !is_local_origin(origin) => Some("It came from a page of another origin."),
        Some(_) => None,
        // No Origin: a program; or a browser that loads a picture, a script, a link, and says where from.
        None => match headers.get("sec-fetch-site").map(|value| value.to_str().unwrap_or("?")) {
            None | Some("none" | "same-origin") => None,
            Some(_) => Some("It came from a page of another origin."),
        },
    }
}

fn is_local_origin(origin: &str) -> bool {
    let host = url::Url::parse(origin).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| is_loopback(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_a_stranger_cannot_point_here_are_answered() {
        let hosts = Hosts::new(["*.lab.test".to_owned(), "DevBox".to_owned()]);
        let good = [
            "localhost",
            "localhost:80",
            "a.localhost",
            "127.0.0.1:1",
            "[::1]:80",
            "192.168.1.5",
            "devbox:8599",
        ];
        let service = [
            "x.api-us.cometchat.io",
            "metrics-eu.cometchat.io:443",
            "APP.apiclient-in.CometChat.io",
            "a.b.lab.test",
        ];
        for host in good.iter().chain(&service) {
            assert!(hosts.allow(host), "{host}");
        }
        for host in [
            "evil.test",
            "localhost.evil.test",
            "x.api-us.cometchat.io.evil.test",
            "evilcometchat.io",
            "cometchat.io",
            "lab.test",
            "",
        ] {
            assert!(!hosts.allow(host), "{host}");
        }
        assert!(Hosts::new(["*".to_owned()]).allow("anything.test"));
        for (pattern, good) in [
            ("*", true),
            ("*.a", true),
            ("a-b.c", true),
            ("*.", false),
            ("http://a", false),
            ("a b", false),
            ("", false),
        ] {
            assert_eq!(valid_pattern(pattern), good, "{pattern}");
        }
    }

    #[test]
    fn the_emulators_own_calls_are_for_this_machine_only() {
        let check = |pairs: &[(&'static str, &str)], peer: &str| {
            let headers = pairs
                .iter()
                .map(|(name, value)| ((*name).try_into().unwrap(), value.parse().unwrap()))
                .collect();
            refuse_control(&headers, peer.parse().unwrap()).is_none()
        };
        let local = ("host", "127.0.0.1:8599");
        assert!(check(&[local], "127.0.0.1"));
        assert!(check(&[local], "::ffff:127.0.0.1"));
        assert!(check(
            &[local, ("origin", "http://localhost:5173"), ("sec-fetch-site", "cross-site")],
            "127.0.0.1"
        ));
        assert!(check(&[local, ("origin", "https://[::1]:1")], "::1"));
        assert!(check(&[local, ("sec-fetch-site", "none")], "127.0.0.1"));
        assert!(!check(&[local], "192.168.1.7"));
        assert!(!check(&[("host", "x.api-us.cometchat.io")], "127.0.0.1"));
        assert!(!check(&[("host", "192.168.1.7")], "127.0.0.1"));
        for origin in [
            "https://evil.test",
            "null",
            "http://localhost.evil.test",
            "http://127.0.0.1.evil.test",
            "x",
        ] {
            assert!(!check(&[local, ("origin", origin)], "127.0.0.1"), "{origin}");
        }
        assert!(!check(&[local, ("sec-fetch-site", "cross-site")], "127.0.0.1"));
        assert!(!check(&[local, ("sec-fetch-site", "same-site")], "127.0.0.1"));
    }
}
