//! IAM roles for service accounts: a token of the cluster's OIDC issuer is exchanged for a role's session (EKS User Guide, "IAM
//! roles for service accounts").

use facts::{Gap, RoleArn};
use iam::{Actor, ContextValue, Principal, Request};
use inventory::{IamRole, Known, KubernetesObject, OidcProvider};

use super::{Arrival, Pod};
use crate::{
    accounts::{Answer, Applying, NotThere, of_sdk},
    assume_role::target,
    credentials::Credentials,
    hop::{At, Hop},
};

/// The annotation by which a service account names its role, read by EKS's pod identity webhook.
pub const ROLE_ANNOTATION: &str = "eks.amazonaws.com/role-arn";

/// The audience that the webhook puts into tokens for IAM where no annotation says another one.
pub const STS_AUDIENCE: &str = "sts.amazonaws.com";

const AUDIENCE: &str = "eks.amazonaws.com/audience";
const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// The role that a service account names, as it is written.
pub fn annotation(object: &KubernetesObject) -> Option<String> {
    super::annotation(object, ROLE_ANNOTATION)
}

pub(super) fn credentials(pod: &Pod<'_>, object: &KubernetesObject, role: &str) -> Arrival {
    let at = At::ServiceAccount;
    let Ok(role) = role.parse::<RoleArn>() else {
        let why = format!("the annotation `{ROLE_ANNOTATION}` is `{role}`, which is no role's ARN");
        let hop = Hop::no(at, why).at_place(&object.place);
        return Arrival::ends(hop.changed_by(format!("set `{ROLE_ANNOTATION}` to the role's ARN")));
    };
    let audience = super::annotation(object, AUDIENCE);
    let hop = exchange(pod, &role, audience.as_deref().unwrap_or(STS_AUDIENCE)).unwrap_or_else(|hop| hop);
    if hop.passes == crate::Passes::No {
        return Arrival::ends(hop.at_place(&object.place));
    }
    let credentials = session(pod, role);
    Arrival { hops: vec![hop.at_place(&object.place)], credentials: Some(credentials) }
}

/// The credentials that a token for STS gets, whatever the service account is annotated with.
pub(super) fn by_token(pod: &Pod<'_>, role: &RoleArn) -> Arrival {
    let hop = exchange(pod, role, STS_AUDIENCE).unwrap_or_else(|hop| hop);
    let ends = hop.passes == crate::Passes::No;
    Arrival { hops: vec![hop], credentials: (!ends).then(|| session(pod, role.clone())) }
}

fn session(pod: &Pod<'_>, role: RoleArn) -> Credentials {
    let own = pod.accounts.role(&role).ok();
    let credentials = Credentials::of_role(role, Some(&pod.account.cluster.region));
    let Some(own) = own else { return credentials };
    let actor = Actor { tags: target(own).tags, ..credentials.actor.clone() };
    Credentials { actor, all_tags: true, ..credentials }
}

/// Whether the exchange succeeds; early where it can't, or can't be told.
fn exchange(pod: &Pod<'_>, role: &RoleArn, audience: &str) -> Result<Hop, Hop> {
    let at = At::ServiceAccount;
    let what = format!("whether pods get `{role}` by IRSA");
    let unknown = |gap: Gap| Hop::unknown(at, what.clone(), [gap]);
    let issuer = issuer(pod).map_err(|missing| match missing {
        Some(gap) => unknown(gap),
        None => Hop::no(at, "the cluster has no OIDC issuer"),
    })?;
    let account = pod.accounts.account(&role.account).map_err(unknown)?;
    let providers = match &account.oidc_providers {
        Known::Known(providers) => providers,
        Known::Gap(gap) => return Err(unknown(gap.clone())),
    };
    let provider = providers.get(&issuer).ok_or_else(|| {
        Hop::no(at, format!("account `{}` has no OIDC provider of `{issuer}`", role.account)).changed_by(
            format!(
                "aws iam create-open-id-connect-provider --url https://{issuer} --client-id-list {audience}"
            ),
        )
    })?;
    takes(provider, audience)?;
    let own = pod.accounts.role(role).map_err(|missing| match missing {
        NotThere::Absent => Hop::no(at, format!("account `{}` has no role `{role}`", role.account)),
        NotThere::Unread(gap) => unknown(gap),
    })?;
    Ok(asked(pod, own, provider, &issuer, audience))
}

/// The cluster's OIDC issuer without `https://`; the gap, or none where it has none.
fn issuer(pod: &Pod<'_>) -> Result<String, Option<Gap>> {
    let description = match &pod.cluster.description {
        Known::Known(description) => description,
        Known::Gap(gap) => return Err(Some(gap.clone())),
    };
    let issuer = description.oidc_issuer.as_deref().ok_or(None)?;
    Ok(issuer.trim_start_matches("https://").trim_end_matches('/').to_owned())
}

fn takes(provider: &OidcProvider, audience: &str) -> Result<(), Hop> {
    let at = At::ServiceAccount;
    match &provider.client_ids {
        Known::Known(ids) if ids.iter().any(|id| id == audience) => Ok(()),
        Known::Known(_) => {
            let why =
                format!("the OIDC provider `{}` takes no tokens for the audience `{audience}`", provider.arn);
            let change = format!(
                "aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn {} --client-id {audience}",
                provider.arn
            );
            Err(Hop::no(at, why).changed_by(change))
        }
        Known::Gap(gap) => Err(Hop::unknown(at, "which audiences the OIDC provider takes", [gap.clone()])),
    }
}

fn asked(pod: &Pod<'_>, role: &IamRole, provider: &OidcProvider, issuer: &str, audience: &str) -> Hop {
    let at = At::ServiceAccount;
    let subject = format!("system:serviceaccount:{}:{}", pod.account.namespace, pod.account.name);
    let one = |key: String, value: &str| (key, ContextValue::One(value.to_owned()));
    let none = |key: &str| (key.to_owned(), ContextValue::Many(Vec::new()));
    let mut keys = vec![
        one(format!("{issuer}:aud"), audience),
        one(format!("{issuer}:sub"), &subject),
        one("aws:FederatedProvider".to_owned(), &provider.arn),
        none("sts:SourceIdentity"),
        none("aws:TagKeys"),
    ];
    keys.extend(target(role).keys());
    keys.extend(pod.accounts.organization_keys(None, &role.arn.account));
    let context = keys.into_iter().fold(of_sdk(Some(&pod.account.cluster.region)), iam::Context::with);
    // A token has one issuer: keys of another are absent.
    let context = context.with_all_of(&format!("{issuer}:")).with_all_of("oidc.eks.");
    let principal = Principal::federated(&provider.arn);
    let resource = role.arn.to_string();
    let request = Request::new(principal, ACTION, &resource, Some(role.arn.account.as_str()), context);
    match pod.accounts.towards(Applying::default(), role).ask(&request) {
        Answer::Yes { by, places } => {
            Hop::yes(at, format!("`{}` by IRSA: {by}", role.arn)).decided_at(places)
        }
        Answer::Unknown(missing) => {
            Hop::unknown(at, format!("whether pods get `{}` by IRSA", role.arn), missing)
        }
        Answer::No { why, denied, places } => {
            let hop = Hop::no(at, format!("{ACTION} on `{}` for `{subject}`: {why}", role.arn));
            let hop = hop.decided_at(places);
            let change = format!(
                "let `{ACTION}` be allowed to `\"Federated\": \"{}\"` in the trust policy of `{}`, where `{issuer}:aud` is `{audience}` and `{issuer}:sub` is `{subject}`",
                provider.arn, role.arn
            );
            if denied { hop } else { hop.changed_by(change) }
        }
    }
}
