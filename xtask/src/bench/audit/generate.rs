//! The fleet that is audited: the inventory of the chain's questions, with ten roles for each cluster, and mistakes in some of both.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use fastrand::Rng;
use serde_json::{Value, json};

use crate::bench::{
    chain::{self, Rbac, Size, Spoke, accounts, clusters, write},
    policies::role::{Home, Role},
};

/// Roles for the sake of one cluster, its deployer among them.
const ROLES_EACH: usize = 10;

/// One in so many roles and one in so many clusters has a mistake.
const MISTAKES: u64 = 20;

/// What is written for one seed.
pub(super) struct Input {
    pub(super) inventory: PathBuf,
    pub(super) roles: usize,
    pub(super) clusters: usize,
    pub(super) tenth: Tenth,
}

/// A tenth of it, as auditors of one thing read it.
pub(super) struct Tenth {
    /// Its roles as `aws iam get-account-authorization-details` prints them, in one file.
    pub(super) iam: PathBuf,
    /// Roles and bindings of its clusters as kubectl prints them, a folder each.
    pub(super) rbac: PathBuf,
    pub(super) roles: usize,
    pub(super) clusters: usize,
}

/// Writes the files.
pub(super) fn generate(folder: &Path, scale: f64, seed: u64) -> Result<Input> {
    let size = Size::scaled(scale);
    let inventory = folder.join("inventory");
    chain::generate(&inventory, size, Rbac::Alike, |spoke| roles(spoke, seed))?;
    for spoke in size.spokes() {
        mistake_in_cluster(&clusters::own(&inventory, spoke), spoke, &mut rng(seed, spoke.0))?;
    }
    let clusters = size.spokes().len();
    let tenth = tenth(folder, &inventory, Size::scaled(scale / 10.0), seed)?;
    Ok(Input { inventory, roles: clusters * ROLES_EACH, clusters, tenth })
}

fn tenth(folder: &Path, inventory: &Path, size: Size, seed: u64) -> Result<Tenth> {
    let own = folder.join("tenth");
    write::clear(&own)?;
    let (iam, rbac) = (own.join("iam"), own.join("rbac"));
    let all: Vec<Value> = size.spokes().flat_map(|spoke| roles(spoke, seed)).collect();
    let count = all.len();
    accounts::details(&iam, all)?;
    for spoke in size.spokes() {
        let to = rbac.join(spoke.name());
        fs::create_dir_all(&to).with_context(|| format!("cannot make {}", to.display()))?;
        for list in ["clusterroles.yaml", "clusterrolebindings.yaml", "roles.yaml", "rolebindings.yaml"] {
            fs::copy(clusters::own(inventory, spoke).join("kubernetes").join(list), to.join(list))?;
        }
    }
    let iam = iam.join("iam-get-account-authorization-details.json");
    Ok(Tenth { iam, rbac, roles: count, clusters: size.spokes().len() })
}

/// The same for a role or a cluster, whatever else is generated.
fn rng(seed: u64, number: usize) -> Rng {
    Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number as u64))
}

/// The deployer's role, and those of workloads.
fn roles(spoke: Spoke, seed: u64) -> Vec<Value> {
    let workload = |number: usize| {
        let number = spoke.0 * ROLES_EACH + number;
        let rng = &mut rng(seed, number);
        let home = Home {
            account: spoke.account().to_string(),
            cluster: spoke.arn(),
            issuer: spoke.issuer().replace("https://", ""),
        };
        let role = Role::new(number, home, rng);
        let (mut trust, mut policy) = (role.trust_policy(), role.inline_policy());
        mistake_in_role(&mut trust, &mut policy, rng);
        accounts::role(&role.arn(), &trust, &policy)
    };
    [accounts::deployer(spoke)].into_iter().chain((1..ROLES_EACH).map(workload)).collect()
}

/// Statements that people write, each wrong in its own way.
fn mistake_in_role(trust: &mut Value, policy: &mut Value, rng: &mut Rng) {
    if rng.u64(..MISTAKES) > 0 {
        return;
    }
    let (document, statement) = match rng.u8(..7) {
        0 => (trust, json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})),
        1 => (
            trust,
            json!({"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"},
            "Action": "sts:AssumeRoleWithWebIdentity"}),
        ),
        2 => (policy, json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})),
        3 => (
            policy,
            json!({"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*"}),
        ),
        4 => (
            policy,
            json!({"Effect": "Allow", "Action": ["s3:GetObjects", "s3:ListBucket"], "Resource": "*"}),
        ),
        5 => (policy, json!({"Effect": "Allow", "Action": ["iam:CreatePolicyVersion"], "Resource": "*"})),
        _ => (policy, json!({"Effect": "Allow", "Action": "*", "Resource": "*"})),
    };
    if let Some(statements) = document.get_mut("Statement").and_then(Value::as_array_mut) {
        statements.push(statement);
    }
}

/// Bindings and policies that give a whole cluster away.
fn mistake_in_cluster(folder: &Path, spoke: Spoke, rng: &mut Rng) -> Result<()> {
    if rng.u64(..MISTAKES) > 0 {
        return Ok(());
    }
    let account =
        |namespace: &str, name: &str| json!({"kind": "ServiceAccount", "name": name, "namespace": namespace});
    let subject = match rng.u8(..4) {
        0 => return administrator(&folder.join("eks"), spoke),
        1 => account("kube-system", "argocd-manager"),
        2 => account("default", "default"),
        _ => {
            json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:authenticated"})
        }
    };
    let bindings = vec![
        clusters::binding(None, "ClusterRole"),
        clusters::bound(None, "everything", "ClusterRole", "cluster-admin", subject),
    ];
    write::kubectl(&folder.join("kubernetes"), "clusterrolebindings", bindings)
}

/// An access policy for the deployer.
fn administrator(folder: &Path, spoke: Spoke) -> Result<()> {
    let policy = json!({"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        "accessScope": {"type": "cluster", "namespaces": []}});
    let list = json!({"clusterName": spoke.name(), "principalArn": spoke.deployer(), "associatedAccessPolicies": [policy]});
    write::aws(folder, "list-associated-access-policies-0", &list)
}

#[cfg(test)]
mod tests {
    use inventory::{Inventory, folder};

    use super::*;

    #[test]
    fn what_is_generated_is_an_inventory_with_mistakes_and_the_same_again() {
        let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [first, second] = folders.each_ref().map(|folder| generate(folder.path(), 0.02, 1).unwrap());
        let [files, again] = [&first, &second].map(|input| folder::inventory(&input.inventory).unwrap());
        let bytes =
            |files: &[inventory::File]| files.iter().map(|file| file.bytes.clone()).collect::<Vec<_>>();
        assert_eq!(bytes(&files), bytes(&again));
        let reading = Inventory::read(&files);
        assert_eq!(reading.problems, []);
        let roles = reading.inventory.accounts.values().filter_map(|account| account.roles.known());
        // And the hub's.
        assert_eq!(roles.map(|roles| roles.len()).sum::<usize>(), 200 + 1);
        assert!(bytes(&files).iter().any(|file| String::from_utf8_lossy(file).contains("s3:GetObjects")));
    }
}
