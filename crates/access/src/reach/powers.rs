//! What IAM and EKS let somebody change, so that more is his: policies and trust of roles, roles that services are handed, access
//! entries (IAM User Guide, "Grant a user permissions to pass a role to an AWS service"; DataDog, pathfinding.cloud; EKS User Guide,
//! "Grant IAM users access to Kubernetes with EKS access entries").

mod clusters;
mod policies;

use std::{collections::BTreeMap, sync::Arc};

use facts::{AccountId, RoleArn};
use iam::{ContextValue, Request};
use inventory::IamRole;

use super::{
    aws::Session,
    principal::Principal,
    walk::{Found, Has, Map, NodeId, Steps},
};
use crate::{
    accounts::{Answer, Applying, of_sdk},
    assume_role::target,
    credentials::Credentials,
};

/// The actions that all of this begins with.
const CHANGES: [&str; 14] = [
    "iam:PutRolePolicy",
    "iam:AttachRolePolicy",
    "iam:PutUserPolicy",
    "iam:AttachUserPolicy",
    "iam:PutGroupPolicy",
    "iam:AttachGroupPolicy",
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:PassRole",
    "eks:CreateAccessEntry",
    "eks:UpdateAccessEntry",
    "eks:AssociateAccessPolicy",
    "eks:CreatePodIdentityAssociation",
];

/// All that may be changed.
pub(super) fn add(map: &Map<'_>, from: NodeId, session: &Session, applying: &Applying, steps: &mut Steps) {
    if !CHANGES.iter().any(|action| applying.may_allow(action)) {
        return;
    }
    // Of a role of which a policy wasn't read it could be anything.
    if !applying.gaps().is_empty() && !session.administers {
        return steps.unknown(from, applying.gaps().iter().cloned());
    }
    let asking = Asking { map, from, session, applying };
    asking.policies(steps);
    asking.trust(steps);
    asking.passing(steps);
    for cluster in map.index.clusters_of(session.credentials.owner.account()) {
        asking.entries(cluster, steps);
        asking.associations(cluster, steps);
    }
}

struct Asking<'a, 'i> {
    map: &'a Map<'i>,
    from: NodeId,
    session: &'a Session,
    applying: &'a Applying,
}

type Keys = Vec<(&'static str, String)>;

impl<'i> Asking<'_, 'i> {
    fn credentials(&self) -> &Credentials {
        &self.session.credentials
    }

    fn account(&self) -> &AccountId {
        self.credentials().owner.account()
    }

    /// What AWS answers to one call.
    fn ask(
        &self,
        action: &str,
        resource: &str,
        keys: Keys,
        tags: Option<&BTreeMap<String, String>>,
    ) -> Answer {
        if !self.applying.may_allow(action) {
            return Answer::No { why: String::new(), denied: false, places: Vec::new() };
        }
        let credentials = self.credentials();
        let mut context = of_sdk(credentials.region.as_deref());
        context = credentials.actor.keys().into_iter().fold(context, iam::Context::with);
        let own = self.map.accounts.organization_keys(Some(self.account()), self.account());
        context = own.into_iter().fold(context, iam::Context::with);
        for (key, value) in tags.into_iter().flatten() {
            for of in ["aws", "iam"] {
                context = context.with((format!("{of}:ResourceTag/{key}"), ContextValue::One(value.clone())));
            }
        }
        if credentials.all_tags {
            context = context.with_all_of("aws:PrincipalTag/");
        }
        for tag in credentials.unknown_tags {
            context = context.with_unknown(&format!("aws:PrincipalTag/{tag}"));
        }
        for (key, value) in keys {
            context = context.with((key.to_owned(), ContextValue::One(value)));
        }
        let principal = credentials.actor.principal.clone();
        self.applying.ask(&Request::new(principal, action, resource, Some(self.account().as_str()), context))
    }

    /// A step that takes all of these calls; none where one of them is refused.
    fn step(
        &self,
        to: Principal,
        how: &'static str,
        calls: impl IntoIterator<Item = (String, Answer)>,
    ) -> Option<Found> {
        let (mut by, mut missing) = (Vec::new(), Vec::new());
        for (call, answer) in calls {
            match answer {
                Answer::Yes { by: statements, .. } => by.push(format!("{call} by {statements}")),
                Answer::Unknown(gaps) => {
                    by.push(call);
                    missing.extend(gaps);
                }
                Answer::No { .. } => return None,
            }
        }
        Some(Found::new(self.from, to, how, by.join("; ")).missing(missing))
    }

    fn pass(&self, role: &'i IamRole, service: &str) -> (String, Answer) {
        let keys = vec![("iam:PassedToService", service.to_owned())];
        let answer = self.ask("iam:PassRole", &role.arn.to_string(), keys, Some(&role.tags));
        (format!("iam:PassRole on `{}` to {service}", role.arn), answer)
    }

    fn iam(&self, role: &RoleArn) -> Principal {
        Principal::Iam { arn: role.to_string().into(), tags: Arc::from("") }
    }

    fn as_role(&self, role: &IamRole) -> Has {
        let credentials = Credentials::of_role(role.arn.clone(), self.credentials().region.as_deref());
        let actor = iam::Actor { tags: target(role).tags, ..credentials.actor.clone() };
        Session::of(Credentials { actor, all_tags: true, ..credentials })
    }
}
