//! Base URLs: region, overrides and the service's settings → the URL of a call (rules B16, B18,
//! B19).
//!
//! The facade reads the hosts that an app names (`hosts.ts`), because it connects to them before
//! the WebAssembly is loaded.

use std::rc::Rc;

use super::error::{Code, Exception};
use super::json::Json;
use super::text::{concat, is_same};

/// The version segment of the REST API that this package speaks.
pub const API_VERSION: &str = "v3.0";
/// The service's own domains. A stored host is accepted only below one of these (rule B16). Every
/// Content Security Policy and guide names all of them.
pub const SERVICE_DOMAINS: [&str; 3] = [".cometchat.io", ".cc-cluster-2.io", ".cc-edge-2.io"];
/// The regions of the service (rule B19).
pub const REGIONS: [&str; 3] = ["us", "eu", "in"];
/// The region if the app sets none.
pub const DEFAULT_REGION: &str = "eu";
/// The app's host at the service consists of its id, this or the next text, the region and the
/// domain. This one is for calls with an auth key.
pub const ADMIN: &str = ".api-";
/// For calls with an auth token.
pub const CLIENT: &str = ".apiclient-";
/// The end of every host of an app.
pub const DOMAIN: &str = ".cometchat.io";
/// The request timeout if the app sets none, in milliseconds.
const DEFAULT_TIMEOUT_MS: u32 = 10_000;
/// The service's settings that name hosts.
const HOST_SETTINGS: [&str; 2] = ["ADMIN_API_HOST", CLIENT_API_HOST];
const CLIENT_API_HOST: &str = "CLIENT_API_HOST";
/// The subject of an exception about a setting.
const EMULATOR: &str = "useEmulator (http://… or a path)";
const EMULATOR_AND_HOST_OVERRIDE: &str = "useEmulator() beside host overrides";

/// Checked settings of an app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The app id, trimmed (rule B17). It fits a host name and a storage key.
    pub app_id: String,
    /// The base URL of calls that carry an auth key, without a slash at its end.
    pub admin_url: String,
    /// The base URL of calls with an auth token, for a session that names no host.
    pub client_url: String,
    /// Whether the app overrides the host of one of these URLs.
    overrides_host: bool,
    /// Whether the app overrides the host of the second one.
    overrides_client_host: bool,
    /// Whether the region is needed but not set, so that `eu` is used (rule B19).
    pub region_was_guessed: bool,
    /// Whether both bases are those of an emulator.
    pub emulator: bool,
    /// Whether the session is kept in sessionStorage instead of localStorage.
    pub session_mode: bool,
    /// How long a call may take, in milliseconds.
    pub timeout_ms: u32,
}

impl Settings {
    /// Checks the arguments of `init`: `appId`, `region`, `storageMode`, `requestTimeout`
    /// (milliseconds), and the base URLs `adminHost`, `clientHost` and `emulator`, which are empty
    /// if the facade refused the host. All but the first are optional.
    ///
    /// # Errors
    /// `Code::MISSING_PARAMETERS`, `Code::INVALID_APP_ID`, `Code::INVALID_REGION`,
    /// `Code::INVALID_HOST`, `Code::INVALID_REQUEST_TIMEOUT`.
    pub fn check(args: Json<'_>) -> Result<Box<Self>, Rc<Exception>> {
        let app_id = args.text_of("appId");
        if app_id.is_empty() {
            return Err(Exception::about(Code::MISSING_PARAMETERS, "init: appId"));
        }
        if !is_app_id(&app_id) {
            return Err(Code::INVALID_APP_ID.into());
        }
        let mut admin = base_url(args, "adminHost", "adminHost")?;
        let mut client = base_url(args, "clientHost", "clientHost")?;
        let emulator = base_url(args, "emulator", EMULATOR)?;
        let uses_emulator = !emulator.is_empty();
        if uses_emulator {
            if !admin.is_empty() || !client.is_empty() {
                return Err(Exception::about(Code::INVALID_HOST, EMULATOR_AND_HOST_OVERRIDE));
            }
            admin = concat(&[&emulator, "/", API_VERSION]);
            client = admin.clone();
        }
        let (overrides_admin, overrides_client) = (!admin.is_empty(), !client.is_empty());
        let needs_region = !(overrides_admin && overrides_client);
        let sets_region = args.at("region").is_there();
        let given = args.text_of("region");
        let region = match REGIONS.iter().find(|known| is_same(known.as_bytes(), given.as_bytes()))
        {
            Some(region) => region,
            None if sets_region && (needs_region || uses_emulator) => {
                return Err(Code::INVALID_REGION.into());
            }
            None => DEFAULT_REGION,
        };
        let timeout_ms = if args.at("requestTimeout").is_there() {
            timeout(&args.text_of("requestTimeout")).ok_or(Code::INVALID_REQUEST_TIMEOUT)?
        } else {
            DEFAULT_TIMEOUT_MS
        };
        Ok(Box::new(Self {
            admin_url: base_or_regional(admin, &app_id, ADMIN, region),
            client_url: base_or_regional(client, &app_id, CLIENT, region),
            overrides_host: overrides_admin || overrides_client,
            overrides_client_host: overrides_client,
            region_was_guessed: needs_region && !sets_region,
            emulator: uses_emulator,
            session_mode: args.text_of("storageMode") == "session",
            timeout_ms,
            app_id,
        }))
    }

    /// The base of calls of a session: the app's override, else the host that the service named at
    /// login, else the host of the region.
    pub fn session_base(&self, settings: Json<'_>) -> String {
        let host = settings.text_of(CLIENT_API_HOST);
        if self.overrides_client_host || !is_of_the_service(&host) {
            return self.client_url.clone();
        }
        let version = settings.text_of("CHAT_API_VERSION");
        let version = if is_version(&version) { &version } else { API_VERSION };
        concat(&["https://", &host, "/", version])
    }

    /// Whether a session with these settings of the service is accepted. Every host that they name
    /// must be one of the service, unless the app overrides hosts. With the emulator no host may be
    /// one of the service: a real token is never sent to it (rules B16, B18).
    pub fn accept(&self, settings: Json<'_>) -> bool {
        HOST_SETTINGS.iter().all(|name| {
            let host = settings.text_of(name);
            let is_the_services = is_of_the_service(&host);
            if self.emulator {
                !is_the_services
            } else {
                self.overrides_host || host.is_empty() || is_the_services
            }
        })
    }
}

/// A base URL of the arguments; empty if there is none.
fn base_url(args: Json<'_>, name: &str, subject: &'static str) -> Result<String, Rc<Exception>> {
    let url = args.text_of(name);
    if args.at(name).is_there() && url.is_empty() {
        return Err(Exception::about(Code::INVALID_HOST, subject));
    }
    Ok(url)
}

/// A base URL of the app, or that of its region if it is empty.
fn base_or_regional(own: String, app_id: &str, kind: &str, region: &str) -> String {
    if own.is_empty() {
        concat(&["https://", app_id, kind, region, DOMAIN, "/", API_VERSION])
    } else {
        own
    }
}

/// Whether a text can be part of a host name: 1 to 63 letters, digits or `-`, not `-` at an end.
fn is_app_id(id: &str) -> bool {
    id.len() <= 63
        && !matches!(id.as_bytes(), [b'-', ..] | [.., b'-'])
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_version(version: &str) -> bool {
    !version.is_empty()
        && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// Whether a host of the stored settings is below one of the service's domains.
fn is_of_the_service(host: &str) -> bool {
    let host = host.as_bytes();
    let is_below = |domain: &&str| {
        let start = host.len().wrapping_sub(domain.len());
        host.get(start..).is_some_and(|end| is_same(end, domain.as_bytes()))
    };
    SERVICE_DOMAINS.iter().any(is_below)
        && host
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

/// A whole number of milliseconds above 0, with at most nine digits.
fn timeout(text: &str) -> Option<u32> {
    if text.len() > 9 {
        return None;
    }
    let append = |ms, digit| Some(ms * 10 + char::from(digit).to_digit(10)?);
    text.bytes().try_fold(0, append).filter(|ms| *ms > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::error::TABLE;
    use crate::protocol::json::quote;

    /// Settings of the app `myApp` in the region us, with more members before it.
    fn settings(more: &str) -> Result<Box<Settings>, Rc<Exception>> {
        Settings::check(Json::of(&format!("{{{more}\"appId\":\"myApp\",\"region\":\"us\"}}")))
    }

    fn with(name: &str, value: &str) -> String {
        format!("\"{name}\":{},", quote(value).as_str())
    }

    fn of_region(region: &str) -> Result<Box<Settings>, Rc<Exception>> {
        Settings::check(Json::of(&format!("{{\"appId\":\"a\",\"region\":\"{region}\"}}")))
    }

    fn code(result: Result<Box<Settings>, Rc<Exception>>) -> Option<Code> {
        match result {
            Err(exception) => exception.code(),
            _ => None,
        }
    }

    #[test]
    fn b16_the_regions_hosts_are_the_services() {
        let us = settings("").unwrap();
        assert_eq!(us.admin_url, "https://myApp.api-us.cometchat.io/v3.0");
        assert_eq!(us.client_url, "https://myApp.apiclient-us.cometchat.io/v3.0");
    }

    #[test]
    fn b19_regions_in_any_case_and_no_other() {
        for good in ["us", " EU ", "In"] {
            assert!(of_region(good).is_ok(), "{good}");
        }
        for bad in ["", "uk", "us.evil.example/"] {
            assert_eq!(code(of_region(bad)), Some(Code::INVALID_REGION), "{bad}");
        }
        assert!(
            ["us", "eu", "in"]
                .iter()
                .all(|region| TABLE[Code::INVALID_REGION as usize].text.contains(region))
        );
        let settings = Settings::check(Json::of("{\"appId\":\"a\"}")).unwrap();
        assert_eq!(settings.client_url, "https://a.apiclient-eu.cometchat.io/v3.0");
        assert!(settings.region_was_guessed && !of_region("us").unwrap().region_was_guessed);
    }

    #[test]
    fn b19_the_region_does_not_matter_when_both_hosts_are_overridden() {
        let said = r#"{"appId":"x","region":"private","adminHost":"https://a.example","clientHost":"https://c.example/v3.0"}"#;
        let settings = Settings::check(Json::of(said)).unwrap();
        assert_eq!(settings.admin_url, "https://a.example");
        assert_eq!(settings.client_url, "https://c.example/v3.0");
        assert!(!settings.region_was_guessed);
    }

    #[test]
    fn b19_an_unknown_region_is_refused_with_the_emulator_too() {
        let of = |more: &str| {
            Settings::check(Json::of(&format!(
                "{{\"appId\":\"a\",\"emulator\":\"http://localhost:8599\"{more}}}"
            )))
        };
        assert_eq!(code(of(",\"region\":\"moon\"")), Some(Code::INVALID_REGION));
        assert!(of(",\"region\":\"eu\"").is_ok());
        assert!(!of("").unwrap().region_was_guessed, "the emulator needs no region");
    }

    #[test]
    fn b18_a_host_that_the_facade_refused_is_invalid() {
        for (name, subject) in
            [("adminHost", "adminHost"), ("clientHost", "clientHost"), ("emulator", EMULATOR)]
        {
            let refused = settings(&with(name, ""));
            assert_eq!(refused, Err(Exception::about(Code::INVALID_HOST, subject)), "{name}");
        }
    }

    #[test]
    fn b17_the_storage_mode_is_trimmed_like_any_text() {
        assert!(settings(&with("storageMode", " session ")).unwrap().session_mode);
        assert!(!settings(&with("storageMode", "sessions")).unwrap().session_mode);
    }

    #[test]
    fn b18_the_emulator_means_both_bases_and_excludes_overrides() {
        let emulator = settings(&with("emulator", "http://127.0.0.1:8599")).unwrap();
        assert_eq!(emulator.admin_url, "http://127.0.0.1:8599/v3.0");
        assert_eq!(emulator.client_url, "http://127.0.0.1:8599/v3.0");
        assert!(emulator.emulator);
        for name in ["adminHost", "clientHost"] {
            let emulator = with("emulator", "http://127.0.0.1:1");
            let both = settings(&(emulator + &with(name, "https://a.example")));
            let exception = Exception::about(Code::INVALID_HOST, EMULATOR_AND_HOST_OVERRIDE);
            assert_eq!(both, Err(exception), "{name}");
        }
    }

    #[test]
    fn b16_a_sessions_hosts_count_below_the_services_domains_only() {
        let us = settings("").unwrap();
        let base = |text: &str| us.session_base(Json::of(text));
        let good = r#"{"CLIENT_API_HOST":"a.apiclient-zz.cometchat.io","CHAT_API_VERSION":"v3.9"}"#;
        assert_eq!(base(good), "https://a.apiclient-zz.cometchat.io/v3.9");
        assert_eq!(base("{}"), "https://myApp.apiclient-us.cometchat.io/v3.0");
        let odd =
            r#"{"CLIENT_API_HOST":"a.apiclient-us.cometchat.io","CHAT_API_VERSION":"v3/../x"}"#;
        assert_eq!(base(odd), "https://a.apiclient-us.cometchat.io/v3.0");
        // An app id may have an underscore, and the service names its hosts after it.
        assert!(us.accept(Json::of(r#"{"CLIENT_API_HOST":"an_app.apiclient-us.cometchat.io"}"#)));
        assert!(
            us.accept(Json::of(good)) && us.accept(Json::of("{}")) && us.accept(Json::default())
        );
        for bad in [
            "evil.example",
            "cometchat.io.evil.example",
            "evil.example/x.cometchat.io",
            "evilcometchat.io",
            "evil.example#.cometchat.io",
            "127.0.0.1:8599",
            "user@x.cometchat.io",
            "x:1.cometchat.io",
        ] {
            for name in ["CLIENT_API_HOST", "ADMIN_API_HOST"] {
                assert!(!us.accept(Json::of(&format!("{{\"{name}\":\"{bad}\"}}"))), "{name} {bad}");
            }
            assert_eq!(base(&format!("{{\"CLIENT_API_HOST\":\"{bad}\"}}")), us.client_url);
        }
        let emulator = settings(&with("emulator", "http://127.0.0.1:8599")).unwrap();
        let foreign = Json::of(r#"{"CLIENT_API_HOST":"evil.example"}"#);
        assert!(emulator.accept(foreign));
        assert_eq!(emulator.session_base(foreign), "http://127.0.0.1:8599/v3.0");
        assert_eq!(emulator.session_base(Json::of(good)), "http://127.0.0.1:8599/v3.0");
        assert!(!emulator.accept(Json::of(good)), "its token stays away from the emulator");
    }

    #[test]
    fn timeouts_are_whole_milliseconds() {
        assert_eq!(settings("").unwrap().timeout_ms, 10_000);
        assert_eq!(settings(&with("requestTimeout", "2500")).unwrap().timeout_ms, 2500);
        for bad in ["0", "-5", "1.5", "soon", "Infinity"] {
            assert_eq!(
                code(settings(&with("requestTimeout", bad))),
                Some(Code::INVALID_REQUEST_TIMEOUT),
                "{bad}"
            );
        }
    }

    #[test]
    fn b19_app_ids_are_trimmed_and_cannot_leave_their_label() {
        let of = |said: &str| Settings::check(Json::of(said));
        assert_eq!(of(r#"{"appId":" LabApp03 ","region":"us"}"#).unwrap().app_id, "LabApp03");
        for none in ["{}", r#"{"appId":""}"#, r#"{"appId":"  "}"#, r#"{"appId":5}"#] {
            assert_eq!(code(of(none)), Some(Code::MISSING_PARAMETERS), "{none}");
        }
        let longest = "a".repeat(63);
        assert!(of(&format!("{{\"appId\":\"{longest}\",\"region\":\"us\"}}")).is_ok());
        let too_long = "a".repeat(64);
        for bad in
            ["a/b", "a b", "ä", "evil.example/", "a#", "a@b", "a.b", "a_b", "-a", "a-", &too_long]
        {
            assert_eq!(
                code(of(&format!("{{\"appId\":\"{bad}\"}}"))),
                Some(Code::INVALID_APP_ID),
                "{bad}"
            );
        }
    }
}
