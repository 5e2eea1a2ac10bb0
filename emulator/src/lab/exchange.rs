//! A request to the service, from its arrival to its end.

use super::bounds;
use super::faults::{Act, Hang, Rule, When};
use super::head::Head;
use super::instance::Lab;
use super::journal::Arrival;
use super::response::{Outcome, Response};
use super::secrets::Mask;
use super::socket::Conversation;
use crate::core::{self, Body, Request, Response as ServiceResponse};
use std::sync::Arc;

/// An in-flight request to the service.
#[derive(Debug)]
pub struct Exchange {
    request: Request,
    rule: Option<Arc<Rule>>,
    entry: u64,
    socket: bool,
    /// The delay before anything else happens, in milliseconds.
    pub delay_ms: u64,
    /// The path without secrets, for the log.
    pub path: String,
    /// The id of the fault rule that applies.
    pub fault: Option<u64>,
}

impl Exchange {
    /// Whether the service may store something for this request.
    pub fn may_store(&self) -> bool {
        core::may_store(&self.request)
    }
}

/// The plan of a request: what a shell does after its delay.
#[derive(Debug)]
pub enum Plan {
    /// Close the connection without a response.
    Drop,
    /// Send nothing and keep the connection open until the emulator stops.
    Hang,
    /// Open a web socket for this conversation.
    Open(Conversation),
    /// Send this response.
    Send(Sending),
}

/// A response, and what the log and the journal say about it.
#[derive(Debug)]
pub struct Sending {
    /// The response to send.
    pub response: Response,
    /// The outcome of the request.
    pub outcome: Outcome,
    /// The app of the request, if it is known.
    pub app: Option<String>,
    /// The `error.code` of the response.
    pub code: Option<&'static str>,
}

impl Lab {
    /// Starts a request to the service: finds its app, its fault rule, and records it in the
    /// journal.
    pub fn begin(&mut self, head: Head, body: Body, at_ms: u64, entropy: [u8; 64]) -> Exchange {
        let (socket, from_tool) = (head.is_socket(), self.access.is_of_tool(&head));
        let mut request = Request {
            method: head.method.clone(),
            path: head.path.clone(),
            query: head.query.clone(),
            headers: head.headers.clone(),
            body,
            now: 0,
            entropy,
        };
        let (app, uid) = core::about(&self.state, &request);
        request.now = self.now(app.as_deref(), at_ms);
        let found =
            if from_tool { None } else { self.faults.find(&head, app.as_deref(), uid.as_deref()) };
        let (fault, rule) = found.unzip();
        let entry = if from_tool {
            0
        } else {
            let arrival = Arrival { head: &head, body: &request.body, at: at_ms, app, uid, fault };
            self.journal.open(arrival, &self.secrets)
        };
        let path = match self.journal.entry(entry) {
            Some(entry) => entry.path().to_owned(),
            None => Mask::new(&self.secrets).path(&head.path),
        };
        let delay_ms = rule.as_ref().and_then(|rule| rule.act.delay_ms).unwrap_or(0);
        Exchange { request, rule, entry, socket, delay_ms, path, fault }
    }

    /// Lets the service answer, unless a fault rule replaces the answer. Call it after the delay.
    pub fn serve(&mut self, exchange: &Exchange, at_ms: u64) -> Plan {
        let act = exchange.rule.as_ref().map(|rule| &rule.act);
        if act.is_some_and(|act| act.drop == Some(When::Before)) {
            return Plan::Drop;
        }
        if act.is_some_and(|act| act.hang == Some(Hang::Before)) {
            return self.hang(exchange);
        }
        let response = match act.and_then(Act::response) {
            Some((status, content_type, body)) => {
                ServiceResponse::foreign(status, content_type, body)
            }
            None if exchange.socket => return self.open_socket(exchange, at_ms),
            None => self.answer(&exchange.request),
        };
        self.plan(exchange, response)
    }

    /// The plan for a request whose changes could not be stored.
    pub fn not_stored(&mut self, exchange: &Exchange) -> Plan {
        self.plan(exchange, ServiceResponse::not_stored())
    }

    /// Records the end of a request. `status` is that of the response, if there was one.
    pub fn finish(
        &mut self,
        exchange: &Exchange,
        status: Option<u16>,
        code: Option<&'static str>,
        outcome: Outcome,
        ms: u64,
    ) {
        self.journal.close(exchange.entry, status, code, outcome, ms);
    }

    fn answer(&mut self, request: &Request) -> ServiceResponse {
        let (app, _) = core::about(&self.state, request);
        let readings = self.settings.readings(app.as_deref());
        readings.apply(&mut self.state.config);
        let (response, changes) = core::handle(&self.state, request);
        self.apply(changes);
        response
    }

    fn plan(&mut self, exchange: &Exchange, response: ServiceResponse) -> Plan {
        let act = exchange.rule.as_ref().map(|rule| &rule.act);
        match act.map(|act| (act.drop, act.hang)) {
            Some((Some(When::After), _)) => return Plan::Drop,
            Some((_, Some(Hang::After))) => return self.hang(exchange),
            _ => {}
        }
        let (app, code) = (response.app.clone(), response.code);
        let mut response = Response::from(response);
        let outcome = act.map_or(Outcome::Answered, |act| response.apply_fault(act));
        Plan::Send(Sending { response, outcome, app, code })
    }

    fn hang(&mut self, exchange: &Exchange) -> Plan {
        self.journal.hung(exchange.entry);
        Plan::Hang
    }

    fn open_socket(&mut self, exchange: &Exchange, at_ms: u64) -> Plan {
        if self.open_sockets >= bounds::SOCKETS {
            let message = format!(
                "There are {} open web sockets already. Close some of them.",
                bounds::SOCKETS
            );
            let response = Response::error(503, "EMULATOR_TOO_MANY_SOCKETS", &message);
            let sending = Sending { response, outcome: Outcome::Answered, app: None, code: None };
            return Plan::Send(sending);
        }
        self.open_sockets += 1;
        Plan::Open(Conversation::new(exchange.entry, at_ms))
    }

    /// Counts a web socket as closed. Call it once for each [`Plan::Open`], also when the handshake
    /// failed.
    pub fn socket_gone(&mut self) {
        self.open_sockets = self.open_sockets.saturating_sub(1);
    }

    /// The number of open web sockets.
    pub fn open_sockets(&self) -> usize {
        self.open_sockets
    }
}
