use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;
use tower_sessions::cookie::SameSite;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

/// The uid in the app's session.
const UID: &str = "uid";

#[derive(Clone)]
struct App {
    id: String,
    region: String,
    emulator: Option<String>,
    rest_api_key: String,
    http: reqwest::Client,
}

impl App {
    fn from_env() -> anyhow::Result<Self> {
        let needed = |name| std::env::var(name).with_context(|| format!("{name} is not set"));
        Ok(Self {
            id: needed("COMETCHAT_APP_ID")?,
            region: needed("COMETCHAT_REGION")?,
            emulator: std::env::var("COMETCHAT_EMULATOR_URL").ok(),
            rest_api_key: needed("COMETCHAT_REST_API_KEY")?,
            http: reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?,
        })
    }

    /// Creates an auth token of this user. The uid must not be a dot segment
    /// ([`is_dot_segment`]). The REST API key is sent to CometChat only.
    async fn mint(&self, uid: &str) -> anyhow::Result<String> {
        let service = format!("https://{}.api-{}.cometchat.io", self.id, self.region);
        let base = self.emulator.as_ref().unwrap_or(&service);
        let uid = utf8_percent_encode(uid, NON_ALPHANUMERIC);
        let reply = self
            .http
            .post(format!("{base}/v3/users/{uid}/auth_tokens"))
            .header("apiKey", &self.rest_api_key)
            .json(&serde_json::json!({}))
            .send()
            .await?;
        let status = reply.status();
        let body: serde_json::Value = reply.json().await?;
        let made = body["data"]["authToken"].as_str().filter(|_| status.is_success());
        made.map(str::to_owned).ok_or_else(|| {
            anyhow!("CometChat created no auth token: {status} {}", body["error"]["code"])
        })
    }
}

/// True if a uid is `.` or `..`. URL parsers resolve these, even percent-encoded, so the request
/// would go to another address.
fn is_dot_segment(uid: &str) -> bool {
    matches!(uid, "." | "..")
}

/// The user of the app, and the settings of the page. It contains no key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    uid: Option<String>,
    app_id: String,
    region: String,
    emulator_url: Option<String>,
}

#[derive(Deserialize)]
struct Login {
    uid: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    auth_token: String,
}

struct Failure(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        eprintln!("{:#}", self.0);
        StatusCode::BAD_GATEWAY.into_response()
    }
}

async fn state(State(app): State<App>, session: Session) -> Result<Json<Page>, Failure> {
    Ok(Json(Page {
        uid: session.get(UID).await?,
        app_id: app.id,
        region: app.region,
        emulator_url: app.emulator,
    }))
}

/// PLACEHOLDER for your app's own login. It accepts every uid without a password.
async fn log_in(
    app: State<App>,
    session: Session,
    Json(Login { uid }): Json<Login>,
) -> Result<Json<Page>, Failure> {
    session.cycle_id().await?;
    session.insert(UID, uid).await?;
    state(app, session).await
}

async fn log_out(app: State<App>, session: Session) -> Result<Json<Page>, Failure> {
    session.flush().await?;
    state(app, session).await
}

async fn token(State(app): State<App>, session: Session) -> Result<Response, Failure> {
    // The uid comes from the app's session, never from the page.
    let Some(uid) = session.get::<String>(UID).await? else {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    };
    if is_dot_segment(&uid) {
        return Ok(StatusCode::BAD_REQUEST.into_response());
    }
    let auth_token = app.mint(&uid).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(Token { auth_token })).into_response())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow!("the TLS provider is already set"))?;
    let app = App::from_env()?;
    let port =
        std::env::var("PORT").map_or(Ok(3000), |port| port.parse::<u16>()).context("PORT")?;
    // In production use HTTPS with `with_secure(true)`, and a persistent store.
    let sessions = SessionManagerLayer::new(MemoryStore::default())
        .with_same_site(SameSite::Strict)
        .with_secure(false);
    let router = Router::new()
        .route("/session", get(state).post(log_in).delete(log_out))
        .route("/token", post(token))
        .layer(sessions)
        .fallback_service(ServeDir::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../page/dist")))
        .with_state(app);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
