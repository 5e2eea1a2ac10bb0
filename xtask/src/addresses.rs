//! What the page's side must know before the WebAssembly is there, to connect ahead (rule B20):
//! taken from where Rust knows it.

use cometchat_auth::protocol::{endpoint, session};

/// The module for the page's side. esbuild puts the values where they are used, and nothing else of
/// it ships.
pub fn module() -> String {
    let values = [
        ("UserKey", session::USER),
        ("Admin", endpoint::ADMIN),
        ("Client", endpoint::CLIENT),
        ("Domain", endpoint::DOMAIN),
        ("DefaultRegion", endpoint::DEFAULT_REGION),
    ];
    let members: String =
        values.iter().map(|(name, value)| format!("  {name} = {value:?},\n")).collect();
    let regions = endpoint::REGIONS;
    format!(
        "export const enum Address {{\n{members}}}\n\n\
         export const REGIONS: string[] = {regions:?};\n"
    )
}
