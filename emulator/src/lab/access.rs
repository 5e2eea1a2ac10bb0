//! The access policy: which host names and pages the emulator answers, and who may use
//! `/emulator/v1`.
//!
//! A web site can make its own name point to this machine (DNS rebinding), and then has the
//! emulator's origin. So the emulator answers only to names that others cannot point here. Any page
//! can also send requests to this machine. So the emulator answers only pages of this machine,
//! pages of the host that the request is addressed to, and those of `--allow-origin`.

use super::head::Head;
use super::hosts::{host_of_origin, ip_of, is_below, is_loopback, name_of};

/// The domains of the service's hosts, such as `my-app.api-us.cometchat.io`.
pub const SERVICE_DOMAINS: [&str; 3] = ["cometchat.io", "cc-cluster-2.io", "cc-edge-2.io"];

/// The host names and the pages that the emulator answers.
#[derive(Debug, Clone, Default)]
pub struct AccessPolicy {
    /// In lower case. A leading `*.` stands for any labels, a single `*` for every name.
    hosts: Vec<String>,
    /// In lower case. A single `*` stands for every origin.
    origins: Vec<String>,
    /// Whether other machines may use `/emulator/v1` and the dashboard.
    open_control: bool,
}

impl AccessPolicy {
    /// The policy with additional host names (a leading `*.` stands for any labels, `*` for all
    /// names) and origins (`*` for all).
    pub fn new(hosts: &[String], origins: &[String]) -> Self {
        let lower =
            |list: &[String]| list.iter().map(|item| item.to_ascii_lowercase()).collect::<Vec<_>>();
        Self { hosts: lower(hosts), origins: lower(origins), open_control: false }
    }

    /// Allows other machines to use `/emulator/v1` and the dashboard.
    #[must_use]
    pub fn open_control(mut self, open: bool) -> Self {
        self.open_control = open;
        self
    }

    /// Whether the value of a Host header is a name of the emulator.
    pub fn allows_host(&self, host: &str) -> bool {
        let name = name_of(host).to_ascii_lowercase();
        ip_of(&name).is_some()
            || is_loopback(&name)
            || SERVICE_DOMAINS.iter().any(|domain| is_below(&name, domain))
            || self.hosts.iter().any(|pattern| match pattern.strip_prefix("*.") {
                Some(domain) => is_below(&name, domain),
                None => pattern == "*" || *pattern == name,
            })
    }

    /// Whether the page that sent a request may use the service. Programs send no `Origin`.
    pub fn allows_page(&self, head: &Head) -> bool {
        let Some(origin) = head.header("origin") else { return true };
        let origin = origin.to_ascii_lowercase();
        if self.origins.iter().any(|allowed| allowed == "*" || *allowed == origin) {
            return true;
        }
        let own = head.header("host").map(|host| name_of(host).to_ascii_lowercase());
        host_of_origin(&origin)
            .is_some_and(|host| is_loopback(host) || own.as_deref() == Some(host))
    }

    /// The reason why a request may not use the control API, if there is one. The API is for
    /// programs and pages of this machine: other sites must not read or change its data, not even
    /// by the address of a picture.
    pub(crate) fn refuse_control(&self, head: &Head) -> Option<&'static str> {
        if !self.is_local(head) {
            return Some("The request came from another machine.");
        }
        if head.header("host").is_some_and(|host| !self.is_local_name(host)) {
            return Some(
                "The request's Host is not a name of this machine. Use 127.0.0.1 or localhost.",
            );
        }
        match head.header("origin") {
            Some(origin) => {
                let origin = origin.to_ascii_lowercase();
                let local = host_of_origin(&origin).is_some_and(is_loopback)
                    || (self.open_control && self.allows_page(head));
                (!local).then_some("The request came from a page of another origin.")
            }
            // A program, or a browser that loads a picture, a script or a link.
            None => match head.header("sec-fetch-site") {
                None | Some("none" | "same-origin") => None,
                Some(_) => Some("The request came from a page of another origin."),
            },
        }
    }

    /// Whether a tool of the emulator, such as the dashboard, sent a request. Such requests are not
    /// in the journal, and no fault rule applies to them.
    pub(crate) fn is_of_tool(&self, head: &Head) -> bool {
        self.is_local(head) && head.header("x-emulator-client").is_some()
    }

    /// The path of a file of the dashboard, for a browser of this machine; empty for the page
    /// itself.
    pub(crate) fn dashboard_path<'h>(&self, head: &'h Head) -> Option<&'h str> {
        let here =
            self.is_local(head) && head.header("host").is_some_and(|host| self.is_local_name(host));
        if !here || !matches!(head.method.as_str(), "GET" | "HEAD") || head.is_socket() {
            return None;
        }
        if head.path == "/" {
            return head.header("accept").filter(|accept| accept.contains("text/html")).map(|_| "");
        }
        head.path.strip_prefix("/dashboard/")
    }

    fn is_local(&self, head: &Head) -> bool {
        head.local || self.open_control
    }

    fn is_local_name(&self, host: &str) -> bool {
        is_loopback(&name_of(host).to_ascii_lowercase())
            || (self.open_control && self.allows_host(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::hosts::{valid_host_pattern, valid_origin};

    fn head(pairs: &[(&str, &str)], local: bool) -> Head {
        let headers =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Head { headers, local, ..Head::default() }
    }

    #[test]
    fn only_names_that_others_cannot_point_here_are_answered() {
        let policy = AccessPolicy::new(&["*.lab.test".to_owned(), "DevBox".to_owned()], &[]);
        for host in [
            "localhost",
            "localhost:80",
            "a.localhost",
            "127.0.0.1:1",
            "[::1]:80",
            "192.168.1.5",
            "devbox:8599",
            "x.api-us.cometchat.io",
            "metrics-eu.cometchat.io:443",
            "APP.apiclient-in.CometChat.io",
            "a.b.lab.test",
        ] {
            assert!(policy.allows_host(host), "{host}");
        }
        for host in [
            "evil.test",
            "localhost.evil.test",
            "x.api-us.cometchat.io.evil.test",
            "evilcometchat.io",
            "cometchat.io",
            "lab.test",
            "",
        ] {
            assert!(!policy.allows_host(host), "{host}");
        }
        assert!(AccessPolicy::new(&["*".to_owned()], &[]).allows_host("anything.test"));
        for (pattern, valid) in [
            ("*", true),
            ("*.a", true),
            ("a-b.c", true),
            ("*.", false),
            ("http://a", false),
            ("a b", false),
            ("", false),
        ] {
            assert_eq!(valid_host_pattern(pattern), valid, "{pattern}");
        }
    }

    #[test]
    fn m3_only_pages_of_this_machine_and_allowed_origins_are_answered() {
        let policy = AccessPolicy::new(&[], &["https://App.example.test".to_owned()]);
        let allows = |host: &str, origin: &str| {
            policy.allows_page(&head(&[("host", host), ("origin", origin)], true))
        };
        assert!(policy.allows_page(&head(&[("host", "127.0.0.1:8599")], true)), "a program");
        for origin in [
            "http://localhost:5173",
            "https://127.0.0.1",
            "http://[::1]:3000",
            "http://app.localhost",
            "capacitor://localhost",
            "https://app.example.test",
        ] {
            assert!(allows("127.0.0.1:8599", origin), "{origin}");
        }
        assert!(allows("192.168.1.5:8599", "http://192.168.1.5:5173"), "the host's own pages");
        assert!(allows("x.api-us.cometchat.io", "https://x.api-us.cometchat.io"));
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://evil.example#localhost",
            "http://evil.example/localhost",
            "http://evil@localhost",
            "https://app.example.test:8443",
            "http://192.168.1.6",
            "localhost",
            "",
        ] {
            assert!(!allows("192.168.1.5:8599", origin), "{origin}");
        }
        let any = AccessPolicy::new(&[], &["*".to_owned()]);
        assert!(any.allows_page(&head(&[("origin", "https://evil.example")], true)));
        for (origin, valid) in [
            ("*", true),
            ("null", true),
            ("https://a.test", true),
            ("http://[::1]:80", true),
            ("a.test", false),
            ("https://a.test/", false),
            ("https://a.test/x", false),
            ("https://", false),
        ] {
            assert_eq!(valid_origin(origin), valid, "{origin}");
        }
    }

    #[test]
    fn the_control_api_is_for_this_machine_only() {
        let allows = |pairs: &[(&str, &str)], local: bool| {
            let head = head(&[&[("host", "127.0.0.1:8599")], pairs].concat(), local);
            AccessPolicy::default().refuse_control(&head).is_none()
        };
        assert!(allows(&[], true));
        assert!(allows(
            &[("origin", "http://localhost:5173"), ("sec-fetch-site", "cross-site")],
            true
        ));
        assert!(allows(&[("origin", "https://[::1]:1")], true));
        assert!(allows(&[("sec-fetch-site", "none")], true));
        assert!(!allows(&[], false));
        for host in ["x.api-us.cometchat.io", "192.168.1.7"] {
            let head = head(&[("host", host)], true);
            assert!(AccessPolicy::default().refuse_control(&head).is_some(), "{host}");
        }
        for origin in [
            "https://evil.test",
            "null",
            "http://localhost.evil.test",
            "http://127.0.0.1.evil.test",
            "x",
        ] {
            assert!(!allows(&[("origin", origin)], true), "{origin}");
        }
        assert!(!allows(&[("sec-fetch-site", "cross-site")], true));
        assert!(!allows(&[("sec-fetch-site", "same-site")], true));
        let open = AccessPolicy::new(&["emulator".to_owned()], &[]).open_control(true);
        let allows = |pairs: &[(&str, &str)]| open.refuse_control(&head(pairs, false)).is_none();
        assert!(allows(&[("host", "127.0.0.1:8599")]) && allows(&[("host", "emulator:8599")]));
        assert!(!allows(&[("host", "evil.test")]));
        assert!(!allows(&[("host", "emulator"), ("origin", "https://evil.test")]));
        assert!(!allows(&[("host", "emulator"), ("sec-fetch-site", "cross-site")]));
    }
}
