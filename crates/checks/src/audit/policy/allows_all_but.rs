use crate::audit::prelude::*;

about! {
    /// A policy allows all actions but some.
    ///
    /// `NotAction` with `Allow` grants whatever isn't listed: the actions of all other services, and those that AWS adds
    /// tomorrow.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Deny", "NotAction": ["sts:AssumeRole", "sts:TagSession"], "Resource": "*"}]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "IAM JSON policy elements: NotAction".
    Warning, Likely, Security
}

#[derive(Debug, Error)]
#[error("{title} allows every action of AWS but what it lists")]
struct AllBut<'s> {
    title: &'s str,
}

impl Facts for AllBut<'_> {
    fn help(&self) -> Vec<String> {
        vec!["list what is needed under `Action`".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for policy in scene.grants() {
        for statement in policy.allowing() {
            if let Some(key) = statement.node.key("NotAction") {
                sink.found(statement.at_key(key), &AllBut { title: &policy.title });
            }
        }
    }
}
