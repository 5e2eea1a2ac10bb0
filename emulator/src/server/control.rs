//! The control API over HTTP: reads the call, passes it to the lab, waits if the lab asks for it,
//! and stores the changes.

use super::message::{read_body, slow_body};
use super::shell::Shell;
use super::system;
use crate::lab::{Answer, Head, Lab, Response, bounds};
use axum::body::Body;
use axum::http::Response as HttpResponse;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub(super) async fn respond(shell: &Arc<Shell>, head: &Head, body: Body) -> HttpResponse<Body> {
    let read = read_body(body, bounds::CONTROL_BODY, bounds::CONTROL_BODY);
    let Ok(body) = tokio::time::timeout(shell.limits().body, read).await else {
        return shell.to_http(slow_body(shell.limits().body));
    };
    let mut journal = shell.journal();
    let mut deadline = None;
    loop {
        let Some(entropy) = system::entropy() else {
            return shell.to_http(Response::new(500, None, Vec::new()));
        };
        journal.mark_unchanged();
        let waited = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let work = |lab: &mut Lab| lab.control(head, &body, system::now_ms(), entropy, waited);
        let answer = match head.method.as_str() {
            "GET" | "HEAD" | "OPTIONS" => shell.read(work).await,
            _ => match shell.change(work).await {
                Ok(answer) => answer,
                Err(error) => Answer::Send(not_stored(&error)),
            },
        };
        let wait = match answer {
            Answer::Wait(ms) => Duration::from_millis(ms),
            Answer::Send(response) => return shell.to_http(response),
        };
        let until = *deadline.get_or_insert_with(|| Instant::now() + wait);
        tokio::select! {
            // An error means that the emulator has been dropped.
            _ = journal.changed() => {}
            () = tokio::time::sleep_until(until) => {}
            () = shell.stopping() => deadline = Some(Instant::now()),
        }
    }
}

fn not_stored(reason: &str) -> Response {
    tracing::error!(%reason, "changes could not be stored");
    let message = format!(
        "The database file could not be written ({reason}). Make room on the disk and try again, \
         or start the emulator with another --db file."
    );
    Response::error(500, "EMULATOR_NOT_STORED", &message)
}
