//! The first decision on a request: whether it may come in, and which part of the emulator handles
//! it.

use super::control::{PREFIX, path_of};
use super::head::Head;
use super::instance::Lab;
use super::response::Response;

/// The part of the emulator that a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// The service.
    Service,
    /// The control API.
    Control,
    /// A file of the dashboard, by its path below `/dashboard/`; empty for the page itself. A shell
    /// without a dashboard passes the request to the service.
    Dashboard(String),
}

/// The refusal of a request.
#[derive(Debug)]
pub struct Refusal {
    /// The response to send.
    pub response: Response,
    /// The line for the log.
    pub log: String,
}

impl Lab {
    /// Decides by its head whether a request may come in, and what it is for.
    ///
    /// # Errors
    ///
    /// The refusal to send otherwise.
    pub fn admit(&self, head: &Head) -> Result<Destination, Box<Refusal>> {
        let shown = |text: &str| self.masked(&text.chars().take(100).collect::<String>());
        let refuse = |code: &str, message: &str, log: String| {
            Err(Box::new(Refusal { response: Response::error(403, code, message), log }))
        };
        if let Some(host) = head.header("host").filter(|host| !self.access.allows_host(host)) {
            let host = shown(host);
            let message = format!(
                "This emulator does not answer to the name \"{host}\", because any web site could \
                 point a name of its own here. Start it with --allow-host {host} if this name is \
                 yours."
            );
            let log = format!(
                "refused a request for {host}, which is not a name of the emulator; --allow-host \
                 adds one"
            );
            return refuse("EMULATOR_HOST_NOT_ALLOWED", &message, log);
        }
        if path_of(&head.path).is_some() {
            // The refusal has no CORS headers: other sites must not be able to read it.
            return match self.access.refuse_control(head) {
                None => Ok(Destination::Control),
                Some(reason) => {
                    let message = format!(
                        "{reason} {PREFIX} is for programs and pages of this machine only."
                    );
                    refuse("EMULATOR_FORBIDDEN", &message, format!("refused {PREFIX}: {reason}"))
                }
            };
        }
        if !self.access.allows_page(head) {
            let origin = shown(head.header("origin").unwrap_or_default());
            let message = format!(
                "This emulator answers pages of this machine only, and not those of {origin}. \
                 Start it with --allow-origin {origin} if this page is yours."
            );
            let log = format!("refused a page of {origin}; --allow-origin adds an origin");
            return refuse("EMULATOR_ORIGIN_NOT_ALLOWED", &message, log);
        }
        Ok(match self.access.dashboard_path(head) {
            Some(path) => Destination::Dashboard(path.to_owned()),
            None => Destination::Service,
        })
    }
}
