//! The options of the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// CometChat's authentication service on one machine, for development and tests. Unofficial.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub task: Option<Task>,
}

#[derive(Subcommand)]
pub enum Task {
    /// Run a command with an emulator of its own, and end with the command's status
    ///
    /// The emulator takes a free port unless --port is given, and logs only warnings. The command
    /// finds it in its environment: COMETCHAT_EMULATOR_URL, COMETCHAT_EMULATOR_APP_ID,
    /// COMETCHAT_EMULATOR_REGION, COMETCHAT_EMULATOR_AUTH_KEY, COMETCHAT_EMULATOR_REST_API_KEY, and
    /// with --tls-cert-out COMETCHAT_EMULATOR_CA_FILE.
    Exec {
        #[command(flatten)]
        options: Box<Options>,
        /// The command and its arguments.
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Write a seed file to start from
    Init {
        /// The file. It must not exist.
        #[arg(default_value = "seed.json")]
        file: PathBuf,
    },
}

#[derive(Args)]
pub struct Options {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,
    /// The port to listen on; 0 takes any free one [default: 8599; with exec: 0]
    #[arg(long)]
    pub port: Option<u16>,
    /// Keep the state in this SQLite file, which is created if it is missing. Without it, the state
    /// is in memory and lost at the end.
    #[arg(long, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// Add initial content; may be given several times: "docs" for the user UID, the key AUTH_KEY
    /// and the token AUTH_TOKEN of the documentation's snippets, or a JSON file of apps, users,
    /// keys and tokens (the README describes it).
    #[arg(long = "seed", value_name = "docs|FILE")]
    pub seeds: Vec<PathBuf>,
    /// An app to serve; may be given several times, the first is the default app [default:
    /// emulator-app]
    #[arg(long = "app", value_name = "ID")]
    pub apps: Vec<String>,
    /// A region to serve; may be given several times, the first is the default region [default: us]
    #[arg(long = "region", value_name = "REGION")]
    pub regions: Vec<String>,
    /// Enable TLS, with a certificate created at each start. Plain HTTP still works on the same
    /// port.
    #[arg(long)]
    pub tls: bool,
    /// Add a name to the certificate and to the allowed host names: a name, or *. and a domain; may
    /// be given several times.
    #[arg(long = "tls-name", value_name = "NAME", requires = "tls")]
    pub tls_names: Vec<String>,
    /// Write the certificate of the authority that signed the emulator's certificate to this file,
    /// in PEM, for clients to trust.
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub tls_cert_out: Option<PathBuf>,
    /// Allow a host name: a name, *. and a domain, or * for all; may be given several times. Names
    /// of this machine, IP addresses and the service's own domains are always allowed.
    #[arg(long = "allow-host", value_name = "NAME")]
    pub allowed_hosts: Vec<String>,
    /// Allow the pages of an origin: https://app.example.test:8443, or * for all; may be given
    /// several times. Pages of this machine are always allowed.
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    pub allowed_origins: Vec<String>,
    /// Allow other machines to use /emulator/v1 and the dashboard. For containers whose port is
    /// published on loopback only.
    #[arg(long)]
    pub open_control: bool,
    /// Keep auth tokens valid after a logout (the documentation says both).
    #[arg(long)]
    pub logout_keeps_token: bool,
    /// Allow only one login with an auth token (the documentation says both).
    #[arg(long)]
    pub single_use_tokens: bool,
    /// Restrict Auth Keys to the creation of auth tokens (the documentation contradicts itself).
    #[arg(long)]
    pub strict_auth_keys: bool,
    /// The limit of logins, user creations and deletions, per minute and app; 0 means no limit.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub core_limit: u64,
    /// The limit of other requests, per minute and app; 0 means no limit.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub standard_limit: u64,
    /// The level of the log on stderr; requests have the level "info" [default: info; with exec:
    /// warn]
    #[arg(long, value_name = "LEVEL")]
    pub log: Option<Level>,
    /// The format of the log.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log_format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    Text,
    Json,
}
