//! The schema of the database, and its migrations.

use super::error::explain;
use super::file::PATIENCE;
use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

/// `application_id` in the header of the emulator's files: "CCEm".
pub(super) const APPLICATION_ID: i32 = 0x4343_456d;

/// The migrations. A released one is never edited: each change is a new one. SQLite's
/// `user_version` counts them.
const STEPS: &[M<'static>] = &[
    M::up(
        "CREATE TABLE apps (app TEXT PRIMARY KEY) STRICT;
     CREATE TABLE users (app TEXT NOT NULL, uid TEXT NOT NULL, doc TEXT NOT NULL,
      PRIMARY KEY (app, uid)) STRICT, WITHOUT ROWID;
     CREATE TABLE tokens (app TEXT NOT NULL, token TEXT NOT NULL, uid TEXT NOT NULL,
      doc TEXT NOT NULL,
      PRIMARY KEY (app, token)) STRICT, WITHOUT ROWID;
     CREATE INDEX tokens_by_user ON tokens (app, uid);
     CREATE TABLE keys (app TEXT NOT NULL, api_key TEXT NOT NULL, doc TEXT NOT NULL,
      PRIMARY KEY (app, api_key)) STRICT, WITHOUT ROWID;
     PRAGMA application_id = 1128482157;",
    ),
    M::up(
        "CREATE TABLE roles (app TEXT NOT NULL, role TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY \
         (app, role)) STRICT, WITHOUT ROWID;",
    ),
    // Moves the position in the order of creation from the entity's JSON to a column.
    M::up(
        "ALTER TABLE users ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE tokens ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE keys ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE roles ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
     UPDATE users SET seq = coalesce(json_extract(doc, '$.seq'), 0),
      doc = json_remove(doc, '$.seq') WHERE json_valid(doc);
     UPDATE tokens SET seq = coalesce(json_extract(doc, '$.seq'), 0),
      doc = json_remove(doc, '$.seq') WHERE json_valid(doc);
     UPDATE keys SET seq = coalesce(json_extract(doc, '$.seq'), 0),
      doc = json_remove(doc, '$.seq') WHERE json_valid(doc);
     UPDATE roles SET seq = coalesce(json_extract(doc, '$.seq'), 0),
      doc = json_remove(doc, '$.seq') WHERE json_valid(doc);",
    ),
];

/// Takes SQLite's lock and brings the schema up to date.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), String> {
    let problem = |error: rusqlite::Error| explain(&error);
    connection.busy_timeout(PATIENCE).map_err(problem)?;
    // Only one emulator may use the file, because each keeps the state in memory. This must come
    // before the first read, which takes the lock. The system releases it when the process ends.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(problem)?;
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT;").map_err(problem)?;
    let id: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(problem)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(problem)?;
    if tables > 0 && id != APPLICATION_ID {
        return Err(
            "it is a database of another program. Name another file, or a new one.".to_owned()
        );
    }
    connection.pragma_update(None, "journal_mode", "WAL").map_err(problem)?;
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(problem)?;
    Migrations::from_slice(STEPS).to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::MigrationDefinition(
            rusqlite_migration::MigrationDefinitionError::DatabaseTooFarAhead,
        ) => {
            "it was written by a newer version of the emulator. Use that version, or name another \
             file."
                .to_owned()
        }
        rusqlite_migration::Error::RusqliteError { err, .. } => explain(&err),
        other => other.to_string(),
    })
}
