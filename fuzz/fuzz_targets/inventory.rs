//! Inventories: any files at any of the known paths give an inventory or problems with places, and no secret survives.
#![no_main]

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use inventory::{File, Inventory};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Path {
    Details,
    Providers,
    Cluster,
    Entries,
    Entry,
    Secrets,
    Roles,
    Discovery,
    Gaps,
    Other(String),
}

impl Path {
    fn text(&self) -> &str {
        match self {
            Self::Details => "accounts/111122223333/iam-get-account-authorization-details.json",
            Self::Providers => "accounts/111122223333/iam-list-open-id-connect-providers.json",
            Self::Cluster => "clusters/111122223333/eu-west-1/hub/eks/describe-cluster.json",
            Self::Entries => "clusters/111122223333/eu-west-1/hub/eks/list-access-entries.json",
            Self::Entry => "clusters/111122223333/eu-west-1/hub/eks/describe-access-entry-a.json",
            Self::Secrets => "clusters/111122223333/eu-west-1/hub/kubernetes/secrets.yaml",
            Self::Roles => "clusters/111122223333/eu-west-1/hub/kubernetes/clusterroles.yaml",
            Self::Discovery => "clusters/111122223333/eu-west-1/hub/kubernetes/discovery/v1.json",
            Self::Gaps => "gaps.json",
            Self::Other(path) => path,
        }
    }
}

fuzz_target!(|files: Vec<(Path, String)>| {
    // One file a path, as in a folder.
    let files: BTreeMap<String, String> =
        files.into_iter().map(|(path, text)| (path.text().to_owned(), text)).collect();
    let files: Vec<File> = files
        .into_iter()
        .map(|(path, text)| File { name: path.as_str().into(), path, bytes: text.into_bytes() })
        .collect();
    let reading = Inventory::read(&files);
    for problem in &reading.problems {
        assert!(
            !problem.message.trim().is_empty() && files.iter().any(|file| file.name == problem.place.file)
        );
    }
    let mut reversed = files;
    reversed.reverse();
    let again = Inventory::read(&reversed);
    assert_eq!(again.problems.len(), reading.problems.len());
});
