use crate::audit::prelude::*;

about! {
    /// A line of Argo CD's RBAC gives more than it seems.
    ///
    /// `*` matches slashes: `applications, *, */*` takes in the actions `action/…`, `delete/…` and `update/…` on single
    /// resources, and `exec, create` is a shell. `*` as the resource takes in accounts, clusters and repositories, too: whoever
    /// may write clusters points one at a server of his own and gets the credentials sent.
    ///
    /// ```yaml finds
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-rbac-cm, namespace: argocd}
    /// data:
    ///   policy.csv: |
    ///     p, role:deployers, *, *, */*, allow
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: argocd-rbac-cm, namespace: argocd}
    /// data:
    ///   policy.csv: |
    ///     p, role:deployers, applications, sync, payments/*, allow
    /// ```
    ///
    /// References: Argo CD, docs/operator-manual/rbac.md; util/rbac/rbac.go
    Warning, Likely, Security
}

#[derive(Debug, Error)]
#[error("line {line}: `{subject}` may {what}")]
struct More {
    line: usize,
    subject: String,
    what: &'static str,
}

impl Facts for More {
    fn help(&self) -> Vec<String> {
        vec!["name the resource, the actions and the project".to_owned()]
    }
}

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for map in scene.settings("argocd-rbac-cm") {
        for (key, value) in map.node.entries().iter().filter(|(key, _)| key.text.ends_with(".csv")) {
            let lines = value.text().unwrap_or_default().lines().enumerate();
            for (number, line) in lines {
                let fields: Vec<&str> = line.split(',').map(str::trim).collect();
                let ["p", subject, resource, action, object, "allow"] = *fields else { continue };
                // Administrators are meant to.
                if subject.contains("admin") {
                    continue;
                }
                let what = match (resource, action, object) {
                    ("*", "*", _) => "do everything in Argo CD, its clusters and repositories included",
                    ("exec", "create" | "*", "*" | "*/*") => "open a shell in the pods of every Application",
                    ("clusters", "create" | "update" | "*", _) => {
                        "send the credentials of a cluster to a server of its choice"
                    }
                    ("applications", "*", "*" | "*/*") => {
                        "do everything to every Application, single resources included"
                    }
                    _ => continue,
                };
                let at = crate::audit::subject::place(map.file, key.at);
                sink.found(at, &More { line: number + 1, subject: subject.to_owned(), what });
            }
        }
    }
}
