//! One call: what an action reads, and what it produces.

use super::access::{self, Caller};
use super::change::Change;
use super::entity::User;
use super::error::ErrorKind;
use super::failure::Failure;
use super::http::{Body, Request};
use super::site::Site;
use super::state::State;
use super::validate::{Field, Input, Values};
use percent_encoding::percent_decode_str;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// The largest request body that the service accepts, in bytes. The documentation says "a 10 KB
/// body".
pub const MAX_BODY: usize = 10 * 1024;

/// The parameters of a path.
#[derive(Debug, Clone, Default)]
pub struct PathParameters {
    /// The version segment in use, for the settings document.
    pub version: &'static str,
    /// The names with braces, such as `{uid}`, and the values as sent.
    pub values: Vec<(&'static str, String)>,
}

impl PathParameters {
    /// A parameter, as sent.
    pub fn raw(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text.as_str())
    }

    /// A parameter, percent-decoded.
    pub fn decoded(&self, name: &str) -> String {
        percent_decode_str(self.raw(name)).decode_utf8_lossy().into_owned()
    }
}

/// The fields that a call reads.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tables {
    /// The fields of the query string.
    pub(crate) query: &'static [&'static [Field]],
    /// The fields of the body.
    pub(crate) body: &'static [&'static [Field]],
}

/// The typical size of an item of a list in bytes, so that a page is written into one buffer.
const ITEM_SIZE: usize = 160;

/// The content of a successful response: JSON text.
pub(crate) struct Content(String);

impl Content {
    /// `{"data": …}`
    pub(crate) fn data(data: impl Serialize) -> Result<Self, Failure> {
        #[derive(Serialize)]
        struct Envelope<T> {
            data: T,
        }
        Self::of(&Envelope { data })
    }

    /// `{"data": […], "meta": …}`
    pub(crate) fn list<I>(items: I, meta: impl Serialize) -> Result<Self, Failure>
    where
        I: Iterator<Item: Serialize> + Clone,
    {
        /// Items that are serialised one by one, without a list of them.
        struct Items<I>(I);

        impl<I: Iterator<Item: Serialize> + Clone> Serialize for Items<I> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.clone())
            }
        }

        #[derive(Serialize)]
        struct Envelope<T, M> {
            data: T,
            meta: M,
        }
        let capacity = 256 + items.size_hint().0 * ITEM_SIZE;
        Self::with_capacity(capacity, &Envelope { data: Items(items), meta })
    }

    /// The response to an action that gives no data.
    pub(crate) fn done(message: &str) -> Result<Self, Failure> {
        #[derive(Serialize)]
        struct Done<'a> {
            success: bool,
            message: &'a str,
        }
        Self::data(Done { success: true, message })
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn of(envelope: &impl Serialize) -> Result<Self, Failure> {
        Self::with_capacity(256, envelope)
    }

    fn with_capacity(capacity: usize, envelope: &impl Serialize) -> Result<Self, Failure> {
        let problem = |error: &dyn std::fmt::Display| {
            Failure::new(
                ErrorKind::Internal,
                format!("The emulator could not serialise its response: {error}."),
            )
        };
        let mut text = Vec::with_capacity(capacity);
        serde_json::to_writer(&mut text, envelope).map_err(|error| problem(&error))?;
        String::from_utf8(text).map(Self).map_err(|error| problem(&error))
    }
}

/// A call whose caller is authorised.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a State,
    pub(crate) request: &'a Request,
    pub(crate) site: &'a Site<'a>,
    pub(crate) path: &'a PathParameters,
    pub(crate) caller: Caller<'a>,
    /// The body; an absent one is an empty object.
    pub(crate) body: Map<String, Value>,
    /// The changes that the action makes once it has succeeded.
    pub(crate) changes: Vec<Change>,
    tables: Tables,
    next_seq: u64,
    entropy: std::slice::Iter<'a, u8>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        state: &'a State,
        request: &'a Request,
        site: &'a Site<'a>,
        path: &'a PathParameters,
        credential: access::Credential,
        tables: Tables,
    ) -> Result<Self, Failure> {
        let caller = access::check(state, site, request, credential)?;
        let body = parse(&request.body)?;
        Ok(Self {
            state,
            request,
            site,
            path,
            caller,
            body,
            changes: Vec::new(),
            tables,
            next_seq: state.next_seq,
            entropy: request.entropy.iter(),
        })
    }

    /// The uid in the path, decoded and lower-cased: the form in which users are stored.
    pub(crate) fn path_uid(&self) -> String {
        self.path.decoded("{uid}").to_lowercase()
    }

    /// The active user named in the path.
    pub(crate) fn path_user(&self) -> Result<&'a User, Failure> {
        // The service's message has the path's text lower-cased, but not decoded.
        let as_sent = self.path.raw("{uid}").to_lowercase();
        self.site.app.active_user(&self.path_uid()).ok_or_else(|| Failure::unknown_user(&as_sent))
    }

    /// The query string, checked.
    pub(crate) fn query(&self) -> Result<Values, Failure> {
        Input::of_query(self.tables.query, &self.request.query).done()
    }

    /// The body, checked.
    pub(crate) fn input(&self) -> Input {
        Input::of_body(self.tables.body, &self.body)
    }

    /// The next place in the order of creation.
    pub(crate) fn next_seq(&mut self) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        seq
    }

    /// The next `N` random bytes of the request, in hex.
    pub(crate) fn random_hex<const N: usize>(&mut self) -> Result<String, Failure> {
        let bytes = self.random_bytes::<N>()?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The next `N` random bytes of the request. Fails when the request has fewer left.
    pub(crate) fn random_bytes<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        let too_few = || {
            Failure::new(
                ErrorKind::Internal,
                "The call needs more random bytes than the emulator gives to one request.",
            )
        };
        let (bytes, rest) = self.entropy.as_slice().split_first_chunk().ok_or_else(too_few)?;
        self.entropy = rest.iter();
        Ok(*bytes)
    }

    pub(crate) fn app_id(&self) -> String {
        self.site.app.id.clone()
    }

    /// Adds or replaces a user once the call has succeeded.
    pub(crate) fn put_user(&mut self, user: User) {
        self.changes.push(Change::PutUser { app: self.app_id(), user });
    }
}

fn parse(body: &Body) -> Result<Map<String, Value>, Failure> {
    let too_large = || {
        Failure::new(
            ErrorKind::BodyTooLarge,
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
        // PHP sends an empty array for an empty object.
        Ok(Value::Array(items)) if items.is_empty() => Ok(Map::new()),
        Ok(_) => Err(Failure::new(ErrorKind::Malformed, "The request body must be a JSON object.")),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(Failure::new(
                ErrorKind::Malformed,
                format!(
                    "The request body is not valid JSON (line {line}, column {column}). Please \
                     send a JSON object."
                ),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::Config;
    use crate::core::seed;

    #[test]
    fn r7_a_call_that_needs_more_random_bytes_than_there_are_fails() {
        let mut state = State::new(Config::default());
        for change in seed::app(&state, seed::APP_ID, 1) {
            state.apply(&change);
        }
        let request = Request {
            method: "GET".into(),
            path: "/".into(),
            query: String::new(),
            headers: Vec::new(),
            body: Body::Empty,
            now: 1,
            entropy: std::array::from_fn(|at| at as u8),
        };
        let site = Site::of(&state, &request).ok().unwrap();
        let path = PathParameters::default();
        let (nothing, tables) = (access::Credential::Nothing, Tables::default());
        let mut call = Call::new(&state, &request, &site, &path, nothing, tables).unwrap();
        let first: [u8; 60] = call.random_bytes().unwrap();
        assert_eq!(first.last(), Some(&59));
        assert_eq!(call.random_bytes::<5>().unwrap_err().kind, ErrorKind::Internal);
        assert_eq!(call.random_hex::<5>().unwrap_err().kind, ErrorKind::Internal);
        assert_eq!(call.random_bytes().unwrap(), [60, 61, 62, 63], "those left are not lost");
    }
}
