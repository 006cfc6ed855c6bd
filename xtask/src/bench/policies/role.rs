//! A role as a platform has thousands of: whom it trusts, what it may do, and what its workload asks for.

use fastrand::Rng;
use serde_json::{Value, json};

use super::grant::{GRANTS, Grant};

/// The organisation that all accounts are in.
pub(super) const ORGANIZATION: &str = "o-exampleorgid";

/// The account of the hub, whose Argo CD assumes roles in all others.
pub(super) const HUB_ACCOUNT: &str = "999900000000";

const TEAMS: [&str; 8] =
    ["payments", "orders", "search", "identity", "billing", "catalog", "shipping", "platform"];

/// Who may assume a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// A Kubernetes service account, by the cluster's OIDC provider (EKS User Guide, "IAM roles for service accounts").
    WebIdentity,
    /// EKS Pod Identity (EKS User Guide, "Learn how EKS Pod Identity grants pods access to AWS services").
    PodIdentity,
    /// A role of another account with an external id.
    CrossAccount,
}

pub(super) fn hub_arn() -> String {
    format!("arn:aws:iam::{HUB_ACCOUNT}:role/argocd-hub")
}

/// The policy of the hub's role: to assume every service's role.
pub(super) fn hub_policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Spokes", "Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Resource": "arn:aws:iam::*:role/*-service-*",
    }]})
}

/// Where a role is, and the cluster whose pods have it.
pub(in crate::bench) struct Home {
    pub(in crate::bench) account: String,
    /// The cluster's ARN.
    pub(in crate::bench) cluster: String,
    /// The host and path of the cluster's issuer.
    pub(in crate::bench) issuer: String,
}

impl Home {
    /// Forty accounts with a thousand clusters have them all.
    pub(super) fn of(number: usize) -> Self {
        let account = format!("{:012}", 111_100_000_000 + (number % 40) as u64 * 1_000_003);
        let cluster = format!("arn:aws:eks:eu-west-1:{account}:cluster/cluster-{}", number % 1000);
        let id = (number as u64 % 1000).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let issuer = format!("oidc.eks.eu-west-1.amazonaws.com/id/{id:016X}{:016X}", id.rotate_left(17));
        Self { account, cluster, issuer }
    }
}

/// One role, from which its documents and requests are made.
pub(in crate::bench) struct Role {
    number: usize,
    home: Home,
    pub(super) trust: Trust,
    pub(super) team: &'static str,
    /// Statements of its inline policy.
    pub(super) grants: Vec<&'static Grant>,
    /// Whether its policy ends with guard rails: a Deny without TLS and one of other regions.
    pub(super) guarded: bool,
}

impl Role {
    pub(in crate::bench) fn new(number: usize, home: Home, rng: &mut Rng) -> Self {
        let trust = match rng.u8(..100) {
            0..60 => Trust::WebIdentity,
            60..80 => Trust::PodIdentity,
            _ => Trust::CrossAccount,
        };
        let count = rng.usize(3..=7);
        let mut grants = rng.choose_multiple(GRANTS, count);
        rng.shuffle(&mut grants);
        let team = rng.choice(TEAMS).unwrap_or("platform");
        Self { number, home, trust, team, grants, guarded: rng.u8(..10) < 4 }
    }

    pub(super) fn account(&self) -> &str {
        &self.home.account
    }

    pub(super) fn name(&self) -> String {
        format!("{}-service-{}", self.team, self.number)
    }

    pub(in crate::bench) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account(), self.name())
    }

    pub(super) fn issuer(&self) -> &str {
        &self.home.issuer
    }

    pub(super) fn cluster(&self) -> &str {
        &self.home.cluster
    }

    pub(super) fn provider(&self) -> String {
        format!("arn:aws:iam::{}:oidc-provider/{}", self.account(), self.issuer())
    }

    pub(super) fn subject(&self) -> String {
        format!("system:serviceaccount:{}:service-{}", self.team, self.number)
    }

    pub(super) fn external_id(&self) -> String {
        format!("{}-{:08x}", self.team, self.number.wrapping_mul(2_654_435_761) as u32)
    }

    pub(in crate::bench) fn trust_policy(&self) -> Value {
        let statements = match self.trust {
            Trust::WebIdentity => json!([self.by_web_identity()]),
            Trust::PodIdentity => json!([self.by_pod_identity()]),
            Trust::CrossAccount => json!([self.by_another_account(), self.not_from_outside()]),
        };
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn by_web_identity(&self) -> Value {
        let (audience, subject) = (format!("{}:aud", self.issuer()), format!("{}:sub", self.issuer()));
        let any = format!("system:serviceaccount:{}:*-{}", self.team, self.number);
        let condition = match self.number % 5 {
            0 => json!({"StringEquals": {audience: "sts.amazonaws.com"}, "StringLike": {subject: any}}),
            _ => json!({"StringEquals": {audience: "sts.amazonaws.com", subject: self.subject()}}),
        };
        json!({
            "Sid": "Workload", "Effect": "Allow", "Principal": {"Federated": self.provider()},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition,
        })
    }

    fn by_pod_identity(&self) -> Value {
        json!({
            "Sid": "AllowEksAuthToAssumeRoleForPodIdentity", "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": self.account()}, "ArnEquals": {"aws:SourceArn": self.cluster()},
            },
        })
    }

    fn by_another_account(&self) -> Value {
        json!({
            "Sid": "Hub", "Effect": "Allow", "Principal": {"AWS": hub_arn()},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {"StringEquals": {"sts:ExternalId": self.external_id()}},
        })
    }

    fn not_from_outside(&self) -> Value {
        json!({
            "Sid": "OnlyOurOrganization", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:*",
            "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}},
        })
    }

    pub(in crate::bench) fn inline_policy(&self) -> Value {
        let mut statements: Vec<Value> = self.grants.iter().map(|grant| (grant.statement)(self)).collect();
        if self.guarded {
            statements.push(json!({
                "Sid": "OnlyWithTls", "Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }));
            statements.push(json!({
                "Sid": "OnlyOurRegions", "Effect": "Deny", "NotAction": ["iam:*", "sts:*", "s3:*", "cloudfront:*"],
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}},
            }));
        }
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    /// The keys that every request of its sessions has.
    pub(super) fn context(&self) -> Value {
        json!({
            "aws:PrincipalArn": self.arn(), "aws:PrincipalAccount": self.account(),
            "aws:PrincipalType": "AssumedRole", "aws:PrincipalOrgID": ORGANIZATION,
            "aws:PrincipalTag/team": self.team, "aws:RequestedRegion": "eu-west-1", "aws:SecureTransport": "true",
            "aws:SourceIp": format!("10.{}.{}.7", self.number / 256 % 256, self.number % 256),
            "aws:CurrentTime": "2026-01-15T12:00:00Z",
        })
    }
}
