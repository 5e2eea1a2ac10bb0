//! The database file: SQLite, with one writer thread.
//!
//! In WAL mode with `synchronous=NORMAL`, an acknowledged change survives the death of the process
//! at any moment. A power cut may take the last moments.

use crate::core::{ApiKey, Change, Role, Token, User};
use rusqlite::{Connection, params};
use rusqlite_migration::{M, Migrations};
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// `application_id` in the header of the emulator's files: "CCEm".
const APPLICATION_ID: i32 = 0x4343_456d;

/// An emulator that is just stopping has this long to release the file.
const PATIENCE: Duration = Duration::from_secs(1);

/// While writing fails, the writer tries again this often.
const RETRY: Duration = Duration::from_secs(1);

/// The schema, step by step. A released step is never edited: a change is a new step. SQLite's
/// `user_version` counts the steps.
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
    // The place in the order of creation moves from the entity's JSON to a column.
    M::up(
        "ALTER TABLE users ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE tokens ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE keys ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE roles ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
     UPDATE users SET seq = coalesce(json_extract(doc, '$.seq'), 0), doc = json_remove(doc, '$.seq') WHERE json_valid(doc);
     UPDATE tokens SET seq = coalesce(json_extract(doc, '$.seq'), 0), doc = json_remove(doc, '$.seq') WHERE json_valid(doc);
     UPDATE keys SET seq = coalesce(json_extract(doc, '$.seq'), 0), doc = json_remove(doc, '$.seq') WHERE json_valid(doc);
     UPDATE roles SET seq = coalesce(json_extract(doc, '$.seq'), 0), doc = json_remove(doc, '$.seq') WHERE json_valid(doc);",
    ),
];

/// What the writer thread is asked to do.
enum Job {
    Commit { changes: Vec<Change>, settle: Box<dyn FnOnce(Settled) + Send>, done: Done },
    Retry { done: Done },
}

type Done = oneshot::Sender<Result<(), String>>;

/// What became of changes.
pub(super) enum Settled {
    /// They are in the file.
    Stored,
    /// They are not. The content of the file: the changes that lead to it from nothing.
    Failed(Vec<Change>),
}

/// The open file.
pub(super) struct Store {
    queue: Mutex<Option<Sender<Job>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    failing: Arc<AtomicBool>,
}

impl Store {
    /// Opens or creates the file, and reads it: the changes that lead from nothing to its content.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Change>), String> {
        let lock = make_private(path)?;
        let mut connection = Connection::open(path).map_err(|error| explain(&error))?;
        let rows = prepare(&mut connection)?;
        let failing = Arc::new(AtomicBool::new(false));
        let (sender, queue) = channel();
        let writer = Writer { connection, failing: Arc::clone(&failing), _lock: lock };
        let writer = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(|error| error.to_string())?;
        let (queue, writer) = (Mutex::new(Some(sender)), Mutex::new(Some(writer)));
        Ok((Self { queue, writer, failing }, rows))
    }

    /// Writes changes in one transaction. The writer thread calls `settle` before the future is
    /// ready, also when nothing waits for the future any more.
    pub(super) async fn commit(
        &self,
        changes: Vec<Change>,
        settle: impl FnOnce(Settled) + Send + 'static,
    ) -> Result<(), String> {
        let settle = Box::new(settle);
        self.ask(|done| Job::Commit { changes, settle, done }).await
    }

    /// Tries whether the file can be written.
    pub(super) async fn retry(&self) -> Result<(), String> {
        self.ask(|done| Job::Retry { done }).await
    }

    async fn ask(&self, job: impl FnOnce(Done) -> Job) -> Result<(), String> {
        let (done, result) = oneshot::channel();
        if let Some(queue) = self.queue.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            // An error means that the writer has ended. Then `done` is dropped, which the future
            // reports.
            let _ended = queue.send(job(done));
        }
        result.await.unwrap_or_else(|_| Err("the database file is closed".to_owned()))
    }

    /// Whether the file cannot be written at the moment.
    pub(super) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// Lets the writer finish what is queued, and closes the file.
    pub(super) async fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _joined = tokio::task::spawn_blocking(move || writer.join().is_ok()).await;
        }
    }
}

/// Creates the file if it is missing, and lets only its owner read it: it holds secrets. That goes
/// for SQLite's side files as well, which get the mode of the file when they are created.
fn make_private(path: &Path) -> Result<File, String> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if path.is_dir() => {
            return Err(format!("it is a directory ({error}). Name a file in it."));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(
                "its directory does not exist. Make it first, or name another file.".to_owned()
            );
        }
        Err(error) => return Err(format!("{error}. Name a file that can be written.")),
    };
    lock(&file)?;
    restrict(&file)?;
    for suffix in ["-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match File::open(PathBuf::from(name)) {
            Ok(side_file) => restrict(&side_file)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("its side file {suffix} cannot be opened: {error}.")),
        }
    }
    Ok(file)
}

const BUSY: &str =
    "another program has it open, perhaps another emulator. Stop that one, or name another file.";

/// Locks the file for this emulator. SQLite's own lock is not enough inside one process: whoever
/// opens and closes the file there releases it. Elsewhere than on Unix a lock would keep SQLite out.
fn lock(file: &File) -> Result<(), String> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let give_up = Instant::now() + PATIENCE;
    while let Err(TryLockError::WouldBlock) = file.try_lock() {
        if Instant::now() > give_up {
            return Err(BUSY.to_owned());
        }
        std::thread::sleep(PATIENCE / 20);
    }
    Ok(())
}

fn restrict(file: &File) -> Result<(), String> {
    let problem = |error: std::io::Error| {
        format!("its permissions cannot be limited to its owner: {error}. Name another file.")
    };
    let metadata = file.metadata().map_err(problem)?;
    if !metadata.is_file() {
        return Err("it is not a regular file. Name another one.".to_owned());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mut permissions = metadata.permissions();
        if permissions.mode() & 0o777 != 0o600 {
            permissions.set_mode(0o600);
            file.set_permissions(permissions).map_err(problem)?;
        }
    }
    Ok(())
}

fn explain(error: &rusqlite::Error) -> String {
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

fn prepare(connection: &mut Connection) -> Result<Vec<Change>, String> {
    let problem = |error: rusqlite::Error| explain(&error);
    connection.busy_timeout(PATIENCE).map_err(problem)?;
    // One emulator at a time: two would each trust their own memory. This comes before the first
    // read, because SQLite takes its lock in the mode that is set then. The system releases it when
    // the process ends, however it ends.
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
        ) => "it was written by a newer version of the emulator. Use that version, or name another file.".to_owned(),
        rusqlite_migration::Error::RusqliteError { err, .. } => explain(&err),
        other => other.to_string(),
    })?;
    load(connection)
}

fn load(connection: &Connection) -> Result<Vec<Change>, String> {
    let mut changes = Vec::new();
    let apps = read(connection, "SELECT app, '', 0 FROM apps", |row| Ok(row.app))?;
    changes.extend(apps.into_iter().map(|app| Change::AddApp { app }));
    changes.extend(read(connection, "SELECT app, doc, seq FROM users", |row| {
        let user = User { seq: row.seq, ..row.entity()? };
        Ok(Change::PutUser { app: row.app, user })
    })?);
    changes.extend(read(connection, "SELECT app, doc, seq FROM tokens", |row| {
        let token = Token { seq: row.seq, ..row.entity()? };
        Ok(Change::PutToken { app: row.app, token })
    })?);
    changes.extend(read(connection, "SELECT app, doc, seq FROM keys", |row| {
        let key = ApiKey { seq: row.seq, ..row.entity()? };
        Ok(Change::PutKey { app: row.app, key })
    })?);
    changes.extend(read(connection, "SELECT app, doc, seq FROM roles", |row| {
        let role = Role { seq: row.seq, ..row.entity()? };
        Ok(Change::PutRole { app: row.app, role })
    })?);
    Ok(changes)
}

struct Row {
    app: String,
    doc: String,
    seq: u64,
}

impl Row {
    fn entity<T: DeserializeOwned>(&self) -> Result<T, String> {
        // The parser's message may quote the row, which holds secrets.
        serde_json::from_str(&self.doc)
            .map_err(|_| "a row in it is damaged. Restore it, or name another file.".to_owned())
    }
}

fn read<T>(
    connection: &Connection,
    sql: &str,
    convert: impl Fn(Row) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let problem = |error: rusqlite::Error| explain(&error);
    let mut statement = connection.prepare(sql).map_err(problem)?;
    let mut rows = statement.query([]).map_err(problem)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(problem)? {
        let column = |at| row.get(at).map_err(problem);
        let seq: i64 = row.get(2).map_err(problem)?;
        let row = Row { app: column(0)?, doc: column(1)?, seq: u64::try_from(seq).unwrap_or(0) };
        all.push(convert(row)?);
    }
    Ok(all)
}

/// The writer thread's part.
struct Writer {
    connection: Connection,
    failing: Arc<AtomicBool>,
    /// Released after the connection is closed.
    _lock: File,
}

impl Writer {
    fn run(mut self, queue: &Receiver<Job>) {
        loop {
            let job = if self.failing.load(Ordering::Relaxed) {
                queue.recv_timeout(RETRY)
            } else {
                queue.recv().map_err(RecvTimeoutError::from)
            };
            // An error of `send` means that the client does not wait any more.
            match job {
                Ok(Job::Commit { changes, settle, done }) => {
                    let result = self.commit(&changes);
                    self.settle(&result, settle);
                    let _gone = done.send(result);
                }
                Ok(Job::Retry { done }) => {
                    let _gone = done.send(self.retry());
                }
                Err(RecvTimeoutError::Timeout) => drop(self.retry()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Err((_, error)) = self.connection.close() {
            tracing::warn!(%error, "the database file was not closed cleanly");
        }
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), String> {
        let mut commit = || {
            let transaction = self.connection.transaction()?;
            changes.iter().try_for_each(|change| write(&transaction, change))?;
            transaction.commit()
        };
        let result = commit().map_err(|error| error.to_string());
        self.note(&result);
        result
    }

    fn settle(&self, result: &Result<(), String>, settle: Box<dyn FnOnce(Settled) + Send>) {
        if result.is_ok() {
            return settle(Settled::Stored);
        }
        match load(&self.connection) {
            Ok(rows) => settle(Settled::Failed(rows)),
            Err(error) => tracing::error!(%error, "the database file cannot be read"),
        }
    }

    /// Writes something that changes nothing, to learn whether writing works again.
    fn retry(&mut self) -> Result<(), String> {
        let id = APPLICATION_ID;
        let written = self.connection.pragma_update(None, "application_id", id);
        let result = written.map_err(|error| error.to_string());
        self.note(&result);
        result
    }

    fn note(&self, result: &Result<(), String>) {
        let was_failing = self.failing.swap(result.is_err(), Ordering::Relaxed);
        match result {
            Err(error) if !was_failing => {
                tracing::error!(%error, "the database file cannot be written");
            }
            Ok(()) if was_failing => tracing::info!("the database file can be written again"),
            _ => {}
        }
    }
}

fn write(connection: &Connection, change: &Change) -> rusqlite::Result<()> {
    let doc = |result: serde_json::Result<String>| {
        result.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
    };
    // SQLite's integers are signed.
    let seq = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
    let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(sql)?.execute(params).map(|_| ())
    };
    match change {
        Change::Clear => {
            let tables = ["tokens", "users", "keys", "roles", "apps"];
            tables.into_iter().try_for_each(|table| run(&format!("DELETE FROM {table}"), &[]))
        }
        Change::RemoveApp { app } => {
            let tables = ["tokens", "users", "keys", "roles", "apps"];
            // App ids are compared in any letter case.
            tables.into_iter().try_for_each(|table| {
                run(&format!("DELETE FROM {table} WHERE app = ?1 COLLATE NOCASE"), params![app])
            })
        }
        Change::AddApp { app } => run("INSERT OR IGNORE INTO apps (app) VALUES (?1)", params![app]),
        Change::PutUser { app, user } => run(
            "INSERT OR REPLACE INTO users (app, uid, doc, seq) VALUES (?1, ?2, ?3, ?4)",
            params![app, user.uid, doc(serde_json::to_string(user))?, seq(user.seq)],
        ),
        Change::RemoveUser { app, uid } => {
            run("DELETE FROM tokens WHERE app = ?1 AND uid = ?2", params![app, uid])?;
            run("DELETE FROM users WHERE app = ?1 AND uid = ?2", params![app, uid])
        }
        Change::PutToken { app, token } => run(
            "INSERT OR REPLACE INTO tokens (app, token, uid, doc, seq) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                app,
                token.token,
                token.uid,
                doc(serde_json::to_string(token))?,
                seq(token.seq)
            ],
        ),
        Change::RemoveToken { app, token } => {
            run("DELETE FROM tokens WHERE app = ?1 AND token = ?2", params![app, token])
        }
        Change::PutKey { app, key } => run(
            "INSERT OR REPLACE INTO keys (app, api_key, doc, seq) VALUES (?1, ?2, ?3, ?4)",
            params![app, key.api_key, doc(serde_json::to_string(key))?, seq(key.seq)],
        ),
        Change::RemoveKey { app, api_key } => {
            run("DELETE FROM keys WHERE app = ?1 AND api_key = ?2", params![app, api_key])
        }
        Change::PutRole { app, role } => run(
            "INSERT OR REPLACE INTO roles (app, role, doc, seq) VALUES (?1, ?2, ?3, ?4)",
            params![app, role.role, doc(serde_json::to_string(role))?, seq(role.seq)],
        ),
        Change::RemoveRole { app, role } => {
            run("DELETE FROM roles WHERE app = ?1 AND role = ?2", params![app, role])
        }
        Change::Counted { .. } => Ok(()),
    }
}
