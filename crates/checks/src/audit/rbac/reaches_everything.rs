use std::{cell::OnceCell, collections::BTreeSet};

use ::rbac::{Identity, reach::reached};
use access::{authorization::Authorizers, reach::Surroundings};
use inventory::Cluster;

use crate::audit::{prelude::*, subject::surroundings};

about! {
    /// A group or service account can make itself administrator of the cluster, step by step.
    ///
    /// Who may create pods in `kube-system` has its service accounts; who may impersonate one of them that may write ClusterRoles
    /// with `escalate` has everything. The steps are taken on this cluster's own objects, with its own service accounts: what is
    /// reached is reached here. Who holds everything outright isn't listed; other checks name them.
    ///
    /// ```yaml finds also:cluster-admin-binding also:group-nobody-holds
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/describe-cluster.json <==
    /// {"cluster": {"name": "spoke", "arn": "arn:aws:eks:eu-west-1:444455556666:cluster/spoke", "version": "1.34", "accessConfig": {"authenticationMode": "API"}}}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-entries.json <==
    /// {"accessEntries": []}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/serviceaccounts.yaml <==
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: installer, namespace: tools}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/clusterroles.yaml <==
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: cluster-admin, labels: {kubernetes.io/bootstrapping: rbac-defaults}}
    /// rules:
    ///   - {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}
    ///   - {nonResourceURLs: ["*"], verbs: ["*"]}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/roles.yaml <==
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: deployer, namespace: tools}
    /// rules: [{apiGroups: [""], resources: [pods], verbs: [create]}]
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/rolebindings.yaml <==
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: deployer, namespace: tools}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
    /// subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: developers}]
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/clusterrolebindings.yaml <==
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: installer}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
    /// subjects: [{kind: ServiceAccount, name: installer, namespace: tools}]
    /// ```
    ///
    /// ```yaml clean
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/describe-cluster.json <==
    /// {"cluster": {"name": "spoke", "arn": "arn:aws:eks:eu-west-1:444455556666:cluster/spoke", "version": "1.34", "accessConfig": {"authenticationMode": "API"}}}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-entries.json <==
    /// {"accessEntries": []}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/serviceaccounts.yaml <==
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: web, namespace: tools}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/clusterroles.yaml <==
    /// apiVersion: v1
    /// kind: List
    /// items: []
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/roles.yaml <==
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: deployer, namespace: tools}
    /// rules: [{apiGroups: [""], resources: [pods], verbs: [create]}]
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/rolebindings.yaml <==
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: deployer, namespace: tools}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
    /// subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: developers}]
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/clusterrolebindings.yaml <==
    /// apiVersion: v1
    /// kind: List
    /// items: []
    /// ```
    ///
    /// References: Kubernetes, "Role Based Access Control Good Practices"; the catalogue of `oarlock`, with a source for each
    /// step.
    Error, Likely, Security
}

#[derive(Debug, Error)]
#[error("{subject} can reach everything on the cluster: {path}")]
struct Reaches {
    subject: String,
    path: String,
}

impl Facts for Reaches {
    fn help(&self) -> Vec<String> {
        vec!["take away the first step, or move what it leads to into another namespace".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let (Some((arn, cluster)), Some(whole)) = (scene.cluster(), scene.whole) else { return };
    let lists = ["clusterroles", "roles", "clusterrolebindings", "rolebindings", "serviceaccounts"];
    let gaps: Vec<_> = lists.iter().filter_map(|list| cluster.kubernetes.list(list).err()).collect();
    if !gaps.is_empty() {
        return gaps.iter().for_each(|gap| sink.skip(gap));
    }
    let ground = OnceCell::new();
    let mut seen = BTreeSet::new();
    for binding in super::bindings(scene) {
        for (node, subject) in super::subjects(binding) {
            let identity = match (subject.kind.as_str(), subject.namespace.as_deref().or(binding.namespace)) {
                ("Group", _) => Identity { user: String::new(), groups: [subject.name.clone()].into() },
                ("ServiceAccount", Some(namespace)) => Identity::service_account(namespace, &subject.name),
                _ => continue,
            };
            let title = super::subject_title(&subject);
            if !seen.insert(title.clone()) {
                continue;
            }
            let way = || ground.get_or_init(|| Ground::of(cluster)).way(&identity);
            if let Some(path) = whole.alike().reached(arn, &identity, way) {
                sink.found(binding.at(node), &Reaches { subject: title, path });
            }
        }
    }
}

/// A cluster, as steps are taken on it.
struct Ground {
    authorizers: Authorizers,
    surroundings: Surroundings,
}

impl Ground {
    fn of(cluster: &Cluster) -> Self {
        Self { authorizers: Authorizers::of(cluster), surroundings: surroundings(cluster) }
    }

    /// How somebody who hasn't got everything outright reaches it.
    fn way(&self, identity: &Identity) -> Option<String> {
        let held = self.authorizers.held_by_rbac(identity).permissions;
        if held.is_everything() || held.is_empty() {
            return None;
        }
        let all = reached(&held, &self.surroundings.world(self.authorizers.rbac()));
        all.permissions.is_everything().then(|| path(&all))
    }
}

/// The shortest row of steps to the one that gives everything.
fn path(all: &::rbac::reach::Reached) -> String {
    let last = all.entries.iter().find(|step| step.gives.permissions.is_everything());
    let steps = all.entries.iter().filter(|step| {
        last.is_some_and(|last| step.depth < last.depth && !step.gives.permissions.is_empty())
    });
    let mut shown: Vec<String> = steps.take(1).chain(last).map(said).collect();
    shown.dedup();
    if shown.is_empty() { "several steps together".to_owned() } else { shown.join(", then ") }
}

fn said(step: &::rbac::reach::Step) -> String {
    let from = step.gives.from.iter().find(|from| !from.is_empty());
    let from = from.map(|from| format!(" (`{from}`)")).unwrap_or_default();
    // What stands behind the semicolon is what may stand in the way.
    let leads_to = step.entry.leads_to.split(';').next().unwrap_or_default();
    format!("`{}`, {leads_to}{from}", step.entry.id)
}
