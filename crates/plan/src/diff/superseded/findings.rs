//! What looks superseded and can't simply be removed: somebody has to look.

use std::collections::BTreeSet;

use access::cluster_identity::aws_auth::Item;
use facts::{ClusterArn, Finding, Severity};
use inventory::KubernetesObject;

use super::Finder;
use crate::diff::has_path;

impl Finder<'_> {
    /// As the fleet calls a cluster: names in EKS are the same in many regions and accounts.
    pub(super) fn name<'n>(&'n self, arn: &'n ClusterArn) -> &'n str {
        self.fleet.cluster(arn).map_or(arn.name.as_str(), |cluster| cluster.name.as_str())
    }

    /// A role that others use, too, stays.
    pub(super) fn keep_role(&mut self, role: &inventory::IamRole, users: &BTreeSet<String>) {
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        let message = format!(
            "Argo CD needs role `{}` no more, but it isn't Argo CD's alone: it is also used by {}; the plan leaves it",
            role.arn,
            users.join(", ")
        );
        let finding = Finding::new("superseded-role-is-shared", Severity::Warning, message)
            .at(role.place.clone())
            .with_help("take Argo CD's principals out of its trust policy once the plan has been applied");
        self.found.findings.push(finding);
    }

    /// A binding with other subjects stays: removing it would take their access, too.
    pub(super) fn share(&mut self, arn: &ClusterArn, object: &KubernetesObject, reason: &str) {
        let message = format!(
            "{} `{}` is superseded ({reason}), but it has other subjects, too; the plan leaves it",
            object.kind, object.name
        );
        let finding = Finding::new("superseded-binding-is-shared", Severity::Warning, message)
            .on(self.name(arn))
            .at(object.place.clone())
            .with_help("take Argo CD's subject out of it once the plan has been applied");
        self.found.findings.push(finding);
    }

    /// A binding by which Argo CD may manage Applications that no setting names stays: by a flag or an environment
    /// variable of its pods it can do so all the same.
    pub(super) fn keep_for_applications(
        &mut self,
        arn: &ClusterArn,
        object: &KubernetesObject,
        namespace: &str,
    ) {
        let message = format!(
            "{} `{}` may be what Argo CD manages the Applications in `{namespace}` with: they are outside its own namespace, and no setting says that it does; the plan leaves it",
            object.kind, object.name
        );
        let finding = Finding::new("superseded-binding-serves-applications", Severity::Warning, message)
            .on(self.name(arn))
            .at(object.place.clone())
            .with_help("if it manages them, name their namespaces in `application.namespaces` of argocd-cmd-params-cm (not by a flag), collect the inventory again, and the plan grants what that takes")
            .with_help("else delete those Applications");
        self.found.findings.push(finding);
    }

    /// A mapping of Argo CD's role that the plan leaves: it matches nobody, or its lines can't be taken out.
    pub(super) fn keep_mapping(&mut self, arn: &ClusterArn, mapping: &Item, map: Option<&KubernetesObject>) {
        let groups = mapping.groups.join(", ");
        let groups = if groups.is_empty() { "no group" } else { &groups };
        let (id, message) = if has_path(mapping) {
            let message = format!(
                "the aws-auth ConfigMap means to make `{}` a member of {groups}, but with its path in it the entry matches nobody: EKS compares it with the ARN without path",
                mapping.arn
            );
            ("aws-auth-mapping-with-path", message)
        } else {
            let message = format!(
                "the aws-auth ConfigMap makes `{}`, by which Argo CD has come so far, a member of {groups}; `mapRoles` isn't written line by line, so the plan leaves it",
                mapping.arn
            );
            ("superseded-aws-auth-mapping", message)
        };
        let mut finding = Finding::new(id, Severity::Warning, message).on(self.name(arn)).with_help(format!(
            "once the plan has been applied: `eksctl delete iamidentitymapping --cluster {} --region {} --arn {}`",
            arn.name, arn.region, mapping.arn
        ));
        finding.places.extend(map.map(|map| map.place.clone()));
        self.found.findings.push(finding);
    }
}
