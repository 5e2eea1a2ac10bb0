//! `cargo xtask demo`: the package, the emulator and a page to log in on.

use std::net::TcpStream;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{docs, emulator};
use crate::npm;
use crate::ports::{self, HOST};
use crate::process::{Background, START_LIMIT};
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
    // A first build takes minutes, so the ports are checked before it.
    let port = ports::choose("the page", options.port, 8600)?;
    let emulator_port = ports::choose("the emulator", options.emulator_port, 8599)?;
    ensure!(port != emulator_port, "Page and emulator cannot both listen on port {port}.");
    let www = workspace.path("www");
    docs::run(workspace)?;
    npm::ci(&www)?;

    // From here on there are programs to end in order.
    let (interrupted, interruption) = mpsc::channel();
    ctrlc::set_handler(move || interrupted.send(()).unwrap_or_default())?;

    heading("emulator");
    let (mut emulator, ready) = emulator::start(workspace, emulator_port)?;

    heading("page");
    let mut vite = Background::command("node");
    vite.current_dir(&www).arg("node_modules/vite/bin/vite.js");
    vite.args(["--host", HOST, "--port", &port.to_string(), "--strictPort"])
        .args(["--clearScreen", "false"])
        .env("VITE_EMULATOR_URL", &ready.url)
        .env("VITE_APP_ID", &ready.app_id)
        .env("VITE_REGION", &ready.region)
        .env("VITE_AUTH_KEY", &ready.auth_key)
        // The page receives only variables that start with VITE_. This one is for the dev server,
        // which stands in for your server.
        .env("EMULATOR_REST_API_KEY", &ready.rest_api_key);
    let mut page = Background::start("Vite", &mut vite)?;
    let start = Instant::now();
    let mut announced = false;
    let pause = Duration::from_millis(100);
    while interruption.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        page.still_runs()?;
        emulator.still_runs()?;
        if !announced && TcpStream::connect((HOST, port)).is_ok() {
            announced = true;
            println!("\n  Open http://{HOST}:{port}/\n  Ctrl-C ends page and emulator.\n");
        }
        let waits = announced || start.elapsed() < START_LIMIT;
        ensure!(waits, "The page did not answer on port {port} within {START_LIMIT:?}. See above.");
    }
    drop((page, emulator));
    eprintln!("\nPage and emulator have ended.");
    Ok(())
}
