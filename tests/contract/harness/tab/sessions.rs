//! Logins that succeed, and the logged-in user.

use cometchat_auth::client::ports::Answer;

use super::Tab;
use crate::harness::responses::me;

impl Tab {
    /// Logs in with a token and responds to the request.
    pub fn log_in(&mut self, uid: &str, token: &str) {
        let call = self.login_token(token);
        self.respond(me(uid));
        assert_eq!(self.user(call)["uid"], uid);
    }

    /// Logs in with a token while other requests are open.
    pub fn log_in_concurrently(&mut self, uid: &str, token: &str) {
        let call = self.login_token(token);
        let put = self.open_requests().last().unwrap().id;
        self.respond_to(put, me(uid));
        assert_eq!(self.user(call)["uid"], uid);
    }

    /// Uid and token of the logged-in user. The client's state and the API have to agree.
    pub fn logged_in_user(&mut self) -> Option<(String, String)> {
        let call = self.get_logged_in_user();
        let token = self.client.auth_token().map(|token| token.expose().to_owned());
        match self.result_of(call) {
            Answer::NoUser => {
                assert_eq!(token, None, "a token without a user");
                None
            }
            Answer::User(_) => {
                let user = self.user(call);
                assert_eq!(
                    user["authToken"].as_str(),
                    token.as_deref(),
                    "the user's token is the session's"
                );
                Some((user["uid"].as_str().unwrap_or_default().into(), token.unwrap()))
            }
            other => panic!("a user or no user, not {other:?}"),
        }
    }
}
