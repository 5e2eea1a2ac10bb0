//! The network and the clock.

use cometchat_auth::client::Input;
use cometchat_auth::client::ports::{Outcome, RequestId};

use super::Tab;
use crate::harness::log::SentRequest;

impl Tab {
    /// The requests whose response the client waits for.
    pub fn open_requests(&self) -> Vec<SentRequest> {
        self.sent.iter().filter(|sent| !sent.done).cloned().collect()
    }

    /// The request lines of the open requests.
    pub fn open_request_lines(&self) -> Vec<String> {
        self.open_requests().iter().map(SentRequest::request_line).collect()
    }

    /// The request lines of all requests.
    pub fn sent_request_lines(&self) -> Vec<String> {
        self.sent.iter().map(SentRequest::request_line).collect()
    }

    /// Responds to the only open request.
    pub fn respond(&mut self, outcome: Outcome) {
        let open = self.open_requests();
        assert_eq!(open.len(), 1, "one request is open: {open:?}");
        self.respond_to(open[0].id, outcome);
    }

    /// Responds to a request. The response to a request that is done must have no effect.
    pub fn respond_to(&mut self, id: RequestId, outcome: Outcome) {
        // The two requests of a login have the same id. The response is for the last one.
        let sent = self.sent.iter_mut().rfind(|sent| sent.id == id).unwrap();
        let was_done = std::mem::replace(&mut sent.done, true);
        let before =
            (self.log.len(), self.platform.local.entries(), self.platform.session.entries());
        self.handle(Input::Responded(id, outcome));
        if was_done {
            let after =
                (self.log.len(), self.platform.local.entries(), self.platform.session.entries());
            assert_eq!(before, after, "a late response has no effect: {:?}", self.log);
        }
    }

    /// Moves the clock forward. Timers that are due fire in order.
    pub fn advance(&mut self, ms: u64) {
        let now = self.platform.now.get() + ms;
        self.platform.now.set(now);
        while let Some(at) = self.timers.iter().position(|(_, due)| *due <= now) {
            let (id, _) = self.timers.remove(at);
            self.sent.iter_mut().filter(|sent| sent.id == id).for_each(|sent| sent.done = true);
            self.handle(Input::TimedOut(id, 0));
        }
    }

    /// Moves the clock forward in a frozen page: timers that are due fire late, before any other
    /// input.
    pub fn freeze(&mut self, ms: u64) {
        let now = self.platform.now.get() + ms;
        self.platform.now.set(now);
        while let Some(at) = self.timers.iter().position(|(_, due)| *due <= now) {
            let (id, due) = self.timers.remove(at);
            self.handle(Input::TimedOut(id, u32::try_from(now - due).unwrap()));
        }
    }

    /// The number of timers that have not fired.
    pub fn running_timers(&self) -> usize {
        self.timers.len()
    }
}
