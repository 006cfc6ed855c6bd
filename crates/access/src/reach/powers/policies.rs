//! What IAM lets somebody change: his own policies, whom roles trust, and the roles that services are handed.

use std::collections::BTreeMap;

use facts::Gap;

use super::Asking;
use crate::{
    accounts::Accounts,
    credentials::Owner,
    reach::{
        aws::Session,
        principal::Principal,
        walk::{Has, Steps},
    },
};

/// Services that act as a role that they are handed, and the action by which one makes them do what one wants.
const SERVICES: [(&str, &str, &str); 8] = [
    ("ec2.amazonaws.com", "ec2:RunInstances", "ec2:*:ACCOUNT:instance/*"),
    ("lambda.amazonaws.com", "lambda:CreateFunction", "lambda:*:ACCOUNT:function:*"),
    ("ecs-tasks.amazonaws.com", "ecs:RunTask", "ecs:*:ACCOUNT:task-definition/*"),
    ("cloudformation.amazonaws.com", "cloudformation:CreateStack", "cloudformation:*:ACCOUNT:stack/*"),
    ("codebuild.amazonaws.com", "codebuild:CreateProject", "codebuild:*:ACCOUNT:project/*"),
    ("glue.amazonaws.com", "glue:CreateJob", "glue:*:ACCOUNT:job/*"),
    (
        "sagemaker.amazonaws.com",
        "sagemaker:CreateNotebookInstance",
        "sagemaker:*:ACCOUNT:notebook-instance/*",
    ),
    ("ssm.amazonaws.com", "ssm:StartAutomationExecution", "ssm:*:ACCOUNT:automation-definition/*"),
];

/// Any of these on the role or user itself, on a group that it is in, or on a policy of it, makes the rest unlimited.
const ROLE_POLICIES: [&str; 2] = ["iam:PutRolePolicy", "iam:AttachRolePolicy"];
const USER_POLICIES: [&str; 2] = ["iam:PutUserPolicy", "iam:AttachUserPolicy"];
const GROUP_POLICIES: [&str; 2] = ["iam:PutGroupPolicy", "iam:AttachGroupPolicy"];
const OWN_VERSIONS: [&str; 2] = ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"];

impl Asking<'_, '_> {
    /// Its own policies: a boundary limits whatever they say.
    pub(super) fn policies(&self, steps: &mut Steps) {
        if self.session.administers {
            return;
        }
        let Some(own) = Own::of(self.map.accounts, &self.credentials().owner) else { return };
        let on_itself = own.actions.into_iter().map(|action| (action, own.arn.clone(), Some(own.tags)));
        let on_groups =
            own.groups.iter().flat_map(|arn| GROUP_POLICIES.map(|action| (action, arn.clone(), None)));
        let customer = own.managed.iter().filter(|arn| !arn.contains(":iam::aws:"));
        let on_policies = customer.flat_map(|arn| OWN_VERSIONS.map(|action| (action, (*arn).clone(), None)));
        let to = Principal::AccountAdmin(self.account().clone());
        let found = on_itself.chain(on_groups).chain(on_policies).filter_map(|(action, resource, tags)| {
            let answer = self.ask(action, &resource, Vec::new(), tags);
            self.step(to.clone(), "own-policies", [(format!("{action} on `{resource}`"), answer)])
        });
        let Some(mut found) = found.min_by_key(|found| found.missing.len()) else { return };
        if let Some(boundary) = own.boundary {
            let what = format!("what the permissions boundary `{boundary}` leaves of all permissions");
            found.missing.push(Gap::new(what, "a boundary isn't widened by policies of one's own"));
        }
        let session = Session { administers: true, ..self.session.clone() };
        steps.found.push(found.having(Has::Session(Box::new(session))));
    }

    /// Trust policies of others in the account: whom they name may assume them, without any policy of his own.
    pub(super) fn trust(&self, steps: &mut Steps) {
        if !self.applying.may_allow("iam:UpdateAssumeRolePolicy") {
            return;
        }
        for role in self.map.index.of_account(self.account()) {
            if Some(&role.arn) == self.credentials().owner.role()
                || role.arn.path.starts_with("/aws-service-role/")
            {
                continue;
            }
            let call = format!("iam:UpdateAssumeRolePolicy on `{}`", role.arn);
            let answer =
                self.ask("iam:UpdateAssumeRolePolicy", &role.arn.to_string(), Vec::new(), Some(&role.tags));
            let found = self.step(self.iam(&role.arn), "trust-policy", [(call, answer)]);
            steps.found.extend(found.map(|found| found.at(Some(&role.place)).having(self.as_role(role))));
        }
    }

    /// Roles that a service is handed, and then does with what it is told.
    pub(super) fn passing(&self, steps: &mut Steps) {
        if !self.applying.may_allow("iam:PassRole") {
            return;
        }
        for (service, action, resource) in SERVICES {
            if !self.applying.may_allow(action) {
                continue;
            }
            let resource = resource.replace("ACCOUNT", self.account().as_str());
            let resource = format!("arn:{}:{resource}", self.credentials().owner.partition());
            for role in self.map.index.trusting_service(self.account(), service) {
                let calls = [
                    self.pass(role, service),
                    (action.to_owned(), self.ask(action, &resource, Vec::new(), None)),
                ];
                let found = self.step(self.iam(&role.arn), "pass-role", calls);
                steps.found.extend(found.map(|found| found.at(Some(&role.place)).having(self.as_role(role))));
            }
        }
    }
}

/// What changes to one's own policies are about.
struct Own<'i> {
    arn: String,
    actions: [&'static str; 2],
    tags: &'i BTreeMap<String, String>,
    /// The ARNs of its groups, as far as they were read.
    groups: Vec<String>,
    /// The ARNs of its managed policies and of its groups'.
    managed: Vec<&'i String>,
    boundary: Option<&'i String>,
}

impl<'i> Own<'i> {
    /// Nothing of somebody who wasn't read.
    fn of(accounts: &Accounts<'i>, owner: &Owner) -> Option<Self> {
        match owner {
            Owner::Role(role) => accounts.role(role).ok().map(|role| Self {
                arn: role.arn.to_string(),
                actions: ROLE_POLICIES,
                tags: &role.tags,
                groups: Vec::new(),
                managed: role.managed_policies.keys().collect(),
                boundary: role.permissions_boundary.as_ref(),
            }),
            Owner::User(user) => accounts.user(user).ok().map(|user| {
                let groups: Vec<_> = accounts.groups(user).collect();
                let managed = groups.iter().flat_map(|group| group.managed_policies.keys());
                Self {
                    arn: user.arn.to_string(),
                    actions: USER_POLICIES,
                    tags: &user.tags,
                    managed: user.managed_policies.keys().chain(managed).collect(),
                    groups: groups.iter().filter_map(|group| group.arn.clone()).collect(),
                    boundary: user.permissions_boundary.as_ref(),
                }
            }),
        }
    }
}
