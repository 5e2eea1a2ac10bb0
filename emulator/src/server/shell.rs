//! What the tasks of a running emulator share: the lab behind one lock, the database file, and the signals between them.

use super::serve::Limits;
use super::store::Store;
use crate::lab::Lab;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Ready when the changes are in the database file, with the reason if they are not.
pub(super) type Stored = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// A running emulator. The lock is never held across an await.
pub(super) struct Shell {
    lab: Mutex<Lab>,
    store: Option<Store>,
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

    /// Does something with the lab and queues what has to be stored, under the one lock: so the order on disk is the order in memory.
    /// The future is ready when it is stored.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Lab) -> T) -> (T, Stored) {
        let mut lab = self.lab();
        let result = work(&mut lab);
        let rows = lab.take_unstored();
        let stored =
            self.store.as_ref().filter(|_| !rows.is_empty()).map(|store| store.commit(rows));
        notify(&self.sessions, lab.sessions_revision());
        notify(&self.journal, lab.journal_revision());
        notify(&self.sockets, lab.open_sockets());
        drop(lab);
        let stored: Stored = match stored {
            None => Box::pin(std::future::ready(Ok(()))),
            Some(stored) => Box::pin(stored),
        };
        (result, stored)
    }

    /// The same for what changes nothing that is stored.
    pub(super) fn note<T>(&self, work: impl FnOnce(&mut Lab) -> T) -> T {
        self.with(work).0
    }

    /// Tells everything that runs to end.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Ready once the emulator was told to stop.
    pub(super) fn stopping(&self) -> impl Future<Output = ()> + Send + Sync + use<> {
        let mut told = self.stop.subscribe();
        async move {
            // An error means that the emulator is gone, which says the same.
            let _ = told.wait_for(|stop| *stop).await;
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
        self.0.note(Lab::socket_gone);
    }
}
