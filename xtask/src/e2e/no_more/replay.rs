//! Asks the API server once more for what Argo CD's own code asked for: whether it would still be allowed.

use std::collections::BTreeMap;

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

/// One thing that was allowed when Argo CD did it.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// A request, with its review.
    Asked { what: String, review: Value },
    /// Rules that were written, or a role that was bound: whoever did it had to hold them.
    Gave { what: String, identity: Identity, object: Value },
}

/// What Argo CD's code did for which it needed a grant: one deed of each kind is enough.
pub(super) fn deeds(case: &Case, played: &[Played], coverage: &Coverage, grant: &Grant) -> Result<Vec<Deed>> {
    let covers = |permission: &Permission| grant.permissions.iter().any(|own| own.covers(permission));
    let mut deeds = Vec::new();
    for (identity, asked) in &coverage.asked {
        for (permission, step) in asked.iter().filter(|(permission, _)| covers(permission)) {
            let what = format!("{step}: {identity}: {permission}");
            deeds.push(Deed::Asked { what, review: review(case, identity, permission)? });
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
            let Some(identity) = case.identity(&written.user) else { continue };
            let name = written.object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            let kind = written.object.get("kind").and_then(Value::as_str).unwrap_or_default();
            let what = format!("{}: {identity}: escalation check of {kind} {name}", step.step);
            deeds.push(Deed::Gave { what, identity, object: anew(&written.object) });
        }
    }
    Ok(deeds)
}

/// The roles that Applications brought and took away again, as they were last: who binds them once more finds them there.
pub(super) fn shipped(played: &[Played]) -> Vec<Value> {
    let written = played.iter().flat_map(|step| &step.record.written);
    let roles = written.filter(|written| matches!(written.what, Gift::Rules(_)));
    let by_name: BTreeMap<_, _> = roles
        .map(|role| {
            let field = |pointer: &str| role.object.pointer(pointer).cloned().unwrap_or_default();
            let metadata =
                json!({ "name": field("/metadata/name"), "namespace": field("/metadata/namespace") });
            (metadata.to_string(), parts(&role.object, metadata))
        })
        .collect();
    by_name.into_values().collect()
}

/// The first deed that is refused now.
pub(super) fn refused(cluster: &Kubectl, case: &Case, deeds: &[Deed]) -> Result<Option<String>> {
    let asked: Vec<(&str, &Value)> = deeds.iter().filter_map(Deed::review).collect();
    let reviews: Vec<Value> = asked.iter().map(|(_, review)| (*review).clone()).collect();
    if !reviews.is_empty() {
        let answers = cluster.create(&reviews, &[])?;
        if answers.len() != asked.len() {
            bail!("{} of {} reviews were answered", answers.len(), asked.len());
        }
        let is_denied = |answer: &Value| answer.pointer("/status/allowed") != Some(&Value::Bool(true));
        let mut both = asked.iter().zip(&answers);
        if let Some(((what, _), _)) = both.find(|(_, answer)| is_denied(answer)) {
            return Ok(Some((*what).to_owned()));
        }
    }
    for deed in deeds {
        if let Deed::Gave { what, identity, object } = deed
            && is_refused(cluster, case, identity, object)?
        {
            return Ok(Some(what.clone()));
        }
    }
    Ok(None)
}

/// Whether somebody may not create an RBAC object because of what it gives.
fn is_refused(cluster: &Kubectl, case: &Case, identity: &Identity, object: &Value) -> Result<bool> {
    let (user, groups) = who(case, identity);
    let mut arguments =
        vec!["--dry-run=server".to_owned(), "--validate=false".to_owned(), format!("--as={user}")];
    arguments.extend(groups.iter().map(|group| format!("--as-group={group}")));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match cluster.create(std::slice::from_ref(object), &arguments) {
        Ok(_) => Ok(false),
        Err(error)
            if error.to_string().contains("attempting to grant RBAC permissions not currently held") =>
        {
            Ok(true)
        }
        // That it may not create such objects at all is another grant's business.
        Err(error) if error.to_string().contains("cannot create resource") => Ok(false),
        Err(error) => Err(error.context(format!("asked for {object}"))),
    }
}

impl Deed {
    fn review(&self) -> Option<(&str, &Value)> {
        match self {
            Self::Asked { what, review } => Some((what, review)),
            Self::Gave { .. } => None,
        }
    }
}

fn who(case: &Case, identity: &Identity) -> (String, Vec<String>) {
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

/// The object under a name of its own, since a dry run may not meet the one that is there.
fn anew(object: &Value) -> Value {
    let namespace = object.pointer("/metadata/namespace").cloned().unwrap_or_default();
    parts(object, json!({ "generateName": "replayed-", "namespace": namespace }))
}

/// An RBAC object with other metadata.
fn parts(object: &Value, metadata: Value) -> Value {
    let kept = ["apiVersion", "kind", "rules", "roleRef", "subjects"];
    let kept = kept.iter().filter_map(|field| Some(((*field).to_owned(), object.get(*field)?.clone())));
    Value::Object(kept.chain([("metadata".to_owned(), metadata)]).collect())
}
