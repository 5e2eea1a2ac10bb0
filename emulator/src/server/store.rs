//! The database file: SQLite, one writer thread, one transaction for all requests that wait (group commit).
//!
//! In WAL mode with `synchronous=NORMAL` what was acknowledged survives the death of the process at any moment (a power cut may take the
//! last moments).

use crate::core::{ApiKey, Change, Role, Token, User};
use rusqlite::{Connection, params};
use rusqlite_migration::{M, Migrations};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// `application_id` in the file's header, by which a file of this emulator is told from another program's: "CCEm".
const APPLICATION_ID: i32 = 0x4343_456d;

/// So many requests at most share one transaction.
const GROUP: usize = 512;

/// The schema, step by step. A step that was ever released is not edited; a change is a new step. SQLite's `user_version` counts them.
const STEPS: &[M<'static>] = &[
    M::up(
    "CREATE TABLE apps (app TEXT PRIMARY KEY) STRICT;
     CREATE TABLE users (app TEXT NOT NULL, uid TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (app, uid)) STRICT, WITHOUT ROWID;
     CREATE TABLE tokens (app TEXT NOT NULL, token TEXT NOT NULL, uid TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (app, token)) STRICT, WITHOUT ROWID;
     CREATE INDEX tokens_by_user ON tokens (app, uid);
     CREATE TABLE keys (app TEXT NOT NULL, api_key TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (app, api_key)) STRICT, WITHOUT ROWID;
     PRAGMA application_id = 1128482157;",
    ),
    M::up(
        "CREATE TABLE roles (app TEXT NOT NULL, role TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (app, role)) STRICT, WITHOUT ROWID;",
    ),
];

struct Job {
    changes: Vec<Change>,
    done: oneshot::Sender<Result<(), String>>,
}

/// The open file.
pub(super) struct Store {
    queue: Mutex<Option<Sender<Job>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens or makes the file, and reads it: as the changes that lead from nothing to what it holds.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Change>), String> {
        make_private(path)?;
        let mut connection = Connection::open(path).map_err(|error| explain(&error))?;
        let rows = prepare(&mut connection)?;
        let (sender, receiver) = channel();
        let writer = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || write_all(connection, &receiver))
            .map_err(|error| error.to_string())?;
        Ok((Self { queue: Mutex::new(Some(sender)), writer: Mutex::new(Some(writer)) }, rows))
    }

    /// Queues the changes at once, in the order of calls; the future is ready when they are in the file.
    pub(super) fn commit(
        &self,
        changes: Vec<Change>,
    ) -> impl Future<Output = Result<(), String>> + Send + use<> {
        let (done, result) = oneshot::channel();
        if let Some(queue) = self.queue.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            // A failure means that the writer is gone: then `done` is dropped, and the future says so.
            let _gone = queue.send(Job { changes, done });
        }
        async move { result.await.unwrap_or_else(|_| Err("the database file is closed".to_owned())) }
    }

    /// Lets the writer finish what is queued and close the file.
    pub(super) async fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _joined = tokio::task::spawn_blocking(move || writer.join().is_ok()).await;
        }
    }
}

/// The file holds secrets (if only those of tests), so only its owner may read it. SQLite gives its side files the same mode.
fn make_private(path: &Path) -> Result<(), String> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if path.is_dir() => {
            Err(format!("it is a directory ({error}). Name a file in it."))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(
            "the directory it should be in does not exist. Make it first, or name another file."
                .to_owned(),
        ),
        Err(error) => Err(format!("{error}. Name a file that can be written.")),
    }
}

fn explain(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => {
            "it is not an SQLite database. Name another file, or a new one.".to_owned()
        }
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            "another program has it open, perhaps another emulator. Stop that one, or name another file.".to_owned()
        }
        _ => format!("{error}."),
    }
}

fn prepare(connection: &mut Connection) -> Result<Vec<Change>, String> {
    let explain_ref = |error: rusqlite::Error| explain(&error);
    connection.busy_timeout(Duration::from_secs(1)).map_err(explain_ref)?;
    let id: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(explain_ref)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(explain_ref)?;
    if tables > 0 && id != APPLICATION_ID {
        return Err(
            "it is a database of another program. Name another file, or a new one.".to_owned()
        );
    }
    // One emulator at a time: two would each believe their own memory.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(explain_ref)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(explain_ref)?;
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(explain_ref)?;
    Migrations::from_slice(STEPS).to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::MigrationDefinition(
            rusqlite_migration::MigrationDefinitionError::DatabaseTooFarAhead,
        ) => "it was written by a newer version of the emulator. Use that version, or name another file.".to_owned(),
        rusqlite_migration::Error::RusqliteError { err, .. } => explain(&err),
        other => other.to_string(),
    })?;
    load(connection)
}

fn load(connection: &Connection) -> Result<Vec<Change>, String> {
    let mut changes = Vec::new();
    let mut read = |sql: &str,
                    make: &dyn Fn(String, String) -> Result<Change, serde_json::Error>|
     -> Result<(), String> {
        let mut statement = connection.prepare(sql).map_err(|error| explain(&error))?;
        let mut rows = statement.query([]).map_err(|error| explain(&error))?;
        while let Some(row) = rows.next().map_err(|error| explain(&error))? {
            let app = row.get(0).map_err(|error| explain(&error))?;
            let doc = row.get(1).map_err(|error| explain(&error))?;
            // The parser's own words could quote the row, which holds secrets.
            changes.push(make(app, doc).map_err(|_| {
                "a row in it is damaged. Restore it, or name another file.".to_owned()
            })?);
        }
        Ok(())
    };
    read("SELECT app, '' FROM apps", &|app, _| Ok(Change::AddApp { app }))?;
    read("SELECT app, doc FROM users", &|app, doc| {
        Ok(Change::PutUser { app, user: serde_json::from_str::<User>(&doc)? })
    })?;
    read("SELECT app, doc FROM tokens", &|app, doc| {
        Ok(Change::PutToken { app, token: serde_json::from_str::<Token>(&doc)? })
    })?;
    read("SELECT app, doc FROM keys", &|app, doc| {
        Ok(Change::PutKey { app, key: serde_json::from_str::<ApiKey>(&doc)? })
    })?;
    read("SELECT app, doc FROM roles", &|app, doc| {
        Ok(Change::PutRole { app, role: serde_json::from_str::<Role>(&doc)? })
    })?;
    Ok(changes)
}

fn write_all(mut connection: Connection, queue: &Receiver<Job>) {
    // Memory has what a failed transaction lost, so the file is no longer true to it: from then on nothing more is promised.
    let mut broken: Option<String> = None;
    while let Ok(first) = queue.recv() {
        let mut jobs = vec![first];
        jobs.extend(queue.try_iter().take(GROUP - 1));
        let result = match &broken {
            Some(reason) => Err(reason.clone()),
            None => write_group(&mut connection, &jobs).map_err(|error| error.to_string()),
        };
        if let Err(reason) = &result {
            broken.get_or_insert_with(|| reason.clone());
        }
        for job in jobs {
            // A client that has gone away does not wait for its answer.
            let _gone = job.done.send(result.clone());
        }
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the database file was not closed cleanly");
    }
}

fn write_group(connection: &mut Connection, jobs: &[Job]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for change in jobs.iter().flat_map(|job| &job.changes) {
        write(&transaction, change)?;
    }
    transaction.commit()
}

fn write(connection: &Connection, change: &Change) -> rusqlite::Result<()> {
    let doc = |result: serde_json::Result<String>| {
        result.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
    };
    let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(sql)?.execute(params).map(|_| ())
    };
    match change {
        Change::Clear => {
            let tables = ["tokens", "users", "keys", "roles", "apps"];
            tables.into_iter().try_for_each(|table| run(&format!("DELETE FROM {table}"), &[]))
        }
        Change::AddApp { app } => run("INSERT OR IGNORE INTO apps (app) VALUES (?1)", params![app]),
        Change::RemoveApp { app } => {
            let tables = ["tokens", "users", "keys", "roles", "apps"];
            // App ids are compared without letter case.
            tables.into_iter().try_for_each(|table| {
                run(&format!("DELETE FROM {table} WHERE app = ?1 COLLATE NOCASE"), params![app])
            })
        }
        Change::PutUser { app, user } => run(
            "INSERT OR REPLACE INTO users (app, uid, doc) VALUES (?1, ?2, ?3)",
            params![app, user.uid, doc(serde_json::to_string(user))?],
        ),
        Change::RemoveUser { app, uid } => {
            run("DELETE FROM tokens WHERE app = ?1 AND uid = ?2", params![app, uid])?;
            run("DELETE FROM users WHERE app = ?1 AND uid = ?2", params![app, uid])
        }
        Change::PutToken { app, token } => run(
            "INSERT OR REPLACE INTO tokens (app, token, uid, doc) VALUES (?1, ?2, ?3, ?4)",
            params![app, token.token, token.uid, doc(serde_json::to_string(token))?],
        ),
        Change::RemoveToken { app, token } => {
            run("DELETE FROM tokens WHERE app = ?1 AND token = ?2", params![app, token])
        }
        Change::PutKey { app, key } => run(
            "INSERT OR REPLACE INTO keys (app, api_key, doc) VALUES (?1, ?2, ?3)",
            params![app, key.api_key, doc(serde_json::to_string(key))?],
        ),
        Change::RemoveKey { app, api_key } => {
            run("DELETE FROM keys WHERE app = ?1 AND api_key = ?2", params![app, api_key])
        }
        Change::PutRole { app, role } => run(
            "INSERT OR REPLACE INTO roles (app, role, doc) VALUES (?1, ?2, ?3)",
            params![app, role.role, doc(serde_json::to_string(role))?],
        ),
        Change::RemoveRole { app, role } => {
            run("DELETE FROM roles WHERE app = ?1 AND role = ?2", params![app, role])
        }
        Change::Counted { .. } => Ok(()),
    }
}
