//! The calls of the API.

use cometchat_auth::client::ports::{Answer, CallId};
use cometchat_auth::client::{Call, Input};
use cometchat_auth::protocol::json::CanonicalJson;
use serde_json::{Value, json};

use super::Tab;
use crate::harness::app::APP;

impl Tab {
    pub fn call(&mut self, what: Call, pending_init: CallId, args: &Value) -> CallId {
        let id = CallId::try_from(self.calls.len()).unwrap() + 1;
        self.calls.insert(id, (what, None));
        self.handle(Input::Call {
            id,
            pending_init,
            what,
            args: CanonicalJson::from_engine(args.to_string()),
        });
        id
    }

    /// A call whose arguments are JSON text.
    pub fn raw_call(&mut self, what: Call, args: String) -> CallId {
        let id = CallId::try_from(self.calls.len()).unwrap() + 1;
        self.calls.insert(id, (what, None));
        self.handle(Input::Call {
            id,
            pending_init: 0,
            what,
            args: CanonicalJson::from_engine(args),
        });
        id
    }

    pub fn init(&mut self, mut settings: Value) -> CallId {
        let new_id = |separator: char| {
            self.platform.random.set(self.platform.random.get().wrapping_add(1));
            let (byte, ms) = (
                format!("{:02x}", self.platform.random.get()),
                1_800_000_000_000 + self.platform.now.get(),
            );
            let digit = format!("{:x}", self.platform.random.get() & 15);
            format!(
                "{}-{}-4{digit}{byte}-8{digit}{byte}-{}{separator}{ms}",
                byte.repeat(4),
                byte.repeat(2),
                byte.repeat(6)
            )
        };
        let mut environment =
            json!({"userAgent": "Some Browser", "forDevice": new_id('_'), "forTab": new_id('-')});
        if let Some(yes) = self.is_this_machine {
            environment["isThisMachine"] = yes.into();
        }
        if let (Some(settings), Value::Object(environment)) =
            (settings.as_object_mut(), environment)
        {
            settings.extend(environment);
        }
        self.call(Call::Init, 0, &settings)
    }

    pub fn init_app(&mut self) {
        let call = self.init(json!({"appId": APP, "region": "us"}));
        assert_eq!(self.result_of(call), Answer::Done);
    }

    pub fn login_key(&mut self, uid: &str, key: &str) -> CallId {
        self.login(json!({"count": 2, "0": uid, "1": key}))
    }

    pub fn login_token(&mut self, token: &str) -> CallId {
        self.login(json!({"count": 1, "0": token}))
    }

    /// A login with named arguments, or with positional ones and their `count`. The facade converts
    /// positional arguments in the same way.
    pub fn login(&mut self, args: Value) -> CallId {
        let value = |name: &str| args.get(name).cloned().unwrap_or(Value::Null);
        let by_name = match args["count"].as_u64() {
            None => args.clone(),
            Some(1) if value("0").is_null() => json!({"authToken": ""}),
            Some(1) => json!({"authToken": value("0")}),
            Some(2) => json!({"uid": value("0"), "authKey": value("1")}),
            Some(_) => json!({"count": "3"}),
        };
        self.call(Call::Login, 0, &by_name)
    }

    /// A login with a token provider, with or without a uid.
    pub fn login_provider(&mut self, uid: Option<&str>) -> CallId {
        let args = match uid {
            Some(uid) => json!({"provider": "1", "uid": uid}),
            None => json!({"provider": "1"}),
        };
        self.call(Call::Login, 0, &args)
    }

    /// Resolves the last pending provider with a token. An empty token means that it failed.
    pub fn provide(&mut self, token: &str) {
        let (id, _) = self.pending_providers.pop().expect("a provider was called");
        self.secrets.push(token.into());
        self.handle(Input::Token(id, token.into()));
    }

    pub fn logout(&mut self) -> CallId {
        self.call(Call::Logout, 0, &json!({}))
    }

    pub fn get_logged_in_user(&mut self) -> CallId {
        self.call(Call::LoggedInUser, 0, &json!({}))
    }

    pub fn abort(&mut self, call: CallId) {
        self.handle(Input::Abort(call));
    }

    pub fn sync(&mut self) {
        self.handle(Input::Sync);
    }

    pub fn dispose(&mut self) {
        self.sent.iter_mut().for_each(|sent| sent.done = true);
        let event_count = self.event_count();
        self.handle(Input::Dispose);
        assert_eq!(self.event_count(), event_count, "dispose fires no event");
    }
}
