//! The head of a request, as every shell parses it.

/// A request without its body.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// The method, as sent.
    pub method: String,
    /// The path, as sent: still percent-encoded, without query.
    pub path: String,
    /// The query string, as sent, without `?`; empty if there is none.
    pub query: String,
    /// The headers: name in lower case, value.
    pub headers: Vec<(String, String)>,
    /// Whether the connection comes from this machine.
    pub local: bool,
}

impl Head {
    /// The first header with this (lower-case) name, trimmed.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// Whether the request opens a web socket. Web sockets are opened at `/`, on every host.
    pub fn is_socket(&self) -> bool {
        let upgrade = self.header("upgrade").unwrap_or_default();
        self.method == "GET" && self.path == "/" && upgrade.eq_ignore_ascii_case("websocket")
    }
}
