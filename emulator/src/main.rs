//! The command line.

mod announce;
mod cli;
mod exec;

use clap::Parser as _;
use cli::{Cli, Format, Level, Options, Task};
use cometchat_emulator::Emulator;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use tracing::level_filters::LevelFilter;

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
        for warning in announce::warnings(&emulator, options) {
            eprintln!("cometchat-emulator: {warning}");
        }
        let code = exec::run(&emulator, ca_file, command).await;
        emulator.stop().await;
        return code.map(ExitCode::from);
    }
    // Registered before the start, so that a signal during the start is not missed.
    let stopped = stop_signal()?;
    let emulator = builder.start().await.map_err(|error| error.to_string())?;
    let ca_file = write_certificate(&emulator, options.tls_cert_out.as_deref())?;
    announce::announce(&emulator, options, ca_file)
        .map_err(|error| format!("cannot write to stdout: {error}"))?;
    stopped.await;
    eprintln!("cometchat-emulator: stopping");
    emulator.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Writes the certificate that clients must trust, if the options name a file. Returns the file.
fn write_certificate<'a>(
    emulator: &Emulator,
    file: Option<&'a Path>,
) -> Result<Option<&'a Path>, String> {
    let (Some(file), Some(certificate)) = (file, emulator.certificate()) else {
        return Ok(None);
    };
    let problem = |error: std::io::Error| {
        format!(
            "cannot write the certificate to {}: {error}. Name a file that can be written with \
             --tls-cert-out.",
            file.display()
        )
    };
    certificate.write_to(file).map_err(problem)?;
    Ok(Some(file))
}

/// Resolves when Ctrl-C is pressed or the system asks the process to end.
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
