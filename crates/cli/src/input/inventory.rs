//! Inventories that people point at.

use std::path::Path;

use facts::Problem;
use inventory::{Inventory, folder};

use crate::{input::Refused, output::say};

/// So many files that nobody asked for are named.
const NAMED: usize = 3;

/// What was read of an inventory.
pub(crate) struct ReadInventory {
    pub(crate) inventory: Inventory,
    /// Files that can't be used.
    pub(crate) problems: Vec<Problem>,
    /// How many files there are.
    pub(crate) files: usize,
}

/// Reads an inventory, and says which files are none of it.
///
/// # Errors
/// Where the folder or a file can't be read at all.
pub(crate) fn read_inventory(path: &Path) -> Result<ReadInventory, Problem> {
    let files = folder::inventory(path)?;
    let reading = Inventory::read(&files);
    for unknown in reading.unknown.iter().take(NAMED) {
        say(&format!("note: {unknown} is no file of an inventory and was left alone"));
    }
    Ok(ReadInventory { inventory: reading.inventory, problems: reading.problems, files: files.len() })
}

/// Reads an inventory of which every file can be used.
///
/// # Errors
/// Where one can't.
pub(crate) fn read_whole(folder: &Path) -> anyhow::Result<Inventory> {
    let ReadInventory { inventory, problems, files } = read_inventory(folder).map_err(Refused::one)?;
    Refused::unless_empty(problems, files)?;
    Ok(inventory)
}
