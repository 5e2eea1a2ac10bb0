//! The control API: the emulator's own calls, below `/emulator/v1`, for programs and pages of this machine.
//!
//! [`CALLS`] is the table of calls; `GET /emulator/v1` and the errors are made from it.

use super::bounds::{APPS, CONTROL_BODY, JOURNAL_WAIT};
use super::faults::{Rule, Source};
use super::head::Head;
use super::journal::{Entry, Filter};
use super::response::Response;
use super::settings::ReadingsPatch;
use super::{Lab, SEED_SCHEMA};
use crate::core::{App, Body, Change};
use crate::document::Document;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Where the calls are.
pub const PREFIX: &str = "/emulator/v1";

/// What a shell does about a call.
#[derive(Debug)]
pub enum Answer {
    /// Send this.
    Send(Response),
    /// Ask again when the journal has changed; after so many milliseconds for the last time.
    Wait(u64),
}

/// One call.
struct Call {
    method: &'static str,
    /// Below [`PREFIX`]; a segment in braces is any text.
    path: &'static str,
    /// The parameters it takes.
    query: &'static [&'static str],
    about: &'static str,
    run: fn(&mut Context<'_>) -> Result<Value, Problem>,
}

const APP: &[&str] = &["app"];

const fn call(
    method: &'static str,
    path: &'static str,
    query: &'static [&'static str],
    about: &'static str,
    run: fn(&mut Context<'_>) -> Result<Value, Problem>,
) -> Call {
    Call { method, path, query, about, run }
}

static CALLS: &[Call] = &[
    call("GET", "", &[], "What this emulator is, and these calls", about),
    call("GET", "apps", &[], "The apps with their keys", apps),
    call("POST", "apps", &[], "Makes a fresh app with keys of its own", make_app),
    call("DELETE", "apps/{id}", &[], "Removes an app", remove_app),
    call("POST", "reset", APP, "Back to a first start", reset),
    call("POST", "seed", &[], "Adds a seed document", load),
    call("GET", "state", APP, "Everything as a seed document, with its secrets", export),
    call("PUT", "state", APP, "Puts a seed document in place of everything", restore),
    call(
        "GET",
        "requests",
        &["app", "after", "since", "epoch", "limit", "wait"],
        "The journal",
        list,
    ),
    call("DELETE", "requests", APP, "Empties the journal", forget),
    call("GET", "faults", APP, "The fault rules", faults),
    call("POST", "faults", APP, "Adds a fault rule", add_fault),
    call("PUT", "faults/{id}", &[], "Replaces a fault rule", replace_fault),
    call("DELETE", "faults", APP, "Removes the fault rules", clear_faults),
    call("DELETE", "faults/{id}", &[], "Removes a fault rule", remove_fault),
    call("GET", "clock", APP, "How far the clock is ahead", clock),
    call("PUT", "clock", APP, "Sets how far the clock is ahead", set_clock),
    call("GET", "readings", APP, "How the documentation is read, and the rate limits", readings),
    call("PUT", "readings", APP, "Changes some of the readings", set_readings),
    call("GET", "schema", &[], "The JSON schema of seed documents", schema),
];

/// Why a call failed.
struct Problem {
    status: u16,
    code: &'static str,
    message: String,
}

impl Problem {
    fn bad(message: impl Into<String>) -> Self {
        Self { status: 400, code: "EMULATOR_BAD_REQUEST", message: message.into() }
    }

    fn not_found(message: impl Into<String>) -> Self {
        Self { status: 404, code: "EMULATOR_NOT_FOUND", message: message.into() }
    }
}

/// A call under way.
struct Context<'a> {
    lab: &'a mut Lab,
    body: &'a [u8],
    query: Vec<(String, String)>,
    /// What stands in the place of `{id}`.
    id: String,
    at_ms: u64,
    entropy: [u8; 64],
    /// What is sent instead of the value that the call gives: a text that is JSON already.
    text: Option<Vec<u8>>,
    wait: Option<u64>,
    /// Whether waiting is over.
    waited: bool,
}

/// The part of the path behind the prefix, if this is one of these calls.
pub(super) fn path_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(PREFIX)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_matches('/'))
}

impl Lab {
    /// Does a call to `/emulator/v1`. `waited` says that the time of an [`Answer::Wait`] is over.
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
            match self.answer_control(head, body, at_ms, entropy, waited) {
                Ok(Ok(text)) => Response::new(200, Some("application/json"), text),
                Ok(Err(wait)) => return Answer::Wait(wait),
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

    /// The text to send, or how long to wait for it.
    fn answer_control(
        &mut self,
        head: &Head,
        body: &Body,
        at_ms: u64,
        entropy: [u8; 64],
        waited: bool,
    ) -> Result<Result<Vec<u8>, u64>, Problem> {
        let path = path_of(&head.path).unwrap_or_default();
        let (call, id) = find(&head.method, path).ok_or_else(|| {
            let known: Vec<String> = CALLS.iter().map(Call::name).collect();
            Problem::not_found(format!(
                "There is no {} {PREFIX}/{path}. There are: {}.",
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
        if let Some((name, _)) = query.iter().find(|(name, _)| !call.query.contains(&name.as_str()))
        {
            let known = match call.query {
                [] => "none".to_owned(),
                names => names.join(", "),
            };
            return Err(Problem::bad(format!(
                "{} has no parameter \"{name}\". It has: {known}.",
                call.name()
            )));
        }
        let id = id.to_owned();
        let mut context =
            Context { lab: self, body, query, id, at_ms, entropy, text: None, wait: None, waited };
        if let Some(app) = context.param("app")
            && context.lab.state.app(app).is_none()
        {
            return Err(unknown_app(app));
        }
        let data = (call.run)(&mut context)?;
        if let Some(wait) = context.wait {
            return Ok(Err(wait));
        }
        let text = context.text.unwrap_or_else(|| text_of(&Data { data }));
        Ok(Ok(text))
    }
}

#[derive(Serialize)]
struct Data<T> {
    data: T,
}

fn text_of(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

impl Call {
    fn name(&self) -> String {
        let slash = if self.path.is_empty() { "" } else { "/" };
        format!("{} {PREFIX}{slash}{}", self.method, self.path)
    }
}

/// The call of a path, and what stands in the place of `{id}`.
fn find<'p>(method: &str, path: &'p str) -> Option<(&'static Call, &'p str)> {
    CALLS.iter().filter(|call| call.method == method).find_map(|call| {
        match call.path.strip_suffix("{id}") {
            None => (call.path == path).then_some((call, "")),
            Some(start) => {
                let id = path.strip_prefix(start)?;
                (!id.is_empty() && !id.contains('/')).then_some((call, id))
            }
        }
    })
}

fn unknown_app(app: &str) -> Problem {
    Problem::not_found(format!(
        "There is no app \"{app}\". GET {PREFIX}/apps lists them, POST {PREFIX}/apps makes one."
    ))
}

impl Context<'_> {
    fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn app(&self) -> Option<String> {
        self.param("app").map(str::to_owned)
    }

    fn number(&self, name: &str) -> Result<Option<u64>, Problem> {
        let text = self.param(name);
        text.map(|text| text.parse().map_err(|_| Problem::bad(format!("{name} is a number."))))
            .transpose()
    }

    /// The body; an absent one is an empty object.
    fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, Problem> {
        let body: &[u8] = if self.body.is_empty() { b"{}" } else { self.body };
        serde_json::from_slice(body).map_err(|error| Problem::bad(error.to_string()))
    }

    fn document(&self) -> Result<Document, Problem> {
        Document::parse(self.body).map_err(Problem::bad)
    }
}

// ---- the emulator and its apps

fn about(context: &mut Context<'_>) -> Result<Value, Problem> {
    let lab = &context.lab;
    let calls = CALLS
        .iter()
        .map(|call| {
            let path = call.name().split_once(' ').map(|(_, path)| path.to_owned());
            json!({ "method": call.method, "path": path, "query": call.query, "about": call.about })
        })
        .collect::<Vec<_>>();
    Ok(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "shell": lab.shell,
        "url": lab.state.config.public_url,
        "regions": lab.state.config.regions,
        "defaultApp": lab.state.default_app().map(|app| &app.id),
        "kept": lab.kept,
        "apps": lab.state.apps().count(),
        "calls": calls,
    }))
}

fn apps(context: &mut Context<'_>) -> Result<Value, Problem> {
    let lab = &context.lab;
    Ok(lab.state.apps().map(|app| show_app(lab, app)).collect())
}

fn show_app(lab: &Lab, app: &App) -> Value {
    let config = &lab.state.config;
    let (auth_key, rest_api_key) = Lab::keys_of(app);
    json!({
        "id": app.id,
        "isDefault": app.id.eq_ignore_ascii_case(&config.default_app),
        "region": config.regions.first(),
        "url": config.public_url,
        "authKey": auth_key,
        "restApiKey": rest_api_key,
        "users": app.user_count(),
        "tokens": app.token_count(),
        "requests": lab.journal.count(&app.id),
        "faults": lab.faults.list(Some(&app.id)).len(),
        "offsetSeconds": lab.settings.offset(Some(&app.id)),
    })
}

fn make_app(context: &mut Context<'_>) -> Result<Value, Problem> {
    let mut app: Map<String, Value> = context.parse()?;
    if context.lab.state.apps().count() >= APPS {
        return Err(Problem::bad(format!("There are {APPS} apps already. Delete some.")));
    }
    let mut entropy = context.entropy.iter();
    let mut hex = |count: usize| -> String {
        entropy.by_ref().take(count).map(|byte| format!("{byte:02x}")).collect()
    };
    let (id, auth_key, rest_api_key) = (format!("app-{}", hex(5)), hex(20), hex(20));
    app.entry("id").or_insert_with(|| json!(id));
    app.entry("keys").or_insert_with(|| {
        json!([
            { "apiKey": auth_key, "name": "Auth Key", "scope": "authOnly" },
            { "apiKey": rest_api_key, "name": "Rest API Key", "scope": "fullAccess" },
        ])
    });
    let id = app.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if context.lab.state.app(&id).is_some() {
        return Err(Problem::bad(format!("There is an app \"{id}\" already.")));
    }
    let document = Document::parse(json!({ "apps": [app] }).to_string().as_bytes());
    let document = document.map_err(|error| Problem::bad(error.replace("apps[0].", "")))?;
    let loaded = context.lab.load(&document, context.at_ms);
    loaded.map_err(|error| Problem::bad(error.replace("apps[0].", "")))?;
    let Some(app) = context.lab.state.app(&id) else { return Err(unknown_app(&id)) };
    let mut shown = show_app(context.lab, app);
    if let Some(map) = shown.as_object_mut() {
        map.insert("uids".into(), json!(app.uids().collect::<Vec<_>>()));
    }
    Ok(shown)
}

fn remove_app(context: &mut Context<'_>) -> Result<Value, Problem> {
    let (lab, id) = (&mut context.lab, &context.id);
    let Some(app) = lab.state.app(id).map(|app| app.id.clone()) else {
        return Err(unknown_app(id));
    };
    if app.eq_ignore_ascii_case(&lab.state.config.default_app) {
        return Err(Problem::bad(
            "The default app stays: it is the one of requests that name none.",
        ));
    }
    lab.apply(vec![Change::RemoveApp { app: app.clone() }]);
    lab.forget_app(&app);
    Ok(json!({ "removed": app }))
}

fn reset(context: &mut Context<'_>) -> Result<Value, Problem> {
    let app = context.app();
    context.lab.reset(app.as_deref());
    Ok(json!({ "reset": true }))
}

fn load(context: &mut Context<'_>) -> Result<Value, Problem> {
    let document = context.document()?;
    context.lab.load(&document, context.at_ms).map_err(Problem::bad)?;
    Ok(json!({ "apps": document.apps().collect::<Vec<_>>() }))
}

fn export(context: &mut Context<'_>) -> Result<Value, Problem> {
    let data = context.lab.export(context.param("app"));
    context.text = Some(text_of(&Data { data }));
    Ok(Value::Null)
}

fn restore(context: &mut Context<'_>) -> Result<Value, Problem> {
    let (document, app) = (context.document()?, context.app());
    if let Some(app) = &app
        && !matches!(document.apps().collect::<Vec<_>>()[..], [one] if one.eq_ignore_ascii_case(app))
    {
        return Err(Problem::bad(format!(
            "With app={app}, the document has just the app \"{app}\"."
        )));
    }
    context.lab.restore(&document, app.as_deref(), context.at_ms).map_err(Problem::bad)?;
    Ok(json!({ "apps": document.apps().collect::<Vec<_>>() }))
}

// ---- the journal

fn list(context: &mut Context<'_>) -> Result<Value, Problem> {
    /// `epoch` differs when the journal was emptied since.
    #[derive(Serialize)]
    struct Listing<'a> {
        data: Vec<&'a Entry>,
        epoch: u64,
    }
    let wait = context.number("wait")?.unwrap_or(0);
    if wait > JOURNAL_WAIT {
        return Err(Problem::bad(format!("wait is at most {JOURNAL_WAIT} milliseconds.")));
    }
    let known = context.number("epoch")?;
    let limit = context.number("limit")?.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let filter = Filter {
        app: context.app(),
        after: context.number("after")?.unwrap_or(0),
        since: context.number("since")?.unwrap_or(0),
        limit,
    };
    let (journal, epoch) = (&context.lab.journal, context.lab.epoch);
    let data = journal.list(&filter);
    let emptied = known.is_some_and(|known| known != epoch);
    if data.is_empty() && !emptied && wait > 0 && !context.waited {
        context.wait = Some(wait);
        return Ok(Value::Null);
    }
    let text = text_of(&Listing { data, epoch });
    context.text = Some(text);
    Ok(Value::Null)
}

fn forget(context: &mut Context<'_>) -> Result<Value, Problem> {
    let app = context.app();
    context.lab.clear_journal(app.as_deref());
    Ok(json!([]))
}

// ---- fault rules

fn faults(context: &mut Context<'_>) -> Result<Value, Problem> {
    Ok(Value::Array(context.lab.faults.list(context.param("app"))))
}

fn add_fault(context: &mut Context<'_>) -> Result<Value, Problem> {
    let rule = Rule::parse(context.parse()?, context.param("app")).map_err(Problem::bad)?;
    context.lab.faults.add(rule, Source::Api).map_err(Problem::bad)
}

fn rule_id(context: &Context<'_>) -> Result<u64, Problem> {
    context.id.parse().map_err(|_| {
        Problem::bad(format!("A fault rule's id is a number, as POST {PREFIX}/faults gives it."))
    })
}

fn no_rule(id: u64) -> Problem {
    Problem::not_found(format!("There is no fault rule {id} (any more)."))
}

fn replace_fault(context: &mut Context<'_>) -> Result<Value, Problem> {
    let id = rule_id(context)?;
    let rule = Rule::parse(context.parse()?, None).map_err(Problem::bad)?;
    let replaced = context.lab.faults.replace(id, rule).ok_or_else(|| no_rule(id))?;
    replaced.map_err(Problem::bad)
}

fn clear_faults(context: &mut Context<'_>) -> Result<Value, Problem> {
    let app = context.app();
    context.lab.faults.clear(app.as_deref());
    Ok(json!([]))
}

fn remove_fault(context: &mut Context<'_>) -> Result<Value, Problem> {
    let id = rule_id(context)?;
    if context.lab.faults.remove(id) { Ok(json!({ "removed": id })) } else { Err(no_rule(id)) }
}

// ---- clock and readings

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Clock {
    offset_seconds: i64,
}

fn clock(context: &mut Context<'_>) -> Result<Value, Problem> {
    let (lab, app) = (&context.lab, context.param("app"));
    Ok(json!({
        "offsetSeconds": lab.settings.offset(app),
        "now": lab.settings.now(app, context.at_ms),
    }))
}

fn set_clock(context: &mut Context<'_>) -> Result<Value, Problem> {
    let (Clock { offset_seconds }, app) = (context.parse()?, context.app());
    context.lab.settings.set_offset(app.as_deref(), offset_seconds).map_err(Problem::bad)?;
    clock(context)
}

fn readings(context: &mut Context<'_>) -> Result<Value, Problem> {
    Ok(json!(context.lab.settings.readings(context.param("app"))))
}

fn set_readings(context: &mut Context<'_>) -> Result<Value, Problem> {
    let (patch, app): (ReadingsPatch, _) = (context.parse()?, context.app());
    context.lab.settings.patch(app.as_deref(), patch);
    readings(context)
}

fn schema(context: &mut Context<'_>) -> Result<Value, Problem> {
    context.text = Some(SEED_SCHEMA.as_bytes().to_vec());
    Ok(Value::Null)
}
