//! One tab of the model.

mod calls;
mod commit;
mod endings;
mod requests;
mod responses;
mod sync;

use std::collections::VecDeque;

use super::coverage::Covered;
use super::step::{CallId, Login, ModelOutput};
use super::storage::{Entry, ModelStorage};
use super::values::{APPS, Hosts, Session, Token, Uid};

/// One tab.
#[derive(Clone, Debug)]
pub struct Model {
    tab: usize,
    app: Option<App>,
    requests: Vec<ModelRequest>,
    failed_init: Option<CallId>,
    next_number: usize,
    /// The expected outputs of the step.
    pub outputs: Vec<ModelOutput>,
    /// The user that each request of the step is about.
    pub request_users: Vec<Uid>,
    pub covered: u128,
}

#[derive(Clone, Copy, Debug)]
struct App {
    id: usize,
    session_mode: bool,
    timeout: u32,
    region: &'static str,
    session: Option<Session>,
    persistence: Persistence,
    /// The `user` entry as last read, or as last written by this tab.
    last_read: Option<Entry>,
}

impl App {
    /// Remembers the entry after an own change, so that a later change by another program is
    /// noticed.
    fn remember_entry(&mut self, storage: &mut ModelStorage, touched: bool) {
        match storage.read(self.id) {
            Some(entry) => self.last_read = Some(entry),
            None if touched => self.last_read = None,
            None => {}
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Persistence {
    Storage,
    Unreadable,
    Memory,
}

/// A pending request as the model describes it.
#[derive(Clone, Debug)]
struct ModelRequest {
    number: usize,
    operation: Operation,
    callers: VecDeque<CallId>,
    uid: Option<Uid>,
    token: Option<Token>,
    /// The region and the session's hosts at the time of the call.
    region: &'static str,
    hosts: Hosts,
    extended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Login(Login),
    /// Whether a new session has begun since.
    Logout {
        old: bool,
    },
    CreateUser,
    UpdateUser,
    UpdateMe,
    GetUser,
    Verify,
}

impl Model {
    pub fn new(tab: usize) -> Self {
        let (requests, outputs, request_users) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            tab,
            app: None,
            requests,
            failed_init: None,
            next_number: 0,
            outputs,
            request_users,
            covered: 0,
        }
    }

    fn cover(&mut self, covered: Covered) {
        self.covered |= 1 << covered as u32;
    }

    pub fn app_id(&self) -> Option<&'static str> {
        self.app.map(|app| APPS[app.id])
    }

    pub fn session(&self) -> Option<Session> {
        self.app?.session
    }

    pub fn persistence(&self) -> Option<&'static str> {
        self.app.map(|app| match app {
            App { persistence: Persistence::Unreadable | Persistence::Memory, .. } => "memory",
            App { session_mode: true, .. } => "session",
            _ => "local",
        })
    }

    /// Whether no request is pending.
    pub fn is_idle(&self) -> bool {
        self.requests.is_empty()
    }

    fn notify(&mut self, event: String) {
        self.outputs.push(ModelOutput::Notify(event));
    }

    fn settle(&mut self, call: CallId, result: &str) {
        self.outputs.push(ModelOutput::Settle(call, result.into()));
    }

    fn pending_login(&self) -> Option<usize> {
        self.requests.iter().position(|pending| matches!(pending.operation, Operation::Login(_)))
    }
}

/// The storage of the app: localStorage is shared, and each tab has its own sessionStorage.
fn storage_index(app: &App, tab: usize) -> usize {
    if app.session_mode { 1 + tab } else { 0 }
}

fn user_result(session: Option<Session>) -> String {
    session.map_or_else(|| "no user".into(), |session| format!("user {}", session.text()))
}
