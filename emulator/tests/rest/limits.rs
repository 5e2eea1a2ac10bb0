//! The limits of bodies and rates, and the cost of lists.

use crate::lab::{DESCRIPTION, KEY, Lab, NOW, codes, header};
use cometchat_emulator::core;
use cometchat_emulator::core::{Body, Change, ErrorKind, Request, User, seed};
use serde_json::json;

#[test]
fn a_body_has_at_most_ten_kilobytes() {
    let mut lab = Lab::new();
    let body = |size: usize| {
        let mut text = json!({ "uid": "a", "name": "A" }).to_string();
        text.extend(std::iter::repeat_n(' ', size - text.len()));
        Body::Bytes(text.into())
    };
    assert_eq!(
        lab.raw("POST", "/v3/users", &[KEY], body(10 * 1024 + 1)).status,
        ErrorKind::BodyTooLarge.status()
    );
    assert_eq!(lab.raw("POST", "/v3/users", &[KEY], body(10 * 1024)).status, 200);
}

#[test]
fn bulk_calls_count_against_the_rate_limit_of_their_class() {
    let mut lab = Lab::new();
    (lab.state.config.core_limit, lab.state.config.standard_limit) = (1, 2);
    let remaining = |response: &cometchat_emulator::core::Response| {
        header(response, "x-rate-limit-remaining").map(str::to_owned)
    };
    let body = || Body::Bytes(br#"{"uidsToDeactivate":["x"],"uidsToActivate":["x"]}"#.to_vec());
    assert_eq!(remaining(&lab.raw("PUT", "/v3/users", &[KEY], body())).as_deref(), Some("1"));
    assert_eq!(remaining(&lab.raw("DELETE", "/v3/users", &[KEY], body())).as_deref(), Some("0"));
    let limited = lab.raw("DELETE", "/v3/users", &[KEY], body());
    assert_eq!((limited.status, header(&limited, "retry-after").is_some()), (429, true));
    assert_eq!(lab.raw("PUT", "/v3/users", &[KEY], body()).status, 200);
}

#[test]
fn m6_a_call_that_stores_describes_a_storage_error() {
    let fails = |method: &str, path: &str| {
        let described = codes(DESCRIPTION.find(method, path).unwrap());
        described.contains_key("500 ERR_EXCEPTION")
    };
    assert!(fails("GET", "/v3/me"), "it stores the web socket pass that it makes");
    assert!(fails("POST", "/v3/users") && fails("PUT", "/v3/me"));
    assert!(!fails("GET", "/v3/users") && !fails("GET", "/v3/settings"));
}

#[test]
fn m12_the_cost_of_a_page_does_not_depend_on_the_number_of_users() {
    let fastest = |users: u64, query: &str| {
        let mut lab = Lab::new();
        for seq in 0..users {
            let user = User::new(format!("user-{seq}"), format!("Name {seq}"), NOW, 100 + seq);
            lab.state.apply(&Change::PutUser { app: seed::APP_ID.to_owned(), user });
        }
        let request = Request {
            method: "GET".to_owned(),
            path: "/v3/users".to_owned(),
            query: query.to_owned(),
            headers: vec![("apikey".to_owned(), seed::REST_API_KEY.to_owned())],
            body: Body::Empty,
            now: NOW,
            entropy: [0; 64],
        };
        let list = || {
            let start = std::time::Instant::now();
            let (response, _) = core::handle(&lab.state, &request);
            assert_eq!(response.status, 200);
            start.elapsed()
        };
        (0..20).map(|_| list()).min().unwrap()
    };
    for query in ["perPage=10", "perPage=10&page=2", "perPage=10&searchKey=user-77"] {
        let (few, many) = (fastest(200, query), fastest(20_000, query));
        assert!(many < 20 * few, "{query}: {few:?} among 200 users, {many:?} among 20,000");
    }
}
