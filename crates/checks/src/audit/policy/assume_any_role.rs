use crate::audit::prelude::*;

about! {
    /// A policy allows `sts:AssumeRole` on every role.
    ///
    /// Whoever has it becomes every role, in every account, whose trust policy leaves it to the account who may come. Argo CD
    /// needs the roles that its cluster Secrets name, and no others. Where they are too many to list, a path or a prefix of their
    /// names that nothing else has, with a condition on the organisation, does.
    ///
    /// ```json finds
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]
    /// }
    /// ```
    ///
    /// ```json clean
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [{
    ///     "Effect": "Allow",
    ///     "Action": ["sts:AssumeRole", "sts:TagSession"],
    ///     "Resource": "arn:aws:iam::*:role/argocd-deployer",
    ///     "Condition": {"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}
    ///   }]
    /// }
    /// ```
    ///
    /// References: IAM User Guide, "Grant a user permissions to switch roles"; Argo CD,
    /// docs/operator-manual/declarative-setup.md.
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error("every role of every account that trusts this one's account can be assumed{except}")]
struct AnyRole {
    except: &'static str,
}

impl Facts for AnyRole {
    fn help(&self) -> Vec<String> {
        vec!["list the roles that Argo CD's cluster Secrets name: `oarlock plan` and `oarlock needs` work them out".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for statement in scene.grants().flat_map(|policy| policy.allowing()) {
        let Some(action) = statement.grants("sts:AssumeRole") else { continue };
        // What allows everything is another check's.
        if matches!(action.text(), Some("*" | "*:*")) {
            continue;
        }
        let any = |node: &&Node| {
            node.text().is_some_and(|resource| {
                matches!(resource, "*" | "arn:aws:iam::*:role/*" | "arn:*:iam::*:role/*")
            })
        };
        if let Some(resource) = statement.values("Resource").iter().find(any) {
            let limited = statement.has_key("aws:resourceorgid")
                || statement.has_key("aws:resourceaccount")
                || statement.has_key("aws:resourceorgpaths");
            let except = if limited { ", within what its condition says" } else { "" };
            sink.found(statement.at(resource), &AnyRole { except });
        }
    }
}
