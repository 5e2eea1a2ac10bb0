//! Connections: TLS or plain HTTP, the limits of a client, and the graceful shutdown.

use super::http;
use super::limits::GRACE;
use super::shell::Shell;
use crate::lab::bounds::{HEADER_BYTES, HEADERS};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// The first byte of a TLS connection: a handshake record. No HTTP request starts with it.
const HANDSHAKE: u8 = 0x16;

/// Accepts connections until the emulator stops, then waits for the in-flight requests.
pub(super) async fn serve(listener: TcpListener, shell: Arc<Shell>, tls: Option<TlsAcceptor>) {
    let mut stopping = pin!(shell.stopping());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopping.as_mut() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let shell = Arc::clone(&shell);
                    connections.spawn(connection(stream, peer.ip(), shell, tls.clone()));
                }
                // For example, too many open files. This can be temporary.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tracing::warn!(
            "requests were still open after {} seconds and were cut off",
            GRACE.as_secs()
        );
        connections.shutdown().await;
    }
}

async fn connection(stream: TcpStream, peer: IpAddr, shell: Arc<Shell>, tls: Option<TlsAcceptor>) {
    // Sends small responses without delay. A failure only makes them slower.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return serve_http(stream, peer, shell).await;
    };
    // With TLS, the port still accepts plain HTTP, so that local scripts need no certificate.
    let limit = shell.limits().header;
    let handshake = async {
        let mut first = [0];
        let count = stream.peek(&mut first).await.ok()?;
        if count == 0 || first != [HANDSHAKE] {
            return Some((None, Some(stream)));
        }
        match tls.accept(stream).await {
            Ok(stream) => Some((Some(stream), None)),
            Err(error) => {
                tracing::debug!(%error, "a TLS handshake failed; check that the client trusts it");
                None
            }
        }
    };
    let opened = tokio::select! {
        () = shell.stopping() => return,
        opened = tokio::time::timeout(limit, handshake) => opened,
    };
    match opened {
        Ok(Some((Some(secure), _))) => serve_http(secure, peer, shell).await,
        Ok(Some((None, Some(plain)))) => serve_http(plain, peer, shell).await,
        Ok(Some((None, None)) | None) | Err(_) => {}
    }
}

async fn serve_http<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
    stream: S,
    peer: IpAddr,
    shell: Arc<Shell>,
) {
    let mut stopping = pin!(shell.stopping());
    let in_flight = Arc::new(AtomicUsize::new(0));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(shell.limits().header)
        .max_headers(HEADERS)
        .max_header_size(HEADER_BYTES);
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let (shell, in_flight) = (Arc::clone(&shell), Arc::clone(&in_flight));
        in_flight.fetch_add(1, Ordering::Relaxed);
        async move {
            let answer = http::respond(&shell, request.map(axum::body::Body::new), peer).await;
            in_flight.fetch_sub(1, Ordering::Relaxed);
            answer
        }
    });
    let mut connection =
        pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let mut shutting_down = false;
    loop {
        tokio::select! {
            result = connection.as_mut() => {
                if let Err(error) = result {
                    tracing::debug!(%error, "a connection failed");
                }
                return;
            }
            () = stopping.as_mut(), if !shutting_down => {
                shutting_down = true;
                if in_flight.load(Ordering::Relaxed) == 0 {
                    // The connection is idle, or the system already has the whole response.
                    connection.as_mut().graceful_shutdown();
                    let rest = Duration::from_millis(100);
                    let _ = tokio::time::timeout(rest, connection.as_mut()).await;
                    return;
                }
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
