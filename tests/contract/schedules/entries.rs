//! The texts of the stored entries, as the model expects them.

use crate::model::{APPS, AppEntries, Entry};

/// The expected entries of an app.
pub fn entry_texts(entries: &AppEntries, app: usize) -> [(&'static str, Option<String>); 3] {
    const KEYS: [[&str; 3]; 2] = [
        ["myapp:common_store/appId", "myapp:common_store/user", "myapp:common_store/app_settings"],
        [
            "otherapp:common_store/appId",
            "otherapp:common_store/user",
            "otherapp:common_store/app_settings",
        ],
    ];
    let [id, user, settings] = KEYS[app];
    let id_text = entries.app_id.then(|| quoted(&quoted(APPS[app])));
    let user_text = match entries.user {
        Entry::Absent => None,
        Entry::Damaged => Some(DAMAGED.into()),
        Entry::Session(session) => Some(quoted(&session.text())),
    };
    [(id, id_text), (user, user_text), (settings, entries.hosts.text().map(|text| quoted(&text)))]
}

/// Quotes JSON text as a JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    out.push('"');
    for piece in text.split_inclusive('"') {
        match piece.strip_suffix('"') {
            Some(piece) => {
                out.push_str(piece);
                out.push_str("\\\"");
            }
            None => out.push_str(piece),
        }
    }
    out.push('"');
    out
}

const DAMAGED: &str = r#"{"uid":"#;
