//! Requests and responses: HTTP as data, without a connection.

use serde_json::Value;

/// The methods that calls use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are HTTP's")]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    /// Reads a method. HEAD counts as GET: the shell leaves out the body.
    pub fn parse(method: &str) -> Option<Self> {
        match method {
            "GET" | "HEAD" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PUT" => Some(Self::Put),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// A request's body.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// No body.
    #[default]
    Empty,
    /// These bytes.
    Bytes(Vec<u8>),
    /// More bytes than the shell reads.
    TooLarge,
}

/// One HTTP request, with the time and the random bytes that a pure function cannot get itself.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, as sent.
    pub method: String,
    /// The path, as sent: percent-encoded, without the query.
    pub path: String,
    /// The query after the `?`, as sent; empty without one.
    pub query: String,
    /// The headers: name in lower case, value.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// The time, in UNIX seconds.
    pub now: u64,
    /// Random bytes, fresh for each request.
    pub entropy: [u8; 64],
}

impl Request {
    /// The first header of a (lower-case) name, trimmed.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }
}

/// The response to a request.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body's content type; `None` when there is no body.
    pub content_type: Option<&'static str>,
    /// Other headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
    /// The app of the request if it is known, for the log.
    pub app: Option<String>,
    /// The `error.code` of the response, for the log.
    pub code: Option<&'static str>,
}

impl Response {
    pub(crate) fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self {
            status,
            content_type: Some(content_type),
            headers: Vec::new(),
            body,
            app: None,
            code: None,
        }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: None,
            headers: Vec::new(),
            body: String::new(),
            app: None,
            code: None,
        }
    }
}
