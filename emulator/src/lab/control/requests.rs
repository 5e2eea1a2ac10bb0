//! The journal of requests: list, empty.

use super::call::{Call, Content, Problem};
use crate::lab::bounds::JOURNAL_WAIT;
use crate::lab::journal::{Entry, Filter};
use serde::Serialize;
use serde_json::json;

pub(super) fn list(call: &mut Call<'_>) -> Result<Content, Problem> {
    /// `epoch` changes when the journal is emptied.
    #[derive(Serialize)]
    struct Listing<'a> {
        data: Vec<&'a Entry>,
        epoch: u64,
    }
    let wait = call.number("wait")?.unwrap_or(0);
    if wait > JOURNAL_WAIT {
        return Err(Problem::bad(format!("wait can be at most {JOURNAL_WAIT} milliseconds.")));
    }
    let known = call.number("epoch")?;
    let limit = call.number("limit")?.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let filter = Filter {
        app: call.app(),
        after: call.number("after")?.unwrap_or(0),
        since: call.number("since")?.unwrap_or(0),
        limit,
    };
    let epoch = call.lab.epoch;
    let data = call.lab.journal.list(&filter);
    let emptied = known.is_some_and(|known| known != epoch);
    if data.is_empty() && !emptied && wait > 0 && !call.waited {
        return Ok(Content::Wait(wait));
    }
    Ok(Content::json(&Listing { data, epoch }))
}

pub(super) fn clear(call: &mut Call<'_>) -> Result<Content, Problem> {
    let app = call.app();
    call.lab.clear_journal(app.as_deref());
    Ok(json!([]).into())
}
