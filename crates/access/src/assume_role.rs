//! The hop from one role to another: `AssumeRole`, which both sides have to allow, with the tags that sessions hand on.

use facts::RoleArn;
use iam::{Assumption, Passed, Role};
use inventory::IamRole;

use crate::{
    accounts::{Accounts, Answer, Applying, NotThere, of_sdk},
    credentials::{Credentials, Owner, SESSION},
    hop::{At, Hop},
};

/// Assumes a role, as `argocd-k8s-auth` does: without session tags, session policy and external id
/// (cmd/argocd-k8s-auth/commands/aws.go). No credentials where it ends; they are assumed where it isn't known.
pub(crate) fn assume(
    accounts: &Accounts<'_>,
    caller: &Credentials,
    role: &RoleArn,
) -> (Hop, Option<Credentials>) {
    let passed = Passed { session_name: SESSION.to_owned(), ..Passed::default() };
    let applying = accounts.of_caller(&caller.owner).with_session(&caller.policies);
    assume_with(accounts, applying, caller, role, passed, At::AssumeRole)
}

/// Assumes a role in some way.
pub(crate) fn assume_with(
    accounts: &Accounts<'_>,
    applying: Applying,
    caller: &Credentials,
    role: &RoleArn,
    passed: Passed,
    at: At,
) -> (Hop, Option<Credentials>) {
    let who = format!("`{}` as `{role}`", caller.name());
    if caller.owner.partition() != role.partition {
        return (Hop::no(at, format!("{who}: roles of other partitions can't be assumed")), None);
    }
    let there = match accounts.role(role) {
        Ok(there) => there,
        Err(NotThere::Absent) => {
            let why = format!("account `{}` has no role `{role}`", role.account);
            return (Hop::no(at, why).changed_by("name a role that exists, with its path"), None);
        }
        Err(NotThere::Unread(gap)) => {
            let after = Credentials::of_role(role.clone(), caller.region.as_deref());
            return (Hop::unknown(at, who, [gap]), Some(after));
        }
    };
    let assumption = Assumption { caller: caller.actor.clone(), role: target(there), passed };
    let hop =
        decide(accounts, &accounts.towards(applying, there), caller, &assumption, at).at_place(&there.place);
    let after = assumption.session().ok().map(|session| Credentials {
        owner: Owner::Role(role.clone()),
        actor: session.actor,
        policies: session.policies,
        all_tags: caller.all_tags,
        unknown_tags: caller.unknown_tags,
        region: caller.region.clone(),
    });
    (hop, after)
}

/// A role with what it says of itself.
pub(crate) fn target(role: &IamRole) -> Role {
    let tags = role.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    Role { tags, ..Role::new(role.arn.clone()) }
}

fn decide(
    accounts: &Accounts<'_>,
    applying: &Applying,
    caller: &Credentials,
    assumption: &Assumption,
    at: At,
) -> Hop {
    let role = &assumption.role.arn;
    let from = assumption.caller.principal.id();
    if let Some(refusal) = assumption.refusals().first() {
        return Hop::no(at, format!("`{from}` as `{role}`: {refusal}"));
    }
    let account = from.split(':').nth(4).and_then(|account| account.parse().ok());
    let mut context = of_sdk(caller.region.as_deref());
    for key in accounts.organization_keys(account.as_ref(), &role.account) {
        context = context.with(key);
    }
    if caller.all_tags {
        context = context.with_all_of("aws:PrincipalTag/");
    }
    for tag in caller.unknown_tags {
        context = context
            .with_unknown(&format!("aws:PrincipalTag/{tag}"))
            .with_unknown(&format!("aws:RequestTag/{tag}"));
    }
    for key in caller.chosen_keys() {
        context = context.with_unknown(key);
    }
    let (mut by, mut at_places, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for (action, request) in assumption.actions().zip(assumption.requests(&context)) {
        match applying.ask(&request) {
            Answer::Yes { by: statements, places } => {
                by.push(format!("{action} by {statements}"));
                at_places.extend(places);
            }
            Answer::Unknown(gaps) => missing.extend(gaps),
            Answer::No { why, denied, places } => {
                let hop = Hop::no(at, format!("{action} on `{role}` by `{}`: {why}", caller.name()));
                let hop = hop.decided_at(places);
                return if denied { hop } else { hop.changed_by(change(caller, role, action)) };
            }
        }
    }
    if missing.is_empty() {
        Hop::yes(at, format!("`{role}`: {}", by.join("; "))).decided_at(at_places)
    } else {
        Hop::unknown(at, format!("whether `{}` may assume `{role}`", caller.name()), missing)
    }
}

/// Both sides where the accounts differ; within one the trust policy that names the role is enough, as it is for a service.
fn change(caller: &Credentials, role: &RoleArn, action: &str) -> String {
    let kind = if caller.is_of_service() { "Service" } else { "AWS" };
    let trust = format!(
        "let `{action}` be allowed to `\"{kind}\": \"{}\"` in the trust policy of `{role}`",
        caller.name()
    );
    if caller.is_of_service() || *caller.owner.account() == role.account {
        return trust;
    }
    format!("{trust}, and on `{role}` in a policy of `{}`", caller.owner)
}
