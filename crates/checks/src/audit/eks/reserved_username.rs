use crate::audit::prelude::*;

about! {
    /// An access entry asks for a user name that EKS refuses.
    ///
    /// User names can't begin with `system:`, `eks:`, `aws:`, `amazon:` or `iam:`, and where they have `{{SessionName}}` a colon
    /// must come before it.
    ///
    /// ```yaml finds
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       Username: "argocd-{{SessionName}}"
    /// ```
    ///
    /// ```yaml clean
    /// Resources:
    ///   Entry:
    ///     Type: AWS::EKS::AccessEntry
    ///     Properties:
    ///       ClusterName: spoke
    ///       PrincipalArn: arn:aws:iam::444455556666:role/argocd-spoke
    ///       Username: "argocd:{{SessionName}}"
    /// ```
    ///
    /// References: EKS User Guide, "Create access entries".
    Error, Certain, Operations
}

#[derive(Debug, Error)]
#[error("EKS refuses the user name `{username}`: {why}")]
struct Reserved<'s> {
    username: &'s str,
    why: &'static str,
}

impl Facts for Reserved<'_> {
    fn help(&self) -> Vec<String> {
        vec![
            "leave it out: bind to a group, never to the user, whose default name ends in the session's"
                .to_owned(),
        ]
    }
}

const PREFIXES: [&str; 5] = ["system:", "eks:", "aws:", "amazon:", "iam:"];

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for entry in scene.entries().iter().filter(|entry| entry.kind() == "STANDARD") {
        let Some((node, username)) = entry.username().and_then(|node| Some((node, node.text()?))) else {
            continue;
        };
        let session = username.find("{{SessionName");
        let has_colon = session.and_then(|at| username.get(..at)).is_none_or(|before| before.contains(':'));
        if PREFIXES.iter().any(|prefix| username.starts_with(prefix)) {
            sink.found(entry.at(node), &Reserved { username, why: "it begins with a reserved prefix" });
        } else if !has_colon {
            sink.found(
                entry.at(node),
                &Reserved { username, why: "no colon comes before the session's name" },
            );
        }
    }
}
