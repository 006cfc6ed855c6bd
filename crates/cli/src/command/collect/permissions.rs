//! `oarlock collect --print-permissions`

use live::collect::permissions::{Extent, account_policy, of_every_cluster, of_the_hub, own_policy};

use anyhow::Context as _;

/// Which of the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Which {
    /// All of them, as one YAML stream
    All,
    /// The IAM policy for the credentials at hand
    Iam,
    /// The IAM policy for the roles of `--assume-role`
    IamRole,
    /// The RBAC objects for every cluster: a role, bound to the group `oarlock:collect`
    Kubernetes,
    /// The RBAC objects for the hub, besides
    KubernetesHub,
}

pub(super) fn text(which: Which, extent: &Extent, argocd_namespace: &str) -> anyhow::Result<String> {
    let own = || json(&own_policy(extent));
    let role = || json(&account_policy(extent));
    let objects = || yaml(&of_every_cluster());
    let hub = || yaml(&of_the_hub(argocd_namespace));
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
            text.push_str(&format!(
                "---\n# For each cluster; what is called `-hub` for the hub alone\n{}",
                objects()?
            ));
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
