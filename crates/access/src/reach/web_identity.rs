//! Roles that a token of a service account gets from STS. Whoever writes a pod projects a token for STS into it, and whoever issues
//! tokens has one: the annotation of IRSA only tells SDKs which role to ask for (EKS User Guide, "IAM roles for service accounts";
//! Kubernetes documentation, "Launch a Pod using service account token projection").

use std::collections::BTreeSet;

use inventory::Known;
use rbac::{Permission, reach::Opening};

use super::{
    aws,
    ground::{Ground, name_of},
    principal::Principal,
    walk::{Found, Map, Steps},
};
use crate::service_account::{self, ServiceAccount};

/// Stands for a service account that somebody makes.
const NEW: &str = "oarlock-new";

/// What an entry of the catalogue opens.
pub(super) fn opened<'i>(
    map: &Map<'i>,
    ground: &mut Ground<'i>,
    opening: &Opening,
    there: &Permission,
    found: &impl Fn(Principal) -> Found,
    steps: &mut Steps,
) {
    let holds = |group: &str, resource: &str| {
        let wanted = Permission::resource(there.scope().clone(), group, resource, "create");
        ground.all.contains(&wanted)
    };
    let writes_pods = || {
        let workloads = ["deployments", "daemonsets", "statefulsets", "replicasets"];
        holds("", "pods")
            || workloads.iter().any(|resource| holds("apps", resource))
            || ["jobs", "cronjobs"].iter().any(|resource| holds("batch", resource))
    };
    let makes_accounts = holds("", "serviceaccounts");
    let name = match opening.entry.id {
        "token-request" => name_of(there),
        "pods-create" | "workloads-write" | "workflow-controllers" | "wildcard" => None,
        "serviceaccounts-annotate" if makes_accounts && writes_pods() => None,
        _ => return,
    };
    let namespace = there.scope().namespace().map(str::to_owned);
    add(map, ground, (namespace, name.map(str::to_owned), makes_accounts), found, steps);
}

/// The roles that trust service accounts of a namespace or of all, perhaps one of a name, perhaps one that is still to be made.
pub(super) fn add<'i>(
    map: &Map<'i>,
    ground: &mut Ground<'i>,
    whose: (Option<String>, Option<String>, bool),
    found: &impl Fn(Principal) -> Found,
    steps: &mut Steps,
) {
    if !ground.tokens.insert(whose.clone()) {
        return;
    }
    let issuer = match &ground.cluster.description {
        Known::Known(description) => description.oidc_issuer.as_deref(),
        Known::Gap(gap) => return steps.unknown(found(Principal::Nodes(ground.id)).from, [gap.clone()]),
    };
    let issuer = issuer.unwrap_or_default().trim_start_matches("https://").trim_end_matches('/');
    for (role, subjects) in map.index.trusting_issuer(issuer) {
        for (namespace, name) in candidates(ground, subjects, &whose) {
            let account = ServiceAccount { cluster: ground.arn.clone(), namespace, name };
            let arrival = service_account::by_token(map.accounts, &account, &role.arn);
            let step = found(Principal::Nodes(ground.id));
            let arrived = aws::arrival(map, step.from, &arrival.hops, arrival.credentials, step.how);
            let Some(arrived) = arrived else { continue };
            let ServiceAccount { namespace, name, .. } = &account;
            let by = format!("{}; a token of `{namespace}/{name}` for STS: {}", step.by, arrived.by);
            let is_certain = arrived.missing.is_empty();
            steps.found.push(Found { by, ..arrived }.at(Some(&role.place)));
            if is_certain {
                break;
            }
        }
    }
}

/// The service accounts that a role may mean: those that it names, or all if it names none or a pattern.
fn candidates(
    ground: &Ground<'_>,
    subjects: &[String],
    (namespace, name, makes): &(Option<String>, Option<String>, bool),
) -> BTreeSet<(String, String)> {
    let there = ground.surroundings.service_accounts.iter().flatten();
    let there = there.flat_map(|(ns, names)| names.iter().map(move |name| (ns.clone(), name.clone())));
    let there: BTreeSet<(String, String)> = there.collect();
    let named = subjects.iter().filter_map(|subject| {
        let (namespace, name) = subject.strip_prefix("system:serviceaccount:")?.split_once(':')?;
        Some((namespace.to_owned(), name.to_owned()))
    });
    let named: BTreeSet<(String, String)> = named.collect();
    let is_pattern = |text: &String| text.contains(['*', '?']);
    let is_open = named.is_empty() || named.iter().any(|(ns, name)| is_pattern(ns) || is_pattern(name));
    let mut all: BTreeSet<(String, String)> = match (is_open, makes) {
        (false, true) => named,
        (false, false) => named.intersection(&there).cloned().collect(),
        (true, _) => {
            there.union(&named).filter(|(ns, name)| !is_pattern(ns) && !is_pattern(name)).cloned().collect()
        }
    };
    if is_open && *makes {
        let namespaces: BTreeSet<String> =
            all.iter().map(|(ns, _)| ns.clone()).chain(namespace.clone()).collect();
        all.extend(namespaces.into_iter().map(|ns| (ns, NEW.to_owned())));
    }
    let is_theirs = |(ns, own): &(String, String)| {
        namespace.as_ref().is_none_or(|wanted| wanted == ns)
            && name.as_ref().is_none_or(|wanted| wanted == own)
    };
    all.retain(is_theirs);
    all
}
