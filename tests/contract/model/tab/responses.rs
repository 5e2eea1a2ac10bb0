//! Responses: B6, B11 and B29.

use super::endings::TOKEN_UNKNOWN;
use super::{Model, ModelRequest, Operation, user_result};
use crate::model::coverage::Covered;
use crate::model::response::{Data, Response};
use crate::model::step::Login;
use crate::model::storage::ModelStorage;
use crate::model::values::{Hosts, Token, Uid};

impl Model {
    pub fn responded(
        &mut self,
        storages: &mut [ModelStorage; 3],
        number: usize,
        response: Response,
    ) {
        let Some(pending) = self.take(number) else { return self.cover(Covered::LateResponse) };
        let data = match response {
            Response::NoContent if matches!(pending.operation, Operation::Logout { .. }) => {
                self.cover(Covered::LogoutWithoutContent);
                return self.finish(pending, "object {}");
            }
            Response::NoContent => return self.fail(storages, pending, "INVALID_RESPONSE"),
            Response::StatusZero => {
                self.cover(Covered::InvalidStatus);
                return self.fail(storages, pending, "INVALID_RESPONSE");
            }
            Response::TokenUnknownAt(_) => {
                self.cover(Covered::OverloadEndsNothing);
                return self.fail_with(storages, pending, TOKEN_UNKNOWN, false);
            }
            Response::ConnectionLost => return self.fail(storages, pending, "FAILED_TO_FETCH"),
            Response::Html => return self.fail(storages, pending, "INVALID_RESPONSE"),
            Response::Error(code) => return self.fail(storages, pending, code),
            Response::NullData => None,
            Response::Data(data) => Some(data),
        };
        if let Operation::Logout { .. } = pending.operation {
            self.cover(Covered::LogoutSucceeds);
            return self.finish(
                pending,
                &format!("object {}", data.map_or_else(|| "{}".into(), |data| data.text())),
            );
        }
        let Some(data) = data else { return self.fail(storages, pending, "INVALID_RESPONSE") };
        match (pending.operation, pending.token) {
            (Operation::Login(Login::Key(uid, _)), None) => {
                let token = data.token.filter(|_| data.uid.is_none_or(|got| got.same_user(uid)));
                let Some(token) = token else {
                    self.cover(Covered::WrongUserForKey);
                    return self.fail(storages, pending, "INVALID_RESPONSE");
                };
                self.send_with_token(storages, pending, token);
            }
            (Operation::Login(login), Some(token)) => {
                self.complete_login(storages, pending, login, token, &data)
            }
            _ => self.complete_user_call(storages, pending, &data),
        }
    }

    /// B6, B11: stores the user of the response with the token that was sent.
    fn complete_login(
        &mut self,
        storages: &mut [ModelStorage; 3],
        pending: ModelRequest,
        login: Login,
        token: Token,
        data: &Data,
    ) {
        if data.hosts == Hosts::Foreign {
            self.cover(Covered::ForeignHostInResponse);
            return self.fail(storages, pending, "INVALID_HOST");
        }
        let Some(uid) =
            data.uid.filter(|got| pending.uid.is_none_or(|requested| requested.same_user(*got)))
        else {
            self.cover(Covered::WrongUser);
            return self.fail(storages, pending, "INVALID_RESPONSE");
        };
        self.sync_from_storage(storages);
        let before = self.session();
        let session = data.session(uid, token, None);
        self.commit(storages, session);
        match before {
            Some(before) if !before.uid.same_user(uid) => self.cover(Covered::UserSwitch),
            Some(before) if before.token != token => self.cover(Covered::NewTokenOfSameUser),
            _ => {}
        }
        self.cover(match login {
            Login::Key(..) => Covered::KeyLogin,
            Login::Token(..) => Covered::TokenLogin,
            Login::Provider(..) => Covered::ProviderLogin,
        });
        self.notify_change(before);
        self.finish(pending, &user_result(Some(session)));
    }

    /// B11, B29: the response refreshes the stored user, but never the token.
    fn complete_user_call(
        &mut self,
        storages: &mut [ModelStorage; 3],
        pending: ModelRequest,
        data: &Data,
    ) {
        let requested = pending.uid.filter(|_| pending.operation != Operation::Verify);
        if requested.is_some_and(|requested| data.uid.is_none_or(|got| !got.same_user(requested))) {
            self.cover(Covered::AnotherUserInResponse);
            return self.fail(storages, pending, "INVALID_RESPONSE");
        }
        self.sync_from_storage(storages);
        let session = self.session();
        let own = session.filter(|session| match pending.operation {
            Operation::UpdateUser => pending.uid.is_some_and(|uid| session.uid.same_user(uid)),
            Operation::UpdateMe | Operation::Verify => pending.token == Some(session.token),
            _ => false,
        });
        if let Some(session) = own {
            let fresh = data.uid.filter(|got| session.uid.same_user(*got));
            if data.hosts == Hosts::Foreign {
                self.cover(Covered::RefreshWithForeignHost);
                return self.fail(storages, pending, "INVALID_HOST");
            }
            let Some(uid) = fresh else { return self.fail(storages, pending, "INVALID_RESPONSE") };
            let fresh = data.session(uid, session.token, Some(&session));
            self.refresh(storages, fresh);
            self.cover(Covered::Refreshed);
            if data.jwt.is_none()
                && fresh.jwt.is_some()
                && data.hosts == Hosts::Absent
                && fresh.hosts != Hosts::Absent
            {
                self.cover(Covered::RefreshKeepsAbsentFields);
            }
        } else if matches!(pending.operation, Operation::UpdateMe | Operation::Verify) {
            self.cover(if session.is_some() {
                Covered::SessionReplacedMeanwhile
            } else {
                Covered::SessionEndedMeanwhile
            });
        }
        match pending.operation {
            Operation::UpdateUser if own.is_some() => self.cover(Covered::UpdatedSelf),
            Operation::UpdateUser if session.is_some() => self.cover(Covered::UpdatedOther),
            _ => {}
        }
        let token =
            if pending.operation == Operation::UpdateMe { pending.token } else { data.token };
        let result = match pending.operation {
            Operation::Verify => user_result(self.session()),
            _ => format!(
                "profile {} n{} {}",
                data.uid.map_or("", Uid::text),
                data.name,
                token.map_or_else(String::new, Token::text)
            ),
        };
        self.finish(pending, &result);
    }
}
