//! Which port to listen on.

use std::net::TcpListener;

use anyhow::{Context, Result, bail};

/// Where everything here listens.
pub const HOST: &str = "127.0.0.1";

/// The port that was asked for, if it is free; otherwise the default one, or the next free one after it, which is then said.
///
/// # Errors
/// One line when the asked-for port is taken.
pub fn choose(what: &str, option: &str, asked: Option<u16>, default: u16) -> Result<u16> {
    match asked {
        Some(port) if port == 0 || free(port) => Ok(port),
        Some(port) => {
            bail!(
                "port {port}, asked for {what}, is taken: end what listens there, or give another one with {option}"
            )
        }
        None => next_free(what, default).with_context(|| format!("give one with {option}")),
    }
}

/// The default port, or the next free one after it, which is then said.
///
/// # Errors
/// When a hundred ports are taken.
pub fn next_free(what: &str, default: u16) -> Result<u16> {
    let last = default.saturating_add(100);
    let port = (default..=last)
        .find(|port| free(*port))
        .with_context(|| format!("the ports {default} to {last}, for {what}, are all taken"))?;
    if port != default {
        eprintln!("{:>10}  port {default} is taken, so {what} listens on {port}", "");
    }
    Ok(port)
}

/// Whether nothing listens there now.
fn free(port: u16) -> bool {
    TcpListener::bind((HOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A listener with room above its port.
    fn taken() -> (TcpListener, u16) {
        loop {
            let listener = TcpListener::bind((HOST, 0)).expect("bound");
            let port = listener.local_addr().expect("address").port();
            if port < 65_000 {
                return (listener, port);
            }
        }
    }

    #[test]
    fn a_taken_port_that_was_asked_for_is_an_error_that_names_it() {
        let (_listener, port) = taken();
        let error = choose("the page", "--port", Some(port), 1).expect_err("taken").to_string();
        assert!(error.contains(&port.to_string()) && error.contains("--port"), "{error}");
    }

    #[test]
    fn a_taken_default_port_moves_to_a_free_one() {
        let (_listener, port) = taken();
        let chosen = choose("the page", "--port", None, port).expect("free");
        assert!(chosen > port && chosen <= port + 100);
    }
}
