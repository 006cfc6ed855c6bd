//! Mappings of Argo CD's roles, taken out of the aws-auth ConfigMap: the lines of one role go, and all others stay as they were written.
//!
//! The graph has this after the gates: the access entry was seen, the cluster reviewed, and Argo CD came through by it.

use access::cluster_identity::aws_auth::{elements_of, without};
use facts::ClusterArn;
use http::Method;
use plan::Step;
use serde_json::{Value, json};

use super::{
    patience::{Seen, Trouble},
    world::World,
};

const PATH: &str = "/api/v1/namespaces/kube-system/configmaps/aws-auth";

/// Takes the mapping away if it is still what was read. The API server compares the version, so that nobody's change is lost: who has written
/// meanwhile is read again.
pub(super) async fn delete(world: &World<'_>, cluster: &ClusterArn, step: &Step) -> Result<(), Trouble> {
    let api = world.api(cluster).await?;
    let dry_run = if world.options.dry_run { "&dryRun=All" } else { "" };
    let patched = format!("{PATH}?fieldManager=oarlock{dry_run}");
    world
        .patience
        .until(|| async {
            let map = match api.read(PATH).await {
                Err(cause) if cause.is("NotFound") => return Ok(Seen::Yes(())),
                other => other?,
            };
            let Some(patch) = edit(&map, step)? else { return Ok(Seen::Yes(())) };
            match api.send(Method::PATCH, &patched, "application/merge-patch+json", &patch).await {
                Err(cause) if cause.is("Conflict") => {
                    Ok(Seen::No("somebody else is writing the aws-auth ConfigMap".to_owned()))
                }
                other => other.map(|_| Seen::Yes(())).map_err(Trouble::from),
            }
        })
        .await
}

/// The change of the ConfigMap as it is; none where the mapping isn't there any more.
fn edit(map: &Value, step: &Step) -> Result<Option<Value>, Trouble> {
    let text = map.pointer("/data/mapRoles").and_then(Value::as_str).unwrap_or_default();
    let there = elements_of(text, &step.object.name);
    if there.is_empty() {
        return Ok(None);
    }
    if !step.reads.iter().any(|read| read.is_of(&json!(there))) {
        return Err(Trouble::Unobserved("it maps the role otherwise by now, so plan again".to_owned()));
    }
    let left = without(text, &step.object.name).ok_or_else(|| {
        Trouble::Failed("`mapRoles` isn't written line by line: take the mapping out by hand".to_owned())
    })?;
    let version = map.pointer("/metadata/resourceVersion").cloned().unwrap_or(Value::Null);
    Ok(Some(json!({ "metadata": { "resourceVersion": version }, "data": { "mapRoles": left } })))
}

#[cfg(test)]
mod tests {
    use plan::{Action, Location, ObjectId, Owner, ROLE_MAPPING, Read};

    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/argocd";
    const OTHERS: &str = "- rolearn: arn:aws:iam::111122223333:role/nodes\n  username: node\n";

    fn map(role: &str) -> Value {
        json!({ "metadata": { "resourceVersion": "7" }, "data": { "mapRoles": format!("{OTHERS}{role}"), "mapUsers": "[]" } })
    }

    fn step(read: &Value) -> Step {
        let arn: ClusterArn = "arn:aws:eks:eu-west-1:111122223333:cluster/prod".parse().unwrap();
        let object = ObjectId {
            location: Location::Cluster(arn),
            kind: ROLE_MAPPING.to_owned(),
            name: ROLE.to_owned(),
        };
        let read = Read::of(object.clone(), read);
        Step {
            object,
            action: Action::Delete,
            reason: String::new(),
            after: Vec::new(),
            waits_for: Vec::new(),
            reads: vec![read],
            owner: Owner::Adopt,
            left_over: false,
            desired: None,
        }
    }

    #[test]
    fn only_what_was_read_is_taken_out_and_only_of_the_version_that_was_read() {
        let read = json!([{ "rolearn": ROLE, "username": "argocd" }]);
        let mapped = map(&format!("- rolearn: {ROLE}\n  username: argocd\n"));
        let expected = json!({ "metadata": { "resourceVersion": "7" }, "data": { "mapRoles": OTHERS } });
        assert_eq!(edit(&mapped, &step(&read)).unwrap(), Some(expected));
        assert_eq!(edit(&map(""), &step(&read)).unwrap(), None, "it is gone already");
        let changed = map(&format!("- rolearn: {ROLE}\n  username: people\n"));
        assert!(matches!(edit(&changed, &step(&read)), Err(Trouble::Unobserved(_))));
        let flow = json!({ "data": { "mapRoles": format!("[{{rolearn: {ROLE}, username: argocd}}]") } });
        assert!(matches!(edit(&flow, &step(&read)), Err(Trouble::Failed(_))));
    }
}
