//! The check of URLs.

/// Whether a text is an absolute URL: a scheme, `://` and a host, without spaces.
pub(super) fn is_absolute_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let valid_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    valid_scheme
        && is_host_and_port(host_and_port)
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn is_host_and_port(text: &str) -> bool {
    let (valid_host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => (address.parse::<std::net::Ipv6Addr>().is_ok(), port),
        None => {
            let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            let in_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '%');
            (host.starts_with(char::is_alphanumeric) && host.chars().all(in_name), port)
        }
    };
    let valid_port = port.strip_prefix(':').map_or(port.is_empty(), |digits| {
        digits.chars().all(|c| c.is_ascii_digit())
            && (digits.is_empty() || digits.parse::<u16>().is_ok())
    });
    valid_host && valid_port
}
