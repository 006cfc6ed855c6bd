//! Argo CD's own policy (util/assets/builtin-policy.csv of v3.5.3): two roles, and who has them.

/// What role:readonly may `get`, in Argo CD's order.
const READONLY: [&str; 10] = [
    "applications",
    "applicationsets",
    "certificates",
    "clusters",
    "repositories",
    "write-repositories",
    "projects",
    "accounts",
    "gpgkeys",
    "logs",
];

/// What role:admin may do besides.
const ADMIN: [(&str, &[&str]); 10] = [
    ("applications", &["create", "update", "update/*", "delete", "delete/*", "sync", "override", "action/*"]),
    ("applicationsets", &["get", "create", "update", "delete"]),
    ("certificates", &["create", "update", "delete"]),
    ("clusters", &["create", "update", "delete"]),
    ("repositories", &["create", "update", "delete"]),
    ("write-repositories", &["create", "update", "delete"]),
    ("projects", &["create", "update", "delete"]),
    ("accounts", &["update"]),
    ("gpgkeys", &["create", "delete"]),
    ("exec", &["create"]),
];

/// The policy's lines. `extensions` is in neither role.
pub(crate) fn lines() -> impl Iterator<Item = String> {
    let readonly = READONLY.into_iter().map(|resource| rule("readonly", resource, "get"));
    let admin = ADMIN
        .into_iter()
        .flat_map(|(resource, actions)| actions.iter().map(move |action| rule("admin", resource, action)));
    let groupings = ["g, role:admin, role:readonly", "g, admin, role:admin"].map(str::to_owned);
    readonly.chain(admin).chain(groupings)
}

/// What belongs to a project is named with it.
fn rule(role: &str, resource: &str, action: &str) -> String {
    let in_project = matches!(resource, "applications" | "applicationsets" | "logs" | "exec");
    let object = if in_project { "*/*" } else { "*" };
    format!("p, role:{role}, {resource}, {action}, {object}, allow")
}
