//! Where a call goes: region, overrides and what the service said at login → the base of the URL (rules B16, B18, B19).

use super::error::{Code, Exception};
use super::json::Json;
use super::text::{Set, Values, Words, fill, is_in, is_of, part, whole};

// As literals, because forms are put together of them.
macro_rules! api_version {
    () => {
        "v3.0"
    };
}
pub(super) use api_version;
macro_rules! domain {
    () => {
        ".cometchat.io"
    };
}

/// The version segment of the REST API that this package speaks.
pub const API_VERSION: &str = api_version!();
/// The service's own domains: a host that stands in storage counts only below one of these (rule B16).
const SERVICE_DOMAINS: Words = concat!(domain!(), ",.cc-cluster-2.io,.cc-edge-2.io,");
/// The regions of the service (rule B19).
pub const REGIONS: Words = "us,eu,in,";
/// The one that is taken where the app says none.
pub const DEFAULT_REGION: &str = "eu";
/// The app's host at the service is its id, one of these, the region and the domain: this for calls that carry an auth key.
pub const ADMIN: &str = ".api-";
/// And this for calls that carry an auth token.
pub const CLIENT: &str = ".apiclient-";
/// How the host ends.
pub const DOMAIN: &str = domain!();
/// How long a call may take where the app does not say, in milliseconds.
const DEFAULT_TIMEOUT_MS: u32 = 10_000;
/// How a setting is called in words.
const EMULATOR: &str = "useEmulator (http://…)";
/// What a host is made of, and a version.
const HOST: Set = "-.09AZ__az";
/// What a base is made of, behind the scheme.
const BASE: Set = "%%-:AZ[[]]__az~~";
/// What in the service's settings names a host.
const HOSTS: Words = "ADMIN_API_HOST,CLIENT_API_HOST,";
const TWO_MASTERS: &str = "useEmulator() beside host overrides";

/// Where calls go that carry one kind of credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// The URL before the path, without a slash at its end.
    pub url: String,
    /// Whether the app itself says so, and not its region.
    is_own: bool,
}

/// Checked settings of an app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The app id, trimmed (rule B17): fit to stand in a host name and in a key.
    pub app_id: String,
    /// The base of calls that carry an auth key.
    pub admin: Base,
    /// The base of calls that carry an auth token, before a session says more.
    pub client: Base,
    /// Whether the region is needed but was not said, so that `eu` was taken (rule B19).
    pub region_was_guessed: bool,
    /// Whether both bases are an emulator's.
    pub emulator: bool,
    /// Whether the session is kept in sessionStorage in place of localStorage.
    pub session_mode: bool,
    /// How long a call may take, in milliseconds.
    pub timeout_ms: u32,
}

impl Settings {
    /// Checks what the app said: `appId`, `region`, `adminHost`, `clientHost`, `storageMode`, `requestTimeout` (milliseconds)
    /// and `emulator` (a URL), each a text and all but the first optional.
    ///
    /// # Errors
    /// `Code::MISSING_PARAMETERS`, `Code::INVALID_APP_ID`, `Code::INVALID_REGION`, `Code::INVALID_HOST`, `Code::INVALID_REQUEST_TIMEOUT`.
    pub fn check(said: Json<'_>) -> Result<Box<Self>, Exception> {
        let (app_id, emulator) = (said.text_of("appId"), &said.text_of("emulator"));
        let guessed = !said.at("region").is_there();
        let mut region = if guessed { DEFAULT_REGION } else { "" };
        for known in Values(REGIONS) {
            if known.eq_ignore_ascii_case(&said.text_of("region")) {
                region = known;
            }
        }
        // What is wrong with the hosts, if anything; of several one.
        let mut wrong = "";
        let mut base = |name, kind| {
            let host = &said.text_of(name);
            let of_emulator = !emulator.is_empty();
            let own = if of_emulator { emulator } else { host };
            let plain = begins(own, "http://");
            let scheme = if plain {
                7
            } else if begins(own, "https://") {
                8
            } else {
                0
            };
            let mut rest = part(own, scheme, own.len());
            while rest.ends_with("/") {
                rest = part(rest, 0, rest.len() - 1);
            }
            // Plain `http` is for this machine only (rule B18), and the emulator's must say which. A path, but none that begins or goes on with nothing.
            let mut bad =
                rest.is_empty() || plain && !is_this_machine(rest) || of_emulator && scheme == 0;
            let mut after_slash = true;
            for byte in rest.bytes() {
                bad |= !is_in(byte, BASE) || after_slash && is_in(byte, "//::");
                after_slash = byte == b'/';
            }
            let (form, about) = match (of_emulator, host.is_empty()) {
                (true, true) => (concat!("http\0://\x01/", api_version!()), EMULATOR),
                (true, false) => ("", TWO_MASTERS),
                (false, false) => ("http\0://\x01", name),
                (false, true) => {
                    (concat!("https://\x02\x03\x04", domain!(), "/", api_version!()), wrong)
                }
            };
            if bad || form.is_empty() {
                wrong = about;
            }
            let url = fill(form, &[if plain { "" } else { "s" }, rest, &app_id, kind, region]);
            Base { url, is_own: !own.is_empty() }
        };
        let timeout = said.at("requestTimeout");
        let mut settings = Box::new(Self {
            client: base("clientHost", CLIENT),
            admin: base("adminHost", ADMIN),
            region_was_guessed: guessed,
            emulator: !emulator.is_empty(),
            session_mode: said.text_of("storageMode") == "session",
            timeout_ms: if timeout.is_there() {
                whole(&said.text_of("requestTimeout"))
            } else {
                DEFAULT_TIMEOUT_MS
            },
            app_id,
        });
        let needed = !(settings.admin.is_own && settings.client.is_own);
        settings.region_was_guessed &= needed;
        let (code, about) = if settings.app_id.is_empty() {
            (Code::MISSING_PARAMETERS, "init: appId")
        } else if settings.app_id.len() > 100 || !is_of(&settings.app_id, HOST) {
            (Code::INVALID_APP_ID, "")
        } else if !wrong.is_empty() {
            (Code::INVALID_HOST, wrong)
        } else if (needed || settings.emulator) && region.is_empty() {
            (Code::INVALID_REGION, "")
        } else if settings.timeout_ms == 0 {
            (Code::INVALID_REQUEST_TIMEOUT, "")
        } else {
            return Ok(settings);
        };
        Err(Exception::about(code, about))
    }

    /// The base of calls of a session: the app's override, else where the service's settings said at login, else as for a login.
    pub fn session_base(&self, settings: Json<'_>) -> String {
        let host = settings.text_of("CLIENT_API_HOST");
        if self.client.is_own || !is_of_the_service(&host) {
            return self.client.url.clone();
        }
        let version = settings.text_of("CHAT_API_VERSION");
        let fit = !version.is_empty() && is_of(&version, HOST);
        fill("https://\0/\x01", &[&host, if fit { &version } else { API_VERSION }])
    }

    /// Whether a session with these settings of the service counts: not where they name a host that is none of the
    /// service's, unless the app says itself where calls go (rule B16).
    pub fn accept(&self, settings: Json<'_>) -> bool {
        let good = |name: &str| {
            let host = settings.text_of(name);
            host.is_empty() || is_of_the_service(&host)
        };
        self.admin.is_own || self.client.is_own || Values(HOSTS).all(good)
    }
}

fn is_of_the_service(host: &str) -> bool {
    let ends = |domain: &str| {
        let before = host.len().wrapping_sub(domain.len());
        part(host, before, host.len()).eq_ignore_ascii_case(domain)
    };
    is_of(host, HOST) && Values(SERVICE_DOMAINS).any(ends)
}

fn begins(text: &str, with: &str) -> bool {
    part(text, 0, with.len()).eq_ignore_ascii_case(with)
}

/// Whether a host, with what may follow it, is this machine: a loopback address or `localhost`.
pub fn is_this_machine(host: &str) -> bool {
    let mut name = host;
    for (at, byte) in host.bytes().enumerate() {
        if matches!(byte, b':' | b'/') {
            name = part(host, 0, at);
            break;
        }
    }
    host.starts_with("[::1]")
        || name.eq_ignore_ascii_case("localhost")
        || name.starts_with("127.") && is_of(name, "..09")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::error::TABLE;
    use crate::protocol::json::quote;

    /// Settings of the app `myApp` in the region us, with more members before it.
    fn settings(more: &str) -> Result<Box<Settings>, Exception> {
        Settings::check(Json(&format!("{{{more}\"appId\":\"myApp\",\"region\":\"us\"}}")))
    }

    fn with(name: &str, value: &str) -> String {
        format!("\"{name}\":{},", quote(value))
    }

    fn of_region(region: &str) -> Result<Box<Settings>, Exception> {
        Settings::check(Json(&format!("{{\"appId\":\"a\",\"region\":\"{region}\"}}")))
    }

    fn code(result: Result<Box<Settings>, Exception>) -> Option<Code> {
        match result {
            Err(exception) => exception.code(),
            _ => None,
        }
    }

    #[test]
    fn b16_the_regions_hosts_are_the_services() {
        let us = settings("").unwrap();
        assert_eq!(us.admin.url, "https://myApp.api-us.cometchat.io/v3.0");
        assert_eq!(us.client.url, "https://myApp.apiclient-us.cometchat.io/v3.0");
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
        let settings = Settings::check(Json("{\"appId\":\"a\"}")).unwrap();
        assert_eq!(settings.client.url, "https://a.apiclient-eu.cometchat.io/v3.0");
        assert!(settings.region_was_guessed && !of_region("us").unwrap().region_was_guessed);
    }

    #[test]
    fn b19_the_region_does_not_matter_when_both_hosts_are_overridden() {
        let said = r#"{"appId":"x","region":"private","adminHost":"a.example","clientHost":"c.example/v3.0"}"#;
        let settings = Settings::check(Json(said)).unwrap();
        assert_eq!(settings.admin.url, "https://a.example");
        assert_eq!(settings.client.url, "https://c.example/v3.0");
        assert!(!settings.region_was_guessed);
    }

    #[test]
    fn b19_a_region_that_is_none_is_found_out_with_the_emulator_and_not_only_in_production() {
        let of = |more: &str| {
            Settings::check(Json(&format!(
                "{{\"appId\":\"a\",\"emulator\":\"http://localhost:8599\"{more}}}"
            )))
        };
        assert_eq!(code(of(",\"region\":\"moon\"")), Some(Code::INVALID_REGION));
        assert!(of(",\"region\":\"eu\"").is_ok());
        assert!(!of("").unwrap().region_was_guessed, "and needs none");
    }

    #[test]
    fn b18_plain_http_is_for_this_machine_alone() {
        for good in [
            "http://localhost:9/",
            "http://127.0.0.1:9",
            "http://[::1]:9",
            "HTTP://LOCALHOST/v3",
            "https://a.example",
            "a.example:8443/v3.0",
        ] {
            assert!(settings(&with("clientHost", good)).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "ftp://x",
            "a b",
            "u@h",
            "h?x",
            "/path",
            "https://",
            "http://127.evil.example",
            "http://127.0.0.1evil",
            "h//x",
            ":80",
        ] {
            assert_eq!(code(settings(&with("clientHost", bad))), Some(Code::INVALID_HOST), "{bad}");
        }
    }

    #[test]
    fn b17_the_storage_mode_is_trimmed_like_any_text() {
        assert!(settings(&with("storageMode", " session ")).unwrap().session_mode);
        assert!(!settings(&with("storageMode", "sessions")).unwrap().session_mode);
    }

    #[test]
    fn b18_the_emulator_means_both_bases_and_excludes_overrides() {
        let emulator = settings(&with("emulator", "http://127.0.0.1:8599/")).unwrap();
        assert_eq!(emulator.admin.url, "http://127.0.0.1:8599/v3.0");
        assert_eq!(emulator.client.url, "http://127.0.0.1:8599/v3.0");
        assert!(emulator.emulator);
        let both =
            settings(&(with("emulator", "http://127.0.0.1:1") + &with("adminHost", "a.example")));
        assert_eq!(both, Err(Exception::about(Code::INVALID_HOST, TWO_MASTERS)));
        assert_eq!(
            settings(&with("emulator", "127.0.0.1:8599")),
            Err(Exception::about(Code::INVALID_HOST, EMULATOR))
        );
        assert!(settings(&with("emulator", "http://10.0.0.1:8599")).is_err());
    }

    #[test]
    fn b16_a_sessions_hosts_count_below_the_services_domains_only() {
        let us = settings("").unwrap();
        let base = |text: &str| us.session_base(Json(text));
        let good = r#"{"CLIENT_API_HOST":"a.apiclient-zz.cometchat.io","CHAT_API_VERSION":"v3.9"}"#;
        assert_eq!(base(good), "https://a.apiclient-zz.cometchat.io/v3.9");
        assert_eq!(base("{}"), "https://myApp.apiclient-us.cometchat.io/v3.0");
        let odd =
            r#"{"CLIENT_API_HOST":"a.apiclient-us.cometchat.io","CHAT_API_VERSION":"v3/../x"}"#;
        assert_eq!(base(odd), "https://a.apiclient-us.cometchat.io/v3.0");
        // An app id may have an underscore, and the service names its hosts after it.
        assert!(us.accept(Json(r#"{"CLIENT_API_HOST":"an_app.apiclient-us.cometchat.io"}"#)));
        assert!(us.accept(Json(good)) && us.accept(Json("{}")) && us.accept(Json::default()));
        for bad in [
            "evil.example",
            "cometchat.io.evil.example",
            "evil.example/x.cometchat.io",
            "evilcometchat.io",
            "evil.example#.cometchat.io",
            "127.0.0.1:8599",
        ] {
            for name in ["CLIENT_API_HOST", "ADMIN_API_HOST"] {
                assert!(!us.accept(Json(&format!("{{\"{name}\":\"{bad}\"}}"))), "{name} {bad}");
            }
            assert_eq!(base(&format!("{{\"CLIENT_API_HOST\":\"{bad}\"}}")), us.client.url);
        }
        let emulator = settings(&with("emulator", "http://127.0.0.1:8599")).unwrap();
        let foreign = Json(r#"{"CLIENT_API_HOST":"evil.example"}"#);
        assert!(emulator.accept(foreign));
        assert_eq!(emulator.session_base(foreign), "http://127.0.0.1:8599/v3.0");
        assert_eq!(emulator.session_base(Json(good)), "http://127.0.0.1:8599/v3.0");
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
    fn app_ids_are_trimmed_and_cannot_leave_their_label() {
        let of = |said: &str| Settings::check(Json(said));
        assert_eq!(of(r#"{"appId":" LabApp03 ","region":"us"}"#).unwrap().app_id, "LabApp03");
        for none in ["{}", r#"{"appId":""}"#, r#"{"appId":"  "}"#, r#"{"appId":5}"#] {
            assert_eq!(code(of(none)), Some(Code::MISSING_PARAMETERS), "{none}");
        }
        for bad in ["a/b", "a b", "ä", "evil.example/", "a#", "a@b"] {
            assert_eq!(
                code(of(&format!("{{\"appId\":\"{bad}\"}}"))),
                Some(Code::INVALID_APP_ID),
                "{bad}"
            );
        }
    }
}
