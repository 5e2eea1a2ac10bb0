//! The app, region and kind of API that a request is for: from the Host header, as in the service,
//! from the `appId` header, as in its older form, or else the default app, which only an emulator
//! has.

use super::error::ErrorKind;
use super::failure::Failure;
use super::http::Request;
use super::state::{App, State};

/// The two APIs of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `api-{region}`: API keys.
    Admin,
    /// `apiclient-{region}`: auth tokens.
    Client,
}

/// The place where a request arrived.
pub(crate) struct Site<'a> {
    pub(crate) app: &'a App,
    pub(crate) region: String,
    pub(crate) kind: Option<Kind>,
    /// The Host header as sent.
    pub(crate) host: String,
    /// The domain after the region, without port, if the host has the service's form.
    pub(crate) domain: Option<String>,
    /// The port, as text.
    pub(crate) port: Option<String>,
}

pub(crate) struct SiteError(pub(crate) Failure);

struct HostLabels<'h> {
    app: Option<&'h str>,
    kind: Kind,
    region: &'h str,
    domain: &'h str,
}

impl<'a> Site<'a> {
    pub(crate) fn of(state: &'a State, request: &Request) -> Result<Self, SiteError> {
        let host = request.header("host").unwrap_or_default().to_ascii_lowercase();
        let (name, port) = split_port(&host);
        let labels = host_labels(name);
        let region = labels
            .as_ref()
            .map_or(state.config.default_region(), |labels| labels.region)
            .to_owned();
        let from_header = request.header("appid");
        let asked = match labels.as_ref().and_then(|labels| labels.app) {
            Some(app) => app,
            None => match from_header {
                Some("") => {
                    return Err(SiteError(Failure::new(
                        ErrorKind::EmptyAppId,
                        "The appId is empty in the headers. Please send the id of your app.",
                    )));
                }
                Some(app) => app,
                None => state.config.default_app.as_str(),
            },
        };
        if !state.config.regions.contains(&region) {
            let regions = state.config.regions.join(", ");
            return Err(SiteError(Failure::new(
                ErrorKind::InvalidAppId,
                format!(
                    "The app {asked} does not exist in the region {region}. This emulator answers \
                     for {regions}; start it with --region {region} to add this one."
                ),
            )));
        }
        let app = state.app(asked).ok_or_else(|| {
            SiteError(Failure::new(
                ErrorKind::InvalidAppId,
                format!(
                    "The app {asked} does not exist in the region {region}. To add it to this \
                 emulator, start it with --app {asked}."
                ),
            ))
        })?;
        let kind = labels.as_ref().map(|labels| labels.kind);
        let domain = labels.as_ref().map(|labels| labels.domain.to_owned());
        Ok(Self { app, region, kind, domain, port: port.map(str::to_owned), host })
    }
}

/// `{app}.api-{region}.…` and `api-{region}.…`, and the same with `apiclient`.
fn host_labels(name: &str) -> Option<HostLabels<'_>> {
    let api_kind = |label: &str| {
        label
            .strip_prefix("apiclient-")
            .map(|_| Kind::Client)
            .or_else(|| label.strip_prefix("api-").map(|_| Kind::Admin))
    };
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    let (app, label, domain) = if api_kind(first).is_some() {
        (None, first, rest)
    } else {
        let (second, rest) = rest.split_once('.').unwrap_or((rest, ""));
        (Some(first), second, rest)
    };
    let kind = api_kind(label)?;
    let (_, region) = label.split_once('-')?;
    Some(HostLabels { app, kind, region, domain })
}

/// Splits a host into name and port. Brackets of an IPv6 address are not split.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()) => {
            (name, Some(port))
        }
        _ => (host, None),
    }
}

/// Whether this can be an app id: it has to fit into a host name.
pub fn valid_app_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 63
        && !id.starts_with('-')
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}
