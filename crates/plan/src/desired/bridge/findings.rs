//! What people must know of the bridge, and where it can't carry.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Finding, RoleArn, Severity};
use fleet::Topology;
use serde_json::json;

use super::{Bridge, is_open, needs_pods_role, permission, permission::May};
use crate::desired::{site::Site, spoke_roles::clusters_named, today::Today, wanted::Wanted};

/// Notes and findings about the pods' change of their role.
pub(in crate::desired) fn say(site: &Site<'_>, bridge: &Bridge, wanted: &mut Wanted) {
    say_what_it_is(site, bridge, wanted);
    say_that_it_closes(site, bridge, wanted);
    report_unknown_pods(site, bridge, wanted);
    report_permissions(site, bridge, wanted);
}

fn say_what_it_is(site: &Site<'_>, bridge: &Bridge, wanted: &mut Wanted) {
    let entries = bridge.entries.values().flat_map(BTreeMap::keys);
    let roles: BTreeSet<&RoleArn> = bridge.trusted.values().flatten().chain(entries).collect();
    if roles.is_empty() {
        return;
    }
    let names: Vec<String> = roles.iter().map(|role| format!("`{role}`")).collect();
    let clusters: BTreeSet<&str> =
        site.spokes.iter().filter(|spoke| bridge.is_first(spoke.arn)).map(|spoke| spoke.name()).collect();
    wanted.note(
        "bridge",
        format!(
            "Argo CD's pods come as {} until they are restarted with roles of their own. The cluster Secrets of {} are changed before that, and what they lead to \
             lets {} in meanwhile, with no more than Argo CD needs there. Take the inventory again once the plan has been applied: the next plan takes this out",
            names.join(" and "),
            clusters_named(&clusters),
            if names.len() == 1 { "that role" } else { "those roles" }
        ),
    );
}

fn say_that_it_closes(site: &Site<'_>, bridge: &Bridge, wanted: &mut Wanted) {
    let roles: BTreeSet<RoleArn> =
        site.reached(&[Topology::Chained]).map(|(_, cluster)| site.spoke_role(&cluster.arn)).collect();
    let closes = |role: &&RoleArn| bridge.trusted(role).next().is_none() && is_open(site, role);
    let count = roles.iter().filter(closes).count();
    if count > 0 {
        wanted.note(
            "bridge-closes",
            format!(
                "the plan takes the bridge out of {count} spoke role(s). The inventory shows which role pods get when they start, and not when they started: \
                 if the restart of the plan before may not have happened, make it first (kubectl rollout restart in namespace {}), since pods that are older still come as the role of before",
                site.namespace()
            ),
        );
    }
}

/// Pods with neither annotation nor association come as their node, and which role that is no inventory says.
fn report_unknown_pods(site: &Site<'_>, bridge: &Bridge, wanted: &mut Wanted) {
    let reached: BTreeSet<&str> = site
        .reached(&[Topology::Chained, Topology::Direct])
        .filter(|(spoke, _)| needs_pods_role(spoke))
        .map(|(spoke, _)| spoke.name())
        .collect();
    if reached.is_empty() {
        return;
    }
    for (account, today) in &site.today {
        let why = match today {
            Today::Role(_) => continue,
            Today::None => {
                "it has neither an annotation nor an association, so they come as their nodes".to_owned()
            }
            Today::Unknown(gap) => gap.cause.clone(),
        };
        let window = if bridge.first.is_empty() {
            "from their restart until the cluster Secrets have been changed"
        } else {
            "from the change of the cluster Secrets until they have been restarted"
        };
        let message = format!(
            "by which role pods of service account {}/{} come to AWS today isn't known ({why}), so nothing can let it in while they change it: {window} they don't reach {}",
            account.namespace,
            account.name,
            clusters_named(&reached)
        );
        let finding = Finding::new("bridge-has-no-start", Severity::Warning, message)
            .with_help("apply the plan's steps on the hub in one go, when a pause of some minutes does no harm: Argo CD goes on by itself")
            .with_help("or, if it is only missing in the inventory, add it (docs/inventory.md) and plan again");
        wanted.findings.push(finding);
    }
}

/// The present role must be allowed to assume the new spoke roles, and its policies are somebody else's.
fn report_permissions(site: &Site<'_>, bridge: &Bridge, wanted: &mut Wanted) {
    let mut answers: BTreeMap<(&RoleArn, May), BTreeSet<&RoleArn>> = BTreeMap::new();
    for (spoke, olds) in &bridge.trusted {
        for old in olds {
            let answer = permission::may(site, old, site.actions_of(old), spoke);
            if answer != May::Yes {
                answers.entry((old, answer)).or_default().insert(spoke);
            }
        }
    }
    for ((old, answer), spokes) in answers {
        let arns: Vec<String> = spokes.iter().map(ToString::to_string).collect();
        let (severity, id, certain) = match &answer {
            May::Unknown(why) => {
                (Severity::Warning, "bridge-permission-unknown", format!("isn't known ({why})"))
            }
            _ => (
                Severity::Error,
                "bridge-needs-permission",
                "isn't so: its policies don't allow it".to_owned(),
            ),
        };
        let actions = site.actions_of(old);
        let message = format!(
            "Argo CD's pods come as `{old}` until they are restarted, and that this role may {} the new spoke roles {} {certain}: without it Argo CD doesn't reach their clusters from the change of the cluster Secrets until the restart",
            actions.join(" and "),
            shortened(&arns),
        );
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": arns}
        ]});
        let name = &old.name;
        let mut finding = Finding::new(id, severity, message);
        if severity == Severity::Warning {
            finding = finding.with_help(format!(
                "ask IAM: aws iam simulate-principal-policy --policy-source-arn {old} --action-names {} --resource-arns {}",
                actions.join(" "),
                arns.join(" ")
            ));
        }
        finding = finding
            .with_help(format!(
                "allow it before the Secrets are changed: aws iam put-role-policy --role-name {name} --policy-name oarlock-bridge --policy-document '{policy}'"
            ))
            .with_help(format!(
                "and take it back after the restart: aws iam delete-role-policy --role-name {name} --policy-name oarlock-bridge"
            ));
        finding.places.extend(site.live_role(old).map(|live| live.place.clone()));
        wanted.findings.push(finding);
    }
}

fn shortened(arns: &[String]) -> String {
    let first: Vec<String> = arns.iter().take(3).map(|arn| format!("`{arn}`")).collect();
    match arns.len().saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
