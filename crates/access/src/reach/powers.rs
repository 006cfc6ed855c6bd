//! What IAM and EKS let somebody change, so that more is his: policies and trust of roles, roles that services are handed, access
//! entries (IAM User Guide, "Grant a user permissions to pass a role to an AWS service"; DataDog, pathfinding.cloud; EKS User Guide,
//! "Grant IAM users access to Kubernetes with EKS access entries").

use std::{collections::BTreeMap, sync::Arc};

use facts::{AccountId, ClusterArn, Gap, RoleArn};
use iam::{ContextValue, Request};
use inventory::IamRole;
use rbac::access_policy::AccessPolicy;

use super::{
    aws::{Session, access_entry, subject},
    principal::{ClusterId, Principal},
    walk::{Found, Has, Map, NodeId, Steps},
};
use crate::{
    accounts::{Accounts, Answer, Applying, of_sdk},
    assume_role::target,
    authorization::Authorizers,
    cluster_identity::AuthenticationMode,
    credentials::{Credentials, Owner},
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

const PODS: &str = "pods.eks.amazonaws.com";

/// Access policies from the widest on.
const WIDEST: [&str; 5] = [
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSViewPolicy",
];

/// Any of these on the role or user itself, on a group that it is in, or on a policy of it, makes the rest unlimited.
const ROLE_POLICIES: [&str; 2] = ["iam:PutRolePolicy", "iam:AttachRolePolicy"];
const USER_POLICIES: [&str; 2] = ["iam:PutUserPolicy", "iam:AttachUserPolicy"];
const GROUP_POLICIES: [&str; 2] = ["iam:PutGroupPolicy", "iam:AttachGroupPolicy"];
const OWN_VERSIONS: [&str; 2] = ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"];

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

    /// Its own policies: a boundary limits whatever they say.
    fn policies(&self, steps: &mut Steps) {
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
    fn trust(&self, steps: &mut Steps) {
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
    fn passing(&self, steps: &mut Steps) {
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

    fn pass(&self, role: &'i IamRole, service: &str) -> (String, Answer) {
        let keys = vec![("iam:PassedToService", service.to_owned())];
        let answer = self.ask("iam:PassRole", &role.arn.to_string(), keys, Some(&role.tags));
        (format!("iam:PassRole on `{}` to {service}", role.arn), answer)
    }

    /// Access entries with access policies, or with groups that are bound.
    fn entries(&self, cluster: ClusterId, steps: &mut Steps) {
        let (create, update) = ("eks:CreateAccessEntry", "eks:UpdateAccessEntry");
        let associate = "eks:AssociateAccessPolicy";
        if ![create, update, associate].iter().any(|action| self.applying.may_allow(action)) {
            return;
        }
        let Some((arn, there)) = self.map.index.cluster(cluster) else { return };
        let Some(first) = self.entries_count(arn, AuthenticationMode::of(there)) else { return };
        let own = access_entry(arn, &self.credentials().owner);
        let names =
            |principal: &String| principal.parse::<Owner>().is_ok_and(|own| own == self.credentials().owner);
        let has_entry = there.access_entries.known().is_some_and(|entries| entries.keys().any(names));
        let calls = |action: &str, resource: &str, keys: Keys| {
            let call = (format!("{action} on `{}`", arn.name), self.ask(action, resource, keys, None));
            first.clone().into_iter().chain([call])
        };
        let entry: Vec<(String, Answer)> = if has_entry {
            first.clone().into_iter().collect()
        } else {
            calls(create, &arn.to_string(), self.entry_keys("")).collect()
        };
        for name in WIDEST {
            let policy = format!("arn:{}:eks::aws:cluster-access-policy/{name}", arn.partition);
            let mut keys = self.entry_keys("");
            keys.extend([("eks:policyArn", policy.clone()), ("eks:accessScope", "cluster".to_owned())]);
            let call =
                (format!("{associate} `{name}` on `{}`", arn.name), self.ask(associate, &own, keys, None));
            let (to, has) = given(cluster, name);
            let found = self.step(to, "access-policy", entry.iter().map(copy).chain([call]));
            let certain = found.as_ref().is_some_and(|found| found.missing.is_empty());
            steps.found.extend(found.map(|found| found.having(has)));
            if certain {
                return;
            }
        }
        let (action, resource) = if has_entry { (update, own) } else { (create, arn.to_string()) };
        if !self.applying.may_allow(action) {
            return;
        }
        let authorizers = Authorizers::of(there);
        steps.unknown(self.from, authorizers.gaps().iter().cloned());
        for group in groups(&authorizers) {
            let Some((to, _)) = subject(cluster, "Group", &group) else { continue };
            let found = self.step(to, "access-entry", calls(action, &resource, self.entry_keys(&group)));
            steps.found.extend(found);
        }
    }

    /// What it takes first for access entries to count; none where they can't.
    fn entries_count(
        &self,
        arn: &ClusterArn,
        mode: Result<AuthenticationMode, Gap>,
    ) -> Option<Option<(String, Answer)>> {
        let change = || {
            let action = "eks:UpdateClusterConfig";
            (format!("{action} on `{}`", arn.name), self.ask(action, &arn.to_string(), Vec::new(), None))
        };
        match mode {
            Ok(mode) if mode.reads_entries() => Some(None),
            Ok(_) => Some(Some(change())).filter(|call| !matches!(call, Some((_, Answer::No { .. })))),
            Err(gap) => match change() {
                yes @ (_, Answer::Yes { .. }) => Some(Some(yes)),
                _ => Some(Some(("access entries".to_owned(), Answer::Unknown(vec![gap])))),
            },
        }
    }

    fn entry_keys(&self, group: &str) -> Keys {
        let mut keys = vec![
            ("eks:principalArn", self.credentials().owner.to_string()),
            ("eks:accessEntryType", "STANDARD".to_owned()),
        ];
        keys.extend(Some(("eks:kubernetesGroups", group.to_owned())).filter(|(_, group)| !group.is_empty()));
        keys
    }

    /// Pod Identity associations, for whoever has a pod there.
    fn associations(&self, cluster: ClusterId, steps: &mut Steps) {
        let create = "eks:CreatePodIdentityAssociation";
        if !self.applying.may_allow(create) || !self.applying.may_allow("iam:PassRole") {
            return;
        }
        let Some((arn, _)) = self.map.index.cluster(cluster) else { return };
        for role in self.map.index.trusting_service(self.account(), PODS) {
            let call =
                (format!("{create} on `{}`", arn.name), self.ask(create, &arn.to_string(), Vec::new(), None));
            let found = self.step(self.iam(&role.arn), "pod-identity", [self.pass(role, PODS), call]);
            steps.found.extend(found.map(|found| {
                let found = found.at(Some(&role.place)).having(self.as_role(role));
                Found { pod_on: Some(cluster), ..found }
            }));
        }
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

fn copy((call, answer): &(String, Answer)) -> (String, Answer) {
    (call.clone(), answer.clone())
}

/// Who somebody is with an access policy on a whole cluster.
fn given(cluster: ClusterId, name: &str) -> (Principal, Has) {
    let rules = AccessPolicy::find(name).and_then(|policy| policy.rules.as_ref().ok());
    let set = rbac::PermissionSet::of_rules(&rbac::Scope::Cluster, rules.into_iter().flatten());
    if set.is_everything() {
        return (Principal::ClusterAdmin(cluster), Has::Nothing);
    }
    (Principal::Rights(cluster, format!("access policy `{name}`").into()), Has::Rights(set))
}

/// Groups that bindings name and an access entry may: none of Kubernetes' own (EKS API, CreateAccessEntry).
fn groups(authorizers: &Authorizers) -> Vec<String> {
    let groups = authorizers.subjects().filter(|subject| subject.kind == "Group");
    let mut groups: Vec<String> =
        groups.map(|group| group.name.clone()).filter(|name| !name.starts_with("system:")).collect();
    groups.sort();
    groups.dedup();
    groups
}
