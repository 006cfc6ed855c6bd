//! `removals.json` of a state folder: what plans that were begun to be applied take away, until it is seen to be gone.
//!
//! One file for all fleets whose files stand in one folder, each by its name. People may take something out of it.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::{self, Read as _, Write as _},
    path::Path,
};

use plan::Removal;
use serde::{Deserialize, Serialize};

use super::{Error, State};

const FILE: &str = "removals.json";
const UNFINISHED: &str = "removals.json.unfinished";

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Remembered {
    fleets: BTreeMap<String, Vec<Removal>>,
}

/// What earlier runs with a state folder were to remove of a fleet, as far as it isn't known to be gone; none where there is no such folder.
///
/// # Errors
/// Where the file can't be read, or isn't what was written.
pub fn removals(folder: &Path, fleet: &str) -> Result<Vec<Removal>, Error> {
    let remembered = read(folder).map_err(|source| in_folder(folder, source))?;
    Ok(remembered.fleets.into_iter().find(|(name, _)| name == fleet).map(|(_, own)| own).unwrap_or_default())
}

impl State {
    /// Remembers these of a fleet, in the place of those before, and comes back when they are on disk.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn remember(&self, fleet: &str, removals: &[Removal]) -> Result<(), Error> {
        write(&self.folder, fleet, removals).map_err(|source| in_folder(&self.folder, source))
    }
}

fn in_folder(folder: &Path, source: io::Error) -> Error {
    Error::Journal { path: folder.to_owned(), source }
}

fn read(folder: &Path) -> io::Result<Remembered> {
    let mut text = String::new();
    match OpenOptions::new().read(true).open(folder.join(FILE)) {
        Ok(mut file) => _ = file.read_to_string(&mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Remembered::default()),
        Err(error) => return Err(error),
    }
    serde_json::from_str(&text).map_err(|error| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{FILE} isn't what was written: {error}"))
    })
}

/// The file is the old one or the new one, whenever a run ends.
fn write(folder: &Path, fleet: &str, removals: &[Removal]) -> io::Result<()> {
    let before = read(folder)?;
    let mut fleets = before.fleets.clone();
    match removals {
        [] => _ = fleets.remove(fleet),
        _ => _ = fleets.insert(fleet.to_owned(), removals.to_vec()),
    }
    let now = Remembered { fleets };
    if now == before {
        return Ok(());
    }
    let unfinished = folder.join(UNFINISHED);
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&unfinished)?;
    file.write_all(serde_json::to_string_pretty(&now)?.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    std::fs::rename(&unfinished, folder.join(FILE))?;
    // The name is on disk only once the folder is.
    #[cfg(unix)]
    OpenOptions::new().read(true).open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use plan::{Location, ObjectId, Owner, Read};

    use super::*;

    fn removal(name: &str) -> Removal {
        let account = "111122223333".parse().unwrap();
        let object = ObjectId {
            location: Location::Account(account),
            kind: "iam role".to_owned(),
            name: name.to_owned(),
        };
        let reads = vec![Read { object: object.clone(), digest: "d".to_owned() }];
        Removal { object, reads, owner: Owner::Adopt }
    }

    #[test]
    fn each_fleet_has_its_own_and_what_was_written_is_what_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(removals(&folder.path().join("none"), "one").unwrap(), []);
        let state = State::open(folder.path(), String::new()).unwrap();
        state.remember("one", &[]).unwrap();
        assert!(!folder.path().join(FILE).exists(), "who has nothing to remember writes nothing");
        state.remember("one", &[removal("a"), removal("b")]).unwrap();
        state.remember("other", &[removal("c")]).unwrap();
        assert_eq!(removals(folder.path(), "one").unwrap(), [removal("a"), removal("b")]);
        state.remember("one", &[removal("b")]).unwrap();
        assert_eq!(removals(folder.path(), "one").unwrap(), [removal("b")]);
        assert_eq!(removals(folder.path(), "other").unwrap(), [removal("c")]);
    }

    #[test]
    fn a_write_that_was_cut_off_leaves_what_was_there_and_nonsense_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path(), String::new()).unwrap();
        state.remember("one", &[removal("a")]).unwrap();
        let cut =
            OpenOptions::new().create(true).truncate(false).write(true).open(folder.path().join(UNFINISHED));
        cut.unwrap().write_all(b"{\"fleets").unwrap();
        assert_eq!(removals(folder.path(), "one").unwrap(), [removal("a")]);
        let broken = OpenOptions::new().truncate(true).write(true).open(folder.path().join(FILE));
        broken.unwrap().write_all(b"{").unwrap();
        let told = removals(folder.path(), "one").unwrap_err().to_string();
        assert!(told.contains("removals.json isn't what was written"), "{told}");
    }
}
