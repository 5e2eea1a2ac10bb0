//! The command line.

mod exec;

use clap::{Args, Parser, Subcommand, ValueEnum};
use cometchat_emulator::Emulator;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tracing::level_filters::LevelFilter;

/// CometChat's authentication service on one machine, for development and tests. Unofficial.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Run a command with an emulator of its own, and end with the command's status
    ///
    /// The emulator takes a free port unless --port is given, and logs only warnings. The command finds it in its environment:
    /// COMETCHAT_EMULATOR_URL, COMETCHAT_EMULATOR_APP_ID, COMETCHAT_EMULATOR_REGION, COMETCHAT_EMULATOR_AUTH_KEY,
    /// COMETCHAT_EMULATOR_REST_API_KEY, and with --tls-cert-out COMETCHAT_EMULATOR_CA_FILE.
    Exec {
        #[command(flatten)]
        options: Box<Options>,
        /// The command and its arguments.
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Write a seed file to start from
    Init {
        /// The file; it must not be there yet.
        #[arg(default_value = "seed.json")]
        file: PathBuf,
    },
}

#[derive(Args)]
struct Options {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// The port to listen on; 0 takes any free one [default: 8599; with exec: 0]
    #[arg(long)]
    port: Option<u16>,
    /// Keep everything in this SQLite file (made if it is not there). Without it all is in memory and gone at the end.
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// What else to start with, may be given several times: "docs" is what the documentation's snippets name (user UID, key AUTH_KEY,
    /// token AUTH_TOKEN); else a JSON file of apps, users, keys and tokens (the README describes it).
    #[arg(long = "seed", value_name = "docs|FILE")]
    seeds: Vec<PathBuf>,
    /// An app to serve; may be given several times, the first is the default one [default: emulator-app]
    #[arg(long = "app", value_name = "ID")]
    apps: Vec<String>,
    /// A region to answer for; may be given several times, the first is the default one [default: us]
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Speak TLS, with a certificate made at each start. Plain HTTP stays possible on the same port.
    #[arg(long)]
    tls: bool,
    /// Make the certificate also for this name, and answer to it: a name, or *. and a domain; may be given several times.
    #[arg(long = "tls-name", value_name = "NAME", requires = "tls")]
    tls_names: Vec<String>,
    /// Write the certificate of the authority that signed the emulator's to this file, in PEM, for clients to trust.
    #[arg(long, value_name = "FILE", requires = "tls")]
    tls_cert_out: Option<PathBuf>,
    /// Answer to this host name too: a name, *. and a domain, or * for all; may be given several times. Names of this machine, IP
    /// addresses and the service's own domains are answered anyway.
    #[arg(long = "allow-host", value_name = "NAME")]
    allowed_hosts: Vec<String>,
    /// Answer the pages of this origin too: https://app.example.test:8443, or * for all; may be given several times. Pages of this machine
    /// are answered anyway.
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    allowed_origins: Vec<String>,
    /// Let other machines use /emulator/v1 and the dashboard, too: for containers, whose port is published on loopback only.
    #[arg(long)]
    open_control: bool,
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
    /// How much to log to stderr; requests are at "info" [default: info; with exec: warn]
    #[arg(long, value_name = "LEVEL")]
    log: Option<Level>,
    /// How to write the log.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log_format: Format,
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
    let (options, command) = match Cli::parse() {
        Cli { task: Some(Task::Exec { options, command }), .. } => (*options, Some(command)),
        Cli { task: Some(Task::Init { file }), .. } => return init(&file),
        Cli { options, task: None } => (options, None),
    };
    let level = options.log.unwrap_or(if command.is_some() { Level::Warn } else { Level::Info });
    start_log(level, options.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}")),
    };
    match runtime.block_on(run(&options, command.as_deref())) {
        Ok(code) => code,
        Err(message) => fail(&message),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("cometchat-emulator: {message}");
    ExitCode::FAILURE
}

/// Writes a seed file to start from.
fn init(file: &Path) -> ExitCode {
    let mut options = std::fs::OpenOptions::new();
    let written = options
        .write(true)
        .create_new(true)
        .open(file)
        .and_then(|mut file| file.write_all(cometchat_emulator::lab::SEED_STARTER.as_bytes()));
    match written {
        Ok(()) => {
            println!("Wrote {0}. Start with: cometchat-emulator --seed {0}", file.display());
            ExitCode::SUCCESS
        }
        Err(error) => fail(&format!("cannot write {}: {error}.", file.display())),
    }
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
        // A log that cannot be written, as on a full disk, must not end the request.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    match format {
        Format::Text => log.init(),
        Format::Json => log.json().flatten_event(true).init(),
    }
}

async fn run(options: &Options, command: Option<&[OsString]>) -> Result<ExitCode, String> {
    let mut builder = Emulator::builder()
        .host(&options.host)
        .port(options.port.unwrap_or(if command.is_some() { 0 } else { 8599 }))
        .tls(options.tls)
        .open_control(options.open_control)
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
    for seed in &options.seeds {
        builder =
            if seed.as_os_str() == "docs" { builder.seed_docs() } else { builder.seed_file(seed) };
    }
    for name in &options.tls_names {
        builder = builder.tls_name(name);
    }
    for name in &options.allowed_hosts {
        builder = builder.allow_host(name);
    }
    for origin in &options.allowed_origins {
        builder = builder.allow_origin(origin);
    }
    if let Some(command) = command {
        let emulator = builder.start().await.map_err(|error| error.to_string())?;
        let ca_file = write_certificate(&emulator, options.tls_cert_out.as_deref())?;
        for warning in warnings(&emulator, options) {
            eprintln!("cometchat-emulator: {warning}");
        }
        let code = exec::run(&emulator, ca_file, command).await;
        emulator.stop().await;
        return code.map(ExitCode::from);
    }
    // Before the start, so that a signal during it is not missed.
    let stopped = stop_signal()?;
    let emulator = builder.start().await.map_err(|error| error.to_string())?;
    let ca_file = write_certificate(&emulator, options.tls_cert_out.as_deref())?;
    announce(&emulator, options, ca_file)
        .map_err(|error| format!("cannot write to stdout: {error}"))?;
    stopped.await;
    eprintln!("cometchat-emulator: stopping");
    emulator.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Writes what clients need to trust the emulator, where asked, and gives the place.
fn write_certificate<'a>(
    emulator: &Emulator,
    file: Option<&'a Path>,
) -> Result<Option<&'a Path>, String> {
    let (Some(file), Some(certificate)) = (file, emulator.certificate()) else {
        return Ok(None);
    };
    let problem = |error: std::io::Error| {
        format!(
            "cannot write the certificate to {}: {error}. Name a file that can be written with --tls-cert-out.",
            file.display()
        )
    };
    certificate.write_to(file).map_err(problem)?;
    Ok(Some(file))
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

/// What of the options lets others in.
fn warnings(emulator: &Emulator, options: &Options) -> Vec<String> {
    let mut warnings = Vec::new();
    let ip: IpAddr = emulator.address().ip();
    if !ip.is_loopback() {
        warnings.push(format!(
            "WARNING: listening on {ip}, so every machine that reaches this one can use it, with keys that everybody knows."
        ));
    }
    if options.allowed_hosts.iter().any(|name| name == "*") {
        warnings.push(
            "WARNING: --allow-host * lets every web site point a name of its own here and use it."
                .to_owned(),
        );
    }
    if options.allowed_origins.iter().any(|origin| origin == "*") {
        warnings.push("WARNING: --allow-origin * lets every web page use it.".to_owned());
    }
    if options.open_control {
        warnings.push(
            "WARNING: --open-control lets every machine that reaches this one read and change everything."
                .to_owned(),
        );
    }
    warnings
}

fn announce(emulator: &Emulator, options: &Options, ca_file: Option<&Path>) -> std::io::Result<()> {
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
    match &options.db {
        Some(path) => writeln!(err, "  kept in       {}", path.display())?,
        None => writeln!(err, "  kept in       memory: gone at the end (--db FILE keeps it)")?,
    }
    if let Some(certificate) = emulator.certificate() {
        writeln!(err, "  certificate   SHA-256 {}", certificate.fingerprint)?;
        match ca_file {
            Some(file) => writeln!(err, "  to trust it   {}", file.display())?,
            None => writeln!(err, "  to trust it   --tls-cert-out FILE writes what clients need")?,
        }
    }
    writeln!(err, "  stop with Ctrl-C")?;
    for warning in warnings(emulator, options) {
        writeln!(err, "  {warning}")?;
    }
    drop(err);
    let mut out = std::io::stdout().lock();
    if !out.is_terminal() {
        let mut line = serde_json::json!({
            "ready": true, "url": emulator.url(), "appId": emulator.app_id(), "region": emulator.region(),
            "authKey": emulator.auth_key(), "restApiKey": emulator.rest_api_key(), "users": users,
        });
        if let (Some(certificate), Some(line)) = (emulator.certificate(), line.as_object_mut()) {
            let tls = serde_json::json!({
                "fingerprint": certificate.fingerprint, "spki": certificate.spki, "caFile": ca_file.map(Path::display).map(|path| path.to_string()),
            });
            line.insert("tls".to_owned(), tls);
        }
        writeln!(out, "{line}")?;
        out.flush()?;
    }
    Ok(())
}
