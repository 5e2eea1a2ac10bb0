//! Where a call goes: region, overrides and what the service said at login → the base of the URL (rules B16, B18, B19).

use super::error::{Code, Exception};
use super::json::Json;
use super::text::{cat, whole};

/// The version segment of the REST API that this package speaks.
pub const API_VERSION: &str = "v3.0";
/// The service's own domains: a host that stands in storage counts only below one of these (rule B16).
const SERVICE_DOMAINS: [&str; 3] = [".cometchat.io", ".cc-cluster-2.io", ".cc-edge-2.io"];
const REGIONS: [&str; 3] = ["us", "eu", "in"];
/// How long a call may take where the app does not say, in milliseconds.
const DEFAULT_TIMEOUT_MS: u32 = 10_000;
const TWO_MASTERS: &str = "useEmulator() and the host overrides exclude each other. Use one of them.";
const NO_HOST: &str = "give a host name, such as \"chat.example.com\", with a port or a path behind it if need be.";
const NOT_HERE: &str = "plain http is for this machine (localhost, 127.0.0.1) alone. Use https.";
const NO_URL: &str = "useEmulator() takes a URL, such as \"http://127.0.0.1:8599\".";

/// Checked settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    region: &'static str,
    admin: Option<String>,
    client: Option<String>,
    /// Whether both bases are an emulator's.
    pub emulator: bool,
    /// Whether the session is kept in sessionStorage in place of localStorage.
    pub session_mode: bool,
    /// How long a call may take, in milliseconds.
    pub timeout_ms: u32,
}

impl Settings {
    /// Checks what the app said: `region`, `adminHost`, `clientHost`, `storageMode`, `requestTimeout` (milliseconds) and
    /// `emulator` (a URL), each a text and each optional.
    ///
    /// # Errors
    /// `INVALID_REGION`, `INVALID_HOST`, `INVALID_REQUEST_TIMEOUT`.
    pub fn check(said: Json<'_>) -> Result<Self, Exception> {
        let host = |name| said.get_text(name).map(|host| base(&host)).transpose();
        let (mut admin, mut client) = (host("adminHost")?, host("clientHost")?);
        let emulator = said.get_text("emulator");
        if let Some(url) = &emulator {
            if admin.is_some() || client.is_some() {
                return Err(Exception::new(Code::InvalidHost, TWO_MASTERS));
            }
            if url.get(..4).is_none_or(|scheme| !scheme.eq_ignore_ascii_case("http")) {
                return Err(Exception::new(Code::InvalidHost, NO_URL));
            }
            admin = Some(cat(&[&base(url)?, "/", API_VERSION]));
            client.clone_from(&admin);
        }
        let region = match said.get("region").and_then(Json::text) {
            _ if admin.is_some() && client.is_some() => "",
            None => "eu",
            Some(region) => REGIONS
                .into_iter()
                .find(|known| known.eq_ignore_ascii_case(region.trim_ascii()))
                .ok_or_else(|| Exception::from(Code::InvalidRegion))?,
        };
        let timeout_ms = match said.get("requestTimeout") {
            None => DEFAULT_TIMEOUT_MS,
            Some(ms) => ms
                .text()
                .and_then(|ms| whole(&ms))
                .filter(|&ms| ms > 0)
                .ok_or_else(|| Exception::from(Code::InvalidRequestTimeout))?,
        };
        let session_mode = said.get_text("storageMode").is_some_and(|mode| mode == "session");
        Ok(Self { region, admin, client, emulator: emulator.is_some(), session_mode, timeout_ms })
    }

    /// Whether the region is needed but was not said, so that `eu` was taken (rule B19).
    pub fn region_was_guessed(&self, said: Json<'_>) -> bool {
        said.get("region").is_none() && !self.region.is_empty()
    }

    /// Whether the app itself says where calls go: then a session with hosts of its own counts whatever they are.
    fn overridden(&self) -> bool {
        self.admin.is_some() || self.client.is_some()
    }

    /// The base of calls that carry an auth key: no slash at its end.
    pub fn admin_base(&self, app_id: &str) -> String {
        self.admin.clone().unwrap_or_else(|| self.service_base(app_id, ".api-"))
    }

    /// The base of calls that carry an auth token, before a session says more.
    pub fn client_base(&self, app_id: &str) -> String {
        self.client.clone().unwrap_or_else(|| self.service_base(app_id, ".apiclient-"))
    }

    /// The base of calls of a session: the app's override, else where the service said at login, else as for a login.
    pub fn session_base(&self, app_id: &str, hosts: &Hosts) -> String {
        match (&self.client, &hosts.client) {
            (None, Some(host)) if is_of_the_service(host) => {
                cat(&["https://", host, "/", hosts.version.as_deref().unwrap_or(API_VERSION)])
            }
            _ => self.client_base(app_id),
        }
    }

    fn service_base(&self, app_id: &str, kind: &str) -> String {
        cat(&["https://", app_id, kind, self.region, ".cometchat.io/", API_VERSION])
    }

    /// The hosts that the service's settings name, as far as they may be used; `None` where one is not the service's and
    /// the app does not override hosts: such a session counts as none (rule B16).
    pub fn hosts(&self, settings: Option<Json<'_>>) -> Option<Hosts> {
        let named = |name| settings.unwrap_or_default().get_text(name);
        let (admin, client) = (named("ADMIN_API_HOST"), named("CLIENT_API_HOST"));
        if !self.overridden() && [&admin, &client].into_iter().flatten().any(|host| !is_of_the_service(host)) {
            return None;
        }
        let version = named("CHAT_API_VERSION")
            .filter(|version| version.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'));
        Some(Hosts { client, version })
    }
}

/// What a session's settings say about where its calls go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    client: Option<String>,
    version: Option<String>,
}

fn is_of_the_service(host: &str) -> bool {
    let ends_with = |domain: &&str| {
        host.len()
            .checked_sub(domain.len())
            .and_then(|at| host.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(domain))
    };
    SERVICE_DOMAINS.iter().any(ends_with)
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// An override as the base of a URL: `https` unless it says otherwise, which it may on this machine only (rule B18).
fn base(host: &str) -> Result<String, Exception> {
    let refuse =
        |why: &str| Err(Exception::new(Code::InvalidHost, &cat(&["The host \"", host, "\" cannot be used: ", why])));
    let after =
        |scheme: &str| host.split_at_checked(scheme.len()).filter(|(start, _)| start.eq_ignore_ascii_case(scheme));
    let plain = after("http://");
    let mut rest = plain.or_else(|| after("https://")).map_or(host, |(_, rest)| rest);
    while let Some(shorter) = rest.strip_suffix('/') {
        rest = shorter;
    }
    // A path, but none that begins or goes on with nothing.
    let mut before = b'/';
    for byte in rest.bytes() {
        if !(byte.is_ascii_alphanumeric() || b"-._~:/[]%".contains(&byte))
            || before == b'/' && matches!(byte, b'/' | b':')
        {
            return refuse(NO_HOST);
        }
        before = byte;
    }
    if rest.is_empty() {
        return refuse(NO_HOST);
    }
    if plain.is_some() && !is_this_machine(rest) {
        return refuse(NOT_HERE);
    }
    Ok(cat(&[if plain.is_some() { "http://" } else { "https://" }, rest]))
}

/// Whether a host, with what may follow it, is this machine: a loopback address or `localhost`.
pub fn is_this_machine(host: &str) -> bool {
    let name_is = |name: &str| {
        host.split_at_checked(name.len()).is_some_and(|(start, rest)| {
            start.eq_ignore_ascii_case(name) && matches!(rest.bytes().next(), None | Some(b':' | b'/'))
        })
    };
    let numbers = host.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    name_is("localhost") || name_is("[::1]") || host.starts_with("127.") && host.get(..numbers).is_some_and(name_is)
}

/// The app id as it may stand in a host name, trimmed (rule B17).
///
/// # Errors
/// `MISSING_PARAMETERS`, `INVALID_APP_ID`.
pub fn app_id(said: Json<'_>) -> Result<String, Exception> {
    let id = said.get_text("appId").ok_or_else(|| Exception::missing("init", "app id"))?;
    if id.len() > 100 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return Err(Code::InvalidAppId.into());
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json<'_> {
        Json::parse(text).unwrap()
    }

    /// Settings of the region us, with more members before it.
    fn settings(more: &str) -> Result<Settings, Exception> {
        Settings::check(json(&cat(&["{", more, "\"region\":\"us\"}"])))
    }

    fn with(name: &str, value: &str) -> String {
        cat(&["\"", name, "\":", &crate::protocol::json::quote(value), ","])
    }

    #[test]
    fn b16_the_regions_hosts_are_the_services() {
        let us = settings("").unwrap();
        assert_eq!(us.admin_base("myApp"), "https://myApp.api-us.cometchat.io/v3.0");
        assert_eq!(us.client_base("myApp"), "https://myApp.apiclient-us.cometchat.io/v3.0");
    }

    #[test]
    fn b19_regions_in_any_case_and_no_other() {
        for good in ["us", " EU ", "In"] {
            assert!(Settings::check(json(&cat(&["{\"region\":\"", good, "\"}"]))).is_ok(), "{good}");
        }
        for bad in ["", "uk", "us.evil.example/"] {
            let error = Settings::check(json(&cat(&["{\"region\":\"", bad, "\"}"]))).unwrap_err();
            assert!(error.is(Code::InvalidRegion) && error.message.contains("\"eu\""), "{bad}");
        }
        let settings = Settings::check(json("{}")).unwrap();
        assert_eq!(settings.client_base("a"), "https://a.apiclient-eu.cometchat.io/v3.0");
        assert!(settings.region_was_guessed(json("{}")));
    }

    #[test]
    fn b19_the_region_does_not_matter_when_both_hosts_are_overridden() {
        let said = json(r#"{"region":"private","adminHost":"a.example","clientHost":"c.example/v3.0"}"#);
        let settings = Settings::check(said).unwrap();
        assert_eq!(settings.admin_base("x"), "https://a.example");
        assert_eq!(settings.client_base("x"), "https://c.example/v3.0");
        assert!(!settings.region_was_guessed(said));
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
            assert!(settings(&with("clientHost", bad)).unwrap_err().is(Code::InvalidHost), "{bad}");
        }
    }

    #[test]
    fn b18_the_emulator_means_both_bases_and_excludes_overrides() {
        let emulator = settings(&with("emulator", "http://127.0.0.1:8599/")).unwrap();
        assert_eq!(emulator.admin_base("x"), "http://127.0.0.1:8599/v3.0");
        assert_eq!(emulator.client_base("x"), "http://127.0.0.1:8599/v3.0");
        assert!(emulator.emulator);
        assert!(
            settings(&(with("emulator", "http://127.0.0.1:1") + &with("adminHost", "a.example")))
                .unwrap_err()
                .is(Code::InvalidHost)
        );
        assert!(settings(&with("emulator", "127.0.0.1:8599")).unwrap_err().message.contains("http://"));
        assert!(settings(&with("emulator", "http://10.0.0.1:8599")).is_err());
    }

    #[test]
    fn b16_a_sessions_hosts_count_below_the_services_domains_only() {
        let us = settings("").unwrap();
        let hosts = |text: &str| us.hosts(Some(Json::parse(text).unwrap()));
        let good = hosts(r#"{"CLIENT_API_HOST":"a.apiclient-zz.cometchat.io","CHAT_API_VERSION":"v3.9"}"#).unwrap();
        assert_eq!(us.session_base("a", &good), "https://a.apiclient-zz.cometchat.io/v3.9");
        assert_eq!(us.session_base("a", &hosts("{}").unwrap()), "https://a.apiclient-us.cometchat.io/v3.0");
        let odd = hosts(r#"{"CLIENT_API_HOST":"a.apiclient-us.cometchat.io","CHAT_API_VERSION":"v3/../x"}"#).unwrap();
        assert_eq!(us.session_base("a", &odd), "https://a.apiclient-us.cometchat.io/v3.0");
        for bad in [
            "evil.example",
            "cometchat.io.evil.example",
            "evil.example/x.cometchat.io",
            "evilcometchat.io",
            "evil.example#.cometchat.io",
            "127.0.0.1:8599",
        ] {
            for name in ["CLIENT_API_HOST", "ADMIN_API_HOST"] {
                assert_eq!(hosts(&cat(&["{\"", name, "\":\"", bad, "\"}"])), None, "{name} {bad}");
            }
        }
        let emulator = settings(&with("emulator", "http://127.0.0.1:8599")).unwrap();
        let foreign = emulator.hosts(Json::parse(r#"{"CLIENT_API_HOST":"evil.example"}"#)).unwrap();
        assert_eq!(emulator.session_base("a", &foreign), "http://127.0.0.1:8599/v3.0");
    }

    #[test]
    fn timeouts_are_whole_milliseconds() {
        assert_eq!(settings("").unwrap().timeout_ms, 10_000);
        assert_eq!(settings(&with("requestTimeout", "2500")).unwrap().timeout_ms, 2500);
        for bad in ["0", "-5", "1.5", "soon", "Infinity"] {
            assert!(settings(&with("requestTimeout", bad)).unwrap_err().is(Code::InvalidRequestTimeout), "{bad}");
        }
    }

    #[test]
    fn app_ids_are_trimmed_and_cannot_leave_their_label() {
        assert_eq!(app_id(json(r#"{"appId":" LabApp03 "}"#)).unwrap(), "LabApp03");
        for none in ["{}", r#"{"appId":""}"#, r#"{"appId":"  "}"#, r#"{"appId":5}"#] {
            assert!(app_id(json(none)).unwrap_err().is(Code::MissingParameters), "{none}");
        }
        for bad in ["a/b", "a b", "ä", "evil.example/", "a#", "a@b"] {
            assert!(app_id(json(&cat(&["{\"appId\":\"", bad, "\"}"]))).unwrap_err().is(Code::InvalidAppId), "{bad}");
        }
    }
}
