//! x
use crate::workspace::Workspace;
use anyhow::Result;
/// Options.
#[derive(clap::Args, Default)]
pub struct Options {}
/// Run.
pub fn run(_: &Workspace, _: &Options) -> Result<()> {
    anyhow::bail!("not yet")
}
