//! The command line.

use clap::{Parser, ValueEnum};
use cometchat_emulator::Emulator;
use std::io::{IsTerminal, Write};
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing::level_filters::LevelFilter;

/// CometChat's authentication service on one machine, for development and tests. Unofficial.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// The port to listen on; 0 takes any free one.
    #[arg(long, default_value_t = 8599)]
    port: u16,
    /// Keep everything in this SQLite file (made if it is not there). Without it all is in memory and gone at the end.
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// Add more to start with: "docs" is what the documentation's snippets name (user UID, key AUTH_KEY, token AUTH_TOKEN).
    #[arg(long, value_name = "WHAT")]
    seed: Option<Seed>,
    /// An app to serve; may be given several times, the first is the default one [default: emulator-app]
    #[arg(long = "app", value_name = "ID")]
    apps: Vec<String>,
    /// A region to answer for; may be given several times, the first is the default one [default: us]
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Let auth tokens outlive logging out (the documentation says both).
    #[arg(long)]
    logout_keeps_token: bool,
    /// Let an auth token serve for one login only (the documentation says both).
    #[arg(long)]
    single_use_tokens: bool,
    /// Let Auth Keys create auth tokens and nothing else (the documentation says several things).
    #[arg(long)]
    strict_auth_keys: bool,
    /// Logins and user creations or deletions a minute and app before 429; 0 is no limit.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    core_limit: u64,
    /// Other requests a minute and app before 429; 0 is no limit.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    standard_limit: u64,
    /// How much to log to stderr. Requests are at "info".
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: Level,
    /// How to write the log.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log_format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Seed {
    Docs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn main() -> ExitCode {
    let options = Options::parse();
    start_log(options.log, options.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}")),
    };
    match runtime.block_on(run(options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("cometchat-emulator: {message}");
    ExitCode::FAILURE
}

fn start_log(level: Level, format: Format) {
    let level = match level {
        Level::Off => LevelFilter::OFF,
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    match format {
        Format::Text => log.init(),
        Format::Json => log.json().flatten_event(true).init(),
    }
}

async fn run(options: Options) -> Result<(), String> {
    let mut builder = Emulator::builder()
        .host(&options.host)
        .port(options.port)
        .logout_keeps_token(options.logout_keeps_token)
        .single_use_tokens(options.single_use_tokens)
        .strict_auth_keys(options.strict_auth_keys)
        .rate_limits(options.core_limit, options.standard_limit);
    for app in &options.apps {
        builder = builder.app(app);
    }
    for region in &options.regions {
        builder = builder.region(region);
    }
    if let Some(path) = &options.db {
        builder = builder.db(path);
    }
    if let Some(Seed::Docs) = options.seed {
        builder = builder.seed_docs();
    }
    // Before the start, so that a signal during it is not missed.
    let told_to_stop = stop_signal()?;
    let emulator = builder.start().await.map_err(|error| error.to_string())?;
    announce(&emulator, options.db.as_deref()).map_err(|error| format!("cannot write to stdout: {error}"))?;
    told_to_stop.await;
    eprintln!("cometchat-emulator: stopping");
    emulator.stop().await;
    Ok(())
}

/// Ready once Ctrl-C was pressed or the system asked the process to end.
fn stop_signal() -> Result<impl Future<Output = ()>, String> {
    let problem = |error: std::io::Error| format!("cannot listen for signals: {error}");
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt()).map_err(problem)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(problem)?;
        Ok(async move {
            std::future::poll_fn(|context| {
                if interrupt.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(());
                }
                terminate.poll_recv(context).map(|_| ())
            })
            .await;
        })
    }
    #[cfg(not(unix))]
    {
        let _ = problem;
        Ok(async {
            let _pressed = tokio::signal::ctrl_c().await;
        })
    }
}

fn announce(emulator: &Emulator, db: Option<&std::path::Path>) -> std::io::Result<()> {
    let users = emulator.users();
    let mut err = std::io::stderr().lock();
    writeln!(err, "CometChat emulator (unofficial), ready")?;
    writeln!(err, "  address       {}", emulator.url())?;
    let others = emulator.apps().len().saturating_sub(1);
    let more = if others > 0 { format!(" and {others} more") } else { String::new() };
    writeln!(err, "  app id        {}{more}", emulator.app_id())?;
    writeln!(err, "  region        {}", emulator.region())?;
    writeln!(err, "  Auth Key      {}", emulator.auth_key())?;
    writeln!(err, "  REST API key  {}", emulator.rest_api_key())?;
    writeln!(err, "  users         {}", users.join(", "))?;
    match db {
        Some(path) => writeln!(err, "  kept in       {}", path.display())?,
        None => writeln!(err, "  kept in       memory: gone at the end (--db FILE keeps it)")?,
    }
    writeln!(err, "  stop with Ctrl-C")?;
    let ip: IpAddr = emulator.address().ip();
    if !ip.is_loopback() {
        writeln!(
            err,
            "  WARNING: listening on {ip}, so every machine that reaches this one can use it, with keys that everybody knows."
        )?;
    }
    drop(err);
    let mut out = std::io::stdout().lock();
    if !out.is_terminal() {
        let line = serde_json::json!({
            "ready": true, "url": emulator.url(), "appId": emulator.app_id(), "region": emulator.region(),
            "authKey": emulator.auth_key(), "restApiKey": emulator.rest_api_key(), "users": users,
        });
        writeln!(out, "{line}")?;
        out.flush()?;
    }
    Ok(())
}
