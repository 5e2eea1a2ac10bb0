//! B27: warnings.

use crate::harness::*;

#[test]
fn b27_an_auth_key_in_production_causes_one_warning() {
    let mut tab = Tab::deployed();
    tab.init_app();
    for _ in 0..2 {
        tab.login_key("alice", AUTH_KEY);
        tab.respond(NO_RESPONSE);
    }
    assert_eq!(tab.warnings().len(), 1);
    assert!(tab.warnings()[0].contains("auth key") && tab.warnings()[0].contains("auth token"));
}

#[test]
fn b27_no_warning_on_localhost_or_for_a_token() {
    let mut tab = Tab::ready();
    tab.login_key("alice", AUTH_KEY);
    tab.respond(NO_RESPONSE);
    assert!(tab.warnings().is_empty());

    let mut tab = Tab::deployed();
    tab.init_app();
    tab.log_in("bob", "bob-token-1");
    assert!(tab.warnings().is_empty());
    tab.login_key("alice", AUTH_KEY);
    tab.respond(NO_RESPONSE);
    assert_eq!(tab.warnings().len(), 1);
}
