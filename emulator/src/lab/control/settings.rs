//! The clock, and the readings of the documentation.

use super::call::{Call, Content, Problem};
use crate::lab::settings::ReadingsPatch;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Clock {
    offset_seconds: i64,
}

pub(super) fn clock(call: &mut Call<'_>) -> Result<Content, Problem> {
    let (lab, app) = (&call.lab, call.param("app"));
    let (offset, now) = (lab.settings.offset(app), lab.settings.now(app, call.at_ms));
    Ok(json!({ "offsetSeconds": offset, "now": now }).into())
}

pub(super) fn set_clock(call: &mut Call<'_>) -> Result<Content, Problem> {
    let (Clock { offset_seconds }, app) = (call.parse()?, call.app());
    call.lab.settings.set_offset(app.as_deref(), offset_seconds).map_err(Problem::bad)?;
    clock(call)
}

pub(super) fn readings(call: &mut Call<'_>) -> Result<Content, Problem> {
    Ok(json!(call.lab.settings.readings(call.param("app"))).into())
}

pub(super) fn set_readings(call: &mut Call<'_>) -> Result<Content, Problem> {
    let (patch, app): (ReadingsPatch, _) = (call.parse()?, call.app());
    call.lab.settings.patch(app.as_deref(), patch);
    readings(call)
}
