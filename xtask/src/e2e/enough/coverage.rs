//! Needs against requests: what was asked for and not foreseen, and what was foreseen and never asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use rbac::{Permission, PermissionSet, Scope};

use super::{
    case::{Case, Identity, Need},
    exemption, harmless,
    steps::Played,
};
use crate::e2e::audit::{Asked, Gift, Written};

/// The comparison for one case.
#[derive(Default)]
pub(in crate::e2e) struct Coverage {
    /// Requests that no need of their identity covers.
    pub(in crate::e2e) unforeseen: BTreeSet<(Identity, Permission)>,
    /// Requests that were refused.
    pub(in crate::e2e) refused: BTreeSet<(Identity, Permission)>,
    /// How each need was exercised.
    pub(in crate::e2e) exercised: BTreeMap<Need, Exercise>,
    /// Every request, with the step that made it first.
    pub(in crate::e2e) asked: BTreeMap<Identity, BTreeMap<Permission, &'static str>>,
}

/// How a need was exercised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::e2e) enum Exercise {
    /// By a request, in this step first.
    Asked(&'static str),
    /// The escalation check had to find it, in this step first.
    Held(&'static str),
    /// Nothing here could make Argo CD ask for it, for this reason.
    Exempt(&'static str),
    Never,
}

impl Coverage {
    pub(in crate::e2e) fn of<'p>(case: &Case, played: impl IntoIterator<Item = &'p Played>) -> Self {
        let foreseen = foreseen(&case.needs);
        let mut coverage = Self::default();
        let mut held: BTreeMap<Identity, Vec<(Permission, &'static str)>> = BTreeMap::new();
        for step in played {
            for Asked { user, permission, forbidden } in &step.record.asked {
                let Some(identity) = case.identity(user) else { continue };
                let exact = exactly(permission);
                let is_foreseen = foreseen.get(&identity).is_some_and(|needs| needs.contains(&exact));
                if *forbidden && !is_foreseen && harmless::is_harmless(case, &identity, permission) {
                    continue;
                }
                if !is_foreseen {
                    coverage.unforeseen.insert((identity.clone(), permission.clone()));
                }
                if *forbidden {
                    coverage.refused.insert((identity.clone(), permission.clone()));
                }
                coverage.asked.entry(identity).or_default().entry(exact).or_insert(step.step);
            }
            for written in &step.record.written {
                let Some(identity) = case.identity(&written.user) else { continue };
                let mut permissions: Vec<Permission> = given(&written.what, &written.scope).collect();
                let own = foreseen.get(&identity);
                let lacks = permissions.iter().any(|given| !own.is_some_and(|own| own.contains(given)));
                if lacks || written.object.get("aggregationRule").is_some() {
                    permissions.extend(escalation(written));
                }
                held.entry(identity)
                    .or_default()
                    .extend(permissions.into_iter().map(|permission| (permission, step.step)));
            }
        }
        for need in &case.needs {
            let requests = coverage.asked.get(&need.identity).into_iter().flatten();
            let mut by_request = requests.filter(|(permission, _)| need.permission.covers(permission));
            let gifts = held.get(&need.identity).into_iter().flatten();
            let mut by_check = gifts.filter(|(permission, _)| need.permission.meet(permission).is_some());
            let how = match (by_request.next(), by_check.next()) {
                (Some((_, step)), _) => Exercise::Asked(step),
                (None, Some((_, step))) => Exercise::Held(step),
                (None, None) => exemption::reason(need).map_or(Exercise::Never, Exercise::Exempt),
            };
            coverage.exercised.insert(need.clone(), how);
        }
        coverage
    }

    /// For people: every need with how it was exercised, then what should not be there.
    pub(in crate::e2e) fn report(&self, case: &Case) -> String {
        let mut text = format!("## {}\n", case.name);
        let mut last = None;
        for (need, how) in &self.exercised {
            if last != Some(&need.identity) {
                let _ = writeln!(text, "\n{}", need.identity);
                last = Some(&need.identity);
            }
            let why = if let Exercise::Exempt(reason) = how { format!(": {reason}") } else { String::new() };
            let how = match how {
                Exercise::Asked(step) => (*step).to_owned(),
                Exercise::Held(step) => format!("{step} (held for the escalation check)"),
                Exercise::Exempt(_) => "not here".to_owned(),
                Exercise::Never => "NEVER".to_owned(),
            };
            let _ = writeln!(text, "  {how:<16} {}{}", need.permission, why);
        }
        for (title, requests) in [("unforeseen", &self.unforeseen), ("refused", &self.refused)] {
            for (identity, permission) in requests {
                let _ = writeln!(text, "{title}: {identity}: {permission}");
            }
        }
        text
    }
}

/// The needs of each identity as a set.
fn foreseen(needs: &[Need]) -> BTreeMap<Identity, PermissionSet> {
    let mut sets: BTreeMap<Identity, PermissionSet> = BTreeMap::new();
    for need in needs {
        sets.entry(need.identity.clone()).or_default().insert(need.permission.clone());
    }
    sets
}

/// A request without a name is one that a permission on names doesn't allow.
fn exactly(permission: &Permission) -> Permission {
    match permission {
        Permission::Resource { name: None, .. } => permission.clone().named(""),
        permission => permission.clone(),
    }
}

/// What lets somebody write rules into a role that they don't hold, or an aggregation rule, which may gather any (kubernetes,
/// pkg/registry/rbac/clusterrole/policybased).
fn escalation(written: &Written) -> Option<Permission> {
    let resource = match (&written.what, &written.scope) {
        (Gift::Bound { .. }, _) => return None,
        (Gift::Rules(_), Scope::Cluster) => "clusterroles",
        (Gift::Rules(_), _) => "roles",
    };
    let name = written.object.pointer("/metadata/name")?.as_str()?;
    let escalate =
        Permission::resource(written.scope.clone(), "rbac.authorization.k8s.io", resource, "escalate");
    Some(escalate.named(name))
}

/// What somebody must hold who gives this away.
fn given<'g>(gift: &'g Gift, scope: &'g Scope) -> Box<dyn Iterator<Item = Permission> + 'g> {
    match gift {
        Gift::Rules(rules) => Box::new(rules.iter().flat_map(|rule| rule.permissions(scope))),
        Gift::Bound { kind, name } => {
            let resource = if kind == "Role" { "roles" } else { "clusterroles" };
            let bind = Permission::resource(scope.clone(), "rbac.authorization.k8s.io", resource, "bind");
            Box::new([bind.named(name)].into_iter())
        }
    }
}
