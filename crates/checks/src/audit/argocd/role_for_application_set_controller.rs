use crate::audit::prelude::*;

about! {
    /// The ApplicationSet controller has an AWS role that it doesn't use.
    ///
    /// Argo CD's documentation lists it among those who need the role, and it never talks to the clusters: it reads their Secrets
    /// only. The one thing for which it uses AWS is the SCM provider generator for CodeCommit.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata:
    ///   name: argocd-applicationset-controller
    ///   namespace: argocd
    ///   annotations:
    ///     eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/argocd-management
    /// ---
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata:
    ///   name: argocd-server
    ///   namespace: argocd
    ///   annotations:
    ///     eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/argocd-management
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: argocd-applicationset-controller, namespace: argocd}
    /// ```
    ///
    /// References: Argo CD, applicationset/services/scm_provider/aws_codecommit.go; Argo CD,
    /// docs/operator-manual/declarative-setup.md, "Clusters"; pull request 20503
    Note, Likely, Security
}

#[derive(Debug, Error)]
#[error("`{account}` never talks to the clusters, and has `{role}`")]
struct Unused<'s> {
    account: &'s str,
    role: &'s str,
}

impl Facts for Unused<'_> {
    fn help(&self) -> Vec<String> {
        vec!["take the role away, unless an ApplicationSet looks for repositories in CodeCommit: give it a role of its own then".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for account in
        scene.of_kind("ServiceAccount").filter(|account| account.name.ends_with("applicationset-controller"))
    {
        let annotation = account.annotation(access::ROLE_ANNOTATION);
        if let Some((node, role)) =
            annotation.and_then(|node| Some((node, node.text()?))).filter(|(_, role)| shared(scene, role))
        {
            sink.found(account.at(node), &Unused { account: account.name, role });
        }
    }
    for association in scene.pod_identities() {
        let account =
            association.service_account().filter(|name| name.ends_with("applicationset-controller"));
        let role = association.role().and_then(|node| Some((node, node.text()?)));
        if let Some((account, (node, role))) = account.zip(role).filter(|(_, (_, role))| shared(scene, role))
        {
            sink.found(association.at(node), &Unused { account, role });
        }
    }
}

/// Whether it is the role by which Argo CD comes to the clusters, or one whose policies have nothing to do with CodeCommit.
fn shared(scene: &Scene<'_>, role: &str) -> bool {
    let is_other = |name: &str| name.ends_with("application-controller") || name.ends_with("argocd-server");
    let annotated = scene
        .of_kind("ServiceAccount")
        .filter(|account| is_other(account.name))
        .any(|account| account.annotation(access::ROLE_ANNOTATION).and_then(Node::text) == Some(role));
    let associated = scene.pod_identities().iter().any(|association| {
        association.service_account().is_some_and(is_other)
            && association.role().and_then(Node::text) == Some(role)
    });
    annotated || associated || without_code_commit(scene, role).unwrap_or(false)
}

/// None if its policies aren't known.
fn without_code_commit(scene: &Scene<'_>, role: &str) -> Option<bool> {
    let arn = role.parse::<facts::RoleArn>().ok()?;
    let role = scene.inventory?.accounts.get(&arn.account)?.roles.known()?.get(&arn.name)?;
    let documents = role.inline_policies.values().chain(role.managed_policies.values().flatten());
    Some(!documents.into_iter().any(|document| document.to_string().contains("codecommit:")))
}
