//! Needs that nothing in some cases makes Argo CD ask for, each with its reason.

use std::collections::BTreeSet;

use rbac::Permission;

use super::case::{Identity, Need};

/// Whose need it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Controller,
    Server,
    ServiceAccount,
}

/// One kind of need: whose, which verb, on which resource or path.
type Exemption = (Who, &'static str, &'static str, &'static str);

const BEYOND: &str = "the plan says itself that it is beyond what is deployed";
const NOT_AS_ITSELF: &str = "where sync is impersonated argocd-server asks as the service account, but when a cluster is added or refreshed";
const APPLIES: &str =
    "kubectl reads it before it applies, which the service account does where sync is impersonated";
/// kubectl, pkg/cmd/apply/patcher.go (patchSimple), which gitops-engine gives no schemas of the third version (resource_ops.go,
/// newApplyOptions).
const PATCHES: &str = "kubectl reads it to change by a client-side apply what is there: not for who only makes, replaces or applies by \
    the server";
const NEVER_REFUSED: &str =
    "asked once a list was refused, and with these settings all that is listed may be";
const IN_NO_TREE: &str = "definitions carry no tracking id: they are in no tree";
const THERE_ALREADY: &str = "the namespace is there already, since Oarlock's own Roles are in it";
const NOT_COMPARED: &str = "`kubectl auth reconcile` makes a binding to another role anew, which a server-side diff can't even compare: only a \
    binding that Argo CD hasn't seen yet gets so far";

const DEFINITIONS: &str = "apiextensions.k8s.io/customresourcedefinitions";
const CLUSTER_BINDINGS: &str = "rbac.authorization.k8s.io/clusterrolebindings";
const BINDINGS: &str = "rbac.authorization.k8s.io/rolebindings";
const REVIEWS: &str = "authorization.k8s.io/selfsubjectaccessreviews";

const EXEMPTIONS: &[Exemption] = &[
    (Who::Server, "get", "/version", NOT_AS_ITSELF),
    (Who::Server, "get", "/api", NOT_AS_ITSELF),
    (Who::Server, "get", "/api/*", NOT_AS_ITSELF),
    (Who::Server, "get", "/apis", NOT_AS_ITSELF),
    (Who::Server, "get", "/apis/*", NOT_AS_ITSELF),
    (Who::Controller, "get", "/openapi/v3", APPLIES),
    (Who::Controller, "get", "/openapi/v3/*", APPLIES),
    (Who::ServiceAccount, "get", "/openapi/v2", PATCHES),
    (Who::Controller, "create", REVIEWS, NEVER_REFUSED),
    (Who::Controller, "delete", CLUSTER_BINDINGS, NOT_COMPARED),
    (Who::ServiceAccount, "delete", CLUSTER_BINDINGS, NOT_COMPARED),
    (Who::ServiceAccount, "delete", BINDINGS, NOT_COMPARED),
    (Who::Controller, "get", DEFINITIONS, IN_NO_TREE),
    (Who::Controller, "delete", DEFINITIONS, IN_NO_TREE),
    (Who::ServiceAccount, "delete", DEFINITIONS, IN_NO_TREE),
    (Who::Controller, "create", "namespaces", THERE_ALREADY),
    (Who::Controller, "patch", "namespaces", THERE_ALREADY),
    (Who::ServiceAccount, "create", "namespaces", THERE_ALREADY),
    (Who::ServiceAccount, "patch", "namespaces", THERE_ALREADY),
];

/// Those that were used.
#[derive(Default)]
pub(super) struct Used(BTreeSet<usize>);

/// Why a need isn't exercised, if there is a reason.
pub(super) fn reason(need: &Need) -> Option<&'static str> {
    if need.beyond.is_some() {
        return Some(BEYOND);
    }
    position(need).and_then(|number| EXEMPTIONS.get(number)).map(|(.., reason)| *reason)
}

impl Used {
    /// Notes that a need wasn't exercised.
    pub(super) fn note(&mut self, need: &Need) {
        if need.beyond.is_none() {
            self.0.extend(position(need));
        }
    }

    /// Those that no case needed.
    pub(super) fn stale(&self) -> Vec<String> {
        let unused = EXEMPTIONS.iter().enumerate().filter(|(number, _)| !self.0.contains(number));
        unused.map(|(_, (who, verb, what, _))| format!("{who:?}: {verb} {what}")).collect()
    }
}

fn position(need: &Need) -> Option<usize> {
    let own = match need.identity {
        Identity::Controller => Who::Controller,
        Identity::Server => Who::Server,
        Identity::Impersonated { .. } => Who::ServiceAccount,
    };
    let (verb, what) = match &need.permission {
        Permission::NonResource { path, verb } => (verb, path.to_string()),
        Permission::Resource { group, resource, verb, .. } if group.is_empty() => {
            (verb, resource.to_string())
        }
        Permission::Resource { group, resource, verb, .. } => (verb, format!("{group}/{resource}")),
    };
    EXEMPTIONS.iter().position(|(who, asks, of, _)| *who == own && **asks == **verb && **of == *what)
}
