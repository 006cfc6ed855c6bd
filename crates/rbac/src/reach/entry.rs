//! One entry of the escalation catalogue.

use serde::Serialize;

use crate::{
    Permission, PermissionSet, PolicyRule, Scope,
    pattern::{resource_covers, word_covers},
};

/// A way from a permission to more power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Stable kebab-case name.
    pub id: &'static str,
    /// Any of these opens the way …
    pub matches: &'static [Pattern],
    /// … together with one of each of these, where they are needed for what it gives.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub with: &'static [&'static [Pattern]],
    /// What is reached in terms of RBAC.
    pub gives: Gives,
    /// How much it is to hand out, whatever else is held.
    pub power: Power,
    /// What it leads to, in words, with what may stand in the way.
    pub leads_to: &'static str,
    /// Where this is written.
    pub source: &'static str,
    /// The minor version of Kubernetes 1 that closed the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_in: Option<u32>,
}

/// Permissions by group, resource and verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pattern {
    /// API group; `*` is matched by a wildcard only.
    pub group: &'static str,
    /// Resources; `*` is matched by a wildcard only.
    pub resources: &'static [&'static str],
    /// Verbs; `*` is matched by a wildcard only.
    pub verbs: &'static [&'static str],
    /// Where it must hold to matter.
    pub area: Area,
    /// Only for objects of these names; empty: any.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub names: &'static [&'static str],
}

/// How much a way is to hand out: what an Application may ship without anybody looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Power {
    /// Passes the escalation check itself, or acts as somebody else: never to be given silently.
    Passing,
    /// Leads to more; what its holder does, in a few words.
    Strong(&'static str),
    /// Part of many controllers' ordinary work.
    Ordinary,
}

/// Where a permission must hold to matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// At cluster scope only: the resource has no namespace.
    Cluster,
    /// Anywhere.
    Anywhere,
    /// In this namespace, or at cluster scope.
    In(&'static str),
}

/// What a step gives, in terms of RBAC. "There" is the namespace in which the permission holds, or the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gives {
    /// Everything in the cluster.
    Everything,
    /// Everything, if the cluster still reads the aws-auth ConfigMap.
    EverythingByAwsAuth,
    /// Everything at cluster scope, where it includes `escalate`; in a namespace what the service accounts there hold.
    Wildcard,
    /// Every resource there.
    EverythingThere,
    /// What the service accounts there hold; the named one, where a name limits the permission.
    ServiceAccounts,
    /// What any service account of the cluster holds.
    AllServiceAccounts,
    /// What the users that bindings name and the service accounts hold; the named one, where a name limits the permission.
    Users,
    /// What the groups that bindings name hold; everything where `system:masters` is not excluded.
    Groups,
    /// As `Users` and `Groups` together, but never `system:masters`.
    UsersAndGroups,
    /// The rules of the ClusterRoles (the named one, where a name limits the permission) there; everything there if
    /// no name does.
    ClusterRoles,
    /// The rules of the Roles there (the named one, where a name limits the permission).
    Roles,
    /// Nothing that RBAC objects decide: see what it leads to.
    Outside,
}

impl Entry {
    /// The permissions of a set that open this way, whether or not it holds what the entry takes besides.
    pub fn opened_by(&self, held: &PermissionSet) -> Vec<Permission> {
        let mut opening: Vec<Permission> =
            self.matches.iter().flat_map(|pattern| pattern.matching(held)).collect();
        opening.sort();
        opening.dedup();
        opening
    }

    /// Whether a rule has the words of a permission that opens this way. Where it holds, and for which names, isn't looked at: a rule without
    /// them opens it nowhere.
    pub fn has_words_of(&self, rule: &PolicyRule) -> bool {
        let any = |own: &[String], wanted: &[&str], covers: fn(&str, &str) -> bool| {
            own.iter().any(|own| wanted.iter().any(|wanted| covers(own, wanted)))
        };
        self.matches.iter().any(|pattern| {
            any(&rule.verbs, pattern.verbs, word_covers)
                && any(&rule.resources, pattern.resources, resource_covers)
                && any(&rule.api_groups, &[pattern.group], word_covers)
        })
    }
}

impl Pattern {
    /// The members of a set that match, whole.
    pub(super) fn matching(&self, set: &PermissionSet) -> Vec<Permission> {
        let mut matching = Vec::new();
        for (resource, verb) in self.resources.iter().flat_map(|r| self.verbs.iter().map(move |v| (r, v))) {
            let held = set.with_words(self.group, resource, verb).into_iter();
            matching.extend(held.filter(|held| self.applies(held)));
        }
        matching.sort();
        matching.dedup();
        matching
    }

    fn applies(&self, held: &Permission) -> bool {
        let Permission::Resource { scope, name, .. } = held else { return false };
        let there = match self.area {
            Area::Anywhere => true,
            Area::Cluster => *scope == Scope::Cluster,
            Area::In(namespace) => scope.namespace().is_none_or(|held| held == namespace),
        };
        there && (self.names.is_empty() || name.as_deref().is_none_or(|name| self.names.contains(&name)))
    }
}

/// What most entries have in common.
pub(super) const PLAIN: Entry = Entry {
    id: "",
    matches: &[],
    with: &[],
    gives: Gives::Outside,
    power: Power::Ordinary,
    leads_to: "",
    source: "",
    closed_in: None,
};

pub(super) type Words = &'static [&'static str];

pub(super) const fn anywhere(group: &'static str, resources: Words, verbs: Words) -> Pattern {
    Pattern { group, resources, verbs, area: Area::Anywhere, names: &[] }
}

pub(super) const fn cluster(group: &'static str, resources: Words, verbs: Words) -> Pattern {
    Pattern { group, resources, verbs, area: Area::Cluster, names: &[] }
}

pub(super) const fn within(
    namespace: &'static str,
    group: &'static str,
    resources: Words,
    verbs: Words,
) -> Pattern {
    Pattern { group, resources, verbs, area: Area::In(namespace), names: &[] }
}

impl Pattern {
    pub(super) const fn named(self, names: Words) -> Self {
        Self { names, ..self }
    }
}
