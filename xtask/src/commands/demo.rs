//! `cargo xtask demo`: the package, the emulator and a page to log in on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{docs, emulator};
use crate::npm;
use crate::ports::{self, HOST};
use crate::process::Background;
use crate::step::{heading, step};
use crate::workspace::Workspace;

/// Where the page is, unless asked otherwise.
const PAGE_PORT: u16 = 8600;
/// Where the emulator is, unless asked otherwise: the emulator's own default.
const EMULATOR_PORT: u16 = 8599;

/// Options of `cargo xtask demo`.
#[derive(clap::Args)]
pub struct Options {
    /// The page's port [default: 8600, or the next free one]
    #[arg(long)]
    port: Option<u16>,
    /// The emulator's port [default: 8599, or the next free one]
    #[arg(long)]
    emulator_port: Option<u16>,
}

/// Runs until Ctrl-C.
///
/// # Errors
/// When something does not build or start, or ends by itself.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let www = workspace.path("www");
    if !www.join("package.json").is_file() {
        bail!("{} is missing: the demo page is not in this checkout", www.display());
    }
    // Before the minutes that a first build takes; whoever takes the port until then gets the same line from the program itself.
    let page_port = ports::choose("the page", "--port", options.port, PAGE_PORT)?;
    let emulator_port =
        ports::choose("the emulator", "--emulator-port", options.emulator_port, EMULATOR_PORT)?;
    if page_port != 0 && page_port == emulator_port {
        bail!("page and emulator cannot both listen on port {page_port}");
    }

    docs::run(workspace)?;
    npm::ci(&www)?;

    // Until here Ctrl-C ends everything by itself; from here on there are programs to be ended with care.
    let (interrupted, interruption) = mpsc::channel();
    ctrlc::set_handler(move || {
        let _ = interrupted.send(());
    })
    .context("preparing for Ctrl-C")?;

    heading("emulator");
    // A line for each request would scroll the address away.
    let (mut emulator, ready) = emulator::start(workspace, emulator_port, &["--log", "warn"])?;

    heading("page");
    let mut vite = npm::program(&www, "vite/bin/vite.js");
    vite.args([
        "--host",
        HOST,
        "--port",
        &page_port.to_string(),
        "--strictPort",
        "--clearScreen",
        "false",
    ])
    .env("VITE_EMULATOR_URL", &ready.url)
    .env("VITE_APP_ID", &ready.app_id)
    .env("VITE_REGION", &ready.region)
    .env("VITE_AUTH_KEY", &ready.auth_key)
    // Vite hands only VITE_… to the page: this one stays in the dev server, which plays "your server".
    .env("EMULATOR_REST_API_KEY", &ready.rest_api_key);
    let mut page = Background::start("Vite", &mut vite)?;
    let url = format!("http://{HOST}:{page_port}/");
    let mut stopped = false;
    step("the page answers", || {
        let start = Instant::now();
        while !answers(page_port) {
            page.still_runs()?;
            emulator.still_runs()?;
            if start.elapsed() > Duration::from_secs(60) {
                bail!("{url} does not answer");
            }
            stopped = interruption.recv_timeout(Duration::from_millis(100)).is_ok();
            if stopped {
                break;
            }
        }
        Ok(())
    })?;
    if !stopped {
        println!(
            "\n  ┌{0}┐\n  │  Open {url} {1}│\n  └{0}┘\n  Ctrl-C ends page and emulator.\n",
            "─".repeat(40),
            " ".repeat(32_usize.saturating_sub(url.len()))
        );
    }
    while !stopped {
        match interruption.recv_timeout(Duration::from_millis(250)) {
            Err(RecvTimeoutError::Timeout) => {
                page.still_runs()?;
                emulator.still_runs()?;
            }
            _ => stopped = true,
        }
    }
    drop(page);
    drop(emulator);
    eprintln!("\nPage and emulator have ended.");
    Ok(())
}

/// Whether the page's server answers with success.
fn answers(port: u16) -> bool {
    let get = || {
        let mut stream = TcpStream::connect((HOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "GET / HTTP/1.1\r\nHost: {HOST}:{port}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
        )?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        std::io::Result::Ok(status == *b"HTTP/1.1 200")
    };
    get().unwrap_or(false)
}
