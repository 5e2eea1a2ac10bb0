//! Host names and origins.

use std::net::{IpAddr, Ipv6Addr};

/// Whether a pattern is a host name, `*.` and a domain, or `*`.
pub fn valid_host_pattern(pattern: &str) -> bool {
    let name = pattern.strip_prefix("*.").unwrap_or(pattern);
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    pattern == "*" || name.split('.').all(|label| !label.is_empty() && label.chars().all(valid))
}

/// Whether a text is an origin as browsers send it, or `*`.
pub fn valid_origin(origin: &str) -> bool {
    origin == "*" || origin == "null" || host_of_origin(origin).is_some()
}

/// The host of an origin of the form `scheme://host[:port]`.
pub(super) fn host_of_origin(origin: &str) -> Option<&str> {
    let (scheme, rest) = origin.split_once("://")?;
    let valid_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let host = name_of(rest);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let valid_host = ip_of(host).is_some() || (!host.is_empty() && host.chars().all(plain));
    (valid_scheme && valid_host).then_some(host)
}

/// Whether a name is below a domain.
pub(super) fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// The name in a Host header, without the port. An IPv6 address keeps its brackets.
pub(super) fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The IP address that a name is.
pub(super) fn ip_of(name: &str) -> Option<IpAddr> {
    match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inside) => inside.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => name.parse().ok().filter(IpAddr::is_ipv4),
    }
}

/// Whether a name always means this machine.
pub(super) fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name.ends_with(".localhost")
        || ip_of(name).is_some_and(|ip| ip.is_loopback())
}
