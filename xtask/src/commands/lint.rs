//! x
use crate::workspace::Workspace;
use anyhow::Result;
/// Run.
pub fn run(_: &Workspace) -> Result<()> {
    anyhow::bail!("not yet")
}
