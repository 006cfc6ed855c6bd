//! A kubeconfig, read once for all clusters: one of hundreds has hundreds of contexts, and reading all of them for each takes minutes.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use kube::config::{Kubeconfig as File, KubeconfigError};

use crate::{
    cause::{Cause, chain},
    pattern::Pattern,
};

/// Then it is read anew: some tools write new tokens into it.
const KEPT: Duration = Duration::from_secs(60);

/// Clusters that a kubeconfig leads to.
#[derive(Clone, Debug)]
pub struct Kubeconfig {
    file: Option<PathBuf>,
    context: Pattern,
    kept: Arc<Mutex<Kept>>,
}

/// What was read, and when; none before anybody has asked.
type Kept = Option<(Instant, Arc<File>)>;

impl Kubeconfig {
    /// The file, or if none is named those that kubectl reads; and what a cluster's context is called: `aws eks update-kubeconfig` calls it by
    /// the ARN.
    pub fn new(file: Option<PathBuf>, context: Pattern) -> Self {
        Self { file, context, kept: Arc::default() }
    }

    pub(crate) fn context(&self) -> &Pattern {
        &self.context
    }

    /// One context with its cluster and user, if there is one of the name.
    pub(super) fn only(&self, context: &str) -> Result<Option<File>, Cause> {
        Ok(only(&*self.read()?, context))
    }

    #[expect(clippy::disallowed_methods, reason = "it is read anew after a while")]
    fn read(&self) -> Result<Arc<File>, Cause> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, file)) = kept.as_ref().filter(|(at, _)| at.elapsed() < KEPT) {
            return Ok(Arc::clone(file));
        }
        let read = match &self.file {
            Some(file) => File::read_from(file),
            None => File::read(),
        };
        // The words of a parser may quote what it read.
        let read = read.map_err(|error| match error {
            KubeconfigError::Parse(_) => Cause::new("the kubeconfig is malformed"),
            other => Cause::new(format!("the kubeconfig: {}", chain(&other))),
        });
        let file = Arc::new(read?);
        *kept = Some((Instant::now(), Arc::clone(&file)));
        Ok(file)
    }
}

fn only(all: &File, context: &str) -> Option<File> {
    let named = all.contexts.iter().find(|named| named.name == context)?.clone();
    let own = named.context.as_ref();
    let cluster = own.map(|own| own.cluster.as_str());
    let user = own.and_then(|own| own.user.as_deref());
    Some(File {
        clusters: all.clusters.iter().filter(|one| Some(one.name.as_str()) == cluster).cloned().collect(),
        auth_infos: all.auth_infos.iter().filter(|one| Some(one.name.as_str()) == user).cloned().collect(),
        contexts: vec![named],
        ..File::default()
    })
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the file that is read has to be there")]
mod tests {
    use std::fs;

    use super::*;

    const FILE: &str = r#"{"clusters": [{"name": "a", "cluster": {"server": "https://a"}}, {"name": "b", "cluster": {"server": "https://b"}}],
        "users": [{"name": "a", "user": {"token": "of-a"}}, {"name": "b", "user": {}}],
        "contexts": [{"name": "at-b", "context": {"cluster": "b", "user": "a"}}]}"#;

    #[test]
    fn a_context_comes_with_its_own_cluster_and_user_alone() {
        let found = only(&File::from_yaml(FILE).unwrap(), "at-b").unwrap();
        let clusters: Vec<_> = found.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        let users: Vec<_> = found.auth_infos.iter().map(|user| user.name.as_str()).collect();
        assert_eq!((clusters, users), (vec!["b"], vec!["a"]));
        assert!(only(&File::from_yaml(FILE).unwrap(), "b").is_none());
    }

    #[test]
    fn it_is_read_once_for_all_clusters() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        fs::write(&path, FILE).unwrap();
        let kubeconfig = Kubeconfig::new(Some(path.clone()), "{arn}".parse().unwrap());
        let of_another_cluster = kubeconfig.clone();
        assert!(kubeconfig.only("at-b").unwrap().is_some());
        fs::remove_file(&path).unwrap();
        assert!(of_another_cluster.only("at-b").unwrap().is_some());
    }
}
