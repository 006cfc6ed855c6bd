//! Whether a role may assume another one, as far as its own policies say.
//!
//! A condition on what only the request knows, or a boundary, makes the answer unknown. Service control policies aren't in the
//! inventory at all.

use std::{collections::BTreeSet, sync::Arc};

use facts::RoleArn;
use iam::{AnyDocument, Context, Decision, Document, Effect, Kind, Layers, Policy, Principal, Request};
use inventory::{IamRole, Known};

use super::super::site::Site;

/// What the inventory says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum May {
    Yes,
    /// No statement of its policies allows it.
    No,
    /// Why it isn't known.
    Unknown(String),
}

/// Whether `role` may take `actions` on a spoke role whose trust policy names it.
pub(super) fn may(site: &Site<'_>, role: &RoleArn, actions: &[&str], spoke: &RoleArn) -> May {
    let accounts = site.inventory.map(|inventory| &inventory.accounts);
    let Some(account) = accounts.and_then(|accounts| accounts.get(&role.account)) else {
        return May::Unknown(format!("account {} isn't in the inventory", role.account));
    };
    let live = match &account.roles {
        Known::Gap(gap) => return May::Unknown(gap.cause.clone()),
        Known::Known(roles) => match roles.get(&role.name) {
            None => return May::Unknown("the role isn't in the inventory".to_owned()),
            Some(live) => live,
        },
    };
    if let Some(boundary) = &live.permissions_boundary {
        return May::Unknown(format!("its permissions boundary `{boundary}` isn't evaluated"));
    }
    let identity = match documents(live) {
        Ok(documents) => {
            documents.iter().map(|(name, document)| Arc::new(Policy::new(name, document))).collect()
        }
        Err(because) => return May::Unknown(because),
    };
    let trust = Arc::new(Policy::new("trust", &Document::role_trust([role], true)));
    let layers = Layers { identity, trust: Some(trust), ..Layers::default() };
    actions.iter().map(|action| one(&layers, role, action, spoke)).fold(May::Yes, worse)
}

/// The roles and patterns that a role's policies allow something on, as they are written.
pub(super) fn named_resources(live: &IamRole) -> BTreeSet<String> {
    let documents = documents(live).unwrap_or_default();
    let statements = documents.into_iter().flat_map(|(_, document)| document.statements);
    let allowed = statements.filter(|statement| statement.effect == Effect::Allow);
    allowed.filter_map(|statement| statement.resources?.only().cloned()).flatten().collect()
}

/// Of the request's context nothing is known.
fn one(layers: &Layers, role: &RoleArn, action: &str, spoke: &RoleArn) -> May {
    let principal = Principal::aws(&role.to_string());
    let request = Request::new(principal, action, &spoke.to_string(), None, Context::open([]));
    let explanation = layers.explain(&request);
    match explanation.decision {
        Decision::Allowed => May::Yes,
        Decision::ImplicitDeny | Decision::ExplicitDeny => May::No,
        Decision::Unknown => May::Unknown(format!(
            "its policies decide by {}, which isn't known",
            explanation.missing.join(", ")
        )),
    }
}

fn worse(a: May, b: May) -> May {
    match (a, b) {
        (May::No, _) | (_, May::No) => May::No,
        (May::Unknown(why), _) | (_, May::Unknown(why)) => May::Unknown(why),
        (May::Yes, May::Yes) => May::Yes,
    }
}

/// Its policies, by name.
fn documents(live: &IamRole) -> Result<Vec<(String, Document)>, String> {
    let mut all = Vec::new();
    let managed = live.managed_policies.iter().map(|(arn, document)| (arn, document.as_ref()));
    let inline = live.inline_policies.iter().map(|(name, document)| (name, Some(document)));
    for (name, document) in inline.chain(managed) {
        let document = document.ok_or_else(|| format!("its policy `{name}` wasn't read"))?;
        match AnyDocument::of(document.clone(), Kind::Identity) {
            AnyDocument::Legal(document) => all.push((name.clone(), document)),
            AnyDocument::Raw { because, .. } => {
                return Err(format!("its policy `{name}` is one that AWS would refuse: {because}"));
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPOKE: &str = "arn:aws:iam::444455556666:role/oarlock-hub-us-east-1-prod";

    fn decided(statements: serde_json::Value, account: &str) -> May {
        let role = format!("arn:aws:iam::{account}:role/hub").parse().unwrap();
        let text = serde_json::json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let policy = Policy::parse("own", &text, Kind::Identity).unwrap();
        let trust = Policy::new("trust", &Document::role_trust([&role], true));
        let layers =
            Layers { identity: vec![Arc::new(policy)], trust: Some(Arc::new(trust)), ..Layers::default() };
        one(&layers, &role, "sts:AssumeRole", &SPOKE.parse().unwrap())
    }

    #[test]
    fn an_allow_on_the_role_or_a_pattern_of_it_is_enough() {
        for (action, resource) in
            [("sts:AssumeRole", SPOKE), ("STS:assume*", "*"), ("*", "arn:aws:iam::*:role/oarlock-hub-*")]
        {
            let allow = serde_json::json!({"Effect": "Allow", "Action": action, "Resource": resource});
            assert_eq!(decided(allow, "111122223333"), May::Yes, "{action} {resource}");
        }
        for (action, resource) in
            [("sts:TagSession", "*"), ("sts:AssumeRole", "arn:aws:iam::*:role/argocd-*")]
        {
            let allow = serde_json::json!({"Effect": "Allow", "Action": action, "Resource": resource});
            assert_eq!(decided(allow.clone(), "111122223333"), May::No, "{action} {resource}");
            assert_eq!(decided(allow, "444455556666"), May::Yes, "the trust policy is enough");
        }
    }

    #[test]
    fn what_could_decide_otherwise_makes_it_unknown() {
        let allow = serde_json::json!({"Effect": "Allow", "Action": "sts:*", "Resource": "*"});
        let deny = serde_json::json!({"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
        let because = "its policies decide by aws:securetransport, which isn't known".to_owned();
        assert_eq!(decided(serde_json::json!([allow, deny]), "444455556666"), May::Unknown(because));
        let conditional = serde_json::json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceOrgID": "o-1"}}});
        assert!(matches!(decided(conditional, "111122223333"), May::Unknown(_)));
    }

    #[test]
    fn a_deny_that_concerns_it_is_a_no() {
        let allow = serde_json::json!({"Effect": "Allow", "Action": "sts:*", "Resource": "*"});
        let deny = serde_json::json!({"Effect": "Deny", "NotAction": "eks:*", "Resource": "*"});
        assert_eq!(decided(serde_json::json!([allow, deny]), "444455556666"), May::No);
    }
}
