use crate::audit::{prelude::*, subject::Object};

about! {
    /// A service account has a role by Pod Identity and another by IRSA.
    ///
    /// The SDKs look for a web identity's token before they ask Pod Identity's agent, so that the annotation wins, and the
    /// association does nothing. Which role a pod has then depends on when it was started: one of both should go.
    ///
    /// ```yaml finds
    /// ==> association.json <==
    /// {"association": {
    ///   "clusterName": "hub", "namespace": "argocd", "serviceAccount": "argocd-server",
    ///   "roleArn": "arn:aws:iam::111122223333:role/argocd-management"
    /// }}
    /// ==> account.yaml <==
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata:
    ///   name: argocd-server
    ///   namespace: argocd
    ///   annotations:
    ///     eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/argocd-old
    /// ```
    ///
    /// ```yaml clean
    /// ==> association.json <==
    /// {"association": {
    ///   "clusterName": "hub", "namespace": "argocd", "serviceAccount": "argocd-server",
    ///   "roleArn": "arn:aws:iam::111122223333:role/argocd-management"
    /// }}
    /// ==> account.yaml <==
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: argocd-server, namespace: argocd}
    /// ```
    ///
    /// References: AWS SDKs and Tools Reference Guide, "Standardized credential providers"; EKS User Guide, "Learn how EKS Pod
    /// Identity grants pods access to AWS services".
    Warning, Likely, Operations
}

#[derive(Debug, Error)]
#[error(
    "{account} has `{annotated}` by its annotation, which comes before the Pod Identity association with `{associated}`"
)]
struct Both<'s> {
    account: String,
    annotated: &'s str,
    associated: &'s str,
}

impl Facts for Both<'_> {
    fn help(&self) -> Vec<String> {
        vec!["remove the annotation and restart the pods, or delete the association".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for association in scene.pod_identities() {
        let (namespace, name) = (association.namespace(), association.service_account());
        let is = |object: &&Object<'_>| {
            namespace.is_some() && object.namespace == namespace && Some(object.name) == name
        };
        let Some(account) = scene.of_kind("ServiceAccount").find(is) else { continue };
        let annotation = account.annotation(access::ROLE_ANNOTATION);
        let Some((node, annotated)) = annotation.and_then(|node| Some((node, node.text()?))) else {
            continue;
        };
        let associated = association.role().and_then(Node::text).unwrap_or("a role");
        sink.found(account.at(node), &Both { account: account.title(), annotated, associated });
    }
}
