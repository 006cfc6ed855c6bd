//! Permissions of Argo CD's roles that it doesn't use, and that give more than it seems.

use facts::{Finding, Severity};
use inventory::IamRole;
use serde_json::Value;

use super::{allowing, strings, warning};

/// Each gives its holder whatever IAM has to give (the escalation paths that pathfinding.cloud lists under IAM).
const IAM_WRITES: [&str; 12] = [
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
];

/// AWS managed policies that allow them; `get-account-authorization-details` doesn't always have their documents.
const ADMINISTRATORS: [&str; 2] = ["AdministratorAccess", "IAMFullAccess"];

/// What EKS itself and its nodes need in AWS (EKS User Guide, "AWS managed policies for Amazon Elastic Kubernetes
/// Service"). None of it gives anything in Kubernetes.
const OF_EKS_ITSELF: [&str; 4] = [
    "AmazonEKSClusterPolicy",
    "AmazonEKSServicePolicy",
    "AmazonEKSVPCResourceController",
    "AmazonEKSWorkerNodePolicy",
];

const NOTHING: &str = "the plan's roles hold `sts:AssumeRole` on the spokes' roles, or no permission at all: a token for a cluster is \
    signed locally, its endpoint and certificate authority stand in the cluster Secret";

pub(super) fn of(role: &IamRole) -> Vec<Finding> {
    let mut findings = Vec::new();
    let inline = role.inline_policies.iter().map(|(name, document)| (name.as_str(), Some(document)));
    let managed = role.managed_policies.iter().map(|(arn, document)| (name(arn), document.as_ref()));
    for (policy, document) in inline.chain(managed) {
        let allowed = document.map(allowed).unwrap_or_default();
        let writes: Vec<&str> =
            IAM_WRITES.into_iter().filter(|write| allowed.iter().any(|a| covers(a, write))).collect();
        let known_administrator = document.is_none() && ADMINISTRATORS.contains(&policy);
        if let Some(first) = writes.first().copied().or(known_administrator.then_some("iam:AttachRolePolicy"))
        {
            let message = format!(
                "role `{}`, as which Argo CD acts, may `{first}` by policy `{policy}`: so it can give itself every permission in the account, and Argo CD calls nothing in IAM",
                role.arn
            );
            findings.push(warning("role-may-write-iam", role, message).with_help(NOTHING));
        } else if let Some(eks) = allowed.iter().find(|action| service(action).eq_ignore_ascii_case("eks")) {
            let message =
                format!("role `{}` may `{eks}` by policy `{policy}`, which Argo CD never calls", role.arn);
            let finding = Finding::new("role-may-call-eks", Severity::Note, message);
            findings.push(finding.at(role.place.clone()).with_help(NOTHING));
        }
        if OF_EKS_ITSELF.contains(&policy) {
            let message = format!(
                "role `{}`, as which Argo CD acts, has `{policy}`, which is for EKS itself or its nodes and gives nothing in Kubernetes",
                role.arn
            );
            let help = "what a role may do in a cluster its access entry says, by Kubernetes groups";
            findings.push(warning("role-has-policy-of-eks", role, message).with_help(help));
        }
    }
    findings
}

fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Patterns of the actions that a document allows. `NotAction` allows nearly everything: `*` stands for it.
fn allowed(document: &Value) -> Vec<&str> {
    allowing(document)
        .flat_map(|statement| match statement.get("NotAction") {
            Some(_) => vec!["*"],
            None => strings(statement.get("Action")),
        })
        .collect()
}

fn service(action: &str) -> &str {
    action.split(':').next().unwrap_or_default()
}

/// Whether an action matches a pattern with `*` and `?`, in any case (IAM User Guide, "IAM JSON policy elements: Action").
/// Takes time in proportion to both lengths at most, whatever the pattern.
fn covers(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    let (mut at, mut seen) = (0, 0);
    // The last `*`, and where the text that it stands for ends so far.
    let mut star: Option<(usize, usize)> = None;
    while let Some(character) = action.get(seen) {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at, seen));
                at += 1;
            }
            (Some(wanted), _) if *wanted == b'?' || wanted.eq_ignore_ascii_case(character) => {
                at += 1;
                seen += 1;
            }
            (_, Some((there, ends))) => {
                star = Some((there, ends + 1));
                (at, seen) = (there + 1, ends + 1);
            }
            (_, None) => return false,
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_iam_matches_them() {
        for pattern in ["*", "iam:*", "IAM:attachrolepolicy", "iam:Attach*Policy", "iam:?ttach*", "iam:A**y"]
        {
            assert!(covers(pattern, "iam:AttachRolePolicy"), "{pattern}");
        }
        for pattern in ["iam:Attach", "iam:AttachRolePolicy?", "eks:*", "", "iam:*Role"] {
            assert!(!covers(pattern, "iam:AttachRolePolicy"), "{pattern}");
        }
    }
}
