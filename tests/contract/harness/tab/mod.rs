//! A page with its client.

mod calls;
mod network;
mod outputs;
mod pages;
mod results;
mod sessions;

use std::collections::BTreeMap;
use std::rc::Rc;

use cometchat_auth::client::ports::{Answer, CallId, RequestId};
use cometchat_auth::client::{Call, Client};
use cometchat_auth::protocol::json::CanonicalJson;
use cometchat_auth::protocol::session::Session;

use super::javascript::ExceptionFields;
use super::log::{LogEntry, SentRequest};
use super::platform::TestPlatform;

/// A page with its client.
pub struct Tab {
    pub platform: TestPlatform,
    pub client: Client<TestPlatform>,
    pub calls: BTreeMap<CallId, (Call, Option<Result<Answer, ExceptionFields>>)>,
    pub sent: Vec<SentRequest>,
    /// Logins that wait for their token provider.
    pub pending_providers: Vec<(RequestId, CallId)>,
    /// The outputs of the client, in order.
    pub log: Vec<LogEntry>,
    /// The time limit of each call, as last passed to the watchdog.
    pub watchdog_ms: BTreeMap<CallId, u32>,
    /// Every `SessionChanged`: the session, and whether it is only in memory.
    pub session_changes: Vec<(Option<Rc<Session>>, bool)>,
    last_user: Option<CanonicalJson>,
    /// Requests that continue although no call waits for them.
    pub released: Vec<RequestId>,
    log_position: usize,
    timers: Vec<(RequestId, u64)>,
    secrets: Vec<String>,
    /// Passed by the facade on localhost only.
    is_this_machine: Option<bool>,
    /// Skips the check that every call has settled: the page is closed, or calls stay pending.
    pub closed: bool,
}

impl Default for Tab {
    fn default() -> Self {
        Self::new(TestPlatform::default())
    }
}

impl Tab {
    /// A page on localhost, before `init`.
    pub fn new(platform: TestPlatform) -> Self {
        Self {
            client: Client::new(platform.clone()),
            platform,
            is_this_machine: Some(true),
            pending_providers: Vec::new(),
            calls: BTreeMap::new(),
            sent: Vec::new(),
            log: Vec::new(),
            watchdog_ms: BTreeMap::new(),
            session_changes: Vec::new(),
            last_user: None,
            released: Vec::new(),
            log_position: 0,
            timers: Vec::new(),
            secrets: Vec::new(),
            closed: false,
        }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        if !self.closed && !std::thread::panicking() {
            let pending: Vec<_> = self.calls.iter().filter(|(_, call)| call.1.is_none()).collect();
            assert!(pending.is_empty(), "calls that never settled: {pending:?}");
        }
    }
}
