//! B12–B14: layout, commits, damaged entries, failed writes.

mod commits;
mod entries;
mod layout;
mod memory;

use serde_json::Value;

use crate::harness::*;

const APP_ID: &str = "myapp:common_store/appId";
const DEVICE: &str = "myapp:keys_store/deviceId";
const SOURCE: &str = "myapp:keys_store/integrationSource";

fn decoded_entry(storage: &Storage, key: &str) -> Value {
    let outer: Value = serde_json::from_str(&storage.get(key).expect(key)).unwrap();
    serde_json::from_str(outer.as_str().expect("JSON twice")).unwrap()
}
