//! What a change allows besides what it is for.

use std::collections::BTreeSet;

use inventory::{Cluster, Inventory};
use rbac::{Permission, PermissionSet, Request, Scope, reach::CATALOGUE};

use super::{Change, Rules, SecretField, quoted};

/// So many of a kind are named.
const NAMED: usize = 5;

/// One sentence each; none where it allows nothing else. The inventory before, and with the change.
pub(crate) fn beyond(
    change: &Change,
    [inventory, after]: [&Inventory; 2],
    request: Option<&Request>,
) -> Vec<String> {
    match change {
        Change::Rules(rules) => of_rules(rules, after, request),
        Change::Trust { role, statement, .. } => {
            let principal = statement.pointer("/Principal/AWS").and_then(|own| own.as_str());
            let who = principal.map_or_else(
                || "whatever fits the statement".to_owned(),
                |own| format!("every session of `{own}`"),
            );
            vec![format!("{who} may act as `{role}`: with its policies, and on every cluster that knows it")]
        }
        Change::Identity { role, .. } => {
            vec![format!(
                "every pod and person with `{role}` may try the same; the other role's trust policy still decides"
            )]
        }
        Change::Entry { cluster, groups, policies, .. } => {
            let own = inventory.clusters.get(cluster);
            let mut said: Vec<String> = groups.iter().filter_map(|group| bound(own?, group)).collect();
            said.extend(
                policies.iter().map(|(policy, _)| {
                    format!("what {} allows", policy.rsplit('/').next().unwrap_or(policy))
                }),
            );
            said.push(
                "what every authenticated user may do: discovery, and reviews of its own access".to_owned(),
            );
            said
        }
        Change::EntryGroups { cluster, groups, .. } => {
            let own = inventory.clusters.get(cluster);
            groups.iter().filter_map(|group| bound(own?, group)).collect()
        }
        Change::Mode { .. } => vec![
            "all access entries that are there count from then on, and the mode can't be taken back"
                .to_owned(),
        ],
        Change::Secret { field: SecretField::Namespaces | SecretField::ClusterResources, .. } => Vec::new(),
        Change::Secret { .. } => vec!["every Application of that cluster goes the same way".to_owned()],
        Change::Association { namespace, account, role, .. }
        | Change::Annotation { namespace, account, role, .. } => {
            vec![
                format!(
                    "whoever makes pods in `{namespace}` may name the service account `{account}`, and so act as `{role}`"
                ),
                format!("all that `{role}` may do in AWS, and the other roles that trust it"),
            ]
        }
        Change::Provider { account, .. } => {
            vec![format!(
                "roles of account `{account}` may trust service accounts of that cluster; those that do already work then"
            )]
        }
        Change::Audience { account, .. } => {
            vec![format!("roles of account `{account}` take tokens for that audience")]
        }
        // One subject, one action, one object.
        Change::Policy { .. } => Vec::new(),
        Change::Project { name, .. } => {
            vec![format!("every Application of AppProject `{name}` is permitted the same")]
        }
    }
}

fn of_rules(rules: &Rules, inventory: &Inventory, request: Option<&Request>) -> Vec<String> {
    let scope = rules.namespace.as_deref().map_or(Scope::Cluster, |own| Scope::Namespace(own.into()));
    let held = PermissionSet::of_rules(&scope, &rules.rules);
    let mut said =
        more(&rules.rules.iter().flat_map(|rule| rule.permissions(&scope)).collect::<Vec<_>>(), request);
    let cluster = rules.cluster.as_ref().and_then(|cluster| inventory.clusters.get(cluster));
    said.extend(
        cluster.and_then(|cluster| {
            others(cluster, &rules.subject.name).filter(|_| rules.subject.kind == "Group")
        }),
    );
    let open = CATALOGUE.iter().filter(|entry| !entry.opened_by(&held).is_empty());
    said.extend(open.map(|entry| format!("it leads to more ({}): {}", entry.id, entry.leads_to)));
    said
}

/// What of a rule isn't the request itself.
fn more(permissions: &[Permission], request: Option<&Request>) -> Vec<String> {
    let asked = request.map(Permission::from);
    let other: Vec<String> = permissions
        .iter()
        .filter(|own| asked.as_ref().is_none_or(|asked| *own != asked))
        .take(NAMED)
        .map(ToString::to_string)
        .collect();
    other.into_iter().map(|own| format!("it allows {own}, too")).collect()
}

/// Who else is in a group, by access entries.
fn others(cluster: &Cluster, group: &str) -> Option<String> {
    let entries = cluster.access_entries.known()?.values();
    let members: BTreeSet<String> = entries
        .filter(|entry| entry.groups.iter().any(|own| own == group))
        .map(|entry| entry.principal.clone())
        .collect();
    let named: Vec<String> = members.iter().take(NAMED).cloned().collect();
    (members.len() > 1).then(|| {
        format!("the group `{group}` is that of {} access entries: {}", members.len(), quoted(&named))
    })
}

/// What a group is bound to already.
fn bound(cluster: &Cluster, group: &str) -> Option<String> {
    let bindings = cluster.kubernetes.bindings.iter();
    let own = bindings.filter(|binding| {
        binding.subjects.iter().any(|subject| subject.kind == "Group" && subject.name == group)
    });
    let roles: BTreeSet<String> = own
        .map(|binding| {
            let place = binding.namespace.as_ref().map(|own| format!(" in `{own}`")).unwrap_or_default();
            format!("{} `{}`{place}", binding.role_ref.kind, binding.role_ref.name)
        })
        .collect();
    let named: Vec<String> = roles.iter().take(NAMED).cloned().collect();
    let rest = roles.len().saturating_sub(named.len());
    let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    (!roles.is_empty()).then(|| format!("the group `{group}` is bound to {}{rest}", named.join(", ")))
}
