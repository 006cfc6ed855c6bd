//! Roles that a token of a service account gets from STS. Whoever writes a pod projects a token for STS into it, and whoever issues
//! tokens has one: the annotation of IRSA only tells SDKs which role to ask for (EKS User Guide, "IAM roles for service accounts";
//! Kubernetes documentation, "Launch a Pod using service account token projection").

use std::collections::BTreeSet;

use inventory::Known;
use rbac::{Permission, PermissionSet, reach::Opening};

use super::{
    aws,
    ground::{Ground, name_of},
    principal::Principal,
    walk::{Found, Map, Steps},
};
use crate::service_account::{self, ServiceAccount};

/// Stands for a service account that somebody makes.
const NEW: &str = "oarlock-new";

/// Whose tokens somebody has for STS: of a namespace or of all, of a name or of all, and whether of one that he makes.
pub(super) type Whose = (Option<String>, Option<String>, bool);

/// Whose tokens an entry of the catalogue opens to whoever holds these permissions.
pub(super) fn opened(held: &PermissionSet, opening: &Opening, there: &Permission) -> Option<Whose> {
    let holds = |group: &str, resource: &str| {
        held.contains(&Permission::resource(there.scope().clone(), group, resource, "create"))
    };
    let writes_pods = || {
        let workloads = ["deployments", "daemonsets", "statefulsets", "replicasets"];
        holds("", "pods")
            || workloads.iter().any(|resource| holds("apps", resource))
            || ["jobs", "cronjobs"].iter().any(|resource| holds("batch", resource))
    };
    let makes_accounts = || holds("", "serviceaccounts");
    let name = match opening.entry.id {
        "token-request" => name_of(there),
        "pods-create" | "workloads-write" | "workflow-controllers" | "wildcard" => None,
        "serviceaccounts-annotate" if makes_accounts() && writes_pods() => None,
        _ => return None,
    };
    let namespace = there.scope().namespace().map(str::to_owned);
    Some((namespace, name.map(str::to_owned), makes_accounts()))
}

/// The roles that trust service accounts of a namespace or of all, perhaps one of a name, perhaps one that is still to be made.
pub(super) fn add<'i>(
    map: &Map<'i>,
    ground: &mut Ground<'i>,
    whose: &Whose,
    found: &impl Fn(Principal) -> Found,
    steps: &mut Steps,
) {
    if ground.tokens.contains(whose) {
        return;
    }
    ground.tokens.insert(whose.clone());
    let issuer = match &ground.cluster.description {
        Known::Known(description) => description.oidc_issuer.as_deref(),
        Known::Gap(gap) => return steps.unknown(found(Principal::Nodes(ground.id)).from, [gap.clone()]),
    };
    let issuer = issuer.unwrap_or_default().trim_start_matches("https://").trim_end_matches('/');
    for (role, subjects) in map.index.trusting_issuer(issuer) {
        for (namespace, name) in candidates(ground, subjects, whose) {
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

/// The service accounts that a role may mean, of those whose tokens are asked about: those that it names, or all if it names none or
/// a pattern.
fn candidates(ground: &Ground<'_>, subjects: &[String], whose: &Whose) -> BTreeSet<(String, String)> {
    let (namespace, name, makes) = whose;
    let named = || {
        subjects.iter().filter_map(|subject| subject.strip_prefix("system:serviceaccount:")?.split_once(':'))
    };
    let is_pattern = |text: &str| text.contains(['*', '?']);
    let is_open = named().next().is_none() || named().any(|(ns, name)| is_pattern(ns) || is_pattern(name));
    let is_theirs = |(ns, own): &(&str, &str)| {
        namespace.as_ref().is_none_or(|wanted| wanted == ns)
            && name.as_ref().is_none_or(|wanted| wanted == own)
    };
    let all = ground.surroundings.service_accounts.as_ref();
    let is_there = |(ns, own): &(&str, &str)| {
        all.is_some_and(|all| all.get(*ns).is_some_and(|names| names.contains(*own)))
    };
    let there = || {
        let all = all.into_iter().flatten();
        all.flat_map(|(ns, names)| names.iter().map(move |name| (ns.as_str(), name.as_str())))
    };
    let mut found: BTreeSet<(&str, &str)> = match (is_open, makes) {
        (false, true) => named().collect(),
        (false, false) => named().filter(is_there).collect(),
        (true, _) => {
            there().chain(named()).filter(|(ns, name)| !is_pattern(ns) && !is_pattern(name)).collect()
        }
    };
    if is_open && *makes {
        let namespaces: BTreeSet<&str> =
            found.iter().map(|(ns, _)| *ns).chain(namespace.as_deref()).collect();
        found.extend(namespaces.into_iter().map(|ns| (ns, NEW)));
    }
    found.iter().filter(|own| is_theirs(own)).map(|(ns, own)| ((*ns).to_owned(), (*own).to_owned())).collect()
}
