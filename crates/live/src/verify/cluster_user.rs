//! SelfSubjectReview: whom a cluster takes the caller for (Kubernetes docs, "API access to authentication information for a client").

use std::collections::BTreeSet;

use access::{
    At,
    cluster_identity::{Caller, ClusterIdentity, Resolved, resolve},
};
use facts::Gap;
use inventory::{Cluster, Inventory};
use rbac::Identity;
use serde_json::{Value, json};

use super::{Answer, Asking, Question, Subject, answer::Word};
use crate::{cause::Cause, kubernetes::Api};

const PATH: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

/// Whom a session ought to be on a cluster.
pub(super) fn expected(inventory: &Inventory, cluster: &Cluster, arn: &str) -> Resolved {
    let caller = access::caller(inventory, arn).map_err(|nobody| nobody.to_string());
    // A role that was collected and is gone, or one that wasn't: its session speaks for itself.
    let caller = caller.or_else(|_| Caller::new(arn).map_err(|error| error.to_string()));
    match caller {
        Ok(caller) => resolve(cluster, &caller),
        Err(cause) => Resolved::Unknown { missing: vec![Gap::new(format!("who `{arn}` is"), cause)] },
    }
}

/// Whom the cluster takes the caller for.
pub(super) async fn ask(api: &Api) -> Result<Identity, Cause> {
    let body = json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview" });
    api.review(PATH, &body, None).await.map(|review| user_of(&review))
}

/// Compares user and groups.
pub(super) fn compare(subject: &Subject, expected: &Resolved, seen: Result<Identity, Cause>) -> Answer {
    let asking = Asking {
        question: Question::ClusterUser,
        at: At::ClusterIdentity,
        cluster: Some(subject.name.clone()),
        who: subject.who(),
        about: "who it is on the cluster".to_owned(),
    };
    let words = match expected {
        Resolved::Identity(identity) => named(identity),
        Resolved::Nobody { .. } => "nobody".to_owned(),
        Resolved::Unknown { .. } => "not known".to_owned(),
    };
    match (expected, seen) {
        (Resolved::Identity(identity), Ok(seen)) => {
            let same = identity.rbac().is_some_and(|ours| ours == seen);
            let verdict = if same { Word::Holds } else { Word::Violated };
            asking.said(verdict, words, Some(shown(&seen)), Vec::new())
        }
        (Resolved::Nobody { .. }, Ok(seen)) => {
            asking.said(Word::Violated, words, Some(shown(&seen)), Vec::new())
        }
        (Resolved::Unknown { missing }, Ok(seen)) => {
            asking.said(Word::Unknown, words, Some(shown(&seen)), missing.clone())
        }
        (_, Err(cause)) if cause.is("Unauthorized") => {
            asking.said(Word::Violated, words, Some("nobody: Unauthorized".to_owned()), Vec::new())
        }
        (_, Err(cause)) => {
            let gap =
                Gap::new(format!("who the {} is on `{}`", subject.identity, subject.name), cause.to_string());
            asking.unasked(words, gap)
        }
    }
}

fn user_of(review: &Value) -> Identity {
    let user = review.pointer("/status/userInfo");
    let name = user.and_then(|user| user.get("username")?.as_str()).unwrap_or_default();
    let groups = user.and_then(|user| user.get("groups")?.as_array()).into_iter().flatten();
    let groups: BTreeSet<String> = groups.filter_map(|group| group.as_str().map(str::to_owned)).collect();
    Identity { user: name.to_owned(), groups }
}

fn named(identity: &ClusterIdentity) -> String {
    identity.rbac().map_or_else(|| format!("user `{}`", identity.username), |identity| shown(&identity))
}

fn shown(Identity { user, groups }: &Identity) -> String {
    let groups: Vec<String> = groups.iter().map(|group| format!("`{group}`")).collect();
    format!("user `{user}` in {}", groups.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(user: &str, groups: &[&str]) -> Identity {
        Identity { user: user.to_owned(), groups: groups.iter().map(|group| (*group).to_owned()).collect() }
    }

    fn word(expected: &Resolved, seen: Result<Identity, Cause>) -> Word {
        let subject = Subject {
            cluster: "arn:aws:eks:us-east-1:444455556666:cluster/prod".parse().unwrap(),
            name: "prod".to_owned(),
            identity: argocd::Identity::Controller,
            account: String::new(),
            roles: Vec::new(),
            hops: Vec::new(),
            asked: Vec::new(),
            needs: 0,
        };
        compare(&subject, expected, seen).verdict
    }

    #[test]
    fn users_are_read_with_their_groups() {
        let review = json!({"status": {"userInfo": {"username": "ann", "groups": ["b", "a"], "uid": "x"}}});
        assert_eq!(user_of(&review), identity("ann", &["a", "b"]));
    }

    #[test]
    fn somebody_where_nobody_was_expected_is_a_disagreement() {
        let ann = || Ok(identity("ann", &[]));
        let nobody = Resolved::Nobody { why: Vec::new() };
        let unknown = Resolved::Unknown { missing: vec![Gap::new("x", "y")] };
        assert_eq!(word(&nobody, ann()), Word::Violated);
        assert_eq!(word(&unknown, ann()), Word::Unknown);
        assert_eq!(word(&unknown, Err(Cause::coded("Unauthorized", "Unauthorized"))), Word::Violated);
        assert_eq!(word(&nobody, Err(Cause::silence("no answer"))), Word::Unknown);
    }
}
