use crate::audit::prelude::*;

about! {
    /// A policy lets its holder give itself more.
    ///
    /// Some actions, alone or together, lead to power that the policy doesn't name: changing one's own policies, changing who may
    /// assume a role, running code as another role, or, on EKS, making oneself administrator of a cluster. What is split over
    /// several statements of a policy counts together. Statements on named resources are left alone, and so are those with a
    /// condition.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {"Effect": "Allow", "Action": "eks:CreateAccessEntry", "Resource": "*"},
    ///     {"Effect": "Allow", "Action": ["eks:AssociateAccessPolicy"], "Resource": "*"}
    ///   ]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {"Effect": "Allow", "Action": "eks:CreateAccessEntry", "Resource": "*"},
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "eks:AssociateAccessPolicy",
    ///       "Resource": "*",
    ///       "Condition": {"ArnEquals": {"eks:policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"}}
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// References: pathfinding.cloud, the catalogue of privilege escalation in AWS; EKS User Guide, "Grant IAM users access to
    /// Kubernetes with EKS access entries".
    Error, Likely, Security
}

/// A way: all of these actions, and what they lead to.
struct Way {
    actions: &'static [&'static str],
    leads_to: &'static str,
}

const fn way(actions: &'static [&'static str], leads_to: &'static str) -> Way {
    Way { actions, leads_to }
}

const OWN: &str = "its own policies can be made to allow everything";
const OTHERS: &str = "another identity's policies can be made to allow everything, and that identity used";
const RUNS: &str = "code runs as whatever role is passed";

const WAYS: [Way; 26] = [
    way(&["iam:CreatePolicyVersion"], OWN),
    way(&["iam:SetDefaultPolicyVersion"], OWN),
    way(&["iam:AttachRolePolicy"], OWN),
    way(&["iam:PutRolePolicy"], OWN),
    way(&["iam:AttachUserPolicy"], OWN),
    way(&["iam:PutUserPolicy"], OWN),
    way(&["iam:AttachGroupPolicy"], OWN),
    way(&["iam:PutGroupPolicy"], OWN),
    way(&["iam:AddUserToGroup"], OTHERS),
    way(&["iam:UpdateAssumeRolePolicy"], "any role can be made to trust its holder"),
    way(&["iam:CreateAccessKey"], "keys can be made for any user"),
    way(&["iam:CreateLoginProfile"], "a password can be given to any user"),
    way(&["iam:UpdateLoginProfile"], "the password of any user can be changed"),
    way(&["iam:DeleteRolePermissionsBoundary"], "the limit of any role can be removed"),
    way(&["iam:PassRole", "ec2:RunInstances"], RUNS),
    way(&["iam:PassRole", "lambda:CreateFunction"], RUNS),
    way(&["lambda:UpdateFunctionCode"], "code runs as the role of any function"),
    way(&["iam:PassRole", "glue:CreateDevEndpoint"], RUNS),
    way(&["iam:PassRole", "cloudformation:CreateStack"], RUNS),
    way(&["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"], RUNS),
    way(&["iam:PassRole", "codebuild:CreateProject"], RUNS),
    way(
        &["ssm:SendCommand"],
        "commands run as the role of any managed instance, nodes of clusters among them",
    ),
    way(&["iam:PassRole", "eks:CreatePodIdentityAssociation"], "any role is given to a pod"),
    way(
        &["eks:CreateAccessEntry", "eks:AssociateAccessPolicy"],
        "anybody becomes administrator of any cluster",
    ),
    way(&["eks:AssociateAccessPolicy"], "whoever has an access entry becomes administrator of its cluster"),
    way(&["eks:UpdateAccessEntry"], "the Kubernetes groups of any access entry can be changed"),
];

#[derive(Debug, Error)]
#[error("{leads_to}: {} on everything", shown(actions))]
struct Escalation {
    actions: &'static [&'static str],
    leads_to: &'static str,
}

fn shown(actions: &[&str]) -> String {
    let quoted: Vec<String> = actions.iter().map(|action| format!("`{action}`")).collect();
    quoted.join(" with ")
}

impl Facts for Escalation {
    fn help(&self) -> Vec<String> {
        vec!["name the resources, or limit them by conditions, for example `eks:policyArn` or `iam:PassedToService`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for policy in scene.grants() {
        let wide: Vec<Statement<'_>> = policy
            .allowing()
            .filter(|statement| {
                super::everywhere(statement).is_some() && statement.node.get("Condition").is_none()
            })
            .collect();
        let mut seen: Vec<&[&str]> = Vec::new();
        for way in &WAYS {
            let granting: Option<Vec<_>> = way
                .actions
                .iter()
                .map(|name| wide.iter().find_map(|statement| Some((statement, named(statement, name)?))))
                .collect();
            // The longer way says more.
            let is_part = seen.iter().any(|longer| way.actions.iter().all(|action| longer.contains(action)));
            if let Some((statement, action)) =
                granting.and_then(|all| all.last().copied()).filter(|_| !is_part)
            {
                seen.push(way.actions);
                sink.found(
                    statement.at(action),
                    &Escalation { actions: way.actions, leads_to: way.leads_to },
                );
            }
        }
    }
}

/// The action as the statement has it, but for patterns of whole services, which are another check's.
fn named<'s>(statement: &Statement<'s>, name: &str) -> Option<&'s Node> {
    statement.grants(name).filter(|node| !node.text().is_some_and(|text| text == "*" || text.ends_with(":*")))
}
