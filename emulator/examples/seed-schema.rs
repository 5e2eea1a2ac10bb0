//! Writes the JSON schema of seed documents and the TypeScript types of the npm package.

use cometchat_emulator::lab::{json_schema, typescript};

fn main() -> std::io::Result<()> {
    let root = env!("CARGO_MANIFEST_DIR");
    std::fs::write(format!("{root}/seed.schema.json"), json_schema())?;
    std::fs::write(format!("{root}/npm/src/seed-types.ts"), typescript())
}
