//! RBAC that Applications ship: who writes a Role, ClusterRole or binding must hold its rules, in RBAC.
//!
//! Kubernetes checks it in pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go:
//! - a role: hold its rules where it counts, or `escalate` on it. The question for `escalate` carries the request's name,
//!   which a POST doesn't have: by name it works for roles that exist, and for server-side apply;
//! - an `aggregationRule` takes everything, or `escalate`, since it can gather any rule;
//! - a binding: hold the role's rules where it binds them, or `bind` on the role, always by name.
//!
//! EKS access policies don't count there: only RBAC is looked at. A dry run is checked like the write, so with server-side diff
//! the controller must hold the rules as well.
//!
//! The identity that applies holds the rules, exactly. Rules with wildcards, or that let their holder take more, are not
//! given silently: they become a finding, and stay undecided until somebody chooses.

mod power;

use std::{collections::BTreeSet, sync::Arc};

use facts::{Finding, Gap, Place, Severity};
use rbac::{Binding, Permission, PolicyRule, Role, Scope};

use crate::{
    Beyond, Choice, ClusterContext, Deployment, Identity, ObjectRef, Operation, Undecided,
    collector::{Collector, Why},
    deployment::{ObjectOptions, Part, Shipped},
    needs::Actors,
};

pub(crate) fn needs(out: &mut Collector<'_>, actors: &Actors, deployment: &Deployment, all: &[&Deployment]) {
    for shipped in &deployment.roles {
        let who = writers(out.context, actors, deployment, shipped.part);
        let Some(namespace) =
            namespace(out.context, deployment, &shipped.object.namespace, shipped.namespaced)
        else {
            continue;
        };
        if !who.is_empty() {
            role(out, &who, deployment, shipped, namespace);
        }
    }
    for shipped in &deployment.bindings {
        let who = writers(out.context, actors, deployment, shipped.part);
        let Some(namespace) =
            namespace(out.context, deployment, &shipped.object.namespace, shipped.namespaced)
        else {
            continue;
        };
        if !who.is_empty() {
            binding(out, &who, deployment, shipped, namespace, all);
        }
    }
    bodies_missing(out, deployment);
}

/// Whose rights the API server checks.
fn writers(
    context: &ClusterContext<'_>,
    actors: &Actors,
    deployment: &Deployment,
    part: Part,
) -> Vec<Identity> {
    let diff = deployment.sync.server_side_diff.unwrap_or(context.settings.server_side_diff);
    let mut who: Vec<Identity> = match part {
        Part::Resource | Part::Live => actors.sync.iter().cloned().collect(),
        Part::Hook(policy) => {
            let sync = actors.sync.iter().filter(|_| policy.in_sync);
            sync.chain(actors.deletion.iter().filter(|_| policy.on_deletion)).cloned().collect()
        }
        Part::Skipped | Part::Ignored | Part::Orphan => Vec::new(),
    };
    if diff && matches!(part, Part::Resource | Part::Live) {
        who.push(Identity::Controller);
    }
    who.sort_unstable();
    who.dedup();
    who
}

/// The namespace of an object, or none for a cluster-scoped one; `None` where Argo CD doesn't get to apply it.
#[expect(
    clippy::option_option,
    reason = "outer: whether it is applied; inner: its namespace, as in Role and Binding"
)]
fn namespace(
    context: &ClusterContext<'_>,
    deployment: &Deployment,
    claimed: &Option<String>,
    namespaced: bool,
) -> Option<Option<Arc<str>>> {
    let everywhere = context.namespaces.is_empty();
    if !namespaced {
        return (everywhere || context.cluster_resources).then_some(None);
    }
    let claimed = claimed.as_deref().filter(|namespace| !namespace.is_empty()).map(Arc::from);
    let namespace: Arc<str> = claimed.or_else(|| deployment.destination_namespace.clone())?;
    let managed = everywhere || context.namespaces.iter().any(|managed| **managed == *namespace);
    managed.then_some(Some(namespace))
}

fn role(
    out: &mut Collector<'_>,
    who: &[Identity],
    deployment: &Deployment,
    shipped: &Shipped<Role>,
    namespace: Option<Arc<str>>,
) {
    let role = &shipped.object;
    let subject =
        Subject::new(deployment, role_kind(namespace.is_some()), namespace, &role.name, role.place.as_ref());
    if let Some(finding) = power::extends_built_in(role, &subject.object) {
        out.finding(finding);
    }
    let scope = Scope::of(subject.object.namespace.as_deref());
    let power = power::of(&role.rules, aggregates(role), &scope);
    match (power.is_wide(), out.context.choices.get(&subject.object)) {
        (false, None | Some(Choice::Hold)) => {
            out.findings(power.warning(&subject.object, role.place.as_ref()));
            hold(out, who, &subject, &scope, &role.rules, None);
        }
        (true, Some(Choice::Hold)) => {
            let everything = power::everything();
            let rules = if aggregates(role) { &everything } else { &role.rules };
            hold(out, who, &subject, &scope, rules, Some(Beyond::ShippedRulesAreWide));
        }
        (_, Some(Choice::Escalate)) => escalate(out, who, &subject, shipped, deployment),
        // Somebody else writes the role; Argo CD finds it unchanged.
        (_, Some(Choice::Bind)) => {}
        (true, None) => {
            out.finding(power.finding(&subject.object, role.place.as_ref()));
            let choices = vec![Choice::Hold, Choice::Bind, Choice::Escalate];
            out.undecided(subject.undecided(power.gives, choices));
        }
    }
}

fn hold(
    out: &mut Collector<'_>,
    who: &[Identity],
    subject: &Subject<'_>,
    scope: &Scope,
    rules: &[PolicyRule],
    beyond: Option<Beyond>,
) {
    let mut seen = BTreeSet::new();
    // The check asks for paths also where a RoleBinding, which grants none, binds them.
    let paths = rules.iter().flat_map(|rule| rule.permissions(&Scope::Cluster));
    let paths = paths.filter(|permission| matches!(permission, Permission::NonResource { .. }));
    let inside = rules.iter().flat_map(|rule| rule.permissions(scope));
    for permission in inside.chain(paths) {
        if seen.insert(permission.clone()) {
            subject.ask(out, who, permission, Operation::HoldShippedRules, beyond);
        }
    }
}

/// An `aggregationRule` without selectors gathers nothing (clusterrole/policybased/storage.go, hasAggregationRule).
fn aggregates(role: &Role) -> bool {
    role.aggregation.as_ref().is_some_and(|aggregation| !aggregation.cluster_role_selectors.is_empty())
}

fn escalate(
    out: &mut Collector<'_>,
    who: &[Identity],
    subject: &Subject<'_>,
    shipped: &Shipped<Role>,
    deployment: &Deployment,
) {
    let ObjectRef { kind, namespace, name } = &subject.object;
    let scope = Scope::of(namespace.as_deref());
    let permission = Permission::resource(scope, GROUP, plural(kind), "escalate").named(name);
    subject.ask(out, who, permission, Operation::EscalateRole, None);
    let by_server = shipped.options.server_side_apply.unwrap_or(deployment.sync.server_side_apply);
    if !by_server || replaces(deployment, shipped.options) {
        let finding = Finding::new(
            "escalate-needs-existing-role",
            Severity::Warning,
            format!(
                "`{}`: `escalate` by name doesn't let Argo CD create it, since a POST carries no name",
                subject.object
            ),
        )
        .with_help("sync it with `ServerSideApply=true`")
        .with_help("or create it once by hand");
        out.finding(subject.at(finding));
    }
}

fn replaces(deployment: &Deployment, options: ObjectOptions) -> bool {
    deployment.sync.replace || options.replace
}

fn binding(
    out: &mut Collector<'_>,
    who: &[Identity],
    deployment: &Deployment,
    shipped: &Shipped<Binding>,
    namespace: Option<Arc<str>>,
    all: &[&Deployment],
) {
    let binding = &shipped.object;
    let kind = if namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" };
    let subject = Subject::new(deployment, kind, namespace, &binding.name, binding.place.as_ref());
    let scope = Scope::of(subject.object.namespace.as_deref());
    let role_namespace = subject.object.namespace.as_deref().filter(|_| binding.role_ref.kind == "Role");
    let role = ObjectRef::new(&binding.role_ref.kind, role_namespace, &binding.role_ref.name);
    let known = known(out.context, deployment, &role, all);
    let power = match &known {
        Known::Here(found) | Known::Elsewhere(found) => power::of(&found.rules, false, &scope),
        Known::Nowhere => power::of_name(&role, &scope),
    };
    // An aggregated role gathers rules that nobody sees here.
    let aggregated = matches!(&known, Known::Here(role) | Known::Elsewhere(role) if aggregates(role));
    let choices = out.context.choices;
    let own = choices.get(&subject.object).copied();
    match (own.or_else(|| choices.get(&role).copied()), &known) {
        // Whoever holds the role's rules to write it may bind it as well.
        (Some(Choice::Hold), Known::Here(_)) if own.is_none() => {}
        (Some(Choice::Hold), Known::Here(found) | Known::Elsewhere(found)) => {
            let everything = power::everything();
            let rules = if aggregates(found) { &everything } else { &found.rules };
            let beyond = (power.is_wide() || aggregates(found)).then_some(Beyond::ShippedRulesAreWide);
            hold(out, who, &subject, &scope, rules, beyond);
        }
        (Some(Choice::Hold), Known::Nowhere) => out.unknown(rules_missing(&role)),
        (Some(_), _) => bind(out, who, &subject, &scope, &role),
        (None, _) if power.is_wide() => {
            out.finding(power.bound(&subject.object, &role, binding.place.as_ref()));
            out.undecided(subject.undecided(power.gives, vec![Choice::Hold, Choice::Bind]));
        }
        (None, Known::Here(_)) if !aggregated => {}
        (None, Known::Elsewhere(found)) if !aggregated => {
            out.findings(power.warning(&subject.object, binding.place.as_ref()));
            hold(out, who, &subject, &scope, &found.rules, None);
        }
        (None, _) => {
            out.findings(power.bound_unknown(&subject.object, &role, binding.place.as_ref()));
            bind(out, who, &subject, &scope, &role);
        }
    }
}

fn bind(out: &mut Collector<'_>, who: &[Identity], subject: &Subject<'_>, scope: &Scope, role: &ObjectRef) {
    let permission = Permission::resource(scope.clone(), GROUP, plural(&role.kind), "bind").named(&role.name);
    subject.ask(out, who, permission, Operation::BindRole, None);
}

/// What is known of the role that a binding binds.
enum Known<'r> {
    /// The same Application ships it: whoever may write the role holds its rules.
    Here(&'r Role),
    /// Another Application ships it, or it exists in the cluster.
    Elsewhere(&'r Role),
    Nowhere,
}

fn known<'r>(
    context: &ClusterContext<'r>,
    deployment: &'r Deployment,
    wanted: &ObjectRef,
    all: &[&'r Deployment],
) -> Known<'r> {
    let here = find(deployment, wanted);
    if let Some(role) = here {
        return Known::Here(role);
    }
    let shipped = all.iter().find_map(|other| find(other, wanted));
    let live = || {
        let same = |role: &&Role| {
            *role.name == *wanted.name && role.namespace.as_deref() == wanted.namespace.as_deref()
        };
        context.roles.iter().find(same)
    };
    shipped.or_else(live).map_or(Known::Nowhere, Known::Elsewhere)
}

fn find<'r>(deployment: &'r Deployment, wanted: &ObjectRef) -> Option<&'r Role> {
    let destination = deployment.destination_namespace.as_deref();
    let same = |shipped: &&Shipped<Role>| {
        let role = &shipped.object;
        let namespace = role.namespace.as_deref().or(destination).filter(|_| shipped.namespaced);
        *role.name == *wanted.name && namespace == wanted.namespace.as_deref()
    };
    deployment.roles.iter().find(same).map(|shipped| &shipped.object)
}

fn rules_missing(object: &ObjectRef) -> Gap {
    let ObjectRef { kind, namespace, name } = object;
    let namespace = namespace.as_ref().map(|ns| format!(" -n {ns}")).unwrap_or_default();
    Gap::new(format!("the rules of `{object}`"), "only its name is known")
        .filled_by(format!("`kubectl get {} {name}{namespace} -o yaml` in the inventory", plural(kind)))
}

/// Live RBAC objects whose rules didn't come with them.
fn bodies_missing(out: &mut Collector<'_>, deployment: &Deployment) {
    for (key, group) in
        deployment.groups.iter().filter(|(key, _)| *key.group == *GROUP && key.part == Part::Live)
    {
        let mut bodies: Vec<&str> = deployment.roles.iter().map(|shipped| &*shipped.object.name).collect();
        bodies.extend(deployment.bindings.iter().map(|shipped| &*shipped.object.name));
        for name in group.names.keys().filter(|name| !bodies.contains(&&***name)) {
            out.unknown(rules_missing(&ObjectRef::new(&key.kind, key.namespace.as_deref(), name)));
        }
    }
}

const GROUP: &str = "rbac.authorization.k8s.io";

fn role_kind(namespaced: bool) -> &'static str {
    if namespaced { "Role" } else { "ClusterRole" }
}

fn plural(kind: &str) -> &'static str {
    match kind {
        "Role" => "roles",
        "RoleBinding" => "rolebindings",
        "ClusterRoleBinding" => "clusterrolebindings",
        _ => "clusterroles",
    }
}

/// The object that takes the permissions, for reasons and findings.
struct Subject<'a> {
    object: ObjectRef,
    application: Option<&'a Arc<str>>,
    place: Option<&'a Place>,
}

impl<'a> Subject<'a> {
    fn new(
        deployment: &'a Deployment,
        kind: &str,
        namespace: Option<Arc<str>>,
        name: &str,
        place: Option<&'a Place>,
    ) -> Self {
        let object = ObjectRef { kind: kind.into(), namespace, name: name.into() };
        Self { object, application: deployment.application.as_ref(), place }
    }

    fn ask(
        &self,
        out: &mut Collector<'_>,
        who: &[Identity],
        permission: Permission,
        operation: Operation,
        beyond: Option<Beyond>,
    ) {
        for identity in who {
            let object = Some((self.place.cloned(), self.object.to_string().into(), 1));
            out.ask(identity, permission.clone(), self.application, object, Why::always(operation), beyond);
        }
    }

    fn undecided(&self, gives: Vec<String>, choices: Vec<Choice>) -> Undecided {
        Undecided {
            object: self.object.clone(),
            application: self.application.cloned(),
            place: self.place.cloned(),
            gives,
            choices,
        }
    }

    fn at(&self, finding: Finding) -> Finding {
        match self.place {
            Some(place) => finding.at(place.clone()),
            None => finding,
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{Choice, Impersonation, ObjectRef, Operation, ServiceAccount, Settings, testing::Case};

    const ALL: [Operation; 3] = [Operation::HoldShippedRules, Operation::BindRole, Operation::EscalateRole];

    const READER: &str = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [""], resources: [configmaps, pods/log], verbs: [get]}
- {apiGroups: [""], resources: [endpoints], resourceNames: [leader], verbs: [update]}
- {nonResourceURLs: [/metrics], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: app, namespace: shop}]
"#;

    const WILD: &str = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: operator}
rules:
- {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: operator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: operator}
"#;

    fn binding(kind: &str, role_kind: &str, role: &str) -> String {
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: b}}, roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role_kind}, name: '{role}'}}}}"
        )
    }

    fn chosen(choices: &[(&str, Choice)]) -> Case {
        let choices = choices.iter().map(|(kind, choice)| (ObjectRef::new(kind, None, "operator"), *choice));
        Case { choices: choices.collect(), ..Case::default() }
    }

    fn undecided(case: &Case, yaml: &str) -> String {
        let needs = case.needs(yaml);
        assert_eq!(needs.is_complete(), needs.undecided.is_empty());
        let lines = needs.undecided.iter().map(|undecided| {
            let place = undecided.place.as_ref().map(ToString::to_string).unwrap_or_default();
            format!(
                "{} ({place}) gives {}: {:?}",
                undecided.object,
                undecided.gives.join("; "),
                undecided.choices
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn plain_rules_are_held_exactly_and_their_binding_takes_nothing_more() {
        let case = Case::default();
        assert_snapshot!(case.lines(READER, &ALL), @r"
        controller: get configmaps cluster-wide <- HoldShippedRules ClusterRole reader (app.yaml:2:1)
        controller: update endpoints `leader` cluster-wide <- HoldShippedRules ClusterRole reader (app.yaml:2:1)
        controller: get pods/log cluster-wide <- HoldShippedRules ClusterRole reader (app.yaml:2:1)
        controller: get /metrics <- HoldShippedRules ClusterRole reader (app.yaml:2:1)
        ");
        assert_eq!(undecided(&case, READER), "");
    }

    #[test]
    fn a_role_is_held_in_its_namespace() {
        let role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{apiGroups: [apps], resources: [deployments], verbs: [get, list]}]}";
        assert_snapshot!(Case::default().lines(role, &ALL), @r"
        controller: get deployments.apps in namespace shop <- HoldShippedRules Role shop/r (app.yaml:1:1)
        controller: list deployments.apps in namespace shop <- HoldShippedRules Role shop/r (app.yaml:1:1)
        ");
    }

    #[test]
    fn everything_is_never_held_silently() {
        let case = Case::default();
        assert_eq!(case.lines(WILD, &ALL), "");
        assert_snapshot!(undecided(&case, WILD), @r"
        ClusterRole operator (app.yaml:2:1) gives `*` on `*` in `*`: [Hold, Bind, Escalate]
        ClusterRoleBinding operator (app.yaml:8:1) gives `*` on `*` in `*`: [Hold, Bind]
        ");
        assert_snapshot!(case.findings(WILD, "app-ships-cluster-admin"), @r"
        Error app.yaml:2:1: `ClusterRole operator` amounts to cluster-admin: whoever writes to the Application's repository gets the cluster (`*` on `*` in `*`)
        Error app.yaml:8:1: `ClusterRoleBinding operator` binds `ClusterRole operator`, which gives `*` on `*` in `*`
        ");
    }

    #[test]
    fn a_choice_decides() {
        assert_snapshot!(chosen(&[("ClusterRole", Choice::Hold)]).lines(WILD, &ALL), @"controller: * *.* cluster-wide <- HoldShippedRules ClusterRole operator (app.yaml:2:1) [ShippedRulesAreWide]");
        assert_snapshot!(chosen(&[("ClusterRole", Choice::Bind)]).lines(WILD, &ALL), @"controller: bind clusterroles.rbac.authorization.k8s.io `operator` cluster-wide <- BindRole ClusterRoleBinding operator (app.yaml:8:1)");
        let escalate = chosen(&[("ClusterRole", Choice::Escalate)]);
        assert_snapshot!(escalate.lines(WILD, &ALL), @r"
        controller: bind clusterroles.rbac.authorization.k8s.io `operator` cluster-wide <- BindRole ClusterRoleBinding operator (app.yaml:8:1)
        controller: escalate clusterroles.rbac.authorization.k8s.io `operator` cluster-wide <- EscalateRole ClusterRole operator (app.yaml:2:1)
        ");
        assert_snapshot!(escalate.findings(WILD, "escalate-needs-existing-role"), @"Warning app.yaml:2:1: `ClusterRole operator`: `escalate` by name doesn't let Argo CD create it, since a POST carries no name");
        assert_eq!(undecided(&escalate, WILD), "");
    }

    #[test]
    fn escalating_verbs_and_wildcards_in_one_place_are_wide() {
        let rules = [
            "{apiGroups: [example.com], resources: ['*'], verbs: [get]}",
            "{apiGroups: [''], resources: [secrets], verbs: ['*']}",
            "{apiGroups: [''], resources: [users], verbs: [impersonate]}",
            "{nonResourceURLs: ['*'], verbs: [get]}",
        ];
        for rule in rules {
            let role = format!(
                "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: r}}, rules: [{rule}]}}"
            );
            let case = Case::default();
            assert_eq!(case.lines(&role, &ALL), "", "{rule}");
            assert!(
                case.findings(&role, "app-ships-wildcard-rbac").starts_with("Error app.yaml:1:1"),
                "{rule}"
            );
        }
    }

    #[test]
    fn aggregation_takes_everything_unless_it_gathers_nothing() {
        let role = |selectors: &str| {
            format!(
                "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: operator}}, aggregationRule: {{clusterRoleSelectors: [{selectors}]}}}}"
            )
        };
        let gathers = role("{matchLabels: {a: b}}");
        assert_snapshot!(undecided(&Case::default(), &gathers), @"ClusterRole operator (app.yaml:1:1) gives an `aggregationRule`, which can gather any rule: writing it takes everything, or `escalate`: [Hold, Bind, Escalate]");
        assert_snapshot!(chosen(&[("ClusterRole", Choice::Hold)]).lines(&gathers, &ALL), @r"
        controller: * *.* cluster-wide <- HoldShippedRules ClusterRole operator (app.yaml:1:1) [ShippedRulesAreWide]
        controller: * * <- HoldShippedRules ClusterRole operator (app.yaml:1:1) [ShippedRulesAreWide]
        ");
        assert_eq!(undecided(&Case::default(), &role("")), "");
    }

    #[test]
    fn bindings_to_roles_of_others_take_bind_by_name() {
        let case = Case::default();
        assert_snapshot!(case.lines(&binding("RoleBinding", "ClusterRole", "view"), &ALL), @"controller: bind clusterroles.rbac.authorization.k8s.io `view` in namespace shop <- BindRole RoleBinding shop/b (app.yaml:1:1)");
        assert_snapshot!(case.lines(&binding("RoleBinding", "Role", "leader"), &ALL), @"controller: bind roles.rbac.authorization.k8s.io `leader` in namespace shop <- BindRole RoleBinding shop/b (app.yaml:1:1)");
        assert_snapshot!(case.findings(&binding("RoleBinding", "Role", "leader"), "app-binds-foreign-role"), @"Warning app.yaml:1:1: `RoleBinding shop/b` binds `Role shop/leader`, whose rules aren't known here: Argo CD gets `bind` on this one role");
    }

    #[test]
    fn binding_cluster_admin_is_never_silent() {
        let yaml = binding("ClusterRoleBinding", "ClusterRole", "cluster-admin");
        assert_eq!(Case::default().lines(&yaml, &ALL), "");
        assert_snapshot!(Case::default().findings(&yaml, "app-ships-cluster-admin"), @"Error app.yaml:1:1: `ClusterRoleBinding b` binds `ClusterRole cluster-admin`, which gives everything (ClusterRole `cluster-admin`)");
        let case = Case {
            choices: [(ObjectRef::new("ClusterRoleBinding", None, "b"), Choice::Bind)].into(),
            ..Case::default()
        };
        assert_snapshot!(case.lines(&yaml, &ALL), @"controller: bind clusterroles.rbac.authorization.k8s.io `cluster-admin` cluster-wide <- BindRole ClusterRoleBinding b (app.yaml:1:1)");
    }

    #[test]
    fn rules_of_roles_in_the_cluster_are_held_where_they_are_bound() {
        let rule = rbac::PolicyRule {
            api_groups: vec![String::new()],
            resources: vec!["configmaps".into()],
            verbs: vec!["get".into()],
            ..rbac::PolicyRule::default()
        };
        let paths = rbac::PolicyRule {
            non_resource_urls: vec!["/metrics".into()],
            verbs: vec!["get".into()],
            ..rbac::PolicyRule::default()
        };
        let role = rbac::Role {
            namespace: None,
            name: "known".into(),
            labels: Default::default(),
            rules: vec![rule, paths],
            aggregation: None,
            place: None,
        };
        let case = Case { roles: vec![role], ..Case::default() };
        assert_snapshot!(case.lines(&binding("RoleBinding", "ClusterRole", "known"), &ALL), @r"
        controller: get configmaps in namespace shop <- HoldShippedRules RoleBinding shop/b (app.yaml:1:1)
        controller: get /metrics <- HoldShippedRules RoleBinding shop/b (app.yaml:1:1)
        ");
    }

    #[test]
    fn with_server_side_diff_the_controller_must_hold_the_rules_too() {
        let account = ServiceAccount { namespace: "shop".into(), name: "deployer".into() };
        let case = Case {
            impersonation: Impersonation::On { accounts: [("app".into(), account)].into(), enforced: true },
            settings: Settings { server_side_diff: true, ..Settings::default() },
            ..Case::default()
        };
        let role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{apiGroups: [apps], resources: [deployments], verbs: [get]}]}";
        assert_snapshot!(case.lines(role, &ALL), @r"
        controller: get deployments.apps in namespace shop <- HoldShippedRules Role shop/r (app.yaml:1:1)
        serviceaccount shop/deployer: get deployments.apps in namespace shop <- HoldShippedRules Role shop/r (app.yaml:1:1)
        ");
    }

    #[test]
    fn adding_to_kubernetes_own_roles_is_told() {
        let role = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r, labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true'}}, rules: []}";
        assert_snapshot!(Case::default().findings(role, "app-extends-built-in-role"), @"Warning app.yaml:1:1: `ClusterRole r` adds its rules to Kubernetes' own ClusterRole `view`, for everybody who is bound to it");
    }
}
