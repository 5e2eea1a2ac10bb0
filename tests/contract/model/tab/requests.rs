//! Requests, and the tokens of token providers.

use std::collections::VecDeque;

use super::{Model, ModelRequest, Operation};
use crate::model::coverage::Covered;
use crate::model::step::{CallId, Login, ModelOutput, Provided};
use crate::model::storage::ModelStorage;
use crate::model::values::{APPS, Hosts, Token, Uid};

impl Model {
    pub(super) fn begin(
        &mut self,
        call: CallId,
        operation: Operation,
        uid: Option<Uid>,
        token: Option<Token>,
    ) {
        let Some(app) = self.app else { return };
        let number = self.next_number;
        self.next_number += 1;
        let hosts = app.session.map_or(Hosts::Absent, |session| session.hosts);
        let pending = ModelRequest {
            number,
            operation,
            callers: VecDeque::from([call]),
            uid,
            token,
            region: app.region,
            hosts,
            extended: false,
        };
        let time = if matches!(operation, Operation::Logout { .. }) {
            app.timeout.min(5_000)
        } else {
            app.timeout
        };
        self.outputs.push(ModelOutput::StartTimer(number, time));
        if matches!(operation, Operation::Login(Login::Provider(..))) {
            self.outputs.push(ModelOutput::AskProvider(number, call));
        } else {
            self.send(&pending);
        }
        self.requests.push(pending);
    }

    fn send(&mut self, pending: &ModelRequest) {
        let Some(app) = self.app else { return };
        let (name, uid) = (APPS[app.id], pending.uid.map_or("", Uid::text));
        let region = pending.region;
        let admin = || format!("https://{name}.api-{region}.cometchat.io/v3.0");
        let client = || format!("https://{name}.apiclient-{region}.cometchat.io/v3.0");
        let session_base = || match pending.hosts {
            Hosts::OfService(number) => format!("https://h{number}.cometchat.io/v3.0"),
            _ => client(),
        };
        let own = app.session.map_or("", |session| session.uid.text());
        let (request, body) = match (pending.operation, pending.token) {
            (Operation::Login(Login::Key(..)), None) => {
                (format!("POST {}/users/{uid}/auth_tokens", admin()), "device")
            }
            (Operation::Login(_), _) => (format!("PUT {}/me", client()), "device"),
            (Operation::Logout { .. }, _) => (format!("DELETE {}/me", session_base()), ""),
            (Operation::CreateUser, _) => (format!("POST {}/users", admin()), uid),
            (Operation::UpdateUser, _) => (format!("PUT {}/users/{uid}", admin()), uid),
            (Operation::UpdateMe, _) => (format!("PUT {}/me", session_base()), own),
            (Operation::GetUser, _) => (format!("GET {}/users/{uid}", session_base()), ""),
            (Operation::Verify, _) => (format!("GET {}/me", session_base()), ""),
        };
        let credential = match (pending.token, pending.operation) {
            (Some(token), _) => format!("authToken {}", token.text()),
            (None, Operation::Login(Login::Key(_, key))) => format!("apiKey key-{key}"),
            (None, _) => "apiKey key-0".into(),
        };
        self.outputs
            .push(ModelOutput::Send(pending.number, format!("{request} {credential} {body}")));
        let owner = pending.token.map(|token| Uid { user: token.user, upper: false });
        let about = if matches!(pending.operation, Operation::GetUser) {
            pending.uid
        } else {
            owner.or(pending.uid)
        };
        self.request_users.extend(about);
    }

    /// The token provider returns.
    pub fn provided(&mut self, storages: &mut [ModelStorage; 3], number: usize, token: Provided) {
        let Some(pending) = self.take(number) else { return self.cover(Covered::LateToken) };
        match token {
            Provided::Blank => {
                self.cover(Covered::ProviderBlank);
                self.fail(storages, pending, "TOKEN_PROVIDER_FAILED");
            }
            Provided::NonAscii => {
                self.cover(Covered::ProviderTokenNonAscii);
                self.fail(storages, pending, "INVALID_AUTH_TOKEN");
            }
            Provided::Token(token) => {
                self.send_with_token(storages, pending, token);
            }
        }
    }

    /// B1: an extended deadline is for a response that had arrived already, not for another
    /// request.
    pub(super) fn send_with_token(
        &mut self,
        storages: &mut [ModelStorage; 3],
        mut pending: ModelRequest,
        token: Token,
    ) {
        pending.token = Some(token);
        if pending.extended {
            self.cover(Covered::ExtendedBetweenRequests);
            pending.token = None;
            return self.fail(storages, pending, "REQUEST_TIMEOUT");
        }
        self.send(&pending);
        self.requests.push(pending);
    }
}
