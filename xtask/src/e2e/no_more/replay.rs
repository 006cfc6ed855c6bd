//! Asks the API server once more for what Argo CD's own code asked for: whether it would still be allowed.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use rbac::Permission;
use serde_json::{Value, json};

use super::grant::Grant;
use crate::e2e::{
    audit::{Gift, Written},
    enough::{
        case::{Case, Identity},
        coverage::Coverage,
        steps::Played,
    },
    kubectl::Kubectl,
};

/// What was allowed when Argo CD did it, for which it needed a grant.
#[derive(Clone, Debug, Default)]
pub(super) struct Deeds {
    /// Requests.
    pub(super) asked: Vec<Asked>,
    /// Rules that were written, or roles that were bound: whoever did it had to hold them.
    pub(super) gave: Vec<Gave>,
}

/// A request, with its review.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) what: String,
    review: Value,
}

/// An RBAC object that somebody wrote.
#[derive(Clone, Debug)]
pub(super) struct Gave {
    what: String,
    identity: Identity,
    object: Value,
}

/// What Argo CD's code did for which it needed a grant, as somebody who has it.
pub(super) fn deeds(
    case: &Case,
    played: &[Played],
    coverage: &Coverage,
    grant: &Grant,
    holders: &BTreeSet<Identity>,
) -> Result<Deeds> {
    let covers = |permission: &Permission| grant.permissions.iter().any(|own| own.covers(permission));
    let mut deeds = Deeds::default();
    for (identity, asked) in coverage.asked.iter().filter(|(identity, _)| holders.contains(identity)) {
        for (permission, step) in asked.iter().filter(|(permission, _)| covers(permission)) {
            let what = format!("{step}: {identity}: {permission}");
            deeds.asked.push(Asked { what, review: review(case, identity, permission)? });
        }
    }
    let gives = |written: &Written| match &written.what {
        Gift::Rules(rules) => {
            let mut given = rules.iter().flat_map(|rule| rule.permissions(&written.scope));
            given.any(|given| grant.permissions.iter().any(|own| own.meet(&given).is_some()))
        }
        // What the role gives is on the API server; any grant may be among it.
        Gift::Bound { .. } => true,
    };
    for step in played {
        for written in step.record.written.iter().filter(|written| gives(written)) {
            let identity = case.identity(&written.user).filter(|identity| holders.contains(identity));
            let Some(identity) = identity else { continue };
            let name = written.object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            let kind = written.object.get("kind").and_then(Value::as_str).unwrap_or_default();
            let what = format!("{}: {identity}: escalation check of {kind} {name}", step.step);
            deeds.gave.push(Gave { what, identity, object: written.object.clone() });
        }
    }
    Ok(deeds)
}

/// The roles that Applications brought and took away again, as they were last, the aggregated ones filled: who binds them once more
/// finds them there.
pub(super) fn shipped(played: &[Played]) -> Vec<Value> {
    let written = played.iter().flat_map(|step| &step.record.written);
    let roles = written.filter(|written| matches!(&written.what, Gift::Rules(rules) if !rules.is_empty()));
    let by_name: BTreeMap<_, _> = roles
        .map(|role| again(&role.object))
        .map(|role| (role.pointer("/metadata").map(Value::to_string), role))
        .collect();
    by_name.into_values().collect()
}

/// Which requests would be refused now.
pub(super) fn refused<'d>(cluster: &Kubectl, asked: &[&'d Asked]) -> Result<Vec<&'d Asked>> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let reviews: Vec<Value> = asked.iter().map(|asked| asked.review.clone()).collect();
    let answers = cluster.create(&reviews, &[])?;
    if answers.len() != asked.len() {
        bail!("{} of {} reviews were answered", answers.len(), asked.len());
    }
    let is_denied = |answer: &Value| answer.pointer("/status/allowed") != Some(&Value::Bool(true));
    Ok(asked.iter().zip(&answers).filter(|(_, answer)| is_denied(answer)).map(|(asked, _)| *asked).collect())
}

/// The first RBAC object that whoever wrote it may not write now, in words.
pub(super) fn not_given<'d>(cluster: &Kubectl, case: &Case, gave: &'d [Gave]) -> Result<Option<&'d str>> {
    let mut by_identity: BTreeMap<&Identity, Vec<(&str, &Value)>> = BTreeMap::new();
    for Gave { what, identity, object } in gave {
        by_identity.entry(identity).or_default().push((what, object));
    }
    for (identity, given) in by_identity {
        if let Some(what) = not_held(cluster, case, identity, &given)? {
            return Ok(Some(what));
        }
    }
    Ok(None)
}

/// The first of some RBAC objects that somebody may not write because of what it gives; all are tried at once, under names of their
/// own. Whoever may create only what has a certain name, which an apply by the server says, writes it under that name once more.
fn not_held<'d>(
    cluster: &Kubectl,
    case: &Case,
    identity: &Identity,
    given: &[(&'d str, &Value)],
) -> Result<Option<&'d str>> {
    let (user, groups) = who(case, identity);
    let mut arguments =
        vec!["--dry-run=server".to_owned(), "--validate=false".to_owned(), format!("--as={user}")];
    arguments.extend(groups.iter().map(|group| format!("--as-group={group}")));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let others: Vec<Value> =
        given.iter().enumerate().map(|(number, (_, object))| anew(object, &name(number))).collect();
    let Err(error) = cluster.create(&others, &arguments) else { return Ok(None) };
    let what = refused_among(&error, given, &others)?;
    if what.is_some() || !error.to_string().contains(NOT_ALLOWED) {
        return Ok(what);
    }
    let same: Vec<Value> = given.iter().map(|(_, object)| again(object)).collect();
    let Err(error) = cluster.apply_as(&arguments, &same) else { return Ok(None) };
    refused_among(&error, given, &same)
}

/// Which of some objects was refused by the escalation check. That somebody may not write such objects at all is another grant's
/// business.
fn refused_among<'d>(
    error: &anyhow::Error,
    given: &[(&'d str, &Value)],
    written: &[Value],
) -> Result<Option<&'d str>> {
    let text = format!("{error:#}");
    let is_refused = |object: &Value| {
        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let quoted = format!("{kind}s.rbac.authorization.k8s.io \"{name}\" is forbidden");
        text.lines().any(|line| line.contains(&quoted) && line.contains(NOT_HELD))
    };
    if let Some(((what, _), _)) = given.iter().zip(written).find(|(_, object)| is_refused(object)) {
        return Ok(Some(what));
    }
    let expected = |line: &str| {
        !line.contains("Error from server")
            || line.contains(NOT_ALLOWED)
            || line.contains("cannot patch resource")
    };
    if text.lines().all(expected) { Ok(None) } else { bail!("{text}") }
}

/// What the API server says of somebody who may not create such objects.
const NOT_ALLOWED: &str = "cannot create resource";

/// What the API server says where the escalation check fails (pkg/registry/rbac/validation/rule.go).
const NOT_HELD: &str = "attempting to grant RBAC permissions not currently held";

/// User and groups. That everybody has one group more is nobody's grant.
pub(super) fn who(case: &Case, identity: &Identity) -> (String, Vec<String>) {
    match identity {
        Identity::Controller => (case.controller.user.clone(), case.controller.groups.clone()),
        Identity::Server => (case.argocd_server.user.clone(), case.argocd_server.groups.clone()),
        Identity::Impersonated { namespace, name } => (
            format!("system:serviceaccount:{namespace}:{name}"),
            vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")],
        ),
    }
}

fn review(case: &Case, identity: &Identity, permission: &Permission) -> Result<Value> {
    let (user, groups) = who(case, identity);
    let attributes = match permission {
        Permission::NonResource { path, verb } => {
            json!({ "nonResourceAttributes": { "path": path, "verb": verb } })
        }
        Permission::Resource { scope, group, resource, verb, name } => {
            let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            json!({ "resourceAttributes": {
                "namespace": scope.namespace().unwrap_or_default(), "verb": verb, "group": group,
                "resource": resource, "subresource": subresource, "name": name.as_deref().unwrap_or_default(),
            } })
        }
    };
    let mut spec = json!({ "user": user, "groups": groups });
    let (Some(spec_fields), Value::Object(attributes)) = (spec.as_object_mut(), attributes) else {
        bail!("a review without attributes")
    };
    spec_fields.extend(attributes);
    Ok(json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec,
    }))
}

/// The object under another name, since a dry run may not meet the one that is there.
fn anew(object: &Value, name: &str) -> Value {
    let namespace = object.pointer("/metadata/namespace").cloned().unwrap_or_default();
    parts(object, json!({ "name": name, "namespace": namespace }))
}

/// The object under its own name.
fn again(object: &Value) -> Value {
    let field = |pointer: &str| object.pointer(pointer).cloned().unwrap_or_default();
    parts(object, json!({ "name": field("/metadata/name"), "namespace": field("/metadata/namespace") }))
}

fn name(number: usize) -> String {
    format!("replayed-{number}")
}

/// An RBAC object with other metadata.
fn parts(object: &Value, metadata: Value) -> Value {
    let kept = ["apiVersion", "kind", "rules", "roleRef", "subjects"];
    let kept = kept.iter().filter_map(|field| Some(((*field).to_owned(), object.get(*field)?.clone())));
    Value::Object(kept.chain([("metadata".to_owned(), metadata)]).collect())
}
