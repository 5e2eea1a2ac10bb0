//! Pages in the state that a test begins with.

use super::Tab;
use crate::harness::app::first_token;
use crate::harness::platform::TestPlatform;
use crate::harness::storage::Storage;

impl Tab {
    /// A page on another host than localhost, before `init`.
    pub fn deployed() -> Self {
        let mut tab = Self::default();
        tab.is_this_machine = None;
        tab
    }

    /// A page after `init` for the region us.
    pub fn ready() -> Self {
        Self::ready_on(TestPlatform::default())
    }

    pub fn ready_on(platform: TestPlatform) -> Self {
        let mut tab = Self::new(platform);
        tab.init_app();
        tab
    }

    /// A page after `init`, logged in as that user with the token `{uid}-token-1`.
    pub fn logged_in(uid: &str) -> Self {
        let mut tab = Self::ready();
        tab.log_in(uid, &first_token(uid));
        tab.clear_log();
        tab
    }

    /// Another tab of the same browser, after `init`.
    pub fn sibling(&self) -> Self {
        Self::ready_on(TestPlatform { session: Storage::default(), ..self.platform.clone() })
    }

    /// The page after a reload. Pending calls are lost.
    pub fn reload(mut self) -> Self {
        self.closed = true;
        Self::ready_on(self.platform.clone())
    }

    /// Forgets all outputs and changes so far, so that a test sees only what it causes itself.
    pub fn clear_log(&mut self) {
        self.log.clear();
        self.session_changes.clear();
        self.sent.clear();
        self.log_position = 0;
        self.clear_storage_changes();
    }

    /// Forgets the changes of storage so far.
    pub fn clear_storage_changes(&self) {
        self.platform.local.changes();
        self.platform.session.changes();
    }
}
