//! Who asks for what.

use fastrand::Rng;

use super::pick;
use crate::e2e::policies::question::{Question, Who, WhoKind};

/// The account of most, and another.
pub(super) const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

/// Which policy a resource has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attached {
    Nothing,
    Perhaps,
    /// A key has one.
    Always,
    /// A role has one of its own kind.
    Trust,
}

/// An action with a resource, in which `@` is the account.
type Scene = (&'static str, &'static str, Attached);

const SCENES: [Scene; 18] = [
    ("s3:GetObject", "arn:aws:s3:::data/red/x.txt", Attached::Perhaps),
    ("s3:GetObject", "arn:aws:s3:::data/why?", Attached::Perhaps),
    ("s3:PutObject", "arn:aws:s3:::data/cost$5/a.b+c", Attached::Perhaps),
    ("s3:ListBucket", "arn:aws:s3:::data", Attached::Perhaps),
    ("sqs:SendMessage", "arn:aws:sqs:us-east-1:@:orders", Attached::Perhaps),
    ("sqs:ReceiveMessage", "arn:aws:sqs:eu-west-1:@:red", Attached::Perhaps),
    ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:@:table/books/index/ann", Attached::Perhaps),
    ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:@:function:fn:live", Attached::Perhaps),
    ("iam:PassRole", "arn:aws:iam::@:role/ops/deploy", Attached::Nothing),
    ("eks:DescribeCluster", "arn:aws:eks:us-east-1:@:cluster/prod", Attached::Nothing),
    ("kms:Decrypt", "arn:aws:kms:us-east-1:@:key/1234abcd", Attached::Always),
    ("sts:AssumeRole", "arn:aws:iam::@:role/spoke", Attached::Trust),
    ("sts:AssumeRole", "arn:aws:iam::@:role/team/spoke", Attached::Trust),
    ("sts:TagSession", "arn:aws:iam::@:role/spoke", Attached::Trust),
    ("sts:GetCallerIdentity", "*", Attached::Nothing),
    ("s3:ListAllMyBuckets", "*", Attached::Nothing),
    ("ec2:DescribeInstances", "*", Attached::Nothing),
    ("eks:ListClusters", "*", Attached::Nothing),
];

/// With `@` for the account.
const PRINCIPALS: [&str; 12] = [
    "arn:aws:iam::@:user/ann",
    "arn:aws:iam::@:user/team/bob",
    "arn:aws:iam::@:role/hub",
    "arn:aws:iam::@:role/ops/deploy",
    "arn:aws:sts::@:assumed-role/hub/s1",
    "arn:aws:sts::@:assumed-role/hub/s1",
    "arn:aws:sts::@:assumed-role/deploy/ann+ops",
    "arn:aws:sts::@:federated-user/ann",
    "arn:aws:iam::@:root",
    "arn:aws:iam::@:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS",
    "arn:aws:sts::@:assumed-role/AWSServiceRoleForAmazonEKS/s",
    "arn:aws:iam::@:user/ann",
];

pub(super) const SERVICES: [&str; 2] = ["pods.eks.amazonaws.com", "ec2.amazonaws.com"];

/// Providers are trusted in their own account only.
pub(super) const PROVIDERS: [&str; 2] = [
    "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABC",
    "accounts.google.com",
];

/// A request without context and policies, and which policy its resource has.
pub(super) fn request(rng: &mut Rng) -> (Question, Attached) {
    if rng.u8(..14) == 0 {
        return (web_identity(rng), Attached::Trust);
    }
    let (action, resource, attached) =
        rng.choice(SCENES).unwrap_or(("sqs:SendMessage", "*", Attached::Nothing));
    let owner = account(rng, 3);
    let names_no_account = !resource.contains('@') && resource != "*" && rng.u8(..3) != 0;
    let question = Question {
        principal: principal(rng, attached),
        action: case(rng, action),
        resource: resource.replace('@', owner),
        resource_account: names_no_account.then(|| owner.to_owned()),
        ..Question::default()
    };
    (question, attached)
}

fn principal(rng: &mut Rng, attached: Attached) -> Who {
    let is_open = attached != Attached::Nothing;
    match rng.u8(..20) {
        0 | 1 if is_open => Who { kind: WhoKind::Service, id: pick(rng, &SERVICES).to_owned() },
        2 if is_open => Who { kind: WhoKind::Anonymous, id: String::new() },
        _ => Who { kind: WhoKind::Aws, id: pick(rng, &PRINCIPALS).replace('@', account(rng, 5)) },
    }
}

fn web_identity(rng: &mut Rng) -> Question {
    Question {
        principal: Who { kind: WhoKind::Federated, id: pick(rng, &PROVIDERS).to_owned() },
        action: "sts:AssumeRoleWithWebIdentity".to_owned(),
        resource: "arn:aws:iam::111122223333:role/spoke".to_owned(),
        ..Question::default()
    }
}

/// The second account in one of so many cases.
fn account(rng: &mut Rng, seldom: u8) -> &'static str {
    let [first, second] = ACCOUNTS;
    if rng.u8(..seldom) == 0 { second } else { first }
}

/// Names of actions have no case.
fn case(rng: &mut Rng, action: &str) -> String {
    if rng.u8(..16) == 0 { action.to_lowercase() } else { action.to_owned() }
}
