//! Every reply may be read by every page: the service is called from web apps of any origin, with headers of its own and without
//! cookies. Errors too: a page that cannot read an error can only report "network error".

use super::{Reply, Request};

const METHODS: &str = "GET, POST, PUT, DELETE, OPTIONS";
/// Two hours: the longest that Chromium heeds.
const MAX_AGE: &str = "7200";
const EXPOSED: &str = "Retry-After, X-Rate-Limit, X-Rate-Limit-Remaining, X-Rate-Limit-Reset";

pub(crate) fn is_preflight(request: &Request) -> bool {
    request.method == "OPTIONS" && request.header("access-control-request-method").is_some()
}

pub(crate) fn preflight(request: &Request) -> Reply {
    let mut reply = Reply::empty(204);
    reply.headers.push(("access-control-allow-methods", METHODS.to_owned()));
    if let Some(asked) = request.header("access-control-request-headers") {
        reply.headers.push(("access-control-allow-headers", asked.to_owned()));
    }
    reply.headers.push(("access-control-max-age", MAX_AGE.to_owned()));
    // A page on a public address asks this before it may talk to one on this machine.
    if request.header("access-control-request-private-network") == Some("true") {
        reply.headers.push(("access-control-allow-private-network", "true".to_owned()));
    }
    reply.headers.push((
        "vary",
        "Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"
            .to_owned(),
    ));
    reply
}

pub(crate) fn add_headers(reply: &mut Reply) {
    reply.headers.push(("access-control-allow-origin", "*".to_owned()));
    reply.headers.push(("access-control-expose-headers", EXPOSED.to_owned()));
}
