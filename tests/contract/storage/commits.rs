//! B12: the order of the writes, and a crash between two of them.

use serde_json::json;

use crate::harness::*;

#[test]
fn b12_a_commit_removes_another_user_first_and_writes_the_user_last() {
    let written = [
        "set myapp:common_store/appId",
        "set myapp:common_store/app_settings",
        "set myapp:common_store/user",
    ];
    let replaced = [&["remove myapp:common_store/user"], &written[..]].concat();
    let mut tab = Tab::ready();
    tab.clear_log();
    tab.log_in("alice", "alice-token-1");
    assert_eq!(tab.platform.local.changes(), written);
    tab.log_in("bob", "bob-token-1");
    assert_eq!(tab.platform.local.changes(), replaced, "another user");
    tab.log_in("bob", "bob-token-2");
    assert_eq!(tab.platform.local.changes(), written, "another token of the same user");
    tab.logout();
    assert_eq!(
        tab.platform.local.changes(),
        ["remove myapp:common_store/user", "remove myapp:common_store/app_settings"]
    );
    tab.respond(data(json!({})));
    assert!(tab.platform.local.changes().is_empty());
}

#[test]
fn b12_the_same_login_again_is_written_in_place() {
    let mut tab = Tab::ready();
    let login = tab.login_token("alice-token-1");
    write_session(&tab.platform.local, "Alice", "alice-token-1"); // Another tab was faster.
    tab.clear_storage_changes();
    let put = tab.open_requests()[0].id;
    tab.respond_to(put, me("alice"));
    assert_eq!(tab.user(login)["uid"], "alice");
    let changes = tab.platform.local.changes();
    assert!(
        changes.iter().all(|change| !change.starts_with("remove")),
        "the entry is never absent: {changes:?}"
    );
    assert_eq!(tab.take_events(), ["loginSuccess Alice", "loginSuccess alice"]);
}

/// Reads the storage in a new page after each single change of a step.
fn crash_after_each_change(
    tab: &mut Tab,
    change: impl FnOnce(&mut Tab),
    allowed: &[Option<(String, String)>],
) {
    tab.clear_storage_changes();
    change(tab);
    let snapshots = tab.platform.local.snapshots();
    assert!(snapshots.len() >= 2, "{snapshots:?}");
    for (at, snapshot) in snapshots.into_iter().enumerate() {
        let platform = TestPlatform { local: Storage::with(snapshot), ..TestPlatform::default() };
        let mut after = Tab::ready_on(platform);
        let user = after.logged_in_user();
        assert!(allowed.contains(&user), "after change {at}: {user:?}");
        if let Some((uid, token)) = user {
            after.logout();
            let delete = &after.open_requests()[0];
            assert_eq!(
                delete.url,
                format!("https://{uid}.apiclient-us.cometchat.io/v3.0/me"),
                "a mix of two sessions, after change {at}"
            );
            assert_eq!(delete.headers["authToken"], token);
            after.respond(data(json!({})));
        }
        assert!(after.take_events().iter().all(|event| event == "logoutSuccess"));
    }
}

#[test]
fn b12_a_crash_during_a_commit_leaves_no_session_or_a_complete_one() {
    let (alice, bob) =
        (uid_and_token("alice", "alice-token-1"), uid_and_token("bob", "bob-token-1"));
    let mut tab = Tab::ready();
    crash_after_each_change(
        &mut tab,
        |tab| tab.log_in("alice", "alice-token-1"),
        &[None, alice.clone()],
    );
    crash_after_each_change(&mut tab, |tab| tab.log_in("bob", "bob-token-1"), &[None, bob.clone()]);
    crash_after_each_change(
        &mut tab,
        |tab| tab.log_in("alice", "alice-token-1"),
        &[None, alice.clone()],
    );
    crash_after_each_change(
        &mut tab,
        |tab| tab.log_in("alice", "alice-token-2"),
        &[alice, uid_and_token("alice", "alice-token-2")],
    );
    crash_after_each_change(&mut tab, |tab| _ = tab.logout(), &[None]);
    tab.respond(data(json!({})));
}
