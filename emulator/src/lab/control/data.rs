//! The data of the apps as seed documents: reset, seed, export, restore.

use super::call::{Call, Content, Problem};
use crate::lab::documents::SEED_SCHEMA;
use serde_json::json;

pub(super) fn reset(call: &mut Call<'_>) -> Result<Content, Problem> {
    let app = call.app();
    call.lab.reset(app.as_deref());
    Ok(json!({ "reset": true }).into())
}

pub(super) fn load(call: &mut Call<'_>) -> Result<Content, Problem> {
    let document = call.document()?;
    call.lab.load(&document, call.at_ms).map_err(Problem::bad)?;
    Ok(json!({ "apps": document.apps().collect::<Vec<_>>() }).into())
}
pub(super) fn export(call: &mut Call<'_>) -> Result<Content, Problem> {
    Ok(Content::data(call.lab.export(call.param("app"))))
}
pub(super) fn restore(call: &mut Call<'_>) -> Result<Content, Problem> {
    let (document, app) = (call.document()?, call.app());
    if let Some(app) = &app
        && !matches!(
            document.apps().collect::<Vec<_>>()[..],
            [one] if one.eq_ignore_ascii_case(app),
        )
    {
        return Err(Problem::bad(format!(
            "With app={app}, the document must have exactly the app \"{app}\"."
        )));
    }
    call.lab.restore(&document, app.as_deref(), call.at_ms).map_err(Problem::bad)?;
    Ok(json!({ "apps": document.apps().collect::<Vec<_>>() }).into())
}

pub(super) fn schema(_call: &mut Call<'_>) -> Result<Content, Problem> {
    Ok(Content::Text(SEED_SCHEMA.as_bytes().to_vec()))
}
