//! Kubernetes' side: bindings of Argo CD's service accounts, what `argocd cluster add` left, and Oarlock's own objects.

use facts::ClusterArn;
use inventory::{Cluster, KubernetesObject};
use serde_json::Value;

use super::{By, Finder, UNWANTED, Unnecessary};
use crate::{Location, ObjectId, Read, diff::is_marked, live};

/// Objects that Oarlock makes and so may own.
const OWNED_KINDS: [&str; 5] =
    ["clusterrolebindings", "clusterroles", "rolebindings", "roles", "serviceaccounts"];

/// What `argocd cluster add` makes (util/clusterauth/clusterauth.go).
const MANAGER: &str = "argocd-manager";
const MANAGER_NAMESPACE: &str = "kube-system";
const MANAGER_TOKEN: &str = "argocd-manager-long-lived-token";

impl Finder<'_> {
    pub(super) fn rbac(&mut self, arn: &ClusterArn, cluster: &Cluster) {
        for resource in OWNED_KINDS {
            match cluster.kubernetes.list(resource) {
                Ok(objects) => objects.iter().for_each(|object| self.object(arn, cluster, object)),
                Err(gap) => self.found.gaps.push(gap),
            }
        }
        // Secrets of spokes are hardly ever collected: the token goes with its service account anyway.
        let secrets = cluster.kubernetes.list("secrets").unwrap_or_default();
        for secret in secrets {
            if !self.leaving.is_secret(&id(arn, secret)) {
                self.secret(arn, secret);
            }
        }
    }

    pub(super) fn secret(&mut self, arn: &ClusterArn, secret: &KubernetesObject) {
        let id = id(arn, secret);
        let token = secret.namespace.as_deref() == Some(MANAGER_NAMESPACE) && secret.name == MANAGER_TOKEN;
        let reason = match self.is_owned(secret) {
            _ if self.wanted.contains(&id) => return,
            true => UNWANTED,
            false if self.fleet.ends => return,
            false if token => {
                "`argocd cluster add` left it: it is argocd-manager's token, which never expires"
            }
            false if self.leaving.is_secret(&id) => "by it Argo CD knows a cluster that it leaves",
            false => return,
        };
        self.unnecessary(arn, secret, reason.to_owned());
    }

    fn object(&mut self, arn: &ClusterArn, cluster: &Cluster, object: &KubernetesObject) {
        let id = id(arn, object);
        if self.wanted.contains(&id) {
            return;
        }
        let owned = self.is_owned(object);
        if self.fleet.ends && !owned {
            return;
        }
        let reason = if owned { Some(UNWANTED.to_owned()) } else { self.replaced(arn, object) };
        let Some(reason) = reason else { return };
        if !owned && object.kind.ends_with("Binding") && self.binds_others(arn, object) {
            self.share(arn, object, &reason);
            return;
        }
        if !owned && *arn == self.fleet.hub.arn && object.kind.ends_with("Binding") {
            let argocd = &self.fleet.hub.argocd.namespace;
            let unnamed = live::application_namespaces(cluster, argocd).is_none();
            if let Some(namespace) = live::applications_elsewhere(cluster, argocd).filter(|_| unnamed) {
                self.keep_for_applications(arn, object, namespace);
                return;
            }
        }
        self.unnecessary(arn, object, reason);
    }

    fn unnecessary(&mut self, arn: &ClusterArn, object: &KubernetesObject, reason: String) {
        let (object, by, was) = (id(arn, object), By::marks(self.is_owned(object)), object.body.value());
        let reads = vec![Read::of(object.clone(), &was)];
        let after = if self.leaving.is_secret(&object) { Vec::new() } else { self.before_removal(arn) };
        self.delete(Unnecessary { object, by, reason, reads, after });
    }

    pub(super) fn is_owned(&self, object: &KubernetesObject) -> bool {
        let labels = object.body.at("/metadata/labels").unwrap_or_default();
        is_marked(|key| labels.get(key)?.as_str(), &self.fleet.name)
    }

    /// Why an object of today is replaced by the plan's own. What is in Argo CD's own namespace is its installation's,
    /// and stays.
    fn replaced(&self, arn: &ClusterArn, object: &KubernetesObject) -> Option<String> {
        let argocd = &self.fleet.hub.argocd;
        let on_hub = *arn == self.fleet.hub.arn;
        let manager = object.name == MANAGER || object.name.starts_with("argocd-manager-role");
        match object.kind.as_str() {
            "ClusterRoleBinding" | "RoleBinding" => {
                let (kind, role) = (role_ref(object, "kind"), role_ref(object, "name"));
                let replaced =
                    subjects(object).into_iter().find(|subject| self.is_replaced(on_hub, subject))?;
                if on_hub && object.namespace.as_ref() == Some(&argocd.namespace) {
                    return None;
                }
                let name = field(&replaced, "name");
                Some(match name {
                    MANAGER => format!(
                        "`argocd cluster add` left it: it gives {kind} `{role}` to whoever has {MANAGER}'s token"
                    ),
                    name => self.no_more(arn, &format!("it gives {kind} `{role}` to `{name}`"), "binding"),
                })
            }
            "ServiceAccount" if manager && object.namespace.as_deref() == Some(MANAGER_NAMESPACE) => {
                Some("`argocd cluster add` left it; its tokens go with it".to_owned())
            }
            "ClusterRole" | "Role" if manager => {
                Some("`argocd cluster add` left it for argocd-manager".to_owned())
            }
            _ => None,
        }
    }

    /// Whether a subject is one of Argo CD's own.
    fn is_replaced(&self, on_hub: bool, subject: &Value) -> bool {
        let argocd = &self.fleet.hub.argocd;
        if field(subject, "kind") != "ServiceAccount" {
            return false;
        }
        let (namespace, name) = (field(subject, "namespace"), field(subject, "name"));
        let own = [&argocd.controller_service_account, &argocd.server_service_account];
        let pods = on_hub && namespace == argocd.namespace && own.iter().any(|own| *own == name);
        pods || (namespace, name) == (MANAGER_NAMESPACE, MANAGER)
    }

    fn binds_others(&self, arn: &ClusterArn, object: &KubernetesObject) -> bool {
        let on_hub = *arn == self.fleet.hub.arn;
        subjects(object).iter().any(|subject| !self.is_replaced(on_hub, subject))
    }
}

pub(super) fn subjects(object: &KubernetesObject) -> Vec<Value> {
    match object.body.at("/subjects") {
        Some(Value::Array(subjects)) => subjects,
        _ => Vec::new(),
    }
}

/// A field of what a binding binds.
pub(super) fn role_ref(object: &KubernetesObject, key: &str) -> String {
    object.body.at("/roleRef").map(|role| field(&role, key).to_owned()).unwrap_or_default()
}

pub(super) fn field<'s>(subject: &'s Value, key: &str) -> &'s str {
    subject.get(key).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn id(arn: &ClusterArn, object: &KubernetesObject) -> ObjectId {
    let name = match &object.namespace {
        Some(namespace) => format!("{namespace}/{}", object.name),
        None => object.name.clone(),
    };
    ObjectId { location: Location::Cluster(arn.clone()), kind: object.kind.clone(), name }
}
