use crate::audit::prelude::*;

about! {
    /// A trust policy names everybody.
    ///
    /// `"Principal": "*"` is each IAM user and role of each AWS account. A condition may narrow it again; one on
    /// `aws:PrincipalArn`, `aws:PrincipalAccount` or `aws:PrincipalOrgID` does, one on `sts:ExternalId` only for those who don't
    /// know the text.
    ///
    /// Argo CD's documentation shows `"AWS": "*"` with `ArnLike` on `aws:PrincipalArn` for a role that assumes itself. That isn't
    /// needed at all: leave `roleARN` out of the cluster Secret where it would be the pod's own role.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"AWS": "*"},
    ///     "Action": "sts:AssumeRole",
    ///     "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    ///   }]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "AWS JSON policy elements: Principal"; Argo CD, docs/operator-manual/declarative-setup.md.
    Error, Certain, Security
}

/// Keys by which a condition limits who everybody is.
const LIMITING: [&str; 8] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
];

#[derive(Debug, Error)]
#[error("everybody with an AWS account may assume the role")]
struct Anybody;

impl Facts for Anybody {
    fn help(&self) -> Vec<String> {
        vec![
            "name the roles in `Principal`, or limit them by `aws:PrincipalOrgID` and `aws:PrincipalArn`"
                .to_owned(),
        ]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.trusts().flat_map(|trust| trust.allowing()) {
        let Some(everybody) = statement.principals("AWS").iter().find(|node| node.text() == Some("*")) else {
            continue;
        };
        if !LIMITING.iter().any(|key| statement.has_key(key)) && !statement.is_open() {
            sink.found(statement.at(everybody), &Anybody);
        }
    }
}
