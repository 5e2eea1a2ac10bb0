//! The control API: the emulator's own calls below `/emulator/v1`, for programs and pages of this
//! machine.
//!
//! [`ROUTES`] is the table of calls. `GET /emulator/v1` and the errors are generated from it.

mod apps;
mod call;
mod data;
mod faults;
mod requests;
mod settings;
mod snapshots;

pub use self::call::PREFIX;

use self::call::{Action, Call, Content, Problem};
use super::bounds::CONTROL_BODY;
use super::head::Head;
use super::instance::Lab;
use super::response::Response;
use crate::core::Body;
use serde_json::json;

/// What a shell does about a call.
#[derive(Debug)]
pub enum Answer {
    /// Send this response.
    Send(Response),
    /// Call again when the journal has changed, and for the last time after so many milliseconds.
    Wait(u64),
}

/// One row of the table.
struct Route {
    method: &'static str,
    /// The path below [`PREFIX`]. `{id}` at its end stands for one segment of any text.
    path: &'static str,
    /// The parameters of the query string.
    query: &'static [&'static str],
    about: &'static str,
    action: Action,
}

const fn route(
    method: &'static str,
    path: &'static str,
    query: &'static [&'static str],
    about: &'static str,
    action: Action,
) -> Route {
    Route { method, path, query, about, action }
}

const APP: &[&str] = &["app"];
const JOURNAL: &[&str] = &["app", "after", "since", "epoch", "limit", "wait"];

static ROUTES: &[Route] = &[
    route("GET", "", &[], "Describes this emulator and these calls", about),
    route("GET", "apps", &[], "Lists the apps with their keys", apps::list),
    route("POST", "apps", &[], "Creates a fresh app with keys of its own", apps::create),
    route("DELETE", "apps/{id}", &[], "Removes an app", apps::remove),
    route("POST", "reset", APP, "Restores the initial content", data::reset),
    route("POST", "seed", &[], "Adds a seed document", data::load),
    route("GET", "state", APP, "Gets everything as a seed document, with secrets", data::export),
    route("PUT", "state", APP, "Replaces everything with a seed document", data::restore),
    route("GET", "snapshots", APP, "Lists the names of the snapshots", snapshots::list),
    route("PUT", "snapshots/{id}", APP, "Saves a snapshot under a name", snapshots::save),
    route("POST", "snapshots/{id}", APP, "Restores a snapshot", snapshots::restore),
    route("DELETE", "snapshots/{id}", APP, "Removes a snapshot", snapshots::remove),
    route("GET", "requests", JOURNAL, "Lists the journal", requests::list),
    route("DELETE", "requests", APP, "Empties the journal", requests::clear),
    route("GET", "faults", APP, "Lists the fault rules", faults::list),
    route("POST", "faults", APP, "Adds a fault rule", faults::add),
    route("PUT", "faults/{id}", &[], "Replaces a fault rule", faults::replace),
    route("DELETE", "faults", APP, "Removes the fault rules", faults::clear),
    route("DELETE", "faults/{id}", &[], "Removes a fault rule", faults::remove),
    route("GET", "clock", APP, "Gets the offset of the clock", settings::clock),
    route("PUT", "clock", APP, "Sets the offset of the clock", settings::set_clock),
    route("GET", "readings", APP, "Gets the readings and rate limits", settings::readings),
    route("PUT", "readings", APP, "Changes some of the readings", settings::set_readings),
    route("GET", "schema", &[], "Gets the JSON schema of seed documents", data::schema),
];

/// The path below [`PREFIX`], if the path belongs to the control API.
pub(super) fn path_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(PREFIX)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_matches('/'))
}

impl Lab {
    /// Answers a call to `/emulator/v1`. `waited` is true when the time of an [`Answer::Wait`] is
    /// over.
    pub fn control(
        &mut self,
        head: &Head,
        body: &Body,
        at_ms: u64,
        entropy: [u8; 64],
        waited: bool,
    ) -> Answer {
        let response = if head.method == "OPTIONS" {
            Response::new(204, None, Vec::new())
                .with("access-control-allow-methods", "GET, POST, PUT, DELETE")
                .with("access-control-allow-headers", "content-type, x-emulator-client")
                .with("access-control-allow-private-network", "true")
        } else {
            match self.run(head, body, at_ms, entropy, waited) {
                Ok(Content::Data(data)) => Response::json(200, &json!({ "data": data })),
                Ok(Content::Text(text)) => Response::new(200, Some("application/json"), text),
                Ok(Content::Wait(ms)) => return Answer::Wait(ms),
                Err(problem) => Response::error(problem.status, problem.code, &problem.message),
            }
        };
        let response = match head.header("origin") {
            Some(origin) => response.with("access-control-allow-origin", origin),
            None => response,
        };
        let response = response
            .with("vary", "Origin")
            .with("cache-control", "no-store")
            .with("x-content-type-options", "nosniff");
        Answer::Send(response)
    }

    fn run(
        &mut self,
        head: &Head,
        body: &Body,
        at_ms: u64,
        entropy: [u8; 64],
        waited: bool,
    ) -> Result<Content, Problem> {
        let path = path_of(&head.path).unwrap_or_default();
        let (route, id) = find(&head.method, path).ok_or_else(|| {
            let known: Vec<String> = ROUTES.iter().map(Route::name).collect();
            Problem::not_found(format!(
                "There is no call {} {PREFIX}/{path}. The calls are: {}.",
                head.method,
                known.join(", ")
            ))
        })?;
        let body: &[u8] = match body {
            Body::Empty => &[],
            Body::Bytes(bytes) => bytes,
            Body::TooLarge => {
                return Err(Problem::bad(format!("The body is larger than {CONTROL_BODY} bytes.")));
            }
        };
        let query: Vec<(String, String)> =
            form_urlencoded::parse(head.query.as_bytes()).into_owned().collect();
        route.check_query(&query)?;
        let id = id.to_owned();
        let mut call = Call { lab: self, body, query, id, at_ms, entropy, waited };
        if let Some(app) = call.param("app")
            && call.lab.state.app(app).is_none()
        {
            return Err(Problem::unknown_app(app));
        }
        (route.action)(&mut call)
    }
}

impl Route {
    /// The method and the whole path.
    fn name(&self) -> String {
        format!("{} {}", self.method, self.full_path())
    }

    fn full_path(&self) -> String {
        let slash = if self.path.is_empty() { "" } else { "/" };
        format!("{PREFIX}{slash}{}", self.path)
    }

    fn check_query(&self, query: &[(String, String)]) -> Result<(), Problem> {
        let Some((name, _)) = query.iter().find(|(name, _)| !self.query.contains(&name.as_str()))
        else {
            return Ok(());
        };
        let known = match self.query {
            [] => "none".to_owned(),
            names => names.join(", "),
        };
        Err(Problem::bad(format!(
            "{} has no parameter \"{name}\". Its parameters are: {known}.",
            self.name()
        )))
    }
}

/// The route of a path, and the value of its `{id}`.
fn find<'p>(method: &str, path: &'p str) -> Option<(&'static Route, &'p str)> {
    ROUTES.iter().filter(|route| route.method == method).find_map(|route| {
        match route.path.strip_suffix("{id}") {
            None => (route.path == path).then_some((route, "")),
            Some(start) => {
                let id = path.strip_prefix(start)?;
                (!id.is_empty() && !id.contains('/')).then_some((route, id))
            }
        }
    })
}

fn about(call: &mut Call<'_>) -> Result<Content, Problem> {
    let lab = &call.lab;
    let view = |route: &Route| {
        json!({
            "method": route.method,
            "path": route.full_path(),
            "query": route.query,
            "about": route.about,
        })
    };
    let calls: Vec<_> = ROUTES.iter().map(view).collect();
    Ok(Content::Data(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "shell": lab.shell,
        "url": lab.state.config.public_url,
        "regions": lab.state.config.regions,
        "defaultApp": lab.state.default_app().map(|app| &app.id),
        "kept": lab.kept,
        "apps": lab.state.apps().count(),
        "calls": calls,
    })))
}
