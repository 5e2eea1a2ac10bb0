//! The apps: list, create, remove.

use super::call::{Call, Content, Problem};
use crate::core::App;
use crate::document::Document;
use crate::lab::bounds::APPS;
use crate::lab::instance::Lab;
use serde_json::{Map, Value, json};

pub(super) fn list(call: &mut Call<'_>) -> Result<Content, Problem> {
    let lab = &call.lab;
    Ok(Content::Data(lab.state.apps().map(|app| view(lab, app)).collect()))
}

fn view(lab: &Lab, app: &App) -> Value {
    let config = &lab.state.config;
    let (auth_key, rest_api_key) = Lab::keys_of(app);
    json!({
        "id": app.id,
        "isDefault": app.id.eq_ignore_ascii_case(&config.default_app),
        "region": config.regions.first(),
        "url": config.public_url,
        "authKey": auth_key,
        "restApiKey": rest_api_key,
        "users": app.user_count(),
        "tokens": app.token_count(),
        "requests": lab.journal.count(&app.id),
        "faults": lab.faults.list(Some(&app.id)).len(),
        "offsetSeconds": lab.settings.offset(Some(&app.id)),
    })
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Content, Problem> {
    let mut app: Map<String, Value> = call.parse()?;
    if call.lab.state.apps().count() >= APPS {
        return Err(Problem::bad(format!("There are {APPS} apps already. Delete some.")));
    }
    let mut entropy = call.entropy.iter();
    let mut hex = |count: usize| -> String {
        entropy.by_ref().take(count).map(|byte| format!("{byte:02x}")).collect()
    };
    let (id, auth_key, rest_api_key) = (format!("app-{}", hex(5)), hex(20), hex(20));
    app.entry("id").or_insert_with(|| json!(id));
    app.entry("keys").or_insert_with(|| {
        json!([
            { "apiKey": auth_key, "name": "Auth Key", "scope": "authOnly" },
            { "apiKey": rest_api_key, "name": "Rest API Key", "scope": "fullAccess" },
        ])
    });
    let id = app.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if call.lab.state.app(&id).is_some() {
        return Err(Problem::bad(format!("There is an app \"{id}\" already.")));
    }
    let problem = |error: String| Problem::bad(error.replace("apps[0].", ""));
    let document = Document::parse(json!({ "apps": [app] }).to_string().as_bytes());
    call.lab.load(&document.map_err(problem)?, call.at_ms).map_err(problem)?;
    let Some(app) = call.lab.state.app(&id) else { return Err(Problem::unknown_app(&id)) };
    let mut shown = view(call.lab, app);
    if let Some(map) = shown.as_object_mut() {
        map.insert("uids".into(), json!(app.uids().collect::<Vec<_>>()));
    }
    Ok(shown.into())
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<Content, Problem> {
    let (lab, id) = (&mut call.lab, &call.id);
    let Some(app) = lab.state.app(id).map(|app| app.id.clone()) else {
        return Err(Problem::unknown_app(id));
    };
    if app.eq_ignore_ascii_case(&lab.state.config.default_app) {
        return Err(Problem::bad(
            "The default app cannot be removed: requests without an app use it.",
        ));
    }
    lab.remove_app(&app);
    Ok(json!({ "removed": app }).into())
}
