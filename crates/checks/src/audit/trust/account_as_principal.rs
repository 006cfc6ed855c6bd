use crate::audit::prelude::*;

about! {
    /// A trust policy names a whole account.
    ///
    /// `arn:aws:iam::<account>:root`, and the account's twelve digits alone, are not the root user: they leave it to that account
    /// who of its users and roles may come. Each one whose own policies allow `sts:AssumeRole` on this role, or on `*`, does.
    /// Argo CD comes with one or two roles: name them.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    ///     "Action": ["sts:AssumeRole", "sts:TagSession"]
    ///   }]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Principal": {"AWS": "arn:aws:iam::111122223333:role/argocd-management"},
    ///     "Action": ["sts:AssumeRole", "sts:TagSession"]
    ///   }]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "AWS JSON policy elements: Principal", on AWS account principals; "The confused deputy
    /// problem".
    Warning, Certain, Security
}

/// Keys that limit who of the account may come, or on whose behalf.
const LIMITING: [&str; 5] =
    ["aws:principalarn", "aws:userid", "sts:externalid", "kubernetes-service-account", "aws:principaltag/"];

#[derive(Debug, Error)]
#[error("whoever account {account} lets do so may assume the role{foreign}")]
struct Account<'s> {
    account: &'s str,
    foreign: &'static str,
    /// Whether it is the role's own account.
    own: bool,
}

impl Facts for Account<'_> {
    fn severity(&self) -> Option<Severity> {
        // Within an account it is a habit: the policies there decide.
        self.own.then_some(Severity::Note)
    }

    fn help(&self) -> Vec<String> {
        vec![format!("name the roles: `arn:aws:iam::{}:role/<role>`", self.account)]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for trust in scene.trusts() {
        for statement in trust.allowing() {
            let limited = statement.conditions().any(|(_, key, _)| {
                let key = key.text.to_ascii_lowercase();
                LIMITING.iter().any(|limiting| key.contains(limiting))
            });
            if limited || statement.is_open() {
                continue;
            }
            for (node, account) in
                statement.principals("AWS").iter().filter_map(|node| Some((node, account(node.text()?)?)))
            {
                let other = trust.account().is_some_and(|own| own != account);
                let foreign = if other {
                    ", and it is another account: ask for an `sts:ExternalId` or name its roles"
                } else {
                    ""
                };
                sink.found(
                    statement.at(node),
                    &Account { account, foreign, own: trust.account() == Some(account) },
                );
            }
        }
    }
}

/// The account that a principal stands for as a whole.
fn account(principal: &str) -> Option<&str> {
    let of_arn = principal.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next());
    of_arn
        .or(Some(principal))
        .filter(|account| account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()))
}
