//! What EKS lets somebody change on clusters: access entries, and whose credentials pods find.

use facts::{ClusterArn, Gap};
use rbac::access_policy::AccessPolicy;

use super::{Asking, Keys};
use crate::{
    accounts::Answer,
    cluster_identity::AuthenticationMode,
    credentials::Owner,
    reach::{
        aws::{access_entry, subject},
        principal::{ClusterId, Principal},
        shared_rbac::SharedRbac,
        walk::{Found, Has, Steps},
    },
};

const PODS: &str = "pods.eks.amazonaws.com";

/// Access policies from the widest on.
const WIDEST: [&str; 5] = [
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSViewPolicy",
];

impl Asking<'_, '_> {
    /// Access entries with access policies, or with groups that are bound.
    pub(super) fn entries(&self, cluster: ClusterId, steps: &mut Steps) {
        let (create, update) = ("eks:CreateAccessEntry", "eks:UpdateAccessEntry");
        let associate = "eks:AssociateAccessPolicy";
        if ![create, update, associate].iter().any(|action| self.applying.may_allow(action)) {
            return;
        }
        let Some((arn, there)) = self.map.index.cluster(cluster) else { return };
        let Some(first) = self.entries_count(arn, AuthenticationMode::of(there)) else { return };
        let own = access_entry(arn, &self.credentials().owner);
        let names =
            |principal: &String| principal.parse::<Owner>().is_ok_and(|own| own == self.credentials().owner);
        let has_entry = there.access_entries.known().is_some_and(|entries| entries.keys().any(names));
        let calls = |action: &str, resource: &str, keys: Keys| {
            let call = (format!("{action} on `{}`", arn.name), self.ask(action, resource, keys, None));
            first.clone().into_iter().chain([call])
        };
        let entry: Vec<(String, Answer)> = if has_entry {
            first.clone().into_iter().collect()
        } else {
            calls(create, &arn.to_string(), self.entry_keys("")).collect()
        };
        for name in WIDEST {
            let policy = format!("arn:{}:eks::aws:cluster-access-policy/{name}", arn.partition);
            let mut keys = self.entry_keys("");
            keys.extend([("eks:policyArn", policy.clone()), ("eks:accessScope", "cluster".to_owned())]);
            let call =
                (format!("{associate} `{name}` on `{}`", arn.name), self.ask(associate, &own, keys, None));
            let (to, has) = given(cluster, name);
            let found = self.step(to, "access-policy", entry.iter().map(copy).chain([call]));
            let certain = found.as_ref().is_some_and(|found| found.missing.is_empty());
            steps.found.extend(found.map(|found| found.having(has)));
            if certain {
                return;
            }
        }
        let (action, resource) = if has_entry { (update, own) } else { (create, arn.to_string()) };
        if !self.applying.may_allow(action) {
            return;
        }
        let rbac = self.map.rbac.of(there);
        steps.unknown(self.from, rbac.gaps().iter().cloned());
        for group in groups(&rbac) {
            let Some((to, _)) = subject(cluster, "Group", &group) else { continue };
            let found = self.step(to, "access-entry", calls(action, &resource, self.entry_keys(&group)));
            steps.found.extend(found);
        }
    }

    /// What it takes first for access entries to count; none where they can't.
    fn entries_count(
        &self,
        arn: &ClusterArn,
        mode: Result<AuthenticationMode, Gap>,
    ) -> Option<Option<(String, Answer)>> {
        let change = || {
            let action = "eks:UpdateClusterConfig";
            (format!("{action} on `{}`", arn.name), self.ask(action, &arn.to_string(), Vec::new(), None))
        };
        match mode {
            Ok(mode) if mode.reads_entries() => Some(None),
            Ok(_) => Some(Some(change())).filter(|call| !matches!(call, Some((_, Answer::No { .. })))),
            Err(gap) => match change() {
                yes @ (_, Answer::Yes { .. }) => Some(Some(yes)),
                _ => Some(Some(("access entries".to_owned(), Answer::Unknown(vec![gap])))),
            },
        }
    }

    fn entry_keys(&self, group: &str) -> Keys {
        let mut keys = vec![
            ("eks:principalArn", self.credentials().owner.to_string()),
            ("eks:accessEntryType", "STANDARD".to_owned()),
        ];
        keys.extend(Some(("eks:kubernetesGroups", group.to_owned())).filter(|(_, group)| !group.is_empty()));
        keys
    }

    /// Pod Identity associations, for whoever has a pod there.
    pub(super) fn associations(&self, cluster: ClusterId, steps: &mut Steps) {
        let create = "eks:CreatePodIdentityAssociation";
        if !self.applying.may_allow(create) || !self.applying.may_allow("iam:PassRole") {
            return;
        }
        let Some((arn, _)) = self.map.index.cluster(cluster) else { return };
        for role in self.map.index.trusting_service(self.account(), PODS) {
            let call =
                (format!("{create} on `{}`", arn.name), self.ask(create, &arn.to_string(), Vec::new(), None));
            let found = self.step(self.iam(&role.arn), "pod-identity", [self.pass(role, PODS), call]);
            steps.found.extend(found.map(|found| {
                let found = found.at(Some(&role.place)).having(self.as_role(role));
                Found { pod_on: Some(cluster), ..found }
            }));
        }
    }
}

fn copy((call, answer): &(String, Answer)) -> (String, Answer) {
    (call.clone(), answer.clone())
}

/// Who somebody is with an access policy on a whole cluster.
fn given(cluster: ClusterId, name: &str) -> (Principal, Has) {
    let rules = AccessPolicy::find(name).and_then(|policy| policy.rules.as_ref().ok());
    let set = rbac::PermissionSet::of_rules(&rbac::Scope::Cluster, rules.into_iter().flatten());
    if set.is_everything() {
        return (Principal::ClusterAdmin(cluster), Has::Nothing);
    }
    (Principal::Rights(cluster, format!("access policy `{name}`").into()), Has::Rights(set))
}

/// Groups that bindings name and an access entry may: none of Kubernetes' own (EKS API, CreateAccessEntry).
fn groups(rbac: &SharedRbac<'_>) -> Vec<String> {
    let groups = rbac.subjects().filter(|subject| subject.kind == "Group");
    let mut groups: Vec<String> =
        groups.map(|group| group.name.clone()).filter(|name| !name.starts_with("system:")).collect();
    groups.sort();
    groups.dedup();
    groups
}
