//! IAM policies: what a role may do, and what a document doesn't do though it seems to.

pub(crate) mod action_without_such_resource;
pub(crate) mod administrator_access;
pub(crate) mod allows_all_but;
pub(crate) mod allows_everything;
pub(crate) mod assume_any_role;
pub(crate) mod assumes_missing_role;
pub(crate) mod control_plane_policy;
pub(crate) mod key_of_other_actions;
pub(crate) mod never_matches;
pub(crate) mod operator_for_other_type;
pub(crate) mod pass_any_role;
pub(crate) mod pattern_without_action;
pub(crate) mod plain_wildcard;
pub(crate) mod policy_size;
pub(crate) mod privilege_escalation;
pub(crate) mod refused_by_aws;
pub(crate) mod service_wildcard;
pub(crate) mod unknown_action;
pub(crate) mod unknown_condition_key;
pub(crate) mod unneeded_by_argocd;

use std::fmt;

use facts::Severity;

use super::{
    check::{Facts, Sink},
    fix::{Fix, Source, is_misspelt},
    source::{Document, Key, Node, Spot},
    subject::{Policy, Scene, Statement, place},
};

/// What `iam`'s lint says, in its own words.
struct Advised<'s>(&'s iam::Advice);

impl fmt::Display for Advised<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Facts for Advised<'_> {
    fn severity(&self) -> Option<Severity> {
        matches!(self.0, iam::Advice::Size { .. }).then(|| self.0.severity())
    }

    fn help(&self) -> Vec<String> {
        self.0.help().into_iter().collect()
    }
}

/// Passes on the remarks that a check is about.
fn advised(scene: &Scene<'_>, sink: &mut Sink, is: impl Fn(&iam::Advice) -> bool) {
    mended(scene, sink, is, |_| None);
}

/// The same, with the edits that mend what some of them are about.
fn mended(
    scene: &Scene<'_>,
    sink: &mut Sink,
    is: impl Fn(&iam::Advice) -> bool,
    mend: impl Fn(&Remark<'_, '_>) -> Option<Fix>,
) {
    for policy in scene.policies() {
        for (advice, spot) in policy.remarks(scene.lints).iter().filter(|(advice, _)| is(advice)) {
            let source = scene.source(policy.file);
            let fix = source.and_then(|source| mend(&Remark { source, policy, advice, spot: *spot }));
            sink.mended(place(policy.file, *spot), &Advised(advice), fix);
        }
    }
}

/// A remark on a policy in a file that may be edited.
struct Remark<'a, 's> {
    source: &'a Source<'s>,
    policy: &'a Policy<'s>,
    advice: &'a iam::Advice,
    spot: Spot,
}

impl<'s> Remark<'_, 's> {
    /// The action that it is about, in the `Action` of its statement.
    fn action(&self, action: &str) -> Option<(Statement<'s>, &'s Node)> {
        self.policy.statements().find_map(|statement| {
            let is = |node: &&Node| node.at == self.spot && node.text() == Some(action);
            Some((statement, statement.values("Action").iter().find(is)?))
        })
    }

    /// The condition that it is about: operator, keys below it, and which of these.
    fn condition(&self, key: &str) -> Option<(Statement<'s>, &'s Node, &'s Key, &'s Key)> {
        self.policy.statements().find_map(|statement| {
            let operators = statement.node.get("Condition").map(Node::entries).unwrap_or_default();
            operators.iter().find_map(|(operator, keys)| {
                let is = |(each, values): &&(Key, Node)| {
                    each.text == key && (values.at == self.spot || each.at == self.spot)
                };
                let (key, _) = keys.entries().iter().find(is)?;
                Some((statement, keys, operator, key))
            })
        })
    }
}

/// Whether a statement is for every resource.
fn everywhere<'s>(statement: &Statement<'s>) -> Option<&'s Node> {
    statement.values("Resource").iter().find(|node| node.text() == Some("*"))
}

/// A managed policy that is attached to a role.
struct Attached<'s> {
    document: &'s Document,
    arn: &'s Node,
    role: Option<&'s str>,
    trust: Option<&'s Node>,
}

impl Attached<'_> {
    fn place(&self) -> facts::Place {
        place(&self.document.file, self.arn.at)
    }
}

/// As the AWS CLI and CloudFormation have them (a trust policy and attached policies side by side), and Terraform
/// (`aws_iam_role_policy_attachment`).
fn attached<'s>(scene: &Scene<'s>) -> Vec<Attached<'s>> {
    let mut found = Vec::new();
    for document in scene.texts.iter().flat_map(|text| &text.documents) {
        let mut open = vec![&document.root];
        while let Some(node) = open.pop() {
            open.extend(node.items());
            open.extend(node.entries().iter().map(|(_, value)| value));
            let role = ["RoleName", "name", "role"].into_iter().find_map(|key| node.text_at(key));
            let trust =
                ["AssumeRolePolicyDocument", "assume_role_policy"].into_iter().find_map(|key| node.get(key));
            let lists = ["AttachedManagedPolicies", "ManagedPolicyArns", "managed_policy_arns"];
            let listed = lists.into_iter().filter_map(|key| node.get(key)).filter(|_| trust.is_some());
            let listed = listed.flat_map(Node::items).map(|policy| policy.get("PolicyArn").unwrap_or(policy));
            let single = node.get("policy_arn").filter(|_| node.get("role").is_some());
            found.extend(listed.chain(single).map(|arn| Attached { document, arn, role, trust }));
        }
    }
    found
}
