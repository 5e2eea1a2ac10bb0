//! A load generator for the emulator: prints logins and lists a second, latencies and memory as a
//! Markdown table.
//!
//! `cargo run --release -p cometchat-emulator --example load -- --emulator PATH [--users 100,10000]
//! [--connections 1,16,128] [--seconds 3] [--db]`
//!
//! A login is what the package sends: an auth token is created, then used. Generator and emulator
//! share the machine, so the figures are lower than those of the emulator alone.
#![allow(clippy::print_stdout, reason = "the table is the output")]

use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The clients that list users beside the logins.
const LISTING: usize = 4;

struct Options {
    emulator: PathBuf,
    users: Vec<usize>,
    connections: Vec<usize>,
    seconds: u64,
    db: bool,
}

impl Options {
    fn read() -> Result<Self> {
        let mut options = Self {
            emulator: PathBuf::from("target/release/cometchat-emulator"),
            users: vec![100, 10_000, 100_000],
            connections: vec![1, 16, 128],
            seconds: 3,
            db: false,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            if name == "--db" {
                options.db = true;
                continue;
            }
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            let list = || value.split(',').map(str::parse).collect::<std::result::Result<_, _>>();
            match name.as_str() {
                "--emulator" => options.emulator = PathBuf::from(value),
                "--users" => options.users = list()?,
                "--connections" => options.connections = list()?,
                "--seconds" => options.seconds = value.parse()?,
                other => return Err(format!("unknown option {other}").into()),
            }
        }
        Ok(options)
    }
}

/// An emulator in a process of its own.
struct Emulator {
    child: Child,
    address: SocketAddr,
    start_ms: u128,
}

impl Emulator {
    fn start(options: &Options, users: usize, folder: &std::path::Path) -> Result<Self> {
        let user = |at: usize| {
            json!({
                "uid": format!("user-{at:06}"),
                "name": name(at),
                "tags": [format!("t{}", at % 50)],
            })
        };
        let users: Vec<Value> = (0..users).map(user).collect();
        let seed = folder.join("seed.json");
        let apps = json!([{ "id": "load", "users": users }]);
        std::fs::write(&seed, json!({ "apps": apps }).to_string())?;
        let mut command = Command::new(&options.emulator);
        command.args(["--port", "0", "--log", "off", "--core-limit", "0", "--standard-limit", "0"]);
        command.arg("--seed").arg(seed);
        if options.db {
            command.arg("--db").arg(folder.join("emulator.db"));
        }
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("the emulator has no stdout")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let start_ms = started.elapsed().as_millis();
        let ready: Value = serde_json::from_str(&line)?;
        let url = ready.get("url").and_then(Value::as_str).ok_or("the emulator is not ready")?;
        let address = url.trim_start_matches("http://").parse()?;
        Ok(Self { child, address, start_ms })
    }

    /// Resident memory, in MiB.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or(0) / 1024
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // An emulator that has ended is what is wanted.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// Names with different beginnings, so that a search finds a part of the users.
fn name(at: usize) -> String {
    let letter = |index: usize| char::from(b'A' + u8::try_from(index % 26).unwrap_or(0));
    format!("{}{}-{at}", letter(at), letter(at / 26))
}

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
enum Work {
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
async fn measure(
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

fn print(users: usize, what: &str, connections: usize, latencies: &[Duration], time: Duration) {
    let at = |part: f64| {
        let index = (latencies.len() as f64 * part) as usize;
        latencies.get(index).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    };
    let per_second = latencies.len() as f64 / time.as_secs_f64();
    let (p50, p99) = (at(0.5), at(0.99));
    println!("| {users} | {what} | {connections} | {per_second:.0} | {p50:.2} | {p99:.2} |");
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::read()?;
    let time = Duration::from_secs(options.seconds);
    println!("| users | what | connections | a second | p50 ms | p99 ms |");
    println!("| ---: | --- | ---: | ---: | ---: | ---: |");
    let mut notes = Vec::new();
    for &users in &options.users {
        let folder = tempfile::tempdir()?;
        let emulator = Emulator::start(&options, users, folder.path())?;
        let address = emulator.address;
        let idle = emulator.memory();
        let lists = [
            ("GET /users", ""),
            ("GET /users, last page", "?perPage=10&page=10"),
            ("search, few matches", "?searchKey=ab-"),
            ("search, 1 of 26", "?searchKey=a"),
            ("search, all", "?searchKey=user"),
            ("tag, 1 of 50", "?tags=t7"),
        ];
        for (what, query) in lists {
            for &connections in &options.connections {
                let latencies =
                    measure(address, Work::List(query), connections, users, time).await?;
                print(users, what, connections, &latencies, time);
            }
        }
        for &connections in &options.connections {
            let latencies = measure(address, Work::Login, connections, users, time).await?;
            print(users, "login", connections, &latencies, time);
        }
        let connections = 16;
        let (logins, lists) = tokio::join!(
            measure(address, Work::Login, connections, users, time),
            measure(address, Work::List(""), LISTING, users, time),
        );
        print(users, "login beside 4 listing clients", connections, &logins?, time);
        print(users, "the 4 listing clients", LISTING, &lists?, time);
        let (start_ms, busy) = (emulator.start_ms, emulator.memory());
        notes.push(format!(
            "{users} users: ready after {start_ms} ms, {idle} MiB, after the load {busy} MiB"
        ));
    }
    for note in notes {
        println!("\n{note}");
    }
    Ok(())
}
