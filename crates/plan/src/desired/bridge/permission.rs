//! Whether a role may assume another one, as far as its own policies say.
//!
//! No evaluation of IAM: whatever could decide otherwise (a condition, a deny, a boundary, an element without a type)
//! makes the answer unknown. Service control policies aren't in the inventory at all.

use std::collections::BTreeSet;

use facts::RoleArn;
use iam::{AnyDocument, Effect, Statement};
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
    let statements = match statements(live) {
        Ok(statements) => statements,
        Err(because) => return May::Unknown(because),
    };
    let spoke_arn = spoke.to_string();
    let all =
        actions.iter().map(|action| one(&statements, action, &spoke_arn, role.account == spoke.account));
    all.fold(May::Yes, worse)
}

/// The roles and patterns that a role's policies allow something on, as they are written.
pub(super) fn named_resources(live: &IamRole) -> BTreeSet<String> {
    let statements = statements(live).unwrap_or_default();
    let allowed = statements.into_iter().filter(|statement| statement.effect == Effect::Allow);
    allowed.flat_map(|statement| statement.resources).collect()
}

/// Within an account the trust policy alone is enough, as it names the role itself (IAM User Guide, "Policy evaluation
/// logic").
fn one(statements: &[Statement], action: &str, resource: &str, same_account: bool) -> May {
    let about: Vec<&Statement> =
        statements.iter().filter(|statement| is_about(statement, action, resource)).collect();
    let mut denying = about.iter().filter(|statement| statement.effect == Effect::Deny);
    if denying.next().is_some() {
        return May::Unknown("one of its policies has a `Deny` that may concern it".to_owned());
    }
    if same_account || about.iter().any(|statement| statement.conditions.is_empty()) {
        May::Yes
    } else if about.is_empty() {
        May::No
    } else {
        May::Unknown("its policies allow it under conditions, which aren't evaluated".to_owned())
    }
}

fn worse(a: May, b: May) -> May {
    match (a, b) {
        (May::No, _) | (_, May::No) => May::No,
        (May::Unknown(why), _) | (_, May::Unknown(why)) => May::Unknown(why),
        (May::Yes, May::Yes) => May::Yes,
    }
}

fn is_about(statement: &Statement, action: &str, resource: &str) -> bool {
    let action = action.to_ascii_lowercase();
    statement
        .actions
        .iter()
        .any(|pattern| matches(pattern.to_ascii_lowercase().as_bytes(), action.as_bytes()))
        && statement.resources.iter().any(|pattern| matches(pattern.as_bytes(), resource.as_bytes()))
}

fn statements(live: &IamRole) -> Result<Vec<Statement>, String> {
    let mut all = Vec::new();
    let managed = live.managed_policies.iter().map(|(arn, document)| (arn, document.as_ref()));
    let inline = live.inline_policies.iter().map(|(name, document)| (name, Some(document)));
    for (name, document) in inline.chain(managed) {
        let document = document.ok_or_else(|| format!("its policy `{name}` wasn't read"))?;
        match AnyDocument::of(document.clone()) {
            AnyDocument::Modelled(document) => all.extend(document.statements),
            AnyDocument::Raw { because, .. } => return Err(format!("its policy `{name}` has {because}")),
        }
    }
    Ok(all)
}

/// `*` stands for any text, `?` for one character (IAM User Guide, "IAM JSON policy elements: Resource").
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), None) => matches(rest, text),
        (Some((b'*', rest)), Some((_, later))) => matches(rest, text) || matches(pattern, later),
        (Some((b'?', rest)), Some((_, later))) => matches(rest, later),
        (Some((wanted, rest)), Some((seen, later))) => wanted == seen && matches(rest, later),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPOKE: &str = "arn:aws:iam::444455556666:role/oarlock-hub-us-east-1-prod";

    fn decided(statements: serde_json::Value, same_account: bool) -> May {
        let document = iam::Document::from_json(&serde_json::json!({
            "Version": "2012-10-17", "Statement": statements
        }));
        one(&document.unwrap().statements, "sts:AssumeRole", SPOKE, same_account)
    }

    #[test]
    fn an_allow_on_the_role_or_a_pattern_of_it_is_enough() {
        for (action, resource) in
            [("sts:AssumeRole", SPOKE), ("STS:assume*", "*"), ("*", "arn:aws:iam::*:role/oarlock-hub-*")]
        {
            let allow = serde_json::json!({"Effect": "Allow", "Action": action, "Resource": resource});
            assert_eq!(decided(allow, false), May::Yes, "{action} {resource}");
        }
        for (action, resource) in
            [("sts:TagSession", "*"), ("sts:AssumeRole", "arn:aws:iam::*:role/argocd-*")]
        {
            let allow = serde_json::json!({"Effect": "Allow", "Action": action, "Resource": resource});
            assert_eq!(decided(allow.clone(), false), May::No, "{action} {resource}");
            assert_eq!(decided(allow, true), May::Yes, "the trust policy is enough");
        }
    }

    #[test]
    fn what_could_decide_otherwise_makes_it_unknown() {
        let allow = serde_json::json!({"Effect": "Allow", "Action": "sts:*", "Resource": "*"});
        let deny = serde_json::json!({"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
        assert!(matches!(decided(serde_json::json!([allow, deny]), true), May::Unknown(_)));
        let conditional = serde_json::json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceOrgID": "o-1"}}});
        assert!(matches!(decided(conditional, false), May::Unknown(_)));
    }
}
