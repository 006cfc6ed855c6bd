use crate::audit::prelude::*;

about! {
    /// An access entry gives a group that no binding names.
    ///
    /// Whoever comes by that entry is authenticated, and may do next to nothing: "is forbidden". The binding was removed, is in
    /// another cluster, or the group's name is misspelt in one of both places.
    ///
    /// ```yaml finds
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-entries.json <==
    /// {"accessEntries": ["arn:aws:iam::444455556666:role/argocd-spoke"]}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/describe-access-entry-argocd.json <==
    /// {"accessEntry": {
    ///   "clusterName": "spoke", "type": "STANDARD",
    ///   "principalArn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "kubernetesGroups": ["argo-cd"]
    /// }}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/rolebindings.yaml <==
    /// apiVersion: v1
    /// kind: List
    /// items: []
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/clusterrolebindings.yaml <==
    /// apiVersion: v1
    /// kind: List
    /// items: []
    /// ```
    ///
    /// ```yaml clean
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/list-access-entries.json <==
    /// {"accessEntries": ["arn:aws:iam::444455556666:role/argocd-spoke"]}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/eks/describe-access-entry-argocd.json <==
    /// {"accessEntry": {
    ///   "clusterName": "spoke", "type": "STANDARD",
    ///   "principalArn": "arn:aws:iam::444455556666:role/argocd-spoke",
    ///   "kubernetesGroups": ["argocd"]
    /// }}
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/rolebindings.yaml <==
    /// apiVersion: v1
    /// kind: List
    /// items: []
    /// ==> inventory/clusters/444455556666/eu-west-1/spoke/kubernetes/clusterrolebindings.yaml <==
    /// apiVersion: v1
    /// kind: List
    /// items:
    ///   - apiVersion: rbac.authorization.k8s.io/v1
    ///     kind: ClusterRoleBinding
    ///     metadata: {name: argocd}
    ///     roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    ///     subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: argocd}]
    /// ```
    ///
    /// References: EKS User Guide, "Create access entries".
    Warning, Certain, Operations
}

#[derive(Debug, Error)]
#[error("no binding of the cluster names the group `{group}`, which the access entry of `{principal}` gives")]
struct Unbound<'s> {
    group: &'s str,
    principal: &'s str,
    nearest: Option<&'s str>,
}

impl Facts for Unbound<'_> {
    fn help(&self) -> Vec<String> {
        vec![match self.nearest {
            Some(near) => format!("did you mean `{near}`, which is bound?"),
            None => "bind the group, or remove it from the entry".to_owned(),
        }]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    let Some((_, cluster)) = scene.cluster() else { return };
    for list in ["clusterrolebindings", "rolebindings"] {
        if let Err(gap) = cluster.kubernetes.list(list) {
            return sink.skip(&gap);
        }
    }
    let subjects = cluster.kubernetes.bindings.iter().flat_map(|binding| &binding.subjects);
    let bound: Vec<&str> =
        subjects.filter(|subject| subject.kind == "Group").map(|subject| subject.name.as_str()).collect();
    for entry in scene.entries().iter().filter(|entry| entry.kind() == "STANDARD") {
        for (node, group) in entry.groups().iter().filter_map(|node| Some((node, node.text()?))) {
            if !bound.contains(&group) && !group.starts_with("system:") && !group.contains("{{") {
                let nearest = manifest::nearest(group, bound.iter().copied());
                sink.found(entry.at(node), &Unbound { group, principal: entry.title(), nearest });
            }
        }
    }
}
