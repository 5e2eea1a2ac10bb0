//! The writer thread.

use super::rows;
use super::schema::APPLICATION_ID;
use crate::core::Change;
use rusqlite::Connection;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use tokio::sync::oneshot;

/// The interval at which the writer retries while writing fails.
const RETRY: Duration = Duration::from_secs(1);

/// A job of the writer thread.
pub(super) enum Job {
    Commit { changes: Vec<Change>, settle: Box<dyn FnOnce(Settled) + Send>, done: Done },
    Retry { done: Done },
}

pub(super) type Done = oneshot::Sender<Result<(), String>>;

/// The result of storing changes.
pub(in crate::server) enum Settled {
    /// The changes are in the file.
    Stored,
    /// The changes are not in the file. The content of the file: the changes that lead to it from
    /// an empty state.
    Failed(Vec<Change>),
}

/// The state of the writer thread.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) failing: Arc<AtomicBool>,
    /// Released after the connection is closed.
    pub(super) _lock: File,
}

impl Writer {
    /// Works until the queue is closed.
    pub(super) fn run(mut self, queue: &Receiver<Job>) {
        loop {
            let job = if self.failing.load(Ordering::Relaxed) {
                queue.recv_timeout(RETRY)
            } else {
                queue.recv().map_err(RecvTimeoutError::from)
            };
            // An error of `send` means that the client no longer waits.
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
            changes.iter().try_for_each(|change| rows::write(&transaction, change))?;
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
        match rows::load(&self.connection) {
            Ok(rows) => settle(Settled::Failed(rows)),
            Err(error) => tracing::error!(%error, "the database file cannot be read"),
        }
    }

    /// Writes an unchanged value, to find out whether writing works again.
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
