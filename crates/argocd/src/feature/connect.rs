//! Version, discovery and OpenAPI: what every client of an API server reads first.
//!
//! Every authenticated identity may (ClusterRoles `system:discovery` and `system:public-info-viewer`, bound to
//! `system:authenticated`; plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go). It stands among the needs all the
//! same: whoever removes those bindings should see it fail, and with `respectRBAC: strict` the review of one's own
//! access (`system:basic-user`) belongs to it.

use rbac::{Permission, Scope};

use crate::{
    Identity, Operation, RespectRbac,
    collector::{Collector, Why},
};

/// What is served, and in which version: gitops-engine/pkg/cache/cluster.go (sync), server/application/application.go
/// (GetManifests), server/cluster/cluster.go.
const DISCOVERY: [&str; 5] = ["/version", "/api", "/api/*", "/apis", "/apis/*"];

/// What objects look like: gitops-engine/pkg/cache/cluster.go (sync), and kubectl's own code before it applies.
const SCHEMAS: [&str; 3] = ["/openapi/v2", "/openapi/v3", "/openapi/v3/*"];

pub(crate) fn needs(out: &mut Collector<'_>) {
    as_whom(out, &Identity::Controller);
    ask(out, &Identity::Server, &DISCOVERY);
    if out.context.settings.respect_rbac == RespectRbac::Strict {
        let review = Permission::resource(
            Scope::Cluster,
            "authorization.k8s.io",
            "selfsubjectaccessreviews",
            "create",
        );
        let why = Why { operation: Operation::LiveCache, setting: Some("resource.respectRBAC: strict") };
        out.ask(&Identity::Controller, review, None, None, why, None);
    }
}

/// Also an impersonated service account discovers before it asks for an object (sync_context.go, getSyncTasks).
pub(super) fn as_whom(out: &mut Collector<'_>, who: &Identity) {
    ask(out, who, &DISCOVERY);
    ask(out, who, &SCHEMAS);
}

fn ask(out: &mut Collector<'_>, who: &Identity, paths: &[&str]) {
    for path in paths {
        out.ask(who, Permission::path("get", path), None, None, Why::always(Operation::Connect), None);
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Operation,
        testing::{Case, DEPLOYMENT},
    };

    #[test]
    fn every_client_reads_version_discovery_and_schemas() {
        let case = Case::default();
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::Connect]), @r"
        controller: get /api <- Connect
        controller: get /api/* <- Connect
        controller: get /apis <- Connect
        controller: get /apis/* <- Connect
        controller: get /openapi/v2 <- Connect
        controller: get /openapi/v3 <- Connect
        controller: get /openapi/v3/* <- Connect
        controller: get /version <- Connect
        server: get /api <- Connect
        server: get /api/* <- Connect
        server: get /apis <- Connect
        server: get /apis/* <- Connect
        server: get /version <- Connect
        ");
    }
}
