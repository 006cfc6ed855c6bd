//! What EKS is told: access entries, access policies, clusters, Pod Identity associations. As the AWS CLI prints them, as CloudFormation
//! takes them (`AWS::EKS::…`), and as Terraform plans them (`aws_eks_…`).

use std::sync::Arc;

use facts::Place;

use super::policy::place;
use crate::audit::source::{Document, Node};

/// An access entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'s> {
    pub(crate) file: &'s Arc<str>,
    pub(crate) node: &'s Node,
}

/// An access policy associated with a principal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Associated<'s> {
    pub(crate) file: &'s Arc<str>,
    pub(crate) node: &'s Node,
    pub(crate) principal: Option<&'s str>,
}

/// A cluster's settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClusterSettings<'s> {
    pub(crate) file: &'s Arc<str>,
    pub(crate) node: &'s Node,
}

/// A Pod Identity association.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PodIdentity<'s> {
    pub(crate) file: &'s Arc<str>,
    pub(crate) node: &'s Node,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Eks<'s> {
    pub(crate) entries: Vec<Entry<'s>>,
    pub(crate) associated: Vec<Associated<'s>>,
    pub(crate) clusters: Vec<ClusterSettings<'s>>,
    pub(crate) pod_identities: Vec<PodIdentity<'s>>,
}

impl<'s> Eks<'s> {
    pub(super) fn read(&mut self, document: &'s Document) {
        let (file, root) = (&document.file, &document.root);
        for page in root.each() {
            self.cli(file, page);
        }
        for (_, resource) in root.get("Resources").map(Node::entries).unwrap_or_default() {
            if let Some((kind, properties)) = resource.text_at("Type").zip(resource.get("Properties")) {
                self.template(file, kind, properties);
            }
        }
        if let Some(module) = root.at_path(&["planned_values", "root_module"]) {
            self.module(file, module);
        }
    }

    fn cli(&mut self, file: &'s Arc<str>, page: &'s Node) {
        self.entries.extend(page.get("accessEntry").map(|node| Entry { file, node }));
        self.clusters.extend(page.get("cluster").map(|node| ClusterSettings { file, node }));
        self.pod_identities.extend(page.get("association").map(|node| PodIdentity { file, node }));
        let principal = page.text_at("principalArn");
        let policies = page.get("associatedAccessPolicies").map(Node::items).unwrap_or_default();
        self.associated.extend(policies.iter().map(|node| Associated { file, node, principal }));
    }

    fn template(&mut self, file: &'s Arc<str>, kind: &str, node: &'s Node) {
        match kind {
            "AWS::EKS::AccessEntry" => {
                self.entries.push(Entry { file, node });
                let principal = node.text_at("PrincipalArn");
                let policies = node.get("AccessPolicies").map(Node::items).unwrap_or_default();
                self.associated.extend(policies.iter().map(|node| Associated { file, node, principal }));
            }
            "AWS::EKS::Cluster" => self.clusters.push(ClusterSettings { file, node }),
            "AWS::EKS::PodIdentityAssociation" => self.pod_identities.push(PodIdentity { file, node }),
            _ => {}
        }
    }

    fn module(&mut self, file: &'s Arc<str>, module: &'s Node) {
        for resource in module.get("resources").map(Node::items).unwrap_or_default() {
            let Some((kind, node)) = resource.text_at("type").zip(resource.get("values")) else { continue };
            match kind {
                "aws_eks_access_entry" => self.entries.push(Entry { file, node }),
                "aws_eks_access_policy_association" => {
                    self.associated.push(Associated { file, node, principal: node.text_at("principal_arn") });
                }
                "aws_eks_cluster" => self.clusters.push(ClusterSettings { file, node }),
                "aws_eks_pod_identity_association" => self.pod_identities.push(PodIdentity { file, node }),
                _ => {}
            }
        }
        for child in module.get("child_modules").map(Node::items).unwrap_or_default() {
            self.module(file, child);
        }
    }
}

/// The same field as the AWS CLI, CloudFormation and Terraform write it.
fn any<'s>(node: &'s Node, names: &[&str]) -> Option<&'s Node> {
    names.iter().find_map(|name| node.get(name))
}

/// Terraform writes a nested object as a list of one.
fn inner<'s>(node: &'s Node, names: &[&str]) -> Option<&'s Node> {
    let found = any(node, names)?;
    found.items().first().or(Some(found))
}

impl<'s> Entry<'s> {
    pub(crate) fn principal(&self) -> Option<&'s Node> {
        any(self.node, &["principalArn", "PrincipalArn", "principal_arn"])
    }

    pub(crate) fn groups(&self) -> &'s [Node] {
        any(self.node, &["kubernetesGroups", "KubernetesGroups", "kubernetes_groups"])
            .map(Node::each)
            .unwrap_or_default()
    }

    pub(crate) fn username(&self) -> Option<&'s Node> {
        any(self.node, &["username", "Username", "user_name"])
    }

    pub(crate) fn kind(&self) -> &'s str {
        any(self.node, &["type", "Type"]).and_then(Node::text).unwrap_or("STANDARD")
    }

    /// For a sentence.
    pub(crate) fn title(&self) -> &'s str {
        self.principal().and_then(Node::text).unwrap_or("its principal")
    }

    pub(crate) fn place(&self) -> Place {
        self.at(self.principal().unwrap_or(self.node))
    }

    pub(crate) fn at(&self, node: &Node) -> Place {
        place(self.file, node.at)
    }
}

impl<'s> Associated<'s> {
    pub(crate) fn policy(&self) -> Option<&'s Node> {
        any(self.node, &["policyArn", "PolicyArn", "policy_arn"])
    }

    /// Its last segment, for example `AmazonEKSViewPolicy`.
    pub(crate) fn name(&self) -> Option<&'s str> {
        self.policy()?.text().map(rbac::access_policy::policy_name)
    }

    fn scope(&self) -> Option<&'s Node> {
        inner(self.node, &["accessScope", "AccessScope", "access_scope"])
    }

    pub(crate) fn is_cluster_wide(&self) -> bool {
        let kind = self.scope().and_then(|scope| any(scope, &["type", "Type"])).and_then(Node::text);
        kind == Some("cluster")
    }

    pub(crate) fn namespaces(&self) -> &'s [Node] {
        let namespaces = self.scope().and_then(|scope| any(scope, &["namespaces", "Namespaces"]));
        namespaces.map(Node::each).unwrap_or_default()
    }

    /// For a sentence.
    pub(crate) fn title(&self) -> &'s str {
        self.principal.unwrap_or("its principal")
    }

    pub(crate) fn at(&self, node: &Node) -> Place {
        place(self.file, node.at)
    }

    pub(crate) fn place(&self) -> Place {
        self.at(self.policy().unwrap_or(self.node))
    }
}

impl<'s> ClusterSettings<'s> {
    pub(crate) fn name(&self) -> &'s str {
        any(self.node, &["name", "Name"]).and_then(Node::text).unwrap_or("the cluster")
    }

    pub(crate) fn mode(&self) -> Option<&'s Node> {
        let access = inner(self.node, &["accessConfig", "AccessConfig", "access_config"])?;
        any(access, &["authenticationMode", "AuthenticationMode", "authentication_mode"])
    }

    fn network(&self) -> Option<&'s Node> {
        inner(self.node, &["resourcesVpcConfig", "ResourcesVpcConfig", "vpc_config"])
    }

    pub(crate) fn public(&self) -> Option<&'s Node> {
        any(self.network()?, &["endpointPublicAccess", "EndpointPublicAccess", "endpoint_public_access"])
    }

    pub(crate) fn public_ranges(&self) -> &'s [Node] {
        let names = ["publicAccessCidrs", "PublicAccessCidrs", "public_access_cidrs"];
        self.network().and_then(|network| any(network, &names)).map(Node::each).unwrap_or_default()
    }

    pub(crate) fn at(&self, node: &Node) -> Place {
        place(self.file, node.at)
    }
}

impl<'s> PodIdentity<'s> {
    pub(crate) fn text(&self, names: [&str; 3]) -> Option<&'s str> {
        any(self.node, &names)?.text()
    }

    pub(crate) fn namespace(&self) -> Option<&'s str> {
        self.text(["namespace", "Namespace", "namespace"])
    }

    pub(crate) fn service_account(&self) -> Option<&'s str> {
        self.text(["serviceAccount", "ServiceAccount", "service_account"])
    }

    pub(crate) fn role(&self) -> Option<&'s Node> {
        any(self.node, &["roleArn", "RoleArn", "role_arn"])
    }

    pub(crate) fn tags_disabled(&self) -> Option<&'s Node> {
        let node = any(self.node, &["disableSessionTags", "DisableSessionTags", "disable_session_tags"])?;
        node.is_true().then_some(node)
    }

    pub(crate) fn at(&self, node: &Node) -> Place {
        place(self.file, node.at)
    }
}
