use crate::e2e::suite::Ground;
use anyhow::Result;
pub(super) fn run(_: &Ground<'_>) -> Result<String> {
    anyhow::bail!("x")
}
