//! The TypeScript modules that the build generates from the Rust core.
//!
//! esbuild inlines the enums, so only the values that the facade uses ship.

use std::path::Path;

use anyhow::Result;
use cometchat_auth::boundary::ENUMS;
use cometchat_auth::protocol::error::TABLE;
use cometchat_auth::protocol::{endpoint, session};

use crate::files::write;

/// Writes the modules to `pkg-template/src/generated/`.
pub fn write_modules(folder: &Path) -> Result<()> {
    write(&folder.join("boundary.ts"), boundary())?;
    write(&folder.join("addresses.ts"), addresses())?;
    write(&folder.join("rows.ts"), rows())
}

/// The numbers that cross between Rust and JavaScript.
fn boundary() -> String {
    let codes: Vec<_> = TABLE.iter().map(|row| row.name).collect();
    let enums = ENUMS.into_iter().chain([("Code", codes.as_slice())]);
    let text = |(name, variants): (_, &[&str])| {
        format!("export const enum {name} {{\n  {},\n}}\n", variants.join(",\n  "))
    };
    enums.map(text).collect()
}

/// What the page needs before the WebAssembly is loaded, to connect ahead (rule B20).
fn addresses() -> String {
    let values = [
        ("UserKey", session::Slot::User.name()),
        ("Admin", endpoint::ADMIN),
        ("Client", endpoint::CLIENT),
        ("Domain", endpoint::DOMAIN),
        ("DefaultRegion", endpoint::DEFAULT_REGION),
    ];
    let members = values.map(|(name, value)| format!("  {name} = {value:?},\n")).concat();
    let regions = endpoint::REGIONS;
    format!(
        "export const enum Address {{\n{members}}}\nexport const REGIONS: string[] = {regions:?};\n"
    )
}

/// The names and messages of the package's own codes, by their numbers.
fn rows() -> String {
    // The facade writes the messages of the last one itself.
    let rows = TABLE.iter().filter(|row| row.name != "INTERNAL_ERROR");
    let (names, texts): (Vec<_>, Vec<_>) = rows.map(|row| (row.name, row.text)).unzip();
    format!(
        "export const NAMES: string[] = {names:?};\nexport const TEXTS: string[] = {texts:?};\n"
    )
}
