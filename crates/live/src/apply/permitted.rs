//! The gate before a cluster Secret: whether the cluster knows the new role, and RBAC allows it what the plan grants.
//!
//! A SubjectAccessReview is answered by RBAC for the username and the groups that it names; what stands before that (who may assume the
//! role, from where) the plan's proof has decided.

use std::{
    collections::{BTreeSet, btree_map::BTreeMap},
    sync::Arc,
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rbac::{Identity, Permission, Request};
use serde_json::{Value, json};

use super::{
    Asked, Spoke, Who,
    iam_role::call,
    kubernetes::is_hidden,
    patience::{Seen, Trouble},
    world::World,
};
use crate::kubernetes::{Api, spec_of_review};

/// So many reviews are asked of a cluster at most: a plan may have thousands of needs, and they come from few rules.
const MOST: usize = 300;

/// So many at once.
const AT_ONCE: usize = 4;

pub(super) async fn verify(world: &World<'_>, spoke: &Spoke) -> Result<(), Trouble> {
    let api = world.api(&spoke.arn).await.map_err(|cause| Trouble::Unobserved(cause.to_string()))?;
    for asked in &spoke.asked {
        let user = user(world, spoke, &asked.who).await?;
        let mut reviews = reviews(asked, spoke.asked.len()).into_iter();
        // While the API server doesn't know what was written for the first, it needn't be asked about the others.
        if let Some(first) = reviews.next() {
            review(world, &api, &user, first).await?;
        }
        let all = stream::iter(reviews).map(|permission| review(world, &api, &user, permission));
        all.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
    }
    Ok(())
}

/// As the cluster will know the caller.
async fn user(world: &World<'_>, spoke: &Spoke, who: &Who) -> Result<Identity, Trouble> {
    let (principal, groups) = match who {
        Who::ServiceAccount { namespace, name } => {
            return Ok(Identity::service_account(namespace, name));
        }
        Who::Entry { principal, groups } => (principal, groups),
    };
    let client = world.eks(&spoke.arn).await.map_err(|cause| Trouble::Unobserved(cause.to_string()))?;
    // Whoever writes an entry leaves it to this to see it: EKS shows it after a while.
    world
        .patience
        .until(|| async {
            let call = client.describe_access_entry().cluster_name(&spoke.arn.name).principal_arn(principal);
            let found = match call!(call) {
                Ok(found) => found,
                Err(cause) => {
                    let text = format!("the access entry of `{principal}`: {cause}");
                    return if is_hidden(&cause) {
                        Err(Trouble::Unobserved(text))
                    } else if cause.is_absence() {
                        Ok(Seen::Wrong(text))
                    } else {
                        Err(Trouble::Failed(text))
                    };
                }
            };
            let Some(entry) = found.access_entry() else {
                let text = format!("EKS says nothing of the access entry of `{principal}`");
                return Err(Trouble::Unobserved(text));
            };
            let there: BTreeSet<&String> = entry.kubernetes_groups().iter().collect();
            Ok(match groups.iter().find(|group| !there.contains(group)) {
                Some(missing) => {
                    Seen::Wrong(format!("the access entry of `{principal}` lacks the group `{missing}`"))
                }
                None => {
                    Seen::Yes(Identity::user(entry.username().unwrap_or_default(), entry.kubernetes_groups()))
                }
            })
        })
        .await
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
    user: &Identity,
    permission: Permission,
) -> Result<(), Trouble> {
    let body = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": spec(user, &permission),
    });
    world
        .patience
        .until(|| async {
            let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
            let answer = api.review(path, &body, None).await;
            let answer =
                answer.map_err(|cause| Trouble::Unobserved(format!("access can't be reviewed: {cause}")))?;
            let allowed = answer.pointer("/status/allowed") == Some(&Value::Bool(true));
            let refused = || format!("the API server doesn't allow `{permission}` to `{}`", user.user);
            Ok(if allowed { Seen::Yes(()) } else { Seen::Wrong(refused()) })
        })
        .await
}

fn spec(user: &Identity, permission: &Permission) -> Value {
    let mut spec = spec_of_review(&Request::from(permission));
    if let Some(spec) = spec.as_object_mut() {
        spec.insert("user".to_owned(), json!(user.user));
        spec.insert("groups".to_owned(), json!(user.groups));
    }
    spec
}
