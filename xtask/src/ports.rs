//! Which port to listen on.

use std::net::TcpListener;

use anyhow::{Context, Result, ensure};

/// The address that everything here listens on.
pub const HOST: &str = "127.0.0.1";

/// The given port, or else the default one or the next free one after it.
pub fn choose(name: &str, given: Option<u16>, default: u16) -> Result<u16> {
    let free = |port: &u16| TcpListener::bind((HOST, *port)).is_ok();
    if let Some(port) = given {
        ensure!(free(&port), "Port {port} for {name} is taken. Choose another one.");
        return Ok(port);
    }
    let port = (default..default.saturating_add(100)).find(free);
    let port = port.with_context(|| format!("No port from {default} on is free for {name}."))?;
    if port != default {
        eprintln!("{:>10}  port {default} is taken, {name} listens on {port}", "");
    }
    Ok(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_an_error_if_given_and_skipped_if_default() {
        let listener = TcpListener::bind((HOST, 0)).expect("bound");
        let port = listener.local_addr().expect("address").port();
        assert!(choose("the page", Some(port), 1).is_err());
        assert!(choose("the page", None, port).expect("free") > port);
    }
}
