//! What the verbs that ask AWS and clusters need themselves, as documents to hand out: their calls, and nothing else.

mod actions;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use facts::ClusterArn;
use serde_json::{Value, json};

use crate::{Pattern, Verb};
pub use rules::{of_every_cluster, of_the_hub};

/// So many clusters are named in a policy; more would outgrow it (IAM User Guide, "IAM and AWS STS quotas": 6,144 characters), and then
/// all are meant.
const MOST_CLUSTERS: usize = 10;

/// What is wanted of a run, as far as it takes more or fewer permissions.
#[derive(Clone, Debug, Default)]
pub struct Extent {
    /// Which verb. Drift takes what collecting takes.
    pub verb: Verb,
    /// Whether accounts and clusters are looked for in the organisation.
    pub from_organization: bool,
    /// The role that is assumed in each account.
    pub assume_role: Option<Pattern>,
    /// The fleet that is applied or verified: without it, whatever a role or a cluster is called.
    pub fleet: Option<Reach>,
}

/// What of AWS a fleet's plans write.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The hub and all clusters.
    pub clusters: BTreeSet<ClusterArn>,
    /// Names of roles, `*` among them standing for anything; their managed policies are called by them.
    pub roles: BTreeSet<String>,
    /// Whether the hub's pods get their roles by IRSA.
    pub irsa: bool,
    /// The clusters whose authentication mode the fleet file asks for.
    pub opened: BTreeSet<ClusterArn>,
}

/// The policy for who is asked in every account: the assumed roles, or the credentials at hand.
pub fn account_policy(extent: &Extent) -> Value {
    policy(of_account(extent))
}

/// The policy for the credentials at hand: the organisation, and the roles that they assume. Without roles it is the
/// only one.
pub fn own_policy(extent: &Extent) -> Value {
    let mut statements = Vec::new();
    if extent.assume_role.is_none() {
        statements.extend(of_account(extent));
    }
    statements.push(statement("OarlockOrganization", &actions::of_the_organization(extent), json!("*")));
    if let Some(role) = &extent.assume_role {
        statements.push(statement("OarlockAssume", &["sts:AssumeRole"], json!(role.for_any())));
    }
    policy(statements)
}

fn of_account(extent: &Extent) -> Vec<Value> {
    // Most of these actions know no narrower resource (Service Authorization Reference).
    let mut statements = vec![statement("OarlockCollect", &actions::in_accounts(extent), json!("*"))];
    match extent.verb {
        Verb::Apply => statements.extend(actions::writing(extent.fleet.as_ref())),
        Verb::Verify => statements.extend(actions::verifying(extent.fleet.as_ref())),
        Verb::Collect | Verb::Drift | Verb::Diagnose => {}
    }
    statements
}

fn policy(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn statement(id: &str, actions: &[&str], resource: Value) -> Value {
    let mut actions = actions.to_vec();
    actions.sort_unstable();
    json!({ "Sid": id, "Effect": "Allow", "Action": actions, "Resource": resource })
}
