//! RBAC that Applications ship: who writes a Role, ClusterRole or binding must hold its rules, in RBAC.
//!
//! Kubernetes checks it in pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go:
//! - a role: hold its rules where it counts, or `escalate` on it. The question for `escalate` carries the request's name,
//!   which a POST doesn't have: by name it works for roles that exist, and for server-side apply;
//! - an `aggregationRule` takes everything, or `escalate`, since it can gather any rule;
//! - a binding: hold the role's rules where it binds them, or `bind` on the role, always by name.
//!
//! `kubectl auth reconcile`, which goes before client-side apply, adds the manifests' rules to those of the role in the
//! cluster, and writes both: until a sync has removed them, the rules that left the manifests must be held, too.
//!
//! EKS access policies don't count there: only RBAC is looked at. A dry run is checked like the write, so with server-side diff
//! the controller must hold the rules as well.
//!
//! The identity that applies holds the rules, exactly. Rules with wildcards, or that let their holder take more, are not
//! given silently: they become a finding, and stay undecided until somebody chooses.

mod power;
#[cfg(test)]
mod tests;
pub(crate) mod unused_choice;

use std::{collections::BTreeSet, sync::Arc};

use facts::{Finding, Gap, Place, Severity};
use rbac::{Binding, Permission, PolicyRule, Role, Scope, escalation};

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
            role(out, &who, deployment, shipped, namespace.clone());
            if let Some(sync) = actors.sync.as_ref().filter(|_| is_reconciled(deployment, shipped)) {
                left_behind(out, sync, deployment, shipped, namespace);
            }
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
            let known = known(out.context, actors, deployment, (shipped, namespace.as_ref(), &who), all);
            binding(out, &who, deployment, shipped, namespace, &known);
        }
    }
    bodies_missing(out, deployment);
}

/// Whoever may `escalate` and `bind` everything is not asked for rules at all. Only `*` gives that here, held because a role has
/// it: what roles say of paths isn't missed then.
pub(crate) fn unasked(out: &mut Collector<'_>) {
    let is_path = |permission: &Permission| matches!(permission, Permission::NonResource { .. });
    out.holding(&escalation::frees_all(&Scope::Cluster), Operation::HoldShippedRules, is_path);
}

/// Whose rights the API server checks.
pub(super) fn writers(
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
    let namespace = deployment.namespace_of(claimed.as_deref())?;
    let managed = everywhere || context.namespaces.iter().any(|managed| *managed == namespace);
    managed.then(|| Some(namespace.into()))
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
            let rules = if aggregates(role) { everything.as_slice() } else { &role.rules };
            hold(out, who, &subject, &scope, rules, Some(Beyond::ShippedRulesAreWide));
        }
        (_, Some(Choice::Escalate)) => escalate(out, who, &subject, shipped, deployment),
        // Somebody else writes the role; Argo CD finds it unchanged.
        (_, Some(Choice::Bind)) => {}
        (true, None) => {
            out.finding(power.finding(out.context.input_from, &subject.object, role.place.as_ref()));
            let choices = vec![Choice::Hold, Choice::Bind, Choice::Escalate];
            out.undecided(subject.undecided(subject.object.clone(), power.gives, choices));
        }
    }
}

/// Whether `kubectl auth reconcile` writes it (rbac_reconcile.rs).
fn is_reconciled(deployment: &Deployment, shipped: &Shipped<Role>) -> bool {
    let by_server = shipped.options.server_side_apply.unwrap_or(deployment.sync.server_side_apply);
    let in_sync = match shipped.part {
        Part::Resource => true,
        Part::Hook(policy) => policy.in_sync,
        Part::Live | Part::Skipped | Part::Ignored | Part::Orphan => false,
    };
    in_sync && !by_server && !replaces(deployment, shipped.options)
}

/// Rules that the role in the cluster has and the manifests have no more.
fn left_behind(
    out: &mut Collector<'_>,
    sync: &Identity,
    deployment: &Deployment,
    shipped: &Shipped<Role>,
    namespace: Option<Arc<str>>,
) {
    let role = &shipped.object;
    let same = |live: &&Role| live.name == role.name && live.namespace.as_deref() == namespace.as_deref();
    // The rules of an aggregated role aren't the manifests'.
    let Some(live) = out.context.roles.iter().find(same).filter(|live| !aggregates(live)) else { return };
    let left = escalation::uncovered(&role.rules, &live.rules);
    if left.is_empty() {
        return;
    }
    let kind = role_kind(namespace.is_some());
    let subject = Subject::new(deployment, kind, namespace, &role.name, role.place.as_ref());
    let scope = Scope::of(subject.object.namespace.as_deref());
    let power = power::of(&left, false, &scope);
    match out.context.choices.get(&subject.object) {
        // `escalate` on its name covers the update; with `bind` Argo CD doesn't write it.
        Some(Choice::Escalate | Choice::Bind) => {}
        None if power.is_wide() => out.finding(power.left_behind(&subject.object, role.place.as_ref())),
        None | Some(Choice::Hold) => {
            let who = std::slice::from_ref(sync);
            hold(out, who, &subject, &scope, &left, Some(Beyond::LiveRulesAreReconciled));
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
    known: &Known<'_>,
) {
    let binding = &shipped.object;
    let kind = if namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" };
    let subject = Subject::new(deployment, kind, namespace, &binding.name, binding.place.as_ref());
    let scope = Scope::of(subject.object.namespace.as_deref());
    let role = bound(binding, subject.object.namespace.as_deref());
    let by_name = power::of_name(&role, &scope);
    let is_own = !by_name.is_unknown();
    let power = match known {
        Known::Here(found) => power::of(&found.rules, aggregates(found), &scope),
        // Kubernetes' own roles are the same whether the inventory has them or not.
        Known::Elsewhere(found) if !is_own => power::of(&found.rules, aggregates(found), &scope),
        Known::Elsewhere(_) | Known::Nowhere => by_name,
    };
    let choices = out.context.choices;
    let own = choices.get(&subject.object).copied();
    match (own.or_else(|| choices.get(&role).copied()), known) {
        // Whoever holds the role's rules to write it may bind it as well.
        (Some(Choice::Hold), Known::Here(_)) if own.is_none() => {}
        (Some(Choice::Hold), Known::Here(found) | Known::Elsewhere(found)) => {
            let everything = power::everything();
            let rules = if aggregates(found) { everything.as_slice() } else { &found.rules };
            let beyond = (power.is_wide() || aggregates(found)).then_some(Beyond::ShippedRulesAreWide);
            hold(out, who, &subject, &scope, rules, beyond);
        }
        (Some(Choice::Hold), Known::Nowhere) => out.unknown(rules_missing(out.context, &role)),
        (Some(_), _) => bind(out, who, &subject, &scope, &role),
        (None, _) if power.is_wide() => {
            out.finding(power.bound(out.context.input_from, &subject.object, &role, binding.place.as_ref()));
            out.undecided(subject.undecided(role, power.gives, vec![Choice::Hold, Choice::Bind]));
        }
        (None, Known::Here(_)) => {}
        // Kubernetes' own roles gather rules: they can't be held exactly.
        (None, _) if is_own => {
            out.findings(power.bound_own(&subject.object, &role, binding.place.as_ref()));
            bind(out, who, &subject, &scope, &role);
        }
        (None, Known::Elsewhere(found)) => {
            out.findings(power.warning(&subject.object, binding.place.as_ref()));
            hold(out, who, &subject, &scope, &found.rules, None);
        }
        // It may be anything, cluster-admin included: not even `bind` on its name is given unasked.
        (None, Known::Nowhere) => out.unknown(bound_missing(out.context, &subject, &role)),
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
    actors: &Actors,
    deployment: &'r Deployment,
    (binding, namespace, who): (&Shipped<Binding>, Option<&Arc<str>>, &[Identity]),
    all: &[&'r Deployment],
) -> Known<'r> {
    let wanted = &bound(&binding.object, namespace.map(|namespace| &**namespace));
    if let Some(here) = find(deployment, wanted) {
        // A role that isn't applied, or by others (a hook), gives the binding's writers nothing.
        let holders = writers(context, actors, deployment, here.part);
        return match who.iter().all(|identity| holders.contains(identity)) {
            true => Known::Here(&here.object),
            false => Known::Elsewhere(&here.object),
        };
    }
    let shipped = all.iter().find_map(|other| find(other, wanted)).map(|shipped| &shipped.object);
    let live = || {
        let same = |role: &&Role| {
            *role.name == *wanted.name && role.namespace.as_deref() == wanted.namespace.as_deref()
        };
        context.roles.iter().find(same)
    };
    shipped.or_else(live).map_or(Known::Nowhere, Known::Elsewhere)
}

/// The role that a binding in this namespace (none for a ClusterRoleBinding) binds.
fn bound(binding: &Binding, namespace: Option<&str>) -> ObjectRef {
    let namespace = namespace.filter(|_| binding.role_ref.kind == "Role");
    ObjectRef::new(&binding.role_ref.kind, namespace, &binding.role_ref.name)
}

fn reference(deployment: &Deployment, Shipped { object: role, namespaced, .. }: &Shipped<Role>) -> ObjectRef {
    let namespace = deployment.namespace_of(role.namespace.as_deref()).filter(|_| *namespaced);
    ObjectRef::new(role_kind(*namespaced), namespace, &role.name)
}

fn find<'r>(deployment: &'r Deployment, wanted: &ObjectRef) -> Option<&'r Shipped<Role>> {
    let same = |shipped: &&Shipped<Role>| reference(deployment, shipped) == *wanted;
    deployment.roles.iter().find(same)
}

fn rules_missing(context: &ClusterContext<'_>, object: &ObjectRef) -> Gap {
    Gap::new(format!("the rules of `{object}`"), "only its name is known")
        .filled_by(context.input_from.knowing_rules(object, plural(&object.kind)))
}

fn bound_missing(context: &ClusterContext<'_>, subject: &Subject<'_>, role: &ObjectRef) -> Gap {
    let at = subject.place.map(|place| format!(", first at {place}")).unwrap_or_default();
    Gap::new(
        format!("the rules of `{role}`, which `{}` binds", subject.object),
        format!("only its name is known{at}"),
    )
    .filled_by(context.input_from.knowing_bound(role, plural(&role.kind)))
}

/// Live RBAC objects whose rules didn't come with them.
fn bodies_missing(out: &mut Collector<'_>, deployment: &Deployment) {
    for (key, group) in deployment.groups.iter().filter(|(key, _)| key.is_rbac() && key.part == Part::Live) {
        let mut bodies: Vec<&str> = deployment.roles.iter().map(|shipped| &*shipped.object.name).collect();
        bodies.extend(deployment.bindings.iter().map(|shipped| &*shipped.object.name));
        for name in group.names.iter().map(|(name, _)| name).filter(|name| !bodies.contains(name)) {
            out.unknown(rules_missing(
                out.context,
                &ObjectRef::new(&key.kind, key.namespace.as_deref(), name),
            ));
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

    fn undecided(&self, role: ObjectRef, gives: Vec<String>, choices: Vec<Choice>) -> Undecided {
        Undecided {
            object: self.object.clone(),
            role,
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
