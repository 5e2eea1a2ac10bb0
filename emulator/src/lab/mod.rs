//! What tests use, around the service: apps of their own, fault rules, the journal, the clock, and the control API `/emulator/v1`.
//!
//! Pure, as the core is: time, chance and the bodies of requests come in, plans go out. A shell does the I/O. For each request it
//!
//! 1. asks [`Lab::admit`] with the request's head: who may come in, and what it comes for;
//! 2. reads the body, at most [`bounds::BODY_KEPT`] or [`bounds::CONTROL_BODY`] of it;
//! 3. for `/emulator/v1`: asks [`Lab::control`] and sends what it says;
//! 4. for the service: asks [`Lab::begin`], waits as long as it says, asks [`Lab::serve`], sends what the plan says, and tells [`Lab::finish`].
//!
//! After each of these calls a shell that keeps the state stores [`Lab::take_unstored`], in that order.

mod access;
pub mod bounds;
mod control;
mod faults;
mod head;
mod journal;
mod response;
mod secrets;
mod settings;
mod socket;
mod start;

pub use self::access::{AccessPolicy, SERVICE_DOMAINS, valid_host_pattern};
pub use self::control::{Answer, PREFIX};
pub use self::head::Head;
pub use self::response::{Outcome, Response, Step};
pub use self::settings::Readings;
pub use self::socket::{Conversation, Event, Reaction};
pub use self::start::{Plan as StartPlan, Setup, SetupError};

use self::faults::{Faults, Hang, Rule, Source, When};
use self::journal::{Arrival, Journal};
use self::secrets::{Mask, Secrets};
use self::settings::Settings;
use crate::core::{
    self, App, Body, Change, Config, Request, Response as ServiceResponse, Scope, State, Storage,
};
use crate::document::Document;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The JSON schema of seed documents.
pub const SEED_SCHEMA: &str = include_str!("../../seed.schema.json");

/// A seed document to start from.
pub const SEED_STARTER: &str = include_str!("../../seed.starter.json");

/// What a shell brings to the start.
#[derive(Debug, Clone)]
pub struct Start {
    /// The address for clients, without a slash at the end.
    pub public_url: String,
    /// What the shell is called in `GET /emulator/v1`.
    pub shell: &'static str,
    /// What a database file holds, if there is one: the changes that lead to it from nothing.
    pub rows: Option<Vec<Change>>,
    /// UNIX milliseconds.
    pub at_ms: u64,
    /// Random bytes.
    pub entropy: [u8; 16],
}

/// The emulator without a machine around it.
#[derive(Debug)]
pub struct Lab {
    state: State,
    access: AccessPolicy,
    shell: &'static str,
    /// Whether a database file keeps the state.
    kept: bool,
    unstored: Vec<Change>,
    /// What a reset goes back to, by app id in lower case.
    baselines: BTreeMap<String, Baseline>,
    /// The apps of a first start.
    started: BTreeSet<String>,
    /// The fault rules of the seeds that are for all apps.
    common_rules: Vec<Rule>,
    faults: Faults,
    journal: Journal,
    /// Grows when the journal is emptied.
    epoch: u64,
    settings: Settings,
    secrets: Secrets,
    /// Grows when a session may have ended.
    sessions: u64,
    open_sockets: usize,
}

#[derive(Debug, Clone, Default)]
struct Baseline {
    changes: Vec<Change>,
    rules: Vec<Rule>,
}

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// The service.
    Service,
    /// The emulator's own calls.
    Control,
    /// A file of the dashboard, by its path below `/dashboard/`; empty for the page itself. A shell without it takes it for the service.
    Dashboard(String),
}

/// A request that is not let in.
#[derive(Debug)]
pub struct Refusal {
    /// What to answer.
    pub response: Response,
    /// What to log.
    pub log: String,
}

/// A request to the service under way.
#[derive(Debug)]
pub struct Exchange {
    request: Request,
    rule: Option<Arc<Rule>>,
    entry: u64,
    socket: bool,
    /// How long to wait before anything else, in milliseconds.
    pub delay_ms: u64,
    /// The path, for the log: without secrets.
    pub path: String,
    /// The number of the fault rule that takes part.
    pub fault: Option<u64>,
}

impl Exchange {
    /// Whether the service may change something for it that is stored.
    pub fn may_store(&self) -> bool {
        core::may_store(&self.request)
    }
}

/// What to do about a request, after its delay.
#[derive(Debug)]
pub enum Plan {
    /// Close the connection without a response.
    Drop,
    /// Send nothing and keep the connection open until the emulator stops.
    Hang,
    /// Open a web socket; the conversation begins.
    Open(Conversation),
    /// Send this.
    Send(Sending),
}

/// A response, and what the log and the journal say about it.
#[derive(Debug)]
pub struct Sending {
    /// What to send.
    pub response: Response,
    /// What becomes of the request by that.
    pub outcome: Outcome,
    /// The app the request was for, as far as that was found out.
    pub app: Option<String>,
    /// The `error.code` of the response.
    pub code: Option<&'static str>,
}

impl Lab {
    /// Sets everything up. What has to be stored of it is in [`Lab::take_unstored`].
    ///
    /// # Errors
    ///
    /// When a seed cannot be used.
    pub fn new(plan: &StartPlan, start: Start) -> Result<Self, SetupError> {
        let mut config = Config {
            public_url: start.public_url,
            regions: plan.regions.clone(),
            default_app: plan.apps.first().cloned().unwrap_or_default(),
            ..Config::default()
        };
        plan.readings.apply(&mut config);
        let now = start.at_ms / 1000;
        let mut fresh = State::new(config);
        let mut state = fresh.clone();
        let changes = plan.seed_apps(&mut fresh, now)?;
        let kept = start.rows.is_some();
        let mut unstored = Vec::new();
        match start.rows {
            None => state = fresh,
            Some(rows) => {
                rows.iter().for_each(|change| state.apply(change));
                unstored = plan.seed_apps(&mut state, now)?;
            }
        }
        let mut lab = Self {
            state,
            access: AccessPolicy::new(&plan.hosts, &plan.origins).open_control(plan.open_control),
            shell: start.shell,
            kept,
            unstored,
            baselines: BTreeMap::new(),
            started: BTreeSet::new(),
            common_rules: Vec::new(),
            faults: Faults::default(),
            journal: Journal::default(),
            epoch: 0,
            settings: Settings::new(plan.readings),
            secrets: Secrets::new(start.entropy),
            sessions: 0,
            open_sockets: 0,
        };
        lab.secrets.add_state(&lab.state);
        lab.record_baselines(changes, &plan.rules);
        lab.started = lab.baselines.keys().cloned().collect();
        lab.common_rules = plan.rules.iter().filter(|rule| rule.app().is_none()).cloned().collect();
        lab.add_rules(&plan.rules);
        Ok(lab)
    }

    /// The state of the service.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What was changed since the last call of this and has to be stored.
    pub fn take_unstored(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.unstored)
    }

    /// Puts a state in place of the present one, such as what a database file holds when a change could not be stored.
    pub fn replace_state(&mut self, rows: &[Change]) {
        let mut state = State::new(self.state.config.clone());
        rows.iter().for_each(|change| state.apply(change));
        self.state = state;
        self.unstored.clear();
        self.sessions += 1;
    }

    /// Sets where the changes are kept, and whether that works.
    pub fn set_storage(&mut self, storage: Storage) {
        self.state.storage = storage;
    }

    /// Sets the address for clients, where it is known only after the start.
    pub fn set_public_url(&mut self, url: String) {
        self.state.config.public_url = url;
    }

    /// Grows when a session may have ended.
    pub fn sessions_revision(&self) -> u64 {
        self.sessions
    }

    /// Grows with each change of the journal.
    pub fn journal_revision(&self) -> u64 {
        self.journal.revision() + self.epoch
    }

    /// The time of an app, or of all, in UNIX seconds.
    pub fn now(&self, app: Option<&str>, at_ms: u64) -> u64 {
        self.settings.now(app, at_ms)
    }

    /// The Auth Key and the REST API key of an app; empty where it has none.
    pub fn keys_of(app: &App) -> (String, String) {
        (start::key_of(app, Scope::AuthOnly), start::key_of(app, Scope::FullAccess))
    }

    /// A text for the log: without secrets.
    pub fn masked(&self, text: &str) -> String {
        Mask::new(&self.secrets).guess(text)
    }

    /// Makes changes, and remembers what a shell has to know of them.
    fn apply(&mut self, changes: Vec<Change>) {
        let ends_sessions = |change: &Change| match change {
            Change::Clear
            | Change::RemoveApp { .. }
            | Change::RemoveToken { .. }
            | Change::RemoveUser { .. } => true,
            Change::PutUser { user, .. } => user.deactivated_at.is_some(),
            _ => false,
        };
        for change in changes {
            if ends_sessions(&change) {
                self.sessions += 1;
            }
            self.state.apply(&change);
            self.secrets.note(&change, &self.state);
            if self.kept && change.is_row() {
                self.unstored.push(change);
            }
        }
    }

    // ---- a request's way

    /// Whether a request may come in, by its head, and what it is for.
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
                "This emulator does not answer to the name \"{host}\", because any web site could point a name of its own here. Start it with --allow-host {host} if this name is yours."
            );
            let log = format!(
                "refused a request for {host}, which is no name of the emulator; --allow-host adds one"
            );
            return refuse("EMULATOR_HOST_NOT_ALLOWED", &message, log);
        }
        if control::path_of(&head.path).is_some() {
            // Without CORS headers: not even the refusal is a stranger's to read.
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
                "This emulator answers pages of this machine only, and not those of {origin}. Start it with --allow-origin {origin} if this page is yours."
            );
            let log = format!("refused a page of {origin}; --allow-origin adds an origin");
            return refuse("EMULATOR_ORIGIN_NOT_ALLOWED", &message, log);
        }
        Ok(match self.access.dashboard_path(head) {
            Some(path) => Destination::Dashboard(path.to_owned()),
            None => Destination::Service,
        })
    }

    /// Takes in a request to the service.
    pub fn begin(&mut self, head: Head, body: Body, at_ms: u64, entropy: [u8; 64]) -> Exchange {
        let (socket, quiet) = (head.is_socket(), self.access.is_of_tool(&head));
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
            if quiet { None } else { self.faults.find(&head, app.as_deref(), uid.as_deref()) };
        let (fault, rule) = found.unzip();
        let entry = if quiet {
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

    /// Lets the service answer, unless a fault rule says otherwise. To be called after the delay.
    pub fn serve(&mut self, exchange: &Exchange, at_ms: u64) -> Plan {
        let act = exchange.rule.as_ref().map(|rule| &rule.act);
        if act.is_some_and(|act| act.drop == Some(When::Before)) {
            return Plan::Drop;
        }
        if act.is_some_and(|act| act.hang == Some(Hang::Before)) {
            return self.hang(exchange);
        }
        let reply = match act.and_then(faults::Act::reply) {
            Some((status, content_type, body)) => {
                ServiceResponse::foreign(status, content_type, body)
            }
            None if exchange.socket => return self.open_socket(exchange, at_ms),
            None => self.answer(&exchange.request),
        };
        self.plan(exchange, reply)
    }

    /// What to send when the changes of a request could not be stored.
    pub fn not_stored(&mut self, exchange: &Exchange) -> Plan {
        self.plan(exchange, ServiceResponse::not_stored())
    }

    /// Notes what became of a request. `status` is that of the response, if there was one.
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
        let (reply, changes) = core::handle(&self.state, request);
        self.apply(changes);
        reply
    }

    fn plan(&mut self, exchange: &Exchange, reply: ServiceResponse) -> Plan {
        let act = exchange.rule.as_ref().map(|rule| &rule.act);
        match act.map(|act| (act.drop, act.hang)) {
            Some((Some(When::After), _)) => return Plan::Drop,
            Some((_, Some(Hang::After))) => return self.hang(exchange),
            _ => {}
        }
        let (app, code) = (reply.app.clone(), reply.code);
        let mut response = Response::from(reply);
        let outcome = act.map_or(Outcome::Answered, |act| response.apply_fault(act));
        Plan::Send(Sending { response, outcome, app, code })
    }

    fn hang(&mut self, exchange: &Exchange) -> Plan {
        self.journal.hung(exchange.entry);
        Plan::Hang
    }

    // ---- web sockets

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

    /// A web socket is gone: to be called once for each that [`Plan::Open`] opened, also when the handshake failed.
    pub fn socket_gone(&mut self) {
        self.open_sockets = self.open_sockets.saturating_sub(1);
    }

    /// How many web sockets are open.
    pub fn open_sockets(&self) -> usize {
        self.open_sockets
    }

    fn socket_frame(&mut self, entry: u64, name: &str, text: &str) {
        self.journal.frame(entry, name, text, &self.secrets);
    }

    fn socket_closed(&mut self, entry: u64, how: Value) {
        self.journal.closed(entry, how, &self.secrets);
    }

    // ---- what the control API does

    /// Back to a first start: the data, the seeds' fault rules, an empty journal, the machine's time; one app, or all.
    pub fn reset(&mut self, app: Option<&str>) {
        self.settings.reset(app);
        self.faults.clear(app);
        self.clear_journal(app);
        let mut changes = Vec::new();
        let mut rules = Vec::new();
        match app {
            None => {
                self.baselines.retain(|app, _| self.started.contains(app));
                changes.push(Change::Clear);
                rules.extend(self.common_rules.iter().cloned());
            }
            Some(app) => changes.push(Change::RemoveApp { app: app.to_owned() }),
        }
        for (id, baseline) in &self.baselines {
            if app.is_none_or(|app| app.eq_ignore_ascii_case(id)) {
                changes.extend(baseline.changes.iter().cloned());
                rules.extend(baseline.rules.iter().cloned());
            }
        }
        self.apply(changes);
        self.add_rules(&rules);
    }

    /// Adds a document.
    fn load(&mut self, document: &Document, at_ms: u64) -> Result<(), String> {
        let rules = start::rules_of(document)?;
        let changes = document.changes(&self.state, self.now(None, at_ms))?;
        self.record_baselines(changes.clone(), &rules);
        self.apply(changes);
        self.add_rules(&rules);
        Ok(())
    }

    /// Puts a document in place of everything, or of one app.
    fn restore(
        &mut self,
        document: &Document,
        app: Option<&str>,
        at_ms: u64,
    ) -> Result<(), String> {
        let rules = start::rules_of(document)?;
        let mut changes = match app {
            None => vec![Change::Clear],
            Some(app) => vec![Change::RemoveApp { app: app.to_owned() }],
        };
        changes.extend(document.changes(&State::default(), self.now(app, at_ms))?);
        self.record_baselines(changes.clone(), &rules);
        self.apply(changes);
        self.faults.clear(app);
        self.add_rules(&rules);
        Ok(())
    }

    fn export(&self, app: Option<&str>) -> Document {
        let mut document = Document::of(&self.state);
        if let Some(app) = app {
            document.keep_app(app);
        }
        document.set_faults(|of| match (app, of) {
            (Some(_), None) => Vec::new(),
            _ => self.faults.written(of),
        });
        document
    }

    /// Remembers what each app that is not known yet begins with.
    fn record_baselines(&mut self, changes: Vec<Change>, rules: &[Rule]) {
        let mut new: BTreeMap<String, Baseline> = BTreeMap::new();
        for change in changes {
            let Some(app) = change.app().map(str::to_ascii_lowercase) else { continue };
            if !self.baselines.contains_key(&app) {
                new.entry(app).or_default().changes.push(change);
            }
        }
        for rule in rules {
            let app = rule.app().map(str::to_ascii_lowercase);
            if let Some(baseline) = app.and_then(|app| new.get_mut(&app)) {
                baseline.rules.push(rule.clone());
            }
        }
        self.baselines.extend(new);
    }

    /// Puts a document's rules into force. They were checked when it was read.
    fn add_rules(&mut self, rules: &[Rule]) {
        for rule in rules {
            // Only more rules than there may be are an error here, and those are left out.
            let _too_many = self.faults.add(rule.clone(), Source::Seed);
        }
    }

    /// Forgets what an app had besides its data.
    fn forget_app(&mut self, app: &str) {
        self.baselines.remove(&app.to_ascii_lowercase());
        self.settings.reset(Some(app));
        self.faults.clear(Some(app));
        self.clear_journal(Some(app));
    }

    fn clear_journal(&mut self, app: Option<&str>) {
        self.journal.clear(app);
        self.epoch += 1;
    }
}
