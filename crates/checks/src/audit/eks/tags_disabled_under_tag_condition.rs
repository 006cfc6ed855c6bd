use crate::audit::prelude::*;

about! {
    /// A Pod Identity association passes no session tags, and its role's trust policy asks for them.
    ///
    /// With `disableSessionTags` EKS sets none of the six tags, so that a condition on `aws:RequestTag/kubernetes-namespace` and
    /// the like is never met: the pod gets no credentials.
    ///
    /// ```yaml finds
    /// ==> association.json <==
    /// {"association": {
    ///   "clusterName": "hub", "namespace": "argocd", "serviceAccount": "argocd-server",
    ///   "roleArn": "arn:aws:iam::111122223333:role/argocd-management", "disableSessionTags": true
    /// }}
    /// ==> role.json <==
    /// {"Role": {
    ///   "RoleName": "argocd-management", "Arn": "arn:aws:iam::111122223333:role/argocd-management",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Service": "pods.eks.amazonaws.com"},
    ///     "Action": ["sts:AssumeRole", "sts:TagSession"],
    ///     "Condition": {"StringEquals": {"aws:RequestTag/kubernetes-namespace": "argocd"}}
    ///   }]}
    /// }}
    /// ```
    ///
    /// ```yaml clean
    /// ==> association.json <==
    /// {"association": {
    ///   "clusterName": "hub", "namespace": "argocd", "serviceAccount": "argocd-server",
    ///   "roleArn": "arn:aws:iam::111122223333:role/argocd-management"
    /// }}
    /// ==> role.json <==
    /// {"Role": {
    ///   "RoleName": "argocd-management", "Arn": "arn:aws:iam::111122223333:role/argocd-management",
    ///   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"Service": "pods.eks.amazonaws.com"},
    ///     "Action": ["sts:AssumeRole", "sts:TagSession"],
    ///     "Condition": {"StringEquals": {"aws:RequestTag/kubernetes-namespace": "argocd"}}
    ///   }]}
    /// }}
    /// ```
    ///
    /// References: EKS User Guide, "Grant pods access to AWS resources based on tags"; EKS API, CreatePodIdentityAssociation.
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("the association passes no session tags, and the trust policy of `{role}` asks for `{key}`")]
struct NoTags<'s> {
    role: &'s str,
    key: String,
}

impl Facts for NoTags<'_> {
    fn help(&self) -> Vec<String> {
        vec![
            "pass session tags: `aws eks update-pod-identity-association --no-disable-session-tags`"
                .to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for association in scene.pod_identities() {
        let Some((disabled, role)) = association.tags_disabled().zip(association.role().and_then(Node::text))
        else {
            continue;
        };
        let here = scene.trusts().find(|trust| trust.role_arn.as_deref() == Some(role));
        let key = match here {
            Some(trust) => trust.allowing().find_map(|statement| {
                let mut keys = statement.conditions().map(|(_, key, _)| key.text.clone());
                keys.find(|key| is_tag(key))
            }),
            None => key_in_inventory(scene, role),
        };
        if let Some(key) = key {
            sink.found(association.at(disabled), &NoTags { role, key });
        }
    }
}

fn is_tag(key: &str) -> bool {
    key.to_ascii_lowercase().starts_with("aws:requesttag/")
}

fn key_in_inventory(scene: &Scene<'_>, role: &str) -> Option<String> {
    let arn: facts::RoleArn = role.parse().ok()?;
    let role = scene.inventory?.accounts.get(&arn.account)?.roles.known()?.get(&arn.name)?;
    let document = iam::Parsed::of_json(&role.trust, iam::Kind::Trust).document;
    let mut statements =
        document.statements.into_iter().filter(|statement| statement.effect == iam::Effect::Allow);
    statements.find_map(|statement| {
        statement.conditions.into_values().flat_map(|keys| keys.into_keys()).find(|key| is_tag(key))
    })
}
