//! The conversion between the messages of hyper and those of the lab.

use super::shell::Shell;
use crate::core;
use crate::lab::{Head, Response, Step};
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response as HttpResponse, StatusCode, header};
use futures_util::{StreamExt as _, stream};
use std::net::IpAddr;
use std::time::Duration;

impl Shell {
    /// The response of hyper.
    pub(super) fn to_http(&self, response: Response) -> HttpResponse<Body> {
        let Response { status, headers, mut steps, length } = response;
        let body = match (steps.pop(), steps.is_empty()) {
            (None, _) => Body::empty(),
            (Some(Step::Bytes(bytes)), true) if length.is_none() => Body::from(bytes),
            (Some(last), _) => {
                steps.push(last);
                stepped(steps, self.stopping())
            }
        };
        let mut response = HttpResponse::new(body);
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                response.headers_mut().append(name, value);
            }
        }
        if let Some(length) = length {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        response
    }
}

/// The head of a request.
pub(super) fn head_of(parts: &Parts, peer: IpAddr) -> Head {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Head {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        local: peer.to_canonical().is_loopback(),
    }
}

/// Reads a body of at most `most` bytes, and keeps it if it has at most `kept` bytes.
pub(super) async fn read_body(body: Body, kept: usize, most: usize) -> core::Body {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut count = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else { return core::Body::TooLarge };
        count = count.saturating_add(chunk.len());
        if count > most {
            return core::Body::TooLarge;
        }
        if count <= kept {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
    }
    match count {
        0 => core::Body::Empty,
        _ if count > kept => core::Body::TooLarge,
        _ => core::Body::Bytes(bytes),
    }
}

/// The response to a request whose body took too long.
pub(super) fn slow_body(limit: Duration) -> Response {
    let message = format!(
        "The request body did not arrive within {} seconds. Send it faster.",
        limit.as_secs()
    );
    Response::error(408, "EMULATOR_SLOW_BODY", &message)
        .with("access-control-allow-origin", "*")
        .with("connection", "close")
}

/// A body that is sent in several steps.
fn stepped(steps: Vec<Step>, stopping: impl Future<Output = ()> + Send + 'static) -> Body {
    let broken = || std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
    Body::from_stream(stream::unfold(
        (steps.into_iter(), Box::pin(stopping)),
        move |(mut steps, mut stopping)| async move {
            loop {
                let item = match steps.next()? {
                    Step::Bytes(bytes) => Ok(Bytes::from(bytes)),
                    Step::Cut => Err(broken()),
                    Step::Hang => {
                        stopping.as_mut().await;
                        Err(broken())
                    }
                    Step::Wait(ms) => tokio::select! {
                        () = tokio::time::sleep(Duration::from_millis(ms)) => continue,
                        () = stopping.as_mut() => Err(broken()),
                    },
                };
                return Some((item, (steps, stopping)));
            }
        },
    ))
}
