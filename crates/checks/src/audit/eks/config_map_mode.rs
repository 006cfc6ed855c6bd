use crate::audit::prelude::*;

about! {
    /// A cluster knows its callers by the aws-auth ConfigMap alone.
    ///
    /// In authentication mode `CONFIG_MAP` there are no access entries: a mistake in one ConfigMap locks everybody out, whoever
    /// may write it is administrator, and the cluster's creator stays in `system:masters` for good, unseen. `API_AND_CONFIG_MAP`
    /// keeps the ConfigMap working while entries take over; the change can't be undone.
    ///
    /// ```json finds
    /// {"cluster": {
    ///   "name": "spoke",
    ///   "arn": "arn:aws:eks:eu-west-1:444455556666:cluster/spoke",
    ///   "accessConfig": {"authenticationMode": "CONFIG_MAP"}
    /// }}
    /// ```
    ///
    /// ```json clean
    /// {"cluster": {
    ///   "name": "spoke",
    ///   "arn": "arn:aws:eks:eu-west-1:444455556666:cluster/spoke",
    ///   "accessConfig": {"authenticationMode": "API"}
    /// }}
    /// ```
    ///
    /// References: EKS User Guide, "Change authentication mode to use access entries".
    Warning, Certain, Security
}

#[derive(Debug, Error)]
#[error("cluster `{cluster}` knows its callers by aws-auth alone")]
struct ConfigMapOnly<'s> {
    cluster: &'s str,
}

impl Facts for ConfigMapOnly<'_> {
    fn help(&self) -> Vec<String> {
        let change =
            "aws eks update-cluster-config --access-config authenticationMode=API_AND_CONFIG_MAP --name";
        vec![format!("`{change} {}`, then make access entries of what aws-auth maps", self.cluster)]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for cluster in scene.clusters() {
        if let Some(mode) = cluster.mode().filter(|mode| mode.text() == Some("CONFIG_MAP")) {
            sink.found(cluster.at(mode), &ConfigMapOnly { cluster: cluster.name() });
        }
    }
}
