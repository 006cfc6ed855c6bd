//! The ClusterRoles that every API server makes for every authenticated identity.

use std::sync::{Arc, LazyLock};

use crate::{Binding, PolicyRule, Role, RoleRef, Subject};

/// The RBAC objects of a cluster, together with those that Kubernetes itself makes at every start where they are
/// missing (plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go, Kubernetes 1.36).
///
/// What the inventory has of the same name counts: people do change them.
pub fn with_bootstrap(roles: &[Role], bindings: &[Binding]) -> (Vec<Role>, Vec<Binding>) {
    let has_role = |name: &str| roles.iter().any(|role| role.namespace.is_none() && role.name == name);
    let has_binding = |name: &str| bindings.iter().any(|b| b.namespace.is_none() && b.name == name);
    let missing_roles = DEFAULTS.iter().filter(|role| !has_role(&role.name));
    let missing_bindings =
        DEFAULTS.iter().filter(|role| !has_binding(&role.name)).map(bound_to_authenticated);
    (
        missing_roles.chain(roles).cloned().collect(),
        missing_bindings.chain(bindings.iter().cloned()).collect(),
    )
}

static DEFAULTS: LazyLock<[Role; 2]> = LazyLock::new(|| {
    let paths = [
        "/api",
        "/api/*",
        "/apis",
        "/apis/*",
        "/healthz",
        "/livez",
        "/openapi",
        "/openapi/*",
        "/readyz",
        "/version",
        "/version/",
    ];
    let discovery = PolicyRule {
        non_resource_urls: paths.map(str::to_owned).into(),
        verbs: vec!["get".to_owned()],
        ..PolicyRule::default()
    };
    let create = |group: &str, resources: &[&str]| PolicyRule {
        api_groups: vec![group.to_owned()],
        resources: resources.iter().map(|&resource| resource.to_owned()).collect(),
        verbs: vec!["create".to_owned()],
        ..PolicyRule::default()
    };
    let reviews = ["selfsubjectaccessreviews", "selfsubjectrulesreviews"];
    let basic =
        [create("authorization.k8s.io", &reviews), create("authentication.k8s.io", &["selfsubjectreviews"])];
    [cluster_role("system:discovery", [discovery].into()), cluster_role("system:basic-user", basic.into())]
});

fn cluster_role(name: &str, rules: Arc<[PolicyRule]>) -> Role {
    Role {
        namespace: None,
        name: name.to_owned(),
        labels: Default::default(),
        rules,
        aggregation: None,
        place: None,
    }
}

fn bound_to_authenticated(role: &Role) -> Binding {
    let group = "rbac.authorization.k8s.io".to_owned();
    Binding {
        namespace: None,
        name: role.name.clone(),
        role_ref: RoleRef {
            api_group: group.clone(),
            kind: "ClusterRole".to_owned(),
            name: role.name.clone(),
        },
        subjects: vec![Subject {
            kind: "Group".to_owned(),
            api_group: group,
            name: "system:authenticated".to_owned(),
            namespace: None,
        }],
        place: None,
    }
}
