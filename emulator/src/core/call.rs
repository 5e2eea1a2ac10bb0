//! One call under way: what every action needs, and how it fails.

use super::access::{self, Caller};
use super::routes::Found;
use super::site::Site;
use super::state::{Change, State, User};
use super::status::Fault;
use super::validate::{Field, Input, Values};
use super::{Body, MAX_BODY, Request, users};
use serde_json::{Map, Value};

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) fault: Fault,
    pub(crate) message: String,
    pub(crate) dev_message: Option<String>,
    /// For each field at fault, what is wrong. Boxed: a failure is passed up through many hands, and most have none.
    pub(crate) details: Option<Box<Map<String, Value>>>,
}

impl Failure {
    pub(crate) fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self { fault, message: message.into(), dev_message: None, details: None }
    }

    pub(crate) fn dev(mut self, message: String) -> Self {
        self.dev_message = Some(message);
        self
    }
}

/// A call that was let in.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a State,
    pub(crate) request: &'a Request,
    pub(crate) site: &'a Site<'a>,
    pub(crate) found: &'a Found,
    pub(crate) caller: Caller<'a>,
    /// The body; an absent one is an empty object.
    pub(crate) body: Map<String, Value>,
    /// What the action wants changed.
    pub(crate) changes: Vec<Change>,
    next_seq: u64,
    entropy: std::slice::Iter<'a, u8>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        state: &'a State,
        request: &'a Request,
        site: &'a Site<'a>,
        found: &'a Found,
    ) -> Result<Self, Failure> {
        let caller = access::check(state, site, request, found.route.credential)?;
        let body = parse(&request.body)?;
        Ok(Self {
            state,
            request,
            site,
            found,
            caller,
            body,
            changes: Vec::new(),
            next_seq: state.next_seq,
            entropy: request.entropy.iter(),
        })
    }

    /// The uid in the path, decoded and lower-cased: how users are found.
    pub(crate) fn path_uid(&self) -> String {
        self.found.decoded("{uid}").to_lowercase()
    }

    /// The active user named in the path.
    pub(crate) fn path_user(&self) -> Result<&'a User, Failure> {
        // The service prints the path's text as it came, lower-cased but not decoded.
        let as_sent = self.found.part("{uid}").to_lowercase();
        self.site.app.active_user(&self.path_uid()).ok_or_else(|| users::unknown(&as_sent))
    }

    /// The query string, checked against the route's table.
    pub(crate) fn query(&self) -> Result<Values, Failure> {
        Input::of_query(self.found.route.query, &self.request.query).done()
    }

    /// The body, checked against a table.
    pub(crate) fn body_input(&self, fields: &[Field]) -> Input {
        Input::of_body(fields, &self.body)
    }

    /// The next number in the order of creation.
    pub(crate) fn next_seq(&mut self) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        seq
    }

    /// The next `count` random bytes of the request, in hex.
    pub(crate) fn random_hex(&mut self, count: usize) -> String {
        self.random_bytes(count).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The next `count` random bytes of the request. No action needs more than a request brings.
    pub(crate) fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        self.entropy.by_ref().take(count).copied().collect()
    }

    pub(crate) fn app_id(&self) -> String {
        self.site.app.id.clone()
    }

    /// Makes a change happen once the call has succeeded.
    pub(crate) fn put_user(&mut self, user: User) {
        self.changes.push(Change::PutUser { app: self.app_id(), user });
    }
}

fn parse(body: &Body) -> Result<Map<String, Value>, Failure> {
    let too_large = || {
        Failure::new(
            Fault::BodyTooLarge,
            format!("The request body is too large. At most {MAX_BODY} bytes are allowed."),
        )
    };
    let bytes = match body {
        Body::Empty => return Ok(Map::new()),
        Body::TooLarge => return Err(too_large()),
        Body::Bytes(bytes) if bytes.len() > MAX_BODY => return Err(too_large()),
        Body::Bytes(bytes) => bytes,
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(Value::Null) => Ok(Map::new()),
        // What PHP sends for an empty object.
        Ok(Value::Array(items)) if items.is_empty() => Ok(Map::new()),
        Ok(_) => Err(Failure::new(Fault::Malformed, "The request body must be a JSON object.")),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(Failure::new(
                Fault::Malformed,
                format!(
                    "The request body is not valid JSON (line {line}, column {column}). Please send a JSON object."
                ),
            ))
        }
    }
}
