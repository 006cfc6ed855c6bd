//! `--print-permissions`, of the verbs that ask AWS and clusters.

use std::collections::BTreeSet;

use anyhow::Context as _;
use fleet::{Fleet, IdentityKind, Install};
use live::{
    Verb,
    permissions::{Extent, Reach, account_policy, of_every_cluster, of_the_hub, own_policy},
};

use super::{WayIn, collected};

/// The flag.
#[derive(Debug, clap::Args)]
pub(crate) struct PrintPermissions {
    /// Print what this takes itself, and ask nobody: IAM policies, and RBAC objects for `kubectl apply`
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, default_missing_value = "all")]
    pub(super) print_permissions: Option<Which>,
}

/// Which of the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Which {
    /// All of them, as one YAML stream
    All,
    /// The IAM policy for the credentials at hand
    Iam,
    /// The IAM policy for the roles of `--assume-role`
    IamRole,
    /// The RBAC objects for every cluster: a role, bound to a group such as `oarlock:collect`
    Kubernetes,
    /// The RBAC objects for the hub, besides
    KubernetesHub,
}

/// What a verb takes that goes by a fleet file. Roles that aren't named as Oarlock names them are changed and removed only with `--adopt`.
pub(super) fn of_fleet(
    verb: Verb,
    which: Which,
    fleet: &std::path::Path,
    way_in: &WayIn,
    adopt: bool,
) -> anyhow::Result<String> {
    let fleet = collected::fleet(fleet)?;
    let extent = Extent {
        verb,
        from_organization: false,
        assume_role: way_in.assume_role().cloned(),
        fleet: Some(reach(&fleet, adopt)),
    };
    text(which, &extent, &fleet.hub.argocd.namespace)
}

fn reach(fleet: &Fleet, adopt: bool) -> Reach {
    let argocd = &fleet.hub.argocd;
    let capability = match (&argocd.capability_role, argocd.install) {
        (Some(role), Install::EksCapability) => {
            Some(format!("{}{}", role.path.trim_start_matches('/'), role.name))
        }
        // It has whatever name somebody gave it.
        (None, Install::EksCapability) => Some("*".to_owned()),
        (_, Install::SelfManaged) => None,
    };
    let own = format!("{}*", plan::names::role_prefix(&fleet.hub.arn));
    let roles: BTreeSet<String> =
        if adopt { BTreeSet::from(["*".to_owned()]) } else { [own].into_iter().chain(capability).collect() };
    Reach {
        clusters: fleet.arns().cloned().collect(),
        roles,
        opened: fleet.clusters.iter().filter(|own| own.opens_to_entries).map(|own| own.arn.clone()).collect(),
        irsa: argocd.install == Install::SelfManaged && fleet.hub.identity == IdentityKind::Irsa,
    }
}

pub(super) fn text(which: Which, extent: &Extent, argocd_namespace: &str) -> anyhow::Result<String> {
    let own = || json(&own_policy(extent));
    let role = || json(&account_policy(extent));
    let objects = || yaml(&of_every_cluster(extent.verb));
    let hub = || yaml(&of_the_hub(extent.verb, argocd_namespace));
    match which {
        Which::Iam => own(),
        Which::IamRole => role(),
        Which::Kubernetes => objects(),
        Which::KubernetesHub => hub(),
        Which::All => {
            let mut text = format!("# IAM policy for the credentials at hand\n{}", own()?);
            if let Some(pattern) = &extent.assume_role {
                text.push_str(&format!("---\n# IAM policy for each {pattern}\n{}", role()?));
            }
            text.push_str(&format!("---\n# For each cluster\n{}", objects()?));
            text.push_str(&format!("---\n# For the hub, besides\n{}", hub()?));
            Ok(text)
        }
    }
}

fn json(policy: &serde_json::Value) -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(policy)?))
}

fn yaml(objects: &[serde_json::Value]) -> anyhow::Result<String> {
    let documents = objects.iter().map(serde_saphyr::to_string);
    let documents = documents.collect::<Result<Vec<_>, _>>().context("cannot print the RBAC objects")?;
    Ok(documents.join("---\n"))
}
