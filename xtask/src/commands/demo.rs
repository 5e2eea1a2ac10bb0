//! `cargo xtask demo`: the package, the emulator and a page to log in on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::{docs, emulator};
use crate::npm;
use crate::ports::{self, HOST};
use crate::process::Background;
use crate::step::heading;
use crate::workspace::Workspace;

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
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    // Before the minutes that a first build takes.
    let port = ports::choose("the page", options.port, 8600)?;
    let emulator_port = ports::choose("the emulator", options.emulator_port, 8599)?;
    if port == emulator_port {
        bail!("Page and emulator cannot both listen on port {port}.");
    }
    let www = workspace.path("www");
    docs::run(workspace)?;
    npm::ci(&www)?;

    // From here on there are programs to end in order.
    let (interrupted, interruption) = mpsc::channel();
    ctrlc::set_handler(move || interrupted.send(()).unwrap_or_default())?;

    heading("emulator");
    let (mut emulator, ready) = emulator::start(workspace, emulator_port, &["--log", "warn"])?;

    heading("page");
    let mut vite = Background::command("node");
    vite.current_dir(&www).arg("node_modules/vite/bin/vite.js");
    vite.args(["--host", HOST, "--port", &port.to_string(), "--strictPort"])
        .args(["--clearScreen", "false"])
        .env("VITE_EMULATOR_URL", &ready.url)
        .env("VITE_APP_ID", &ready.app_id)
        .env("VITE_REGION", &ready.region)
        .env("VITE_AUTH_KEY", &ready.auth_key)
        // Vite hands only VITE_… to the page. This one is for the dev server, which plays "your
        // server".
        .env("EMULATOR_REST_API_KEY", &ready.rest_api_key);
    let mut page = Background::start("Vite", &mut vite)?;
    let start = Instant::now();
    let mut announced = false;
    loop {
        if !announced && answers(port) {
            announced = true;
            println!("\n  Open http://{HOST}:{port}/\n  Ctrl-C ends page and emulator.\n");
        }
        if !announced && start.elapsed() > Duration::from_secs(60) {
            bail!("The page does not answer on port {port}.");
        }
        match interruption.recv_timeout(Duration::from_millis(100)) {
            Err(RecvTimeoutError::Timeout) => {
                page.still_runs()?;
                emulator.still_runs()?;
            }
            _ => break,
        }
    }
    drop((page, emulator));
    eprintln!("\nPage and emulator have ended.");
    Ok(())
}

/// Whether the page's server answers with success.
fn answers(port: u16) -> bool {
    let get = || {
        let mut stream = TcpStream::connect((HOST, port))?;
        write!(stream, "GET / HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        std::io::Result::Ok(status == *b"HTTP/1.1 200")
    };
    get().unwrap_or(false)
}
