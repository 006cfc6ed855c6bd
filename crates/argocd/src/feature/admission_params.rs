//! Admission policies with parameters: whoever writes one must be allowed to read its parameters.
//!
//! Kubernetes, pkg/registry/admissionregistration/{validating,mutating}admissionpolicy/authz.go: a policy takes `get` on
//! every object of its `paramKind`. …policybinding/authz.go: a binding takes `get` on the object of its `paramRef`, or
//! `list` where it names none, across all namespaces where it names no namespace. Asked when the object is created or the
//! reference changes, of all authorizers, so an EKS access policy counts.

use std::sync::Arc;

use facts::{Gap, Place};
use rbac::{Permission, Scope};

use crate::{
    Deployment, Operation,
    catalog::Catalog,
    collector::{Collector, Why},
    deployment::{Params, ParamsBody},
    feature::shipped_rbac::writers,
    needs::Actors,
};

pub(super) const GROUP: &str = "admissionregistration.k8s.io";

pub(crate) fn needs(
    out: &mut Collector<'_>,
    actors: &Actors,
    deployment: &Deployment,
    all: &[&Deployment],
    catalog: &Catalog<'_>,
) {
    let managed = out.context.namespaces.is_empty() || out.context.cluster_resources;
    for params in deployment.params.iter().filter(|_| managed) {
        let who = writers(out.context, actors, deployment, params.part);
        if who.is_empty() || out.excludes(GROUP, &params.kind) {
            continue;
        }
        let permission = match permission(params, all, catalog) {
            Ok(permission) => permission,
            Err(gap) => {
                out.unknown(gap);
                continue;
            }
        };
        let object: Arc<str> = params.object().into();
        for identity in &who {
            let object = Some((Some(params.place.clone()), Arc::clone(&object), 1));
            let why = Why::always(Operation::ReadAdmissionParams);
            out.ask(identity, permission.clone(), deployment.application(), object, why, None);
        }
    }
}

fn permission(params: &Params, all: &[&Deployment], catalog: &Catalog<'_>) -> Result<Permission, Gap> {
    match &params.body {
        ParamsBody::Policy { group, kind } => {
            let plural = plural(params, group, kind, catalog)?;
            Ok(Permission::resource(Scope::Cluster, group, plural, "get"))
        }
        ParamsBody::Binding { policy, namespace, name } => {
            let policy_kind = params.kind.trim_end_matches("Binding");
            let policies = all.iter().flat_map(|deployment| &deployment.params);
            let found = policies.filter(|other| *other.kind == *policy_kind && *other.name == **policy);
            let kind = found.filter_map(|other| match &other.body {
                ParamsBody::Policy { group, kind } => Some((group, kind)),
                ParamsBody::Binding { .. } => None,
            });
            let Some((group, kind)) = kind.into_iter().next() else {
                return Err(without_policy(params, policy_kind, policy));
            };
            let plural = plural(params, group, kind, catalog)?;
            let scope = Scope::of(namespace.as_deref());
            let read = |verb| Permission::resource(scope.clone(), group, plural, verb);
            Ok(name.as_deref().map_or_else(|| read("list"), |name| read("get").named(name)))
        }
    }
}

fn plural<'a>(params: &Params, group: &str, kind: &str, catalog: &'a Catalog<'_>) -> Result<&'a str, Gap> {
    let resource = catalog.resource(group, kind).map(|resource| resource.plural.as_str());
    resource.ok_or_else(|| {
        Gap::new(
            format!("the plural of kind `{kind}` in `{group}`, which holds the parameters of `{}`", params.object()),
            format!("no API discovery, no CustomResourceDefinition in the input and no kind of Kubernetes' own names it{}", at(&params.place)),
        )
        .filled_by(catalog.fill(group, ""))
    })
}

fn without_policy(params: &Params, kind: &str, policy: &str) -> Gap {
    Gap::new(
        format!("the `paramKind` of `{kind} {policy}`, which `{}` binds", params.object()),
        format!("no such policy with a `paramKind` is among the manifests{}", at(&params.place)),
    )
    .filled_by("add the policy to the input")
}

fn at(place: &Place) -> String {
    format!(", first at {place}")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{Operation, testing::Case};

    const POLICY: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: replicas}
spec: {paramKind: {apiVersion: v1, kind: ConfigMap}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: by-name}
spec: {policyName: replicas, paramRef: {name: limits, namespace: shop}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: by-label}
spec: {policyName: replicas, paramRef: {selector: {matchLabels: {a: b}}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: without}
spec: {policyName: replicas}
"#;

    const READS: [Operation; 1] = [Operation::ReadAdmissionParams];

    #[test]
    fn whoever_writes_a_policy_reads_its_parameters() {
        assert_snapshot!(Case::default().lines(POLICY, &READS), @r"
        controller: get configmaps cluster-wide <- ReadAdmissionParams ValidatingAdmissionPolicy replicas (app.yaml:2:1)
        controller: list configmaps cluster-wide <- ReadAdmissionParams ValidatingAdmissionPolicyBinding by-label (app.yaml:12:1)
        controller: get configmaps `limits` in namespace shop <- ReadAdmissionParams ValidatingAdmissionPolicyBinding by-name (app.yaml:7:1)
        ");
    }

    #[test]
    fn parameters_that_nobody_knows_are_unknown() {
        let gaps = |yaml: &str| {
            let unknown = Case::default().needs(yaml).unknown;
            unknown.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let kind = POLICY
            .replace("apiVersion: v1, kind: ConfigMap", "apiVersion: rules.example.com/v1, kind: Limit");
        assert!(gaps(&kind).contains("the plural of kind `Limit` in `rules.example.com`"), "{}", gaps(&kind));
        let binding = "{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicyBinding, metadata: {name: b}, spec: {policyName: p, paramRef: {name: x}}}";
        assert_snapshot!(gaps(binding), @"the `paramKind` of `MutatingAdmissionPolicy p`, which `MutatingAdmissionPolicyBinding b` binds: no such policy with a `paramKind` is among the manifests, first at app.yaml:1:1");
    }

    #[test]
    fn a_policy_without_parameters_reads_nothing() {
        let yaml = "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: p}, spec: {validations: []}}";
        assert_eq!(Case::default().lines(yaml, &READS), "");
    }
}
