//! Which resource a kind is: from the cluster, from the manifests' own definitions, else Kubernetes' own.

use std::sync::LazyLock;

use inventory::{ApiResource, Discovery};

use crate::{ARGOPROJ_GROUP, ClusterContext, Deployment, InputFrom};

/// All that is known of kinds, in the order in which it is believed.
pub(crate) struct Catalog<'a> {
    cluster: Option<&'a Discovery>,
    shipped: Discovery,
    input_from: InputFrom,
}

impl<'a> Catalog<'a> {
    pub(crate) fn new(context: &ClusterContext<'a>, deployments: &[&Deployment]) -> Self {
        let mut shipped = Discovery::default();
        for resource in deployments.iter().flat_map(|deployment| &deployment.definitions) {
            shipped.insert(resource.clone());
        }
        Self { cluster: context.discovery, shipped, input_from: context.input_from }
    }

    /// The resource of a kind; `None` where nothing knows it.
    pub(crate) fn resource(&self, group: &str, kind: &str) -> Option<&ApiResource> {
        self.cluster
            .and_then(|cluster| cluster.resource(group, kind))
            .or_else(|| self.shipped.resource(group, kind))
            .or_else(|| Discovery::builtin().resource(group, kind))
            .or_else(|| argo_cd().resource(group, kind))
    }

    /// What makes a kind of a group known; `version` as in `apiVersion`, empty where nobody knows it.
    pub(crate) fn fill(&self, group: &str, version: &str) -> String {
        let version = if version.is_empty() { "<version>" } else { version };
        self.input_from.knowing_kind(&match group {
            "" => format!("/api/{version}"),
            group => format!("/apis/{group}/{version}"),
        })
    }

    /// Whether a kind is one of Kubernetes' own.
    pub(crate) fn is_own(&self, group: &str, kind: &str) -> bool {
        Discovery::builtin().resource(group, kind).is_some()
    }

    /// Every kind that is known to be served, or will be once the manifests are applied.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &ApiResource> {
        let cluster = self.cluster.unwrap_or_else(|| Discovery::builtin());
        cluster.iter().chain(self.shipped.iter())
    }
}

/// Argo CD's own kinds, which it deploys to its hub when Applications make Applications (manifests/crds of v3.5.1).
fn argo_cd() -> &'static Discovery {
    static ARGO_CD: LazyLock<Discovery> = LazyLock::new(|| {
        let mut discovery = Discovery::default();
        for (kind, plural, subresources) in [
            ("Application", "applications", &[][..]),
            ("ApplicationSet", "applicationsets", &["status"]),
            ("AppProject", "appprojects", &[]),
        ] {
            let verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
            discovery.insert(ApiResource {
                group: ARGOPROJ_GROUP.to_owned(),
                version: "v1alpha1".to_owned(),
                kind: kind.to_owned(),
                plural: plural.to_owned(),
                namespaced: true,
                verbs: verbs.map(str::to_owned).to_vec(),
                subresources: subresources.iter().map(|sub| (*sub).to_owned()).collect(),
            });
        }
        discovery
    });
    &ARGO_CD
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{Operation, testing::Case};

    #[test]
    fn argo_cds_own_kinds_need_no_discovery() {
        let yaml = "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: a, namespace: argocd}}\n---\n{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: b}}\n---\n{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: c}}";
        let case = Case::default();
        assert_snapshot!(case.lines(yaml, &[Operation::Compare, Operation::UiGet]), @r"
        controller: get applications.argoproj.io in namespace argocd <- Compare Application argocd/a (app.yaml:1:1) [NamesChange]
        controller: get applicationsets.argoproj.io in namespace shop <- Compare ApplicationSet shop/b (app.yaml:3:1) [NamesChange]
        controller: get appprojects.argoproj.io in namespace shop <- Compare AppProject shop/c (app.yaml:5:1) [NamesChange]
        server: get applications.argoproj.io in namespace argocd <- UiGet Application argocd/a (app.yaml:1:1) [NamesChange]
        server: get applications.argoproj.io in namespace shop <- UiGet ApplicationSet shop/b (app.yaml:3:1) [NamesChange]
        server: get applicationsets.argoproj.io in namespace shop <- UiGet ApplicationSet shop/b (app.yaml:3:1) [NamesChange]
        server: get appprojects.argoproj.io in namespace shop <- UiGet AppProject shop/c (app.yaml:5:1) [NamesChange]
        ");
        assert!(case.needs(yaml).unknown.is_empty());
    }

    #[test]
    fn a_workflow_is_not_argo_cds_own() {
        let yaml = "{apiVersion: argoproj.io/v1alpha1, kind: Workflow, metadata: {name: a}}";
        assert_eq!(Case::default().needs(yaml).unknown.len(), 1);
    }
}
