//! The gate before a cluster Secret: whether the cluster knows the new role, and RBAC allows it what the plan grants.
//!
//! A SubjectAccessReview is answered by RBAC for the username and the groups that it names; what stands before that (who may assume the
//! role, from where) the plan's proof has decided.

use std::{
    collections::{BTreeSet, btree_map::BTreeMap},
    sync::Arc,
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::Method;
use rbac::Permission;
use serde_json::{Value, json};

use super::{
    Asked, Spoke, Who,
    iam_role::call,
    kubernetes::is_hidden,
    patience::{Seen, Trouble},
    world::World,
};
use crate::kubernetes::Api;

/// So many reviews are asked of a cluster at most: a plan may have thousands of needs, and they come from few rules.
const MOST: usize = 300;

/// So many at once.
const AT_ONCE: usize = 4;

pub(super) async fn verify(world: &World<'_>, spoke: &Spoke) -> Result<(), Trouble> {
    let api = world.api(&spoke.arn).await.map_err(|cause| Trouble::Unobserved(cause.to_string()))?;
    for asked in &spoke.asked {
        let user = user(world, spoke, &asked.who).await?;
        let reviews = reviews(asked, spoke.asked.len());
        let all = stream::iter(reviews).map(|permission| review(world, &api, &user, permission));
        all.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
    }
    Ok(())
}

/// A name and groups, as the cluster will know the caller.
struct User {
    name: String,
    groups: Vec<String>,
}

async fn user(world: &World<'_>, spoke: &Spoke, who: &Who) -> Result<User, Trouble> {
    let (principal, groups) = match who {
        Who::ServiceAccount { namespace, name } => {
            return Ok(User {
                name: format!("system:serviceaccount:{namespace}:{name}"),
                groups: vec![
                    "system:serviceaccounts".to_owned(),
                    format!("system:serviceaccounts:{namespace}"),
                    "system:authenticated".to_owned(),
                ],
            });
        }
        Who::Entry { principal, groups } => (principal, groups),
    };
    let client = world.eks(&spoke.arn).await.map_err(|cause| Trouble::Unobserved(cause.to_string()))?;
    let call = client.describe_access_entry().cluster_name(&spoke.arn.name).principal_arn(principal);
    let found = call!(call).map_err(|cause| {
        let text = format!("the access entry of `{principal}`: {cause}");
        if is_hidden(&cause) { Trouble::Unobserved(text) } else { Trouble::Failed(text) }
    })?;
    let Some(entry) = found.access_entry() else {
        return Err(Trouble::Unobserved(format!("EKS says nothing of the access entry of `{principal}`")));
    };
    let there: BTreeSet<&String> = entry.kubernetes_groups().iter().collect();
    if let Some(missing) = groups.iter().find(|group| !there.contains(group)) {
        return Err(Trouble::Failed(format!(
            "the access entry of `{principal}` lacks the group `{missing}`"
        )));
    }
    let mut groups = entry.kubernetes_groups().to_vec();
    groups.push("system:authenticated".to_owned());
    Ok(User { name: entry.username().unwrap_or_default().to_owned(), groups })
}

/// The needs of somebody, each once; of too many a sample that has something of every scope, since grants are made by scope.
fn reviews(asked: &Asked, askers: usize) -> Vec<Permission> {
    let most = MOST / askers.max(1);
    let all: BTreeSet<Permission> = asked.needs.iter().map(|need| need.permission.clone()).collect();
    if all.len() <= most {
        return all.into_iter().collect();
    }
    let mut by_scope: BTreeMap<rbac::Scope, Vec<Permission>> = BTreeMap::new();
    for permission in all {
        by_scope.entry(permission.scope().clone()).or_default().push(permission);
    }
    let mut sample = Vec::new();
    let mut round = 0;
    while sample.len() < most {
        let more: Vec<Permission> = by_scope.values().filter_map(|own| own.get(round).cloned()).collect();
        if more.is_empty() {
            break;
        }
        sample.extend(more.into_iter().take(most - sample.len()));
        round += 1;
    }
    sample
}

/// Asks until it is allowed: the API server's caches follow after a moment.
async fn review(
    world: &World<'_>,
    api: &Arc<Api>,
    user: &User,
    permission: Permission,
) -> Result<(), Trouble> {
    let body = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": spec(user, &permission),
    });
    let asked = world
        .patience
        .until(|| async {
            let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
            let answer = api.send(Method::POST, path, "application/json", &body).await;
            let answer =
                answer.map_err(|cause| Trouble::Unobserved(format!("access can't be reviewed: {cause}")))?;
            let allowed = answer.pointer("/status/allowed") == Some(&Value::Bool(true));
            Ok(if allowed { Seen::Yes(()) } else { Seen::No(String::new()) })
        })
        .await;
    asked.map_err(|trouble| match trouble {
        // The answer was no, to the end.
        Trouble::Unobserved(why) if why.starts_with(',') => {
            Trouble::Failed(format!("the API server doesn't allow `{permission}` to `{}`", user.name))
        }
        other => other,
    })
}

fn spec(user: &User, permission: &Permission) -> Value {
    let mut spec = json!({ "user": user.name, "groups": user.groups });
    let (field, attributes) = match permission {
        Permission::NonResource { path, verb } => {
            ("nonResourceAttributes", json!({ "path": path, "verb": verb }))
        }
        Permission::Resource { scope, group, resource, verb, name } => {
            let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            let attributes = json!({
                "namespace": scope.namespace().unwrap_or_default(), "verb": verb, "group": group,
                "version": "*", "resource": resource, "subresource": subresource,
                "name": name.as_deref().unwrap_or_default(),
            });
            ("resourceAttributes", attributes)
        }
    };
    if let Some(spec) = spec.as_object_mut() {
        spec.insert(field.to_owned(), attributes);
    }
    spec
}
