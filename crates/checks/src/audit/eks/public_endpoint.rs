use crate::audit::prelude::*;

about! {
    /// A cluster's API server is reachable from everywhere.
    ///
    /// That is EKS's default. Every request still has to authenticate; a hole in the API server, a leaked token of a service
    /// account or a kubeconfig with a bearer token is then good from anywhere. Argo CD in another network needs its addresses in
    /// the list, not everybody's.
    ///
    /// ```json finds
    /// {"cluster": {
    ///   "name": "spoke",
    ///   "arn": "arn:aws:eks:eu-west-1:444455556666:cluster/spoke",
    ///   "accessConfig": {"authenticationMode": "API"},
    ///   "resourcesVpcConfig": {"endpointPublicAccess": true, "endpointPrivateAccess": true, "publicAccessCidrs": ["0.0.0.0/0"]}
    /// }}
    /// ```
    ///
    /// ```json clean
    /// {"cluster": {
    ///   "name": "spoke",
    ///   "arn": "arn:aws:eks:eu-west-1:444455556666:cluster/spoke",
    ///   "accessConfig": {"authenticationMode": "API"},
    ///   "resourcesVpcConfig": {"endpointPublicAccess": true, "endpointPrivateAccess": true, "publicAccessCidrs": ["203.0.113.0/24"]}
    /// }}
    /// ```
    ///
    /// References: EKS User Guide, "Cluster API server endpoint".
    Note, Possible, Security
}

#[derive(Debug, Error)]
#[error("the API server of cluster `{cluster}` is reachable from everywhere")]
struct Public<'s> {
    cluster: &'s str,
}

impl Facts for Public<'_> {
    fn help(&self) -> Vec<String> {
        vec![
            "list the networks that need it in `publicAccessCidrs`, or switch the public endpoint off"
                .to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for cluster in scene.clusters() {
        let is_public = cluster.public().is_some_and(Node::is_true);
        let all =
            cluster.public_ranges().iter().find(|node| matches!(node.text(), Some("0.0.0.0/0" | "::/0")));
        if let Some(range) = all.filter(|_| is_public) {
            sink.found(cluster.at(range), &Public { cluster: cluster.name() });
        }
    }
}
