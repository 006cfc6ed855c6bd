//! From files and an inventory to a report.

use std::{collections::BTreeMap, sync::Arc};

use facts::{ClusterArn, Place};
use inventory::{File, Inventory};
use rayon::prelude::*;

use super::{
    Check, Report, Skipped,
    check::Sink,
    fix::{Source, Sources},
    source::{Text, read},
    subject::{Lints, Of, Scene, Whole},
    suppress::{Ignored, suppress},
};

/// A file that somebody gives.
#[derive(Clone, Debug)]
pub struct LooseFile {
    /// The name by which the person knows it.
    pub name: Arc<str>,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What is audited.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'i> {
    /// Files of any kind: policies, manifests, templates, plans, scripts, articles.
    pub files: &'i [LooseFile],
    /// An inventory, with the files that it was read from.
    pub inventory: Option<(&'i Inventory, &'i [File])>,
    /// Findings to leave alone, beside those that comments in the files name.
    pub ignored: &'i [Ignored],
    /// The day, for suppressions that end.
    pub today: super::Today,
}

/// Audits with some checks.
pub fn audit(inputs: &Inputs<'_>, checks: &[&Check]) -> Report {
    let mut report = Report { checks: checks.len(), ..Report::default() };
    let whole = inputs.inventory.map(|(inventory, _)| Whole::new(inventory));
    let lints = Lints::default();
    let groups = groups(inputs);
    let parts: Vec<Report> =
        groups.into_par_iter().map(|group| of_group(&group, whole.as_ref(), &lints, checks)).collect();
    for part in parts {
        report.findings.extend(part.findings);
        report.skipped.extend(part.skipped);
        report.unread.extend(part.unread);
        report.files += part.files;
        report.documents += part.documents;
    }
    suppress(inputs, &mut report);
    report.sort();
    report
}

/// A file's name, and what it holds.
type Named<'i> = (&'i Arc<str>, &'i [u8]);

/// Files that belong together.
struct Group<'i> {
    of: Of<'i>,
    /// What people call the cluster.
    cluster: Option<String>,
    files: Vec<Named<'i>>,
}

fn groups<'i>(inputs: &Inputs<'i>) -> Vec<Group<'i>> {
    let loose = inputs.files.iter().map(|file| (&file.name, &*file.bytes)).collect();
    let mut groups = vec![Group { of: Of::Files, cluster: None, files: loose }];
    let Some((inventory, files)) = inputs.inventory else { return groups };
    let mut folders: BTreeMap<Vec<&str>, Vec<Named<'_>>> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.path.contains("/kubernetes/discovery/")) {
        let depth = if file.path.starts_with("clusters/") { 4 } else { 2 };
        let folder: Vec<&str> = file.path.split('/').take(depth).collect();
        folders.entry(folder).or_default().push((&file.name, &file.bytes));
    }
    for (folder, files) in folders {
        let (of, cluster) = match *folder {
            ["clusters", account, region, name] => match cluster(inventory, account, region, name) {
                Some((arn, cluster)) => (Of::Cluster(arn, cluster), Some(inventory.title(arn))),
                None => continue,
            },
            ["accounts", id] => {
                let account = inventory.accounts.iter().find(|(known, _)| known.as_str() == id);
                (Of::Account(account.map(|(_, account)| account)), None)
            }
            _ => continue,
        };
        groups.push(Group { of, cluster, files });
    }
    groups
}

fn cluster<'i>(
    inventory: &'i Inventory,
    account: &str,
    region: &str,
    name: &str,
) -> Option<(&'i ClusterArn, &'i inventory::Cluster)> {
    inventory
        .clusters
        .iter()
        .find(|(arn, _)| arn.account.as_str() == account && &*arn.region == region && &*arn.name == name)
}

fn of_group(group: &Group<'_>, whole: Option<&Whole<'_>>, lints: &Lints, checks: &[&Check]) -> Report {
    let texts: Vec<Text> = group.files.par_iter().map(|(name, bytes)| read(name, bytes)).collect();
    let scene = Scene::new(group.of, whole, lints, &texts, sources(group, &texts));
    let mut report = Report { files: group.files.len(), ..Report::default() };
    for ((name, _), text) in group.files.iter().zip(&texts) {
        report.documents += text.documents.len() + text.commands.len();
        let unread = text.malformed.iter();
        report.unread.extend(unread.map(|line| Place::new(Arc::clone(name), *line, 0)));
    }
    for check in checks {
        let mut sink = Sink::new(check.about, group.cluster.clone());
        (check.look)(&scene, &mut sink);
        let id = check.about.id();
        scene.take_missing().iter().for_each(|gap| sink.skip(gap));
        report.findings.extend(sink.findings);
        report.skipped.extend(sink.skipped.into_iter().map(|missing| Skipped { id: id.clone(), missing }));
    }
    report
}

/// What may be edited: people's own files, without aliases, where one text may count in several places.
fn sources<'g>(group: &'g Group<'_>, texts: &[Text]) -> Sources<'g> {
    if !matches!(group.of, Of::Files) {
        return Sources::new();
    }
    let plain = group.files.iter().zip(texts).filter(|(_, text)| !text.has_alias);
    let sources = plain.filter_map(|((name, bytes), _)| Some((&***name, Source::new(name, bytes)?)));
    sources.collect()
}
