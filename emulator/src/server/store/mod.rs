//! The database file: SQLite, with one writer thread.
//!
//! In WAL mode with `synchronous=NORMAL`, an acknowledged change survives the end of the process
//! at any moment. A power failure may lose the last changes.

mod error;
mod file;
mod rows;
mod schema;
mod writer;

pub(super) use self::writer::Settled;

use self::error::explain;
use self::writer::{Done, Job, Writer};
use crate::core::Change;
use rusqlite::Connection;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The open file.
pub(super) struct Store {
    queue: Mutex<Option<Sender<Job>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    failing: Arc<AtomicBool>,
}

impl Store {
    /// Opens or creates the file, and reads it: the changes that lead from an empty state to its
    /// content.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Change>), String> {
        let lock = file::make_private(path)?;
        let mut connection = Connection::open(path).map_err(|error| explain(&error))?;
        schema::prepare(&mut connection)?;
        let rows = rows::load(&connection)?;
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
    /// ready, also when the future was dropped.
    pub(super) async fn commit(
        &self,
        changes: Vec<Change>,
        settle: impl FnOnce(Settled) + Send + 'static,
    ) -> Result<(), String> {
        let settle = Box::new(settle);
        self.ask(|done| Job::Commit { changes, settle, done }).await
    }

    /// Checks whether the file can be written.
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

    /// Waits for the queued jobs, and closes the file.
    pub(super) async fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _joined = tokio::task::spawn_blocking(move || writer.join().is_ok()).await;
        }
    }
}
