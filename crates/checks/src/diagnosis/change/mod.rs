//! A change that repairs something: as people apply it, and as it acts on an inventory.

mod apply;
mod beyond;
mod cli;
mod terraform;
mod yaml;

pub(crate) use apply::{apply, parsed};
pub(crate) use beyond::beyond;

use facts::{ClusterArn, ClusterNames, RoleArn};
use rbac::{PolicyRule, Subject};
use serde_json::{Value, json};

/// The smallest thing that may have to be changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A role with these rules, and a binding of it.
    Rules(Rules),
    /// A statement in the trust policy of a role.
    Trust {
        /// The role that is to be assumed.
        role: RoleArn,
        /// The statement.
        statement: Value,
        /// The whole trust policy with it, as AWS takes it.
        document: Value,
    },
    /// A statement in an inline policy of a role.
    Identity {
        /// The role that assumes another.
        role: RoleArn,
        /// The statement.
        statement: Value,
    },
    /// An access entry; made again where there is one of an earlier role.
    Entry {
        /// The cluster.
        cluster: ClusterArn,
        /// Whose.
        principal: String,
        /// Groups that are bound on the cluster.
        groups: Vec<String>,
        /// Access policies with the namespaces of their scope; none: the cluster.
        policies: Vec<(String, Vec<String>)>,
        /// Whether an entry of the principal has to go first.
        again: bool,
    },
    /// A group of an access entry that is there.
    EntryGroups {
        /// The cluster.
        cluster: ClusterArn,
        /// Whose.
        principal: String,
        /// All groups that it has then.
        groups: Vec<String>,
    },
    /// The authentication mode `API_AND_CONFIG_MAP`.
    Mode {
        /// The cluster.
        cluster: ClusterArn,
    },
    /// A field of a cluster Secret.
    Secret {
        /// The cluster that Argo CD runs in.
        hub: ClusterArn,
        /// The Secret's namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// The field.
        field: SecretField,
        /// Its value; none: it goes.
        value: Option<String>,
    },
    /// A Pod Identity association.
    Association {
        /// The cluster of the pods.
        cluster: ClusterArn,
        /// The service account's namespace.
        namespace: String,
        /// Its name.
        account: String,
        /// The role.
        role: RoleArn,
    },
    /// The annotation of IRSA on a service account.
    Annotation {
        /// The cluster of the pods.
        cluster: ClusterArn,
        /// The service account's namespace.
        namespace: String,
        /// Its name.
        account: String,
        /// The role.
        role: RoleArn,
    },
    /// An OIDC provider of IAM.
    Provider {
        /// The account.
        account: facts::AccountId,
        /// The partition.
        partition: facts::Partition,
        /// The issuer without `https://`.
        issuer: String,
    },
    /// An audience of an OIDC provider.
    Audience {
        /// The account.
        account: facts::AccountId,
        /// The provider's ARN.
        provider: String,
        /// The issuer without `https://`.
        issuer: String,
    },
    /// An item of one of the lists of an AppProject.
    Project {
        /// The cluster that Argo CD runs in.
        hub: ClusterArn,
        /// The AppProject's namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// Which list of `spec`.
        list: &'static str,
        /// What is added.
        item: Value,
        /// Whether the AppProject has no such list yet.
        is_first: bool,
    },
    /// A line of `policy.csv` in argocd-rbac-cm.
    Policy {
        /// The cluster that Argo CD runs in.
        hub: ClusterArn,
        /// Argo CD's namespace.
        namespace: String,
        /// The line.
        line: String,
        /// All lines, with this one.
        csv: String,
    },
}

/// A Role or ClusterRole, and its binding.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// The cluster.
    pub cluster: Option<ClusterArn>,
    /// Absent for a ClusterRole.
    pub namespace: Option<String>,
    /// The name of both.
    pub name: String,
    /// The rules.
    pub rules: Vec<PolicyRule>,
    /// To whom.
    pub subject: Subject,
}

/// A field of a cluster Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretField {
    /// `server`
    Server,
    /// `namespaces`
    Namespaces,
    /// `clusterResources`
    ClusterResources,
    /// `awsAuthConfig.clusterName` of `config`.
    ClusterName,
    /// `awsAuthConfig.roleARN` of `config`.
    RoleArn,
    /// `tlsClientConfig.caData` of `config`.
    CaData,
}

/// How changes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Kubernetes objects, and CloudFormation for AWS.
    Yaml,
    /// HCL.
    Terraform,
    /// kubectl and the AWS CLI.
    Cli,
}

impl SecretField {
    /// As its path in the Secret.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Namespaces => "namespaces",
            Self::ClusterResources => "clusterResources",
            Self::ClusterName => "config.awsAuthConfig.clusterName",
            Self::RoleArn => "config.awsAuthConfig.roleARN",
            Self::CaData => "config.tlsClientConfig.caData",
        }
    }
}

impl Change {
    /// What it is, in one line.
    pub fn title(&self) -> String {
        match self {
            Self::Rules(Rules { namespace, name, subject, .. }) => {
                let place = namespace.as_ref().map_or_else(
                    || "a ClusterRole".to_owned(),
                    |namespace| format!("a Role in `{namespace}`"),
                );
                format!("{place} `{name}`, bound to the {} `{}`", subject.kind, subject.name)
            }
            Self::Trust { role, .. } => format!("a statement in the trust policy of `{role}`"),
            Self::Identity { role, .. } => format!("a statement in a policy of `{role}`"),
            Self::Entry { cluster, principal, again: false, .. } => {
                format!("an access entry of `{principal}` on `{}`", cluster.name)
            }
            Self::Entry { cluster, principal, .. } => {
                format!("the access entry of `{principal}` on `{}`, made again", cluster.name)
            }
            Self::EntryGroups { cluster, principal, groups } => {
                format!(
                    "the groups {} for the access entry of `{principal}` on `{}`",
                    quoted(groups),
                    cluster.name
                )
            }
            Self::Mode { cluster } => {
                format!("authentication mode API_AND_CONFIG_MAP for `{}`", cluster.name)
            }
            Self::Secret { name, field, value: Some(_), .. } => {
                format!("`{}` in the cluster Secret `{name}`", field.as_str())
            }
            Self::Secret { name, field, .. } => {
                format!("no `{}` in the cluster Secret `{name}`", field.as_str())
            }
            Self::Association { cluster, namespace, account, role } => {
                format!(
                    "a Pod Identity association of `{namespace}/{account}` on `{}` with `{role}`",
                    cluster.name
                )
            }
            Self::Annotation { namespace, account, role, .. } => {
                format!("`{role}` in the annotation of the service account `{namespace}/{account}`")
            }
            Self::Provider { account, issuer, .. } => {
                format!("an OIDC provider of `{issuer}` in account `{account}`")
            }
            Self::Audience { provider, .. } => format!("the audience `sts.amazonaws.com` for `{provider}`"),
            Self::Policy { line, .. } => format!("the line `{line}` in `policy.csv` of argocd-rbac-cm"),
            Self::Project { name, list, .. } => format!("an item in `spec.{list}` of AppProject `{name}`"),
        }
    }

    /// Its text in a form; commands name clusters as they are called among others.
    pub fn text(&self, form: Form, names: &ClusterNames) -> String {
        let text = match form {
            Form::Yaml => yaml::text(self),
            Form::Terraform => terraform::text(self),
            Form::Cli => cli::text(self, names),
        };
        match self {
            // The webhooks of IRSA and Pod Identity set a pod's environment when it is made.
            Self::Association { .. } | Self::Annotation { .. } => {
                format!("{text}# then restart the pods of that service account\n")
            }
            _ => text,
        }
    }
}

impl Rules {
    /// The two objects, as Kubernetes takes them.
    pub(crate) fn objects(&self) -> [Value; 2] {
        let kinds = if self.namespace.is_some() {
            ["Role", "RoleBinding"]
        } else {
            ["ClusterRole", "ClusterRoleBinding"]
        };
        let [role, binding] = kinds;
        let mut metadata = json!({"name": self.name});
        if let Some(namespace) = &self.namespace {
            metadata = json!({"name": self.name, "namespace": namespace});
        }
        let group = "rbac.authorization.k8s.io";
        let version = format!("{group}/v1");
        [
            json!({"apiVersion": version, "kind": role, "metadata": metadata, "rules": self.rules}),
            json!({
                "apiVersion": version, "kind": binding, "metadata": metadata,
                "roleRef": {"apiGroup": group, "kind": role, "name": self.name},
                "subjects": [self.subject],
            }),
        ]
    }
}

/// A document of IAM with one statement.
pub(crate) fn document(statement: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

pub(crate) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
