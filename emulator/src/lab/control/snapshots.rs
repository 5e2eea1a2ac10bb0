//! Named snapshots of one app, or of everything: list, save, restore, remove.

use super::call::{Call, Content, PREFIX, Problem};
use crate::lab::bounds::SNAPSHOTS;
use serde_json::json;

pub(super) fn list(call: &mut Call<'_>) -> Result<Content, Problem> {
    let names: Vec<&str> = call.lab.snapshots(call.param("app")).collect();
    Ok(json!(names).into())
}

pub(super) fn save(call: &mut Call<'_>) -> Result<Content, Problem> {
    let app = call.app();
    if !call.lab.save_snapshot(app.as_deref(), &call.id) {
        return Err(Problem::bad(format!("There are {SNAPSHOTS} snapshots already. Delete some.")));
    }
    Ok(json!({ "saved": call.id }).into())
}

pub(super) fn restore(call: &mut Call<'_>) -> Result<Content, Problem> {
    let app = call.app();
    let restored = call.lab.restore_snapshot(app.as_deref(), &call.id, call.at_ms);
    restored.ok_or_else(|| unknown_snapshot(call))?.map_err(Problem::bad)?;
    Ok(json!({ "restored": call.id }).into())
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<Content, Problem> {
    let app = call.app();
    if !call.lab.remove_snapshot(app.as_deref(), &call.id) {
        return Err(unknown_snapshot(call));
    }
    Ok(json!({ "removed": call.id }).into())
}

fn unknown_snapshot(call: &Call<'_>) -> Problem {
    let name = &call.id;
    Problem::not_found(format!(
        "There is no snapshot \"{name}\" here. PUT {PREFIX}/snapshots/{name} saves it."
    ))
}
