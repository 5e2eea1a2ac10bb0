//! The files of the dashboard, which `build.rs` embeds.

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};

/// The content security policy: scripts, styles and requests of the same origin only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The page. The file names of its scripts and styles contain a hash of their content.
const PAGE: &str = "index.html";

/// The names and contents of the files; empty if the dashboard was not built.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/dashboard_files.rs"));

/// The file at a path below `/dashboard/`, if there is one; the page itself for an empty path.
pub(super) fn respond(path: &str) -> Option<Response<Body>> {
    let wanted = if path.is_empty() { PAGE } else { path };
    let (name, content) = FILES.iter().find(|(name, _)| *name == wanted)?;
    let lasting = name.starts_with("assets/");
    let mut response = Response::new(Body::from(*content));
    for (name, value) in [
        (header::CONTENT_TYPE, content_type(name)),
        (header::CACHE_CONTROL, if lasting { "max-age=31536000, immutable" } else { "no-store" }),
        (header::VARY, "Accept"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Some(response)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_its_content_type_and_the_strict_policy() {
        assert!(!POLICY.contains("unsafe") && POLICY.starts_with("default-src 'none'"));
        assert_eq!(respond("").is_some(), !FILES.is_empty());
        assert!(respond("../Cargo.toml").is_none());
        for (name, _) in FILES {
            let response = respond(name).unwrap();
            let header = |name: header::HeaderName| response.headers()[name].to_str().unwrap();
            assert_ne!(header(header::CONTENT_TYPE), "application/octet-stream", "{name}");
            assert_eq!(header(header::CONTENT_SECURITY_POLICY), POLICY, "{name}");
        }
    }
}
