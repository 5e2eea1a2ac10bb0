//! The numbers of the boundary between Rust and JavaScript, as TypeScript.

use cometchat_auth::boundary::ENUMS;
use cometchat_auth::protocol::error::TABLE;

/// The module for TypeScript. esbuild inlines the numbers, so nothing else of it ships.
pub fn module() -> String {
    let codes: Vec<_> = TABLE.iter().map(|row| row.name).collect();
    let enums = ENUMS.into_iter().chain([("Code", codes.as_slice())]);
    let enums: Vec<_> = enums
        .map(|(name, variants)| {
            format!("export const enum {name} {{\n  {},\n}}\n", variants.join(",\n  "))
        })
        .collect();
    format!(
        "// Written by `cargo xtask build` from src/boundary.rs and src/protocol/error.rs.\n\n{}",
        enums.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_enum_is_written_once_in_order() {
        let module = module();
        for name in ["Call", "Query", "Message", "Form", "Code"] {
            assert_eq!(module.matches(&format!("export const enum {name} {{")).count(), 1);
        }
        assert!(module.contains("enum Query {\n  AppId,\n  Persistence,\n  AuthToken,\n}"));
    }
}
