//! All fixes of a report put into the files, as far as they do what they should.

use std::{collections::BTreeMap, sync::Arc};

use super::{Fix, applied};
use crate::audit::{Check, Inputs, LooseFile, Report, audit};

/// A file with fixes in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The name by which the person knows it.
    pub name: Arc<str>,
    /// As it was.
    pub before: String,
    /// As it is with the fixes.
    pub after: String,
    /// How many findings that mends.
    pub mended: usize,
}

/// What came of fixing.
#[derive(Clone, Debug)]
pub struct Mended {
    /// The files that change.
    pub files: Vec<Edited>,
    /// How many fixes were left: they overlap with others, and another run takes them.
    pub overlapping: usize,
    /// Files that were left as they are, because fixing them would have brought up other findings.
    pub refused: Vec<Arc<str>>,
    /// What is found in the files as they are now.
    pub report: Report,
}

/// How often each check found something in a file.
type Found<'r> = BTreeMap<(&'r str, &'r str), usize>;

/// Puts the fixes of a report into the loose files that it is about, and audits these again: a file in which a fix doesn't mend its
/// finding, or brings up another, stays as it is. What was suppressed isn't fixed.
pub fn mend(inputs: &Inputs<'_>, checks: &[&Check], report: Report) -> Mended {
    let mut wanted: BTreeMap<&str, Vec<&Fix>> = BTreeMap::new();
    for fix in report.findings.iter().filter_map(|found| found.fix.as_ref()) {
        wanted.entry(&fix.place.file).or_default().push(fix);
    }
    if wanted.is_empty() {
        return Mended { files: Vec::new(), overlapping: 0, refused: Vec::new(), report };
    }
    let before = found(&report);
    let mut files = Vec::new();
    let mut overlapping = 0;
    for file in inputs.files {
        let Some(fixes) = wanted.remove(&*file.name) else { continue };
        let Ok(text) = std::str::from_utf8(&file.bytes) else { continue };
        let all = fixes.len();
        let (after, done) = applied(text, fixes);
        overlapping += all - done.len();
        files.push(Edited {
            name: Arc::clone(&file.name),
            before: text.to_owned(),
            after,
            mended: done.len(),
        });
    }
    let again = with(inputs, checks, &files);
    let now = found(&again);
    let is_mended = |file: &Edited| {
        let of = |counts: &Found<'_>, id: &str| counts.get(&(&*file.name, id)).copied().unwrap_or_default();
        let ids = now.keys().chain(before.keys()).filter(|(name, _)| *name == &*file.name);
        let no_more = ids.clone().all(|(_, id)| of(&now, id) <= of(&before, id));
        let sum = |counts: &Found<'_>| -> usize {
            counts.iter().filter(|((name, _), _)| *name == &*file.name).map(|(_, count)| count).sum()
        };
        let unread = |report: &Report| report.unread.iter().filter(|place| place.file == file.name).count();
        no_more && sum(&now) + file.mended <= sum(&before) && unread(&again) <= unread(&report)
    };
    let (good, bad): (Vec<Edited>, Vec<Edited>) = files.into_iter().partition(is_mended);
    let refused: Vec<Arc<str>> = bad.into_iter().map(|file| file.name).collect();
    let report = if refused.is_empty() { again } else { with(inputs, checks, &good) };
    Mended { files: good, overlapping, refused, report }
}

/// The audit of the files as they would be.
fn with(inputs: &Inputs<'_>, checks: &[&Check], edited: &[Edited]) -> Report {
    let mut files: Vec<LooseFile> = inputs.files.to_vec();
    for file in &mut files {
        if let Some(new) = edited.iter().find(|edited| edited.name == file.name) {
            file.bytes = new.after.clone().into_bytes();
        }
    }
    audit(&Inputs { files: &files, ..*inputs }, checks)
}

/// What a suppression hides is still there.
fn found(report: &Report) -> Found<'_> {
    let mut counts = Found::new();
    let hidden = report.suppressed.iter().map(|suppressed| &suppressed.found);
    for each in report.findings.iter().chain(hidden) {
        if let Some(place) = each.place() {
            *counts.entry((&*place.file, &*each.finding.id)).or_default() += 1;
        }
    }
    counts
}
