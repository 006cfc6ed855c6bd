//! The journal: what was begun and how it ended, one JSON object a line, on disk before the next thing happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use plan::{Action, ObjectId, Step};
use serde::{Deserialize, Serialize};

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// When, in UTC: `2026-01-02T03:04:05Z`.
    pub(crate) time: String,
    /// Digest of the plan's steps.
    pub(crate) plan: String,
    /// What happened.
    pub(crate) event: Event,
    /// To which object; absent for what is said of a cluster's access or of the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<ObjectId>,
    /// What it was, in words.
    pub(crate) what: String,
    /// Why it ended so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Event {
    /// Pods will have to be restarted, whatever becomes of the run.
    Due,
    /// The request is about to be made.
    Begun,
    /// It was made, and seen to be as it should be.
    Done,
    /// A gate was passed.
    Verified,
    /// It was left for another time, or couldn't be seen.
    Pending,
    /// It failed.
    Failed,
    /// It wasn't begun.
    Stopped,
}

/// The file, held by one run at a time, and what it says.
pub(crate) struct Journal {
    file: File,
    plan: String,
    entries: Vec<Entry>,
    /// When it was opened.
    opened: String,
    /// What earlier runs had begun and never said the end of.
    cut_off: BTreeSet<ObjectId>,
}

impl Journal {
    /// Opens the journal of a state folder, making both.
    ///
    /// A last line that was cut off, by a crash or a full disk, is taken away: what it would have said didn't begin.
    pub(crate) fn open(folder: &Path, plan: String) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join("journal.jsonl");
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        file.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::WouldBlock, "another run is applying with this state folder")
            }
            std::fs::TryLockError::Error(error) => error,
        })?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        let lines = text.get(..whole).unwrap_or_default().lines().enumerate();
        let entries = lines.map(|(at, line)| {
            serde_json::from_str(line).map_err(|error| {
                let message = format!("line {} of journal.jsonl is none of a journal's: {error}", at + 1);
                io::Error::new(io::ErrorKind::InvalidData, message)
            })
        });
        let entries = entries.collect::<io::Result<Vec<Entry>>>()?;
        let cut_off = cut_off(&entries);
        Ok(Self { file, plan, entries, opened: super::now(), cut_off })
    }

    /// Writes a line, and comes back when it is on disk.
    pub(crate) fn write(
        &mut self,
        event: Event,
        object: Option<&ObjectId>,
        what: &str,
        cause: Option<&str>,
    ) -> io::Result<()> {
        let entry = Entry {
            time: super::now(),
            plan: self.plan.clone(),
            event,
            object: object.cloned(),
            what: what.to_owned(),
            cause: cause.map(str::to_owned),
        };
        let mut line = serde_json::to_string(&entry)?;
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.entries.push(entry);
        Ok(())
    }

    /// Whether a run of this very plan has begun a step.
    pub(crate) fn has_begun(&self, object: &ObjectId) -> bool {
        let own = |entry: &&Entry| entry.plan == self.plan && entry.object.as_ref() == Some(object);
        self.entries.iter().filter(own).any(|entry| matches!(entry.event, Event::Begun | Event::Due))
    }

    /// When something was last done to any of these, or may have been: what was refused at last, or never answered, may have been done, and
    /// what a run that was killed had begun was done before this one.
    pub(crate) fn last_done(&self, is_meant: impl Fn(&ObjectId) -> bool) -> Option<String> {
        let mut open = BTreeSet::new();
        let mut last: Option<&String> = None;
        for entry in &self.entries {
            let Some(object) = entry.object.as_ref().filter(|object| is_meant(object)) else { continue };
            match entry.event {
                Event::Begun => _ = open.insert(object),
                // Who wasn't begun is pending, too.
                Event::Done | Event::Failed | Event::Pending if open.remove(object) => {
                    last = last.max(Some(&entry.time));
                }
                _ => {}
            }
        }
        let cut_off = self.cut_off.iter().any(is_meant).then_some(&self.opened);
        last.max(cut_off).cloned()
    }

    /// Restarts that became due and weren't done, each with when it became due.
    pub(crate) fn outstanding(&self) -> BTreeMap<ObjectId, String> {
        let mut due = BTreeMap::new();
        for entry in &self.entries {
            match (&entry.event, &entry.object) {
                (Event::Due, Some(object)) => _ = due.insert(object.clone(), entry.time.clone()),
                (Event::Done, Some(object)) => _ = due.remove(object),
                _ => {}
            }
        }
        due
    }

    /// Makes of restarts that an earlier run left behind steps again. What they take up has changed already, so that a plan of now
    /// sees no reason for them; yet pods with the old identity may run.
    pub(crate) fn revive(&self, steps: &mut [Step]) {
        let outstanding = self.outstanding();
        let idle = steps.iter_mut().filter(|step| step.action == Action::Unchanged);
        idle.filter(|step| outstanding.contains_key(&step.object))
            .for_each(|step| step.action = Action::Restart);
    }
}

/// What was begun and has no end.
fn cut_off(entries: &[Entry]) -> BTreeSet<ObjectId> {
    let mut open = BTreeSet::new();
    for entry in entries {
        match (&entry.event, &entry.object) {
            (Event::Begun, Some(object)) => _ = open.insert(object.clone()),
            (Event::Done | Event::Failed | Event::Pending, Some(object)) => _ = open.remove(object),
            _ => {}
        }
    }
    open
}
