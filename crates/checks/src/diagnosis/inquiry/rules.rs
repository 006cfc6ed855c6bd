//! Rules that allow a request and as little else as RBAC can say, for a subject that stays the same.

use access::{
    Who,
    cluster_identity::{self, By, Name, Resolved},
};
use facts::ClusterArn;
use rbac::{Permission, PolicyRule, Request, Scope, Subject};

use super::{Inquiry, candidates::is_on_namespaces, fleets_group};
use crate::diagnosis::change::{Change, Rules};

const API_GROUP: &str = "rbac.authorization.k8s.io";

/// Rules for whoever asks; where nothing of theirs can be bound, with a group for it.
pub(super) fn candidates(
    inquiry: &Inquiry<'_>,
    arn: &ClusterArn,
    who: &Who,
    request: &Request,
) -> Vec<Vec<Change>> {
    bound(inquiry, arn, who, |subject| rules(Some(arn.clone()), request, subject))
}

/// A change for a subject that stays the same, whatever the session; with a group for it where there is none. Where Oarlock has bound a group
/// for Argo CD's role that its access entry lacks, the entry is mended first.
pub(super) fn bound(
    inquiry: &Inquiry<'_>,
    arn: &ClusterArn,
    who: &Who,
    with: impl Fn(Subject) -> Change,
) -> Vec<Vec<Change>> {
    let Some(cluster) = inquiry.inventory.clusters.get(arn) else { return Vec::new() };
    let caller = match who {
        Who::Kubernetes(identity) => return vec![vec![with(subject(&identity.user))]],
        Who::Iam(caller) => caller,
    };
    // What hangs on one session's name can't be bound.
    let mut caller = caller.clone();
    caller.session = None;
    let Resolved::Identity(identity) = cluster_identity::resolve(cluster, &caller) else { return Vec::new() };
    if let Some((entry, group)) = fleets_group::mended(inquiry, arn, cluster, &identity) {
        return vec![vec![entry.clone()], vec![entry, with(named("Group", &group))]];
    }
    let fixed = identity.groups.iter().filter_map(Name::fixed).find(|group| !group.starts_with("system:"));
    if let Some(group) = fixed {
        return vec![vec![with(named("Group", group))]];
    }
    if let Some(user) = identity.username.fixed().filter(|user| !user.is_empty()) {
        return vec![vec![with(named("User", user))]];
    }
    let By::AccessEntry { principal, .. } = &identity.by else { return Vec::new() };
    let group = principal.rsplit('/').next().unwrap_or("argocd").to_owned();
    let (cluster, principal, groups) = (arn.clone(), principal.clone(), vec![group.clone()]);
    vec![vec![Change::EntryGroups { cluster, principal, groups }, with(named("Group", &group))]]
}

/// A role with the one rule, and its binding.
pub(crate) fn rules(cluster: Option<ClusterArn>, request: &Request, subject: Subject) -> Change {
    let permission = Permission::from(request);
    let namespace = match permission.scope() {
        Scope::Namespace(own) if !is_on_namespaces(request) => Some(own.to_string()),
        _ => None,
    };
    let rule = match &permission {
        Permission::NonResource { path, verb } => PolicyRule {
            non_resource_urls: vec![path.to_string()],
            verbs: vec![verb.to_string()],
            ..PolicyRule::default()
        },
        Permission::Resource { group, resource, verb, name, .. } => PolicyRule {
            api_groups: vec![group.to_string()],
            resources: vec![resource.to_string()],
            resource_names: name.iter().map(ToString::to_string).collect(),
            verbs: verbs(verb),
            ..PolicyRule::default()
        },
    };
    let name = name(&rule);
    Change::Rules(Rules { cluster, namespace, name, rules: vec![rule], subject })
}

/// Who lists by an informer watches next (client-go, tools/cache/reflector.go).
fn verbs(verb: &str) -> Vec<String> {
    if verb == "list" { vec!["list".to_owned(), "watch".to_owned()] } else { vec![verb.to_owned()] }
}

/// `argocd-list-configmaps`: names of objects are DNS subdomains.
fn name(rule: &PolicyRule) -> String {
    let words = rule.verbs.iter().take(1).chain(&rule.resources).chain(&rule.non_resource_urls);
    let text: String = words.flat_map(|word| format!("-{word}").chars().collect::<Vec<_>>()).collect();
    let text: String =
        text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
    format!("argocd-{}", parts.join("-"))
}

/// A user as a binding's subject.
pub(crate) fn subject(user: &str) -> Subject {
    match user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':')) {
        Some((namespace, name)) => Subject {
            kind: "ServiceAccount".to_owned(),
            api_group: String::new(),
            name: name.to_owned(),
            namespace: Some(namespace.to_owned()),
        },
        None => named("User", user),
    }
}

fn named(kind: &str, name: &str) -> Subject {
    Subject { kind: kind.to_owned(), api_group: API_GROUP.to_owned(), name: name.to_owned(), namespace: None }
}
