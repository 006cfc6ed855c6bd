//! SelfSubjectRulesReview: the rules by which the cluster itself decides, against those that were collected.
//!
//! It lists RBAC's rules. Authorizers that can't list theirs make it incomplete, as EKS's for access policies always does
//! (Kubernetes docs, "Authorization", SelfSubjectRulesReview): what it has then counts, and what it lacks says nothing.

use std::collections::BTreeSet;

use access::{
    At,
    authorization::Authorizers,
    cluster_identity::{ClusterIdentity, Resolved},
};
use argocd::Identity;
use facts::{Gap, Verdict};
use rbac::{Held, Permission, PermissionSet, PolicyRule, Scope};
use serde_json::{Value, json};

use super::{Answer, Asking, Question, Subject, access_review::impersonated, answer::Word};
use crate::{cause::Cause, kubernetes::Api};

const PATH: &str = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";

/// So many namespaces are asked about of each identity on a cluster.
const NAMESPACES: usize = 5;

/// What somebody holds by what was collected.
struct Ours {
    /// By RBAC: all of it has to be in the review.
    rbac: Held,
    /// By RBAC and access policies: nothing else may be in the review.
    all: Held,
}

/// Asks about the namespaces of the needs.
pub(super) async fn answers(
    api: &Api,
    subject: &Subject,
    expected: &Resolved,
    authorizers: &Authorizers,
) -> Vec<Answer> {
    let Some(ours) = ours(&subject.identity, expected, authorizers) else { return Vec::new() };
    let namespaces: BTreeSet<&str> =
        subject.asked.iter().filter_map(|permission| permission.scope().namespace()).collect();
    let mut answers = Vec::new();
    for namespace in namespaces.into_iter().take(NAMESPACES) {
        let body = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": { "namespace": namespace },
        });
        let review = api.review(PATH, &body, impersonated(&subject.identity).as_deref()).await;
        answers.push(answer(subject, namespace, &ours, review));
    }
    answers
}

fn ours(identity: &Identity, expected: &Resolved, authorizers: &Authorizers) -> Option<Ours> {
    match (identity, expected) {
        (Identity::Impersonated { namespace, name }, _) => {
            let held = authorizers.held_by_rbac(&rbac::Identity::service_account(namespace, name));
            Some(Ours { rbac: held.clone(), all: held })
        }
        (_, Resolved::Identity(identity)) => of_caller(identity, authorizers),
        (_, Resolved::Nobody { .. } | Resolved::Unknown { .. }) => None,
    }
}

fn of_caller(identity: &ClusterIdentity, authorizers: &Authorizers) -> Option<Ours> {
    let rbac = authorizers.held_by_rbac(&identity.rbac()?);
    Some(Ours { rbac, all: authorizers.held(identity, None) })
}

fn answer(subject: &Subject, namespace: &str, ours: &Ours, review: Result<Value, Cause>) -> Answer {
    let asking = Asking {
        question: Question::RulesReview,
        at: At::Authorization,
        cluster: Some(subject.name.clone()),
        who: subject.who(),
        about: format!("its rules in namespace {namespace}"),
    };
    let expected = "the rules that were collected";
    let unasked =
        |cause: String| Gap::new(format!("the rules in namespace {namespace} of `{}`", subject.name), cause);
    let status = match review.map(|review| review.get("status").cloned().unwrap_or_default()) {
        Ok(status) => status,
        Err(cause) => return asking.unasked(expected, unasked(cause.to_string())),
    };
    let scope = Scope::Namespace(namespace.into());
    let Some(theirs) = rules(&scope, &status) else {
        return asking.unasked(expected, unasked("the answer is not what was asked for".to_owned()));
    };
    let incomplete = status.get("incomplete").and_then(Value::as_bool).unwrap_or_default();
    let (verdict, answered, missing) = together(&scope, ours, &theirs, incomplete);
    asking.said(verdict, expected.to_owned(), Some(answered), missing)
}

fn rules(scope: &Scope, status: &Value) -> Option<PermissionSet> {
    let rules: Vec<PolicyRule> = match status.get("resourceRules") {
        None | Some(Value::Null) => Vec::new(),
        Some(rules) => serde_json::from_value(rules.clone()).ok()?,
    };
    Some(PermissionSet::of_rules(scope, &rules))
}

fn together(
    scope: &Scope,
    ours: &Ours,
    theirs: &PermissionSet,
    incomplete: bool,
) -> (Word, String, Vec<Gap>) {
    let mut here = PermissionSet::new();
    here.insert(Permission::resource(scope.clone(), "*", "*", "*"));
    let (by_rbac, by_all) = (ours.rbac.permissions.intersection(&here), &ours.all.permissions);
    if let Verdict::Violated { witness } = by_all.covers(theirs) {
        let answered = format!("more: {witness}");
        // What wasn't read may be what grants it.
        return match ours.all.unknown.as_slice() {
            [] => (Word::Violated, answered, Vec::new()),
            unknown => (Word::Unknown, answered, unknown.to_vec()),
        };
    }
    match theirs.covers(&by_rbac) {
        Verdict::Violated { witness } if incomplete => {
            let gap = Gap::new(
                format!("whether a rule allows {witness}"),
                "the cluster says that its answer is incomplete",
            );
            (Word::Unknown, format!("incomplete, without {witness}"), vec![gap])
        }
        Verdict::Violated { witness } => (Word::Violated, format!("less: not {witness}"), Vec::new()),
        Verdict::Holds => (Word::Holds, "the same".to_owned(), Vec::new()),
        Verdict::Unknown { missing } => (Word::Unknown, "not to be compared".to_owned(), missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(verbs: &[&str]) -> Held {
        let scope = Scope::Namespace("web".into());
        let mut permissions = PermissionSet::new();
        for verb in verbs {
            permissions.insert(Permission::resource(scope.clone(), "", "pods", verb));
        }
        Held { permissions, unknown: Vec::new() }
    }

    fn word(ours: &[&str], verbs: &[&str], incomplete: bool) -> Word {
        let scope = Scope::Namespace("web".into());
        let status = json!({"resourceRules": [{"verbs": verbs, "apiGroups": [""], "resources": ["pods"]}]});
        let ours = Ours { rbac: held(ours), all: held(ours) };
        together(&scope, &ours, &rules(&scope, &status).unwrap(), incomplete).0
    }

    #[test]
    fn an_incomplete_answer_lacks_nothing_for_certain() {
        assert_eq!(word(&["get", "list"], &["list", "get"], false), Word::Holds);
        assert_eq!(word(&["get", "list"], &["list", "get"], true), Word::Holds);
        assert_eq!(word(&["get", "list"], &["get"], false), Word::Violated);
        assert_eq!(word(&["get", "list"], &["get"], true), Word::Unknown);
        // What it has, it has.
        assert_eq!(word(&["get"], &["get", "list"], true), Word::Violated);
    }

    #[test]
    fn what_may_come_from_what_was_not_read_is_unknown() {
        let scope = Scope::Namespace("web".into());
        let mut all = held(&["get"]);
        all.unknown.push(Gap::new("the roles", "AccessDenied"));
        let ours = Ours { rbac: held(&["get"]), all };
        let theirs = held(&["get", "list"]).permissions;
        assert_eq!(together(&scope, &ours, &theirs, false).0, Word::Unknown);
    }
}
