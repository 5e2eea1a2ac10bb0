//! One call of the control API: what an action reads, and what it produces.

use crate::document::Document;
use crate::lab::instance::Lab;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The path that all calls of the control API start with.
pub const PREFIX: &str = "/emulator/v1";

/// The result of an action.
pub(super) enum Content {
    /// A value, to be sent as `{"data": …}`.
    Data(Value),
    /// A JSON text, to be sent as it is.
    Text(Vec<u8>),
    /// Nothing yet: the client waits for the journal to change, for at most so many milliseconds.
    Wait(u64),
}

pub(super) type Action = fn(&mut Call<'_>) -> Result<Content, Problem>;

/// The reason why a call failed.
pub(super) struct Problem {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self { status: 400, code: "EMULATOR_BAD_REQUEST", message: message.into() }
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self { status: 404, code: "EMULATOR_NOT_FOUND", message: message.into() }
    }

    pub(super) fn unknown_app(app: &str) -> Self {
        Self::not_found(format!(
            "There is no app \"{app}\". GET {PREFIX}/apps lists the apps, POST {PREFIX}/apps \
             creates one."
        ))
    }
}

impl Content {
    /// `{"data": …}`
    pub(super) fn data(data: impl Serialize) -> Self {
        #[derive(Serialize)]
        struct Data<T> {
            data: T,
        }
        Self::json(&Data { data })
    }

    /// A value without an envelope.
    pub(super) fn json(value: &impl Serialize) -> Self {
        Self::Text(serde_json::to_vec(value).unwrap_or_default())
    }
}

impl From<Value> for Content {
    fn from(value: Value) -> Self {
        Self::Data(value)
    }
}

/// A call in progress.
pub(super) struct Call<'a> {
    pub(super) lab: &'a mut Lab,
    pub(super) body: &'a [u8],
    pub(super) query: Vec<(String, String)>,
    /// The value of the path's `{id}`.
    pub(super) id: String,
    pub(super) at_ms: u64,
    pub(super) entropy: [u8; 64],
    /// Whether the time of an earlier [`Content::Wait`] is over.
    pub(super) waited: bool,
}

impl Call<'_> {
    /// A parameter of the query string. The last one counts.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The parameter `app`.
    pub(super) fn app(&self) -> Option<String> {
        self.param("app").map(str::to_owned)
    }

    /// A parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Problem> {
        let text = self.param(name);
        text.map(|text| text.parse().map_err(|_| Problem::bad(format!("{name} must be a number."))))
            .transpose()
    }

    /// The body; an absent one is an empty object.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let body: &[u8] = if self.body.is_empty() { b"{}" } else { self.body };
        serde_json::from_slice(body).map_err(|error| Problem::bad(error.to_string()))
    }

    /// The body as a seed document.
    pub(super) fn document(&self) -> Result<Document, Problem> {
        Document::parse(self.body).map_err(Problem::bad)
    }
}
