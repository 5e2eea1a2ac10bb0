//! CORS: every page may read every response. Web apps of any origin call the service, with its own
//! headers and without cookies. Errors are readable, too: without that a page could only report
//! "network error".

use super::http::{Request, Response};

const METHODS: &str = "GET, POST, PUT, DELETE, OPTIONS";
/// Two hours: the most that Chromium accepts.
const MAX_AGE: &str = "7200";
const EXPOSED: &str = "Retry-After, X-Rate-Limit, X-Rate-Limit-Remaining, X-Rate-Limit-Reset";

pub(crate) fn is_preflight(request: &Request) -> bool {
    request.method == "OPTIONS" && request.header("access-control-request-method").is_some()
}

pub(crate) fn preflight(request: &Request) -> Response {
    let mut response = Response::empty(204);
    response.headers.push(("access-control-allow-methods", METHODS.to_owned()));
    if let Some(asked) = request.header("access-control-request-headers") {
        response.headers.push(("access-control-allow-headers", asked.to_owned()));
    }
    response.headers.push(("access-control-max-age", MAX_AGE.to_owned()));
    // Browsers ask this before a page of a public address may reach this machine.
    if request.header("access-control-request-private-network") == Some("true") {
        response.headers.push(("access-control-allow-private-network", "true".to_owned()));
    }
    response.headers.push((
        "vary",
        "Access-Control-Request-Method, Access-Control-Request-Headers, \
         Access-Control-Request-Private-Network"
            .to_owned(),
    ));
    response
}

pub(crate) fn add_headers(response: &mut Response) {
    response.headers.push(("access-control-allow-origin", "*".to_owned()));
    response.headers.push(("access-control-expose-headers", EXPOSED.to_owned()));
}

impl Response {
    /// A response that is not the service's own, such as that of a fault rule. Pages may read it.
    pub fn foreign(status: u16, content_type: &'static str, body: String) -> Self {
        let mut response = Self::text(status, content_type, body);
        add_headers(&mut response);
        response
    }
}
