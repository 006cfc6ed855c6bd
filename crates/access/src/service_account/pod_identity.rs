//! EKS Pod Identity: EKS assumes the role of an association, with session tags that say which pod it is for, and from it perhaps
//! a target role (EKS User Guide, "EKS Pod Identity"; "Access AWS Resources using EKS Pod Identity Target IAM Roles").

use std::sync::Arc;

use facts::RoleArn;
use iam::{Actor, Kind, Passed, Policy, Principal};
use inventory::{Known, PodIdentityAssociation};

use super::{Arrival, Pod};
use crate::{
    accounts::Applying,
    assume_role::assume_with,
    credentials::Credentials,
    hop::{At, Hop, Passes},
};

const SERVICE: &str = "pods.eks.amazonaws.com";

/// The session tags, all of them transitive (EKS User Guide, "Grant Pods access to AWS resources based on tags").
const TAGS: [&str; 6] = [
    "eks-cluster-arn",
    "eks-cluster-name",
    "kubernetes-namespace",
    "kubernetes-service-account",
    "kubernetes-pod-name",
    "kubernetes-pod-uid",
];

/// Those whose values each pod has for itself.
const OF_THE_POD: &[&str] = &["kubernetes-pod-name", "kubernetes-pod-uid"];

/// What stands for these.
const SOME_POD: [&str; 2] = ["oarlock-some-pod", "00000000-0000-0000-0000-000000000000"];

pub(super) fn credentials(pod: &Pod<'_>, association: &PodIdentityAssociation) -> Arrival {
    let at = At::ServiceAccount;
    let role = match &association.role {
        Known::Known(role) => role,
        Known::Gap(gap) => {
            return Arrival::ends(Hop::unknown(at, "the role of the association", [gap.clone()]));
        }
    };
    let first = Step { pod, association, target: association.target_role.as_ref() };
    let (hop, credentials) = first.take(role);
    let mut hops = vec![hop.at_place(&association.place)];
    let Some(credentials) = credentials.filter(|_| hops.iter().all(|hop| hop.passes != Passes::No)) else {
        return Arrival { hops, credentials: None };
    };
    let Some(target) = &association.target_role else {
        return Arrival { hops, credentials: Some(credentials) };
    };
    let (hop, credentials) = first.on(&credentials, target);
    let ends = hop.passes == Passes::No;
    hops.push(hop.at_place(&association.place));
    Arrival { hops, credentials: credentials.filter(|_| !ends) }
}

/// What EKS does for an association.
struct Step<'a> {
    pod: &'a Pod<'a>,
    association: &'a PodIdentityAssociation,
    target: Option<&'a RoleArn>,
}

impl Step<'_> {
    /// From EKS to the association's role. A policy of the association limits the last session (EKS API, `policy`).
    fn take(&self, role: &RoleArn) -> (Hop, Option<Credentials>) {
        let region = &self.pod.account.cluster.region;
        // Of EKS itself nothing but its name counts; the role stands for whom the hop is about.
        let mut service = Credentials::of_role(role.clone(), Some(region));
        service.actor = Actor::new(Principal::service(SERVICE));
        service.all_tags = true;
        service.unknown_tags = if self.association.session_tags_disabled { &[] } else { OF_THE_POD };
        let tags = self.tags();
        let passed = Passed {
            session_name: self.session_name(),
            transitive: tags.iter().map(|(key, _)| key.clone()).collect(),
            tags,
            policies: if self.target.is_none() { self.policy() } else { Vec::new() },
            ..Passed::default()
        };
        assume_with(self.pod.accounts, Applying::default(), &service, role, passed, At::ServiceAccount)
    }

    /// From there to the target role. Without session tags an external id says whom it is for.
    fn on(&self, from: &Credentials, target: &RoleArn) -> (Hop, Option<Credentials>) {
        let cluster = &self.pod.account.cluster;
        let own = &self.pod.account;
        let external_id = self.association.session_tags_disabled.then(|| {
            format!("{}/{}/{}/{}/{}", cluster.region, cluster.account, cluster.name, own.namespace, own.name)
        });
        let passed = Passed {
            session_name: self.session_name(),
            external_id,
            policies: self.policy(),
            ..Passed::default()
        };
        let applying = self.pod.accounts.of_caller(&from.owner).with_session(&from.policies);
        assume_with(self.pod.accounts, applying, from, target, passed, At::AssumeRole)
    }

    fn tags(&self) -> Vec<(String, String)> {
        if self.association.session_tags_disabled {
            return Vec::new();
        }
        let account = &self.pod.account;
        let [pod, uid] = SOME_POD;
        let arn = account.cluster.to_string();
        let values = [&arn, &account.cluster.name, &account.namespace, &account.name, pod, uid];
        TAGS.iter().zip(values).map(|(key, value)| ((*key).to_owned(), value.to_owned())).collect()
    }

    /// EKS names them after cluster and pod, with a random end.
    fn session_name(&self) -> String {
        let name = format!("eks-{}-{}", self.pod.account.cluster.name, SOME_POD.concat());
        name.chars().take(64).collect()
    }

    fn policy(&self) -> Vec<Arc<Policy>> {
        let text = self.association.session_policy.as_deref();
        let policy =
            text.and_then(|text| Policy::parse("the association's `policy`", text, Kind::Identity).ok());
        policy.into_iter().map(Arc::new).collect()
    }
}
