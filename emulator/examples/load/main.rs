//! A load generator for the emulator: prints logins and lists a second, latencies and memory as a
//! Markdown table.
//!
//! `cargo run --release -p cometchat-emulator --example load -- --emulator PATH [--users 100,10000]
//! [--connections 1,16,128] [--seconds 3] [--db]`
//!
//! PATH is the native emulator, or the npm package's `dist/cli.js`.
//!
//! A login is what the package sends: an auth token is created, then used. Generator and emulator
//! share the machine, so the figures are lower than those of the emulator alone. The processor time
//! is that of both, per request: it hardly depends on what else the machine does.
#![allow(clippy::print_stdout, reason = "the table is the output")]

mod client;
mod process;

use client::{Work, measure};
use process::Emulator;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How often logins alone and logins beside listing clients are measured in turns.
const TURNS: u32 = 10;

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

/// Prints a row. `processor` is the processor time per request in microseconds.
fn print(
    users: usize,
    what: &str,
    connections: usize,
    latencies: &[Duration],
    time: Duration,
    processor: Option<f64>,
) {
    let at = |part: f64| {
        let index = (latencies.len() as f64 * part) as usize;
        latencies.get(index).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    };
    let per_second = latencies.len() as f64 / time.as_secs_f64();
    let (p50, p99) = (at(0.5), at(0.99));
    let processor = processor.map_or_else(String::new, |each| format!("{each:.0}"));
    println!(
        "| {users} | {what} | {connections} | {per_second:.0} | {p50:.2} | {p99:.2} | {processor} |"
    );
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::read()?;
    let time = Duration::from_secs(options.seconds);
    println!("| users | what | connections | a second | p50 ms | p99 ms | CPU µs a request |");
    println!("| ---: | --- | ---: | ---: | ---: | ---: | ---: |");
    let mut notes = Vec::new();
    for &users in &options.users {
        let folder = tempfile::tempdir()?;
        let emulator = Emulator::start(&options.emulator, users, options.db, folder.path())?;
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
        let works = lists
            .into_iter()
            .map(|(what, query)| (what, Work::List(query)))
            .chain([("login", Work::Login)]);
        for (what, work) in works {
            for &connections in &options.connections {
                let before = emulator.processor_time();
                let latencies = measure(address, work, connections, users, time).await?;
                let spent = emulator.processor_time() - before;
                let each = spent as f64 / (latencies.len() * work.requests()).max(1) as f64;
                print(users, what, connections, &latencies, time, Some(each));
            }
        }
        // In turns, so that a change of the machine's other load affects both alike.
        let (connections, turn) = (16, time / TURNS);
        let (mut alone, mut beside, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            alone.extend(measure(address, Work::Login, connections, users, turn).await?);
            let (logins, listed) = tokio::join!(
                measure(address, Work::Login, connections, users, turn),
                measure(address, Work::List(""), LISTING, users, turn),
            );
            beside.extend(logins?);
            lists.extend(listed?);
        }
        let remaining = 100 * beside.len() / alone.len().max(1);
        for (what, connections, latencies) in [
            ("login, in turns", connections, &mut alone),
            ("login beside 4 listing clients", connections, &mut beside),
            ("the 4 listing clients", LISTING, &mut lists),
        ] {
            latencies.sort_unstable();
            print(users, what, connections, latencies, time, None);
        }
        notes.push(format!(
            "{users} users: beside {LISTING} listing clients, {remaining} % of the logins remain"
        ));
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
