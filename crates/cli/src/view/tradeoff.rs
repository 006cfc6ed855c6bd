//! The comparison as people read it: a column for each variant, then sentences.

use plan::tradeoff::{Blast, Measured, QuotaUse, Reach, Stolen, Tradeoff};

use super::table;

/// Narrower than this, columns of numbers can't stand beside each other.
const LEAST: usize = 100;

/// A table of all numbers, the recommendation, where it changes, and what to know.
pub(crate) fn human(tradeoff: &Tradeoff, width: usize) -> String {
    let mut head = vec!["ROLES"];
    head.extend(tradeoff.variants.iter().map(|one| one.variant.name()));
    let mut text = table::fitted(&head, [0, 1, 2], rows(tradeoff), width.max(LEAST));
    text.push('\n');
    let mut line = |words: &str| text.push_str(&format!("{words}\n"));
    line(&tradeoff.recommended());
    tradeoff.turns().iter().for_each(|turn| line(turn));
    for one in tradeoff.variants.iter().filter(|one| !one.misfits.is_empty()) {
        line(&format!("{} doesn't fit: {}.", one.variant.name(), one.misfits.join(", ")));
    }
    tradeoff.notes.iter().for_each(|note| line(&format!("note: {note}")));
    for gap in &tradeoff.unknown {
        line(&format!("unknown: {}: {}", gap.what, gap.cause));
        gap.fill.iter().for_each(|fill| line(&format!("  {fill}")));
    }
    text
}

type Cell = fn(&Measured) -> String;
type Part = fn(&Reach) -> usize;

const OBJECTS: [(&str, Cell); 9] = [
    ("objects to keep", |one| one.objects.total.to_string()),
    ("· IAM roles", |one| one.objects.iam_roles.to_string()),
    ("· managed policies", |one| one.objects.managed_policies.to_string()),
    ("· OIDC providers", |one| one.objects.oidc_providers.to_string()),
    ("· Pod Identity associations", |one| one.objects.pod_identity_associations.to_string()),
    ("· access entries", |one| one.objects.access_entries.to_string()),
    ("· RBAC objects", |one| one.objects.rbac_objects.to_string()),
    ("· Secrets of Argo CD", |one| one.objects.secrets.to_string()),
    ("· other Kubernetes objects", |one| one.objects.other_objects.to_string()),
];

/// What a reach is made of.
const REACH: [(&str, Part); 5] = [
    ("· clusters", |reach| reach.clusters),
    ("· clusters with all Secrets", |reach| reach.clusters_with_all_secrets),
    ("· namespaces with Secrets besides", |reach| reach.secret_namespaces),
    ("· clusters with wide writes", |reach| reach.clusters_with_wide_writes),
    ("· namespaces with writes", |reach| reach.written_namespaces),
];

const UPKEEP: [(&str, Cell); 10] = [
    ("stolen: the average role: clusters", |one| format!("{:.1}", one.blast.average.clusters)),
    ("hub roles made anew", |_| String::new()),
    ("· trust policies to save again", |one| one.rotation.hub_trust_policies.to_string()),
    ("· access entries to make again", |one| one.rotation.hub_access_entries.to_string()),
    ("spoke role made anew: entries", |one| one.rotation.spoke_access_entries.to_string()),
    ("roles in audit logs", |one| one.audit.principals.to_string()),
    ("· clusters per role", |one| one.audit.clusters_per_principal.to_string()),
    ("· tell clusters apart", |one| yes(one.audit.tells_clusters_apart)),
    ("· tell controller from server", |one| yes(one.audit.tells_components_apart)),
    ("access entries per cluster", |one| one.access_entries_per_cluster.to_string()),
];

fn rows(tradeoff: &Tradeoff) -> Vec<Vec<String>> {
    let row = |name: &str, cell: &dyn Fn(&Measured) -> String| -> Vec<String> {
        std::iter::once(name.to_owned()).chain(tradeoff.variants.iter().map(cell)).collect()
    };
    let mut rows = vec![row("", &|one| one.standing(tradeoff))];
    rows.extend(OBJECTS.iter().map(|(name, cell)| row(name, cell)));
    rows.push(row("AWS's quotas", &|_| String::new()));
    let quotas = tradeoff.variants.first().map(|one| one.quotas.as_slice()).unwrap_or_default();
    for (number, QuotaUse { quota, .. }) in quotas.iter().enumerate() {
        let name = format!("· {}: {}", quota.name, quota.default);
        rows.push(row(&name, &|one| share(one.quotas.get(number))));
    }
    rows.push(row("stolen: a role that clusters know", &|_| String::new()));
    let stolen = |of: fn(&Blast) -> &Stolen| {
        REACH.map(|(name, part)| row(name, &|one| part(&of(&one.blast).reach).to_string()))
    };
    rows.extend(stolen(|blast| &blast.known_to_clusters));
    rows.push(row("stolen: a role of the hub", &|_| String::new()));
    rows.extend(stolen(|blast| &blast.hub));
    rows.extend(UPKEEP.iter().map(|(name, cell)| row(name, cell)));
    rows
}

fn share(used: Option<&QuotaUse>) -> String {
    used.map(|used| format!("{} %", used.percent)).unwrap_or_default()
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}
