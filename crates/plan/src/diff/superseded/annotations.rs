//! Annotations of IRSA on the hub's service accounts, where their pods are to come by Pod Identity.

use access::ROLE_ANNOTATION as ANNOTATION;
use facts::{ClusterArn, Finding, RoleArn, Severity};
use fleet::{IdentityKind, Install};
use inventory::{Cluster, Inventory, KubernetesObject};
use serde_json::json;

use super::{By, Finder, UNWANTED, Unnecessary};
use crate::{
    Location, ObjectId, Read,
    diff::{access::annotated_role, is_marked, users},
    object::ROLE_ANNOTATION,
};

impl Finder<'_> {
    /// AWS's SDKs ask for IRSA's credentials before Pod Identity's (EKS User Guide, "Grant Kubernetes workloads access
    /// to AWS using Kubernetes Service Accounts": the default credential chain), so an association is of no use until the annotation
    /// has gone: it goes after the association is there, and before the pods are started again.
    pub(super) fn annotations(&mut self, arn: &ClusterArn, cluster: &Cluster, inventory: &Inventory) {
        let hub = &self.fleet.hub;
        let pod_identity = hub.identity == IdentityKind::PodIdentity;
        if *arn != hub.arn || hub.argocd.install != Install::SelfManaged {
            return;
        } else if self.fleet.ends {
            return self.own_annotations(arn, cluster, inventory);
        } else if !pod_identity {
            return;
        }
        let namespace = &hub.argocd.namespace;
        for name in [&hub.argocd.controller_service_account, &hub.argocd.server_service_account] {
            let account = cluster.kubernetes.find("serviceaccounts", Some(namespace), name);
            if let Some((account, role)) =
                account.and_then(|account| Some((account, annotated_role(account)?)))
            {
                self.annotation(arn, account, &role, inventory);
            }
        }
    }

    /// Where the fleet ends: those that name its roles.
    fn own_annotations(&mut self, arn: &ClusterArn, cluster: &Cluster, inventory: &Inventory) {
        for account in cluster.kubernetes.list("serviceaccounts").unwrap_or_default() {
            let Some(role) = annotated_role(account).filter(|role| self.has_marks(role, inventory)) else {
                continue;
            };
            let object = annotation_id(arn, account);
            let reads = vec![Read::of(object.clone(), &json!(role.to_string()))];
            let reason = UNWANTED.to_owned();
            let after = self.before_removal(arn);
            self.delete(Unnecessary { object, by: By::Marks, reason, reads, after });
        }
    }

    /// Who names one of Oarlock's own roles has it from Oarlock.
    fn has_marks(&self, role: &RoleArn, inventory: &Inventory) -> bool {
        let roles = inventory.accounts.get(&role.account).and_then(|account| account.roles.known());
        roles
            .and_then(|roles| roles.get(&role.name))
            .is_some_and(|role| is_marked(|key| role.tags.get(key).map(String::as_str), &self.fleet.name))
    }

    fn annotation(
        &mut self,
        arn: &ClusterArn,
        account: &KubernetesObject,
        role: &RoleArn,
        inventory: &Inventory,
    ) {
        let (namespace, name) = (self.fleet.hub.argocd.namespace.as_str(), account.name.as_str());
        let association = users::association_id(arn, namespace, name);
        let owned = self.has_marks(role, inventory);
        if self.wanted.contains(&association) {
            let object = annotation_id(arn, account);
            let reason = format!(
                "with `{ANNOTATION}` new pods get {} and never what the association gives, which AWS's SDKs ask for later",
                role.name
            );
            let was = json!(role.to_string());
            let (by, reads) = (By::marks(owned), vec![Read::of(object.clone(), &was)]);
            let step = self.deletion(Unnecessary { object, by, reason, reads, after: vec![association] });
            self.found.before_restarts.push(step);
        }
        let message = format!(
            "service account {namespace}/{name} of the hub is annotated with `{role}`: its pods keep using that role, since AWS's SDKs ask for it before Pod Identity's"
        );
        // What is taken away comes back with whatever has put it there.
        let (severity, help) = if owned || self.adopt {
            (Severity::Warning, "the plan takes the annotation away".to_owned())
        } else {
            let command = format!("kubectl annotate serviceaccount -n {namespace} {name} {ANNOTATION}-");
            (Severity::Error, format!("plan with `--adopt`, or before the restart: `{command}`"))
        };
        let finding = Finding::new("irsa-annotation-wins", severity, message)
            .at(account.place.clone())
            .with_help(format!("{help}; take it out of the Helm values or manifests, too"))
            .with_help("or set `hub.identity: irsa` in the fleet file");
        self.found.findings.push(finding);
    }
}

fn annotation_id(arn: &ClusterArn, account: &KubernetesObject) -> ObjectId {
    let namespace = account.namespace.as_deref().unwrap_or_default();
    ObjectId {
        location: Location::Cluster(arn.clone()),
        kind: ROLE_ANNOTATION.to_owned(),
        name: format!("{namespace}/{}", account.name),
    }
}
