//! The clients.

use crate::Result;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A connection that is kept open.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request, and returns the body of its response, which must have status 200.
    async fn call(
        &mut self,
        method: &str,
        path: &str,
        credential: &str,
        body: &str,
    ) -> Result<&[u8]> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nappid: load\r\n{credential}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let (head, length) = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the connection was closed".into());
            }
            if let Some(head) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                let text = String::from_utf8_lossy(self.buffer.get(..head).unwrap_or_default());
                if !text.starts_with("HTTP/1.1 200") {
                    return Err(format!("{method} {path}: {text}").into());
                }
                let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
                break (head + 4, length.ok_or("no content-length")?.trim().parse::<usize>()?);
            }
        };
        while self.buffer.len() < head + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the connection was closed".into());
            }
        }
        Ok(self.buffer.get(head..head + length).unwrap_or_default())
    }
}

const KEY: &str = "apikey: emulator-rest-api-key";

/// What a client does again and again.
#[derive(Clone, Copy)]
pub enum Work {
    Login,
    /// `GET /users` with this query.
    List(&'static str),
}

impl Work {
    async fn run(self, connection: &mut Connection, uid: &str) -> Result<()> {
        match self {
            Self::Login => {
                let path = format!("/v3/users/{uid}/auth_tokens");
                let created = connection.call("POST", &path, KEY, "{}").await?;
                let created: Value = serde_json::from_slice(created)?;
                let token = created.pointer("/data/authToken").and_then(Value::as_str);
                let credential = format!("authtoken: {}", token.ok_or("no token")?);
                let device = r#"{"platform":"WEB","deviceId":"load"}"#;
                connection.call("PUT", "/v3.0/me", &credential, device).await?;
            }
            Self::List(query) => {
                connection.call("GET", &format!("/v3/users{query}"), KEY, "").await?;
            }
        }
        Ok(())
    }
}

/// Runs work on some connections for a time, and returns the latencies.
pub async fn measure(
    address: SocketAddr,
    work: Work,
    connections: usize,
    users: usize,
    time: Duration,
) -> Result<Vec<Duration>> {
    let next = Arc::new(AtomicU64::new(1));
    let mut clients = JoinSet::new();
    let end = Instant::now() + time;
    for _ in 0..connections {
        let next = Arc::clone(&next);
        clients.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut latencies = Vec::new();
            while Instant::now() < end {
                // Spread over all users, in an order without a pattern.
                let at = next.fetch_add(1, Ordering::Relaxed).wrapping_mul(7_919);
                let at = usize::try_from(at)? % users;
                let started = Instant::now();
                work.run(&mut connection, &format!("user-{at:06}")).await?;
                latencies.push(started.elapsed());
            }
            Result::Ok(latencies)
        });
    }
    let mut all = Vec::new();
    while let Some(client) = clients.join_next().await {
        all.extend(client??);
    }
    all.sort_unstable();
    Ok(all)
}

impl Work {
    /// How many requests it sends.
    pub fn requests(self) -> usize {
        match self {
            Self::Login => 2,
            Self::List(_) => 1,
        }
    }
}
