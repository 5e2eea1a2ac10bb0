//! The state that the tasks of a running emulator share: the lab behind one lock, the database
//! file, and the signals between the tasks.

use super::limits::Limits;
use super::store::{Settled, Store};
use crate::core::Storage;
use crate::lab::Lab;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{RwLock, watch};

/// The shared state. The lock of the lab is never held across an await.
pub(super) struct Shell {
    lab: Mutex<Lab>,
    store: Option<Store>,
    /// Serialises changes while a database file keeps the state: one writer, or any number of
    /// readers.
    turns: Arc<RwLock<()>>,
    limits: Limits,
    stop: watch::Sender<bool>,
    /// The lab's revision of the sessions.
    sessions: watch::Sender<u64>,
    /// The lab's revision of the journal.
    journal: watch::Sender<u64>,
    /// The number of open web sockets.
    sockets: watch::Sender<usize>,
}

impl Shell {
    pub(super) fn new(lab: Lab, store: Option<Store>, limits: Limits) -> Self {
        Self {
            lab: Mutex::new(lab),
            store,
            turns: Arc::default(),
            limits,
            stop: watch::Sender::new(false),
            sessions: watch::Sender::new(0),
            journal: watch::Sender::new(0),
            sockets: watch::Sender::new(0),
        }
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// The lab, for reading.
    pub(super) fn lab(&self) -> MutexGuard<'_, Lab> {
        self.lab.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on the lab. For work that changes nothing that is stored.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Lab) -> T) -> T {
        let mut lab = self.lab();
        lab.set_storage(match &self.store {
            None => Storage::Memory,
            Some(store) if store.is_failing() => Storage::Failing,
            Some(_) => Storage::File,
        });
        let result = work(&mut lab);
        notify(&self.sessions, lab.sessions_revision());
        notify(&self.journal, lab.journal_revision());
        notify(&self.sockets, lab.open_sockets());
        result
    }

    /// Runs `work` on the lab for a request that only reads. It waits for changes that are being
    /// stored, so that clients see only stored changes.
    pub(super) async fn read<T>(&self, work: impl FnOnce(&mut Lab) -> T) -> T {
        let _turn = match &self.store {
            Some(_) => Some(self.turns.read().await),
            None => None,
        };
        self.with(work)
    }

    /// Runs `work` on the lab for a request that may change what is stored. No other request runs
    /// until the changes are stored. If that fails, the state is restored from the file.
    pub(super) async fn change<T>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Lab) -> T,
    ) -> Result<T, String> {
        let Some(store) = &self.store else { return Ok(self.with(work)) };
        let turn = Arc::clone(&self.turns).write_owned().await;
        if store.is_failing() {
            store.retry().await?;
        }
        let (result, rows) = self.with(|lab| (work(lab), lab.take_unstored()));
        if rows.is_empty() {
            return Ok(result);
        }
        // The turn ends when the changes are settled, even if the client disconnects before.
        let shell = Arc::clone(self);
        let settle = move |settled| {
            if let Settled::Failed(rows) = settled {
                shell.with(|lab| lab.replace_state(&rows));
            }
            drop(turn);
        };
        store.commit(rows, settle).await?;
        Ok(result)
    }

    /// Asks all tasks to end.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Resolves when the emulator is stopping.
    pub(super) fn stopping(&self) -> impl Future<Output = ()> + Send + Sync + use<> {
        let mut stop = self.stop.subscribe();
        async move {
            // An error means that the emulator has been dropped, so it is stopping too.
            let _ = stop.wait_for(|stop| *stop).await;
        }
    }

    /// A channel that changes when a session may have ended.
    pub(super) fn sessions(&self) -> watch::Receiver<u64> {
        self.sessions.subscribe()
    }

    /// A channel that changes with the journal.
    pub(super) fn journal(&self) -> watch::Receiver<u64> {
        self.journal.subscribe()
    }

    /// Resolves when no web socket is open.
    pub(super) async fn no_sockets(&self) {
        let mut sockets = self.sockets.subscribe();
        // This cannot fail: the sender is in `self`.
        let _ = sockets.wait_for(|count| *count == 0).await;
    }

    /// Closes the database file after the queued changes are stored.
    pub(super) async fn close(&self) {
        if let Some(store) = &self.store {
            store.close().await;
        }
    }
}

fn notify<T: PartialEq>(channel: &watch::Sender<T>, value: T) {
    channel.send_if_modified(|known| {
        let differs = *known != value;
        *known = value;
        differs
    });
}

/// A guard that counts a web socket as open.
pub(super) struct OpenSocket(pub(super) Arc<Shell>);

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.with(Lab::socket_gone);
    }
}
