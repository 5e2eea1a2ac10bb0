//! B4: the warm start.

use crate::harness::*;

#[test]
fn b4_a_warm_start_makes_no_request_and_no_event() {
    let mut tab = Tab::logged_in("alice").reload();
    assert_eq!(tab.logged_in_user(), uid_and_token("alice", "alice-token-1"));
    assert!(tab.sent.is_empty() && tab.take_events().is_empty());
    assert_eq!(tab.client.persistence(), Some("local"));
    tab.sync();
    assert!(tab.take_events().is_empty(), "nothing has changed");
}

#[test]
fn b4_the_stored_user_equals_the_user_that_login_returned() {
    let mut tab = Tab::ready();
    let login = tab.login_token("alice-token-1");
    tab.respond(me("alice"));
    let user = tab.user(login);
    let mut tab = tab.reload();
    let lookup = tab.get_logged_in_user();
    assert_eq!(tab.user(lookup), user);
    assert_eq!(user["status"], "online");
}
