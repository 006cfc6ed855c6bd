//! SelfSubjectAccessReview: whether the API server lets a need be, by all of its authorizers. EKS's own for access policies answers
//! here, too, though no list of rules shows it.
//!
//! A service account that Argo CD impersonates is impersonated here as well, by its name alone as Argo CD does it
//! (controller/sync.go, `Impersonate`): the API server adds its groups.

use access::{At, authorization::Authorizers, cluster_identity::Resolved};
use argocd::Identity;
use facts::{Gap, Outcome};
use rbac::{By, Permission, Request};
use serde_json::{Value, json};

use super::{Answer, Asking, Question, Subject, answer::words};
use crate::{
    cause::Cause,
    kubernetes::{Api, spec_of_review},
};

const PATH: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// Asks for each need that is to be asked.
pub(super) async fn answers(
    api: &Api,
    subject: &Subject,
    expected: &Resolved,
    authorizers: &Authorizers,
) -> Vec<Answer> {
    let as_user = impersonated(&subject.identity);
    let mut answers = Vec::new();
    for permission in &subject.asked {
        let request = Request::from(permission);
        let ours = ours(subject, expected, authorizers, &request);
        let review = api.review(PATH, &review_of(&request), as_user.as_deref()).await;
        let stop = review.as_ref().err().is_some_and(Cause::is_silence);
        answers.push(answer(subject, permission, &ours, review));
        if stop {
            break;
        }
    }
    answers
}

/// As whom Argo CD impersonates a service account.
pub fn impersonated(identity: &Identity) -> Option<String> {
    match identity {
        Identity::Impersonated { namespace, name } => {
            Some(rbac::Identity::service_account(namespace, name).user)
        }
        Identity::Controller | Identity::Server => None,
    }
}

fn ours(subject: &Subject, expected: &Resolved, authorizers: &Authorizers, request: &Request) -> Outcome<By> {
    match (&subject.identity, expected) {
        (Identity::Impersonated { namespace, name }, _) => {
            authorizers.decide_user(&rbac::Identity::service_account(namespace, name), request)
        }
        (_, Resolved::Identity(identity)) => authorizers.decide(identity, request),
        (_, Resolved::Nobody { .. }) => Outcome::NotAllowed,
        (_, Resolved::Unknown { missing }) => Outcome::Unknown { missing: missing.clone() },
    }
}

/// The review that asks whether a request is allowed.
pub fn review_of(request: &Request) -> Value {
    let spec = spec_of_review(request);
    json!({ "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec })
}

fn answer(
    subject: &Subject,
    permission: &Permission,
    ours: &Outcome<By>,
    review: Result<Value, Cause>,
) -> Answer {
    let asking = Asking {
        question: Question::AccessReview,
        at: At::Authorization,
        cluster: Some(subject.name.clone()),
        who: subject.who(),
        about: permission.to_string(),
    };
    let status = review.map(|review| review.get("status").cloned().unwrap_or_default());
    match status {
        Ok(status) => {
            let text = |field: &str| status.get(field).and_then(Value::as_str).unwrap_or_default();
            let allowed = status.get("allowed").and_then(Value::as_bool).unwrap_or_default();
            // An authorizer that failed has said nothing: that is no `no`.
            if !allowed && !text("evaluationError").is_empty() {
                let gap =
                    Gap::new(format!("whether the cluster allows {permission}"), text("evaluationError"));
                return asking.unasked(words(ours), gap);
            }
            asking.allowed(ours, allowed, text("reason"))
        }
        Err(cause) if cause.is("Forbidden") && impersonated(&subject.identity).is_some() => {
            Asking { at: At::Impersonation, ..asking }.allowed(ours, false, &cause.to_string())
        }
        Err(cause) => {
            let gap = Gap::new(format!("whether the cluster allows {permission}"), cause.to_string());
            asking.unasked(words(ours), gap)
        }
    }
}

#[cfg(test)]
mod tests {
    use rbac::Scope;

    use super::*;

    #[test]
    fn a_review_asks_what_the_api_server_would_be_asked() {
        let scope = Scope::Namespace("web".into());
        let permission = Permission::resource(scope, "apps", "deployments/scale", "patch").named("shop");
        let attributes = json!({
            "verb": "patch", "group": "apps", "resource": "deployments", "subresource": "scale",
            "namespace": "web", "name": "shop",
        });
        let review = review_of(&Request::from(&permission));
        assert_eq!(review["spec"]["resourceAttributes"], attributes);
        let path = review_of(&Request::from(&Permission::path("get", "/version")));
        assert_eq!(path["spec"]["nonResourceAttributes"], json!({"verb": "get", "path": "/version"}));
    }
}
