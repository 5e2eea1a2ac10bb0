//! The hosts, pages and clients that the emulator accepts.

use crate::support::raw;
use cometchat_emulator::Emulator;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn requests_for_unknown_host_names_are_refused() {
    let emulator = Emulator::builder().allow_host("*.lab.test").start().await.unwrap();
    for (host, status) in [
        ("evil.test", 403),
        ("a.lab.test", 200),
        ("localhost", 200),
        ("x.api-us.cometchat.io", 200),
    ] {
        let response = raw(
            &emulator,
            format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {response}");
    }
    let response = raw(
        &emulator,
        b"GET /emulator/v1/state HTTP/1.1\r\nHost: x.api-us.cometchat.io\r\n\
              Connection: close\r\n\r\n",
    )
    .await;
    assert!(
        response.starts_with("HTTP/1.1 403") && !response.contains("access-control-allow-origin"),
        "{response}"
    );
    let attack = b"POST /emulator/v1/reset HTTP/1.1\r\nHost: 127.0.0.1\r\n\
        Origin: https://evil.test\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert!(raw(&emulator, attack).await.starts_with("HTTP/1.1 403"));
    let own = b"OPTIONS /emulator/v1/reset HTTP/1.1\r\nHost: 127.0.0.1\r\n\
        Origin: http://localhost:3000\r\nAccess-Control-Request-Method: POST\r\n\
        Connection: close\r\n\r\n";
    assert!(
        raw(&emulator, own).await.contains("access-control-allow-origin: http://localhost:3000")
    );
}

#[tokio::test]
async fn too_many_and_too_long_headers_are_refused() {
    let emulator = Emulator::start().await.unwrap();
    let many: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    let long = format!("X: {}\r\n", "y".repeat(64 * 1024));
    for headers in [many, long] {
        let response = raw(
            &emulator,
            format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").as_bytes(),
        )
        .await;
        assert!(response.starts_with("HTTP/1.1 431"), "{response}");
    }
}

#[tokio::test]
async fn slow_clients_are_dropped() {
    let patience = Duration::from_millis(300);
    let emulator =
        Emulator::builder().patience(patience, patience).tls(true).start().await.unwrap();
    let cases: [(&[u8], &str); 4] = [
        (b"", ""),
        (b"\x16", ""),
        (b"GET / HTTP/1.1\r\nHost: loc", ""),
        (
            b"POST /v3/users HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
            "HTTP/1.1 408",
        ),
    ];
    for (bytes, expected) in cases {
        let started = Instant::now();
        let mut stream = TcpStream::connect(emulator.address()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut received = Vec::new();
        let ended =
            tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut received)).await;
        assert!(ended.is_ok(), "still open after 5 s: {bytes:?}");
        assert!(started.elapsed() >= patience);
        let received = String::from_utf8_lossy(&received);
        assert!(received.starts_with(expected), "{received}");
    }
}
