//! The lines that the command prints when the emulator is ready.

use crate::cli::Options;
use cometchat_emulator::Emulator;
use std::io::{IsTerminal, Write};
use std::net::IpAddr;
use std::path::Path;

/// How many users the text for people names.
const NAMED: usize = 10;

/// How many users the JSON line lists, as many as the ready page.
const LISTED: usize = 100;

/// The first uids, and the number of the others.
fn shorten(users: &[String]) -> String {
    let named = users.get(..NAMED).unwrap_or(users);
    match users.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// Warnings about options that let other machines or pages in.
pub fn warnings(emulator: &Emulator, options: &Options) -> Vec<String> {
    let mut warnings = Vec::new();
    let ip: IpAddr = emulator.address().ip();
    if !ip.is_loopback() {
        warnings.push(format!(
            "WARNING: listening on {ip}. Every machine that reaches this one can use the emulator, \
             with keys that are public."
        ));
    }
    if options.allowed_hosts.iter().any(|name| name == "*") {
        warnings.push(
            "WARNING: --allow-host * allows every web site to point a name of its own here and use \
             the emulator."
                .to_owned(),
        );
    }
    if options.allowed_origins.iter().any(|origin| origin == "*") {
        warnings.push(
            "WARNING: --allow-origin * allows every web page to use the emulator.".to_owned(),
        );
    }
    if options.open_control {
        warnings.push(
            "WARNING: --open-control allows every machine that reaches this one to read and change \
             everything."
                .to_owned(),
        );
    }
    warnings
}

/// Prints the addresses and keys to stderr, and one JSON line to stdout unless it is a terminal.
pub fn announce(
    emulator: &Emulator,
    options: &Options,
    ca_file: Option<&Path>,
) -> std::io::Result<()> {
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
    writeln!(err, "  users         {}", shorten(users))?;
    match &options.db {
        Some(path) => writeln!(err, "  kept in       {}", path.display())?,
        None => writeln!(err, "  kept in       memory: lost at the end (--db FILE keeps it)")?,
    }
    if let Some(certificate) = emulator.certificate() {
        writeln!(err, "  certificate   SHA-256 {}", certificate.fingerprint)?;
        match ca_file {
            Some(file) => writeln!(err, "  to trust it   {}", file.display())?,
            None => writeln!(
                err,
                "  to trust it   --tls-cert-out FILE writes the certificate that clients need"
            )?,
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
            "ready": true,
            "url": emulator.url(),
            "appId": emulator.app_id(),
            "region": emulator.region(),
            "authKey": emulator.auth_key(),
            "restApiKey": emulator.rest_api_key(),
            "users": users.get(..LISTED).unwrap_or(users),
            "userCount": users.len(),
        });
        if let (Some(certificate), Some(line)) = (emulator.certificate(), line.as_object_mut()) {
            let tls = serde_json::json!({
                "fingerprint": certificate.fingerprint,
                "spki": certificate.spki,
                "caFile": ca_file.map(Path::display).map(|path| path.to_string()),
            });
            line.insert("tls".to_owned(), tls);
        }
        writeln!(out, "{line}")?;
        out.flush()?;
    }
    Ok(())
}
