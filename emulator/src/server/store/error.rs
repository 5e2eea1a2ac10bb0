//! The messages about a database file that cannot be used.

pub(super) const BUSY: &str =
    "another program has it open, perhaps another emulator. Stop that one, or name another file.";

/// Describes an error of SQLite, and what to do.
pub(super) fn explain(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => {
            "it is not an SQLite database. Name another file, or a new one.".to_owned()
        }
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            BUSY.to_owned()
        }
        _ => format!("{error}."),
    }
}
