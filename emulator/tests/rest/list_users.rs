//! The filters of the list of users.

use crate::lab::{Lab, NOW};
use crate::rows::rows;
use serde_json::{Value, json};

fn crowd() -> Lab {
    let mut lab = Lab::new();
    for (uid, name, tags) in [
        ("zoe", "Alpha", vec!["red"]),
        ("alpha", "Zoe", vec!["blue", "red"]),
        ("eve", "Eve", vec![]),
    ] {
        lab.data(
            "POST",
            "/users",
            json!({ "uid": uid, "name": name, "tags": tags, "metadata": { "k": 1 } }),
        );
    }
    lab.data("POST", "/roles", json!({ "role": "staff", "name": "Staff" }));
    lab.data("PUT", "/users/eve", json!({ "role": "staff" }));
    lab.data("DELETE", "/users", json!({ "uidsToDeactivate": ["superhero1", "superhero2"] }));
    lab
}

/// Tests of one query each, with the uids that it lists.
macro_rules! queries {
    ($($name:ident: $query:literal => [$($uid:literal),*];)*) => {
        $(#[test]
        fn $name() {
            let path = concat!("/users?perPage=3&", $query);
            assert_eq!(crowd().listed(path, "uid"), [$($uid),*] as [&str; _]);
        })*
    };
}

queries! {
    list_is_newest_first: "" => ["eve", "alpha", "zoe"];
    list_search_key_is_the_beginning_of_uid_or_name: "searchKey=AL" => ["alpha", "zoe"];
    list_search_key_in_the_middle_finds_no_user: "searchKey=lpha" => [];
    list_search_in_name: "searchKey=alpha&searchIn=name" => ["zoe"];
    list_search_in_uid: "searchKey=alpha&searchIn[]=uid" => ["alpha"];
    list_search_in_both: "searchKey=alpha&searchIn=name&searchIn=uid" => ["alpha", "zoe"];
    list_search_key_is_decoded: "searchKey=Andrew+J" => ["cometchat-uid-1"];
    list_offline_has_every_user: "status=offline" => ["eve", "alpha", "zoe"];
    list_available_has_no_user: "status=available" => [];
    list_of_a_role: "role=staff" => ["eve"];
    list_of_an_unknown_role: "role=boss" => [];
    list_of_roles: "roles[]=staff&roles[]=other" => ["eve"];
    list_of_roles_by_index: "roles[0]=other&roles[1]=staff" => ["eve"];
    list_of_tags: "tags=blue,green" => ["alpha"];
    list_of_more_tags: "tags=red" => ["alpha", "zoe"];
    list_without_deactivated: "searchKey=superhero" => ["superhero5", "superhero4", "superhero3"];
    list_with_deactivated: "searchKey=superhero&withDeactivated=true&page=2" =>
        ["superhero2", "superhero1"];
    list_only_deactivated: "onlyDeactivated=1" => ["superhero2", "superhero1"];
    list_of_an_empty_filter_is_unfiltered: "role=&tags=&searchKey=%20&status=" =>
        ["eve", "alpha", "zoe"];
    list_ignores_unknown_parameters: "colour=red&sortBy" => ["eve", "alpha", "zoe"];
}

rows! {
    list_status_is_one_of_two: "GET" "/users?status=away" null => 400 {
        "/error/details": { "status": ["The selected status is invalid."] },
    };
    list_search_in_is_one_of_two: "GET" "/users?searchIn=uid,link" null => 400 {
        "/error/details": { "searchIn.1": ["The selected searchIn.1 is invalid."] },
    };
    list_flags_are_true_or_false: "GET" "/users?withTags=maybe" null => 400 {
        "/error/details": { "withTags": ["The withTags field must be true or false."] },
    };
    list_count_changes_nothing: "GET" "/users?count=true&perPage=1" null => 200 {
        "/meta/pagination/total": 10,
        "/meta/pagination/count": 1,
    };
}

#[test]
fn a_list_has_tags_on_request_and_no_metadata() {
    let mut lab = crowd();
    let plain = lab.data("GET", "/users?searchKey=alpha&searchIn=uid", Value::Null);
    assert_eq!((&plain[0]["tags"], &plain[0]["metadata"]), (&Value::Null, &Value::Null));
    let tagged = lab.data("GET", "/users?searchKey=alpha&searchIn=uid&withTags=true", Value::Null);
    assert_eq!(
        (&tagged[0]["tags"], &tagged[0]["metadata"]),
        (&json!(["blue", "red"]), &Value::Null)
    );
}

#[test]
fn a_list_has_the_time_of_deactivation() {
    let data = crowd().data("GET", "/users?onlyDeactivated=true", Value::Null);
    assert_eq!(data[0]["deactivatedAt"], NOW);
}
