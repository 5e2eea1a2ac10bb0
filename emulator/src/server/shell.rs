//! What the tasks of a running emulator share: the lab behind one lock, the database file, and the signals between them.

use super::serve::Limits;
use super::store::{Settled, Store};
use crate::core::Storage;
use crate::lab::Lab;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{RwLock, watch};

/// A running emulator. The lock is never held across an await.
pub(super) struct Shell {
    lab: Mutex<Lab>,
    store: Option<Store>,
    /// Who may work on the state while a database file keeps it: one that changes it, or all that
    /// read it.
    turns: Arc<RwLock<()>>,
    limits: Limits,
    stop: watch::Sender<bool>,
    /// The lab's revision of sessions: changes whenever one may have ended.
    sessions: watch::Sender<u64>,
    /// The lab's revision of the journal.
    journal: watch::Sender<u64>,
    /// How many web sockets are open.
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

    /// The lab, to read from.
    pub(super) fn lab(&self) -> MutexGuard<'_, Lab> {
        self.lab.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on the lab, for what changes nothing that is stored.
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

    /// Works on the lab, for a request that reads: not while a change is being stored, so that
    /// changes show only once they are stored.
    pub(super) async fn read<T>(&self, work: impl FnOnce(&mut Lab) -> T) -> T {
        let _turn = match &self.store {
            Some(_) => Some(self.turns.read().await),
            None => None,
        };
        self.with(work)
    }

    /// Works on the lab, for a request that may change what is stored: alone, until it is stored. If
    /// that fails, the state is again what the file holds.
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
        // The turn ends when the changes are settled, even if the client leaves before.
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

    /// Tells everything that runs to end.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Ready once the emulator was told to stop.
    pub(super) fn stopping(&self) -> impl Future<Output = ()> + Send + Sync + use<> {
        let mut stop = self.stop.subscribe();
        async move {
            // An error means that the emulator is gone, which says the same.
            let _ = stop.wait_for(|stop| *stop).await;
        }
    }

    /// Changes whenever a session may have ended.
    pub(super) fn sessions(&self) -> watch::Receiver<u64> {
        self.sessions.subscribe()
    }

    /// Changes with the journal.
    pub(super) fn journal(&self) -> watch::Receiver<u64> {
        self.journal.subscribe()
    }

    /// Ready when no web socket is open.
    pub(super) async fn no_sockets(&self) {
        let mut sockets = self.sockets.subscribe();
        // The sender is in `self`, so it is there.
        let _ = sockets.wait_for(|count| *count == 0).await;
    }

    /// Closes the database file once everything queued is in it.
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

/// Counts a web socket as open while it lives.
pub(super) struct OpenSocket(pub(super) Arc<Shell>);

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.with(Lab::socket_gone);
    }
}
