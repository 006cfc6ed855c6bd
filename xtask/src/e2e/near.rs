//! Questions near the rules that somebody holds: what a rule allows, or that with one thing changed.

use fastrand::Rng;
use rbac::{Binding, Identity, Policy, PolicyRule, Subject};
use serde_json::{Value, json};

use super::generate;

/// A request near a rule of a bound role; any request where no role is bound.
pub(super) fn request(rng: &mut Rng, policy: &Policy) -> Value {
    let bindings: Vec<&Binding> = policy.bindings().collect();
    let near = rng.choice(&bindings).and_then(|binding| {
        let role = policy.role(&binding.role_ref, binding.namespace.as_deref())?;
        let (subject, rule) = (rng.choice(&binding.subjects)?, rng.choice(role.rules.iter())?);
        Some(near(rng, binding, subject, rule))
    });
    near.unwrap_or_else(|| generate::request(rng))
}

/// The question what each subject of a policy's bindings holds, there where it is bound.
pub(super) fn holders(policy: &Policy) -> Vec<Value> {
    let bound = policy.bindings().flat_map(|binding| {
        let namespace = binding.namespace.as_deref().unwrap_or("a");
        binding.subjects.iter().map(move |subject| {
            let Identity { user, groups } = somebody(binding, subject);
            generate::impersonated(json!({ "user": user, "groups": groups, "namespace": namespace }))
        })
    });
    let mut questions: Vec<Value> = bound.collect();
    questions.sort_unstable_by_key(Value::to_string);
    questions.dedup();
    questions
}

/// Who a subject is; a member, where it is a group.
fn somebody(binding: &Binding, subject: &Subject) -> Identity {
    match subject.kind.as_str() {
        "ServiceAccount" => {
            let namespace = subject.namespace.as_deref().or(binding.namespace.as_deref());
            Identity::service_account(namespace.unwrap_or_default(), &subject.name)
        }
        "Group" => Identity::user("jane", [&subject.name]),
        _ => Identity::user(&subject.name, [] as [&str; 0]),
    }
}

/// What the rule allows there where it is bound; in half of the cases with one thing changed.
fn near(rng: &mut Rng, binding: &Binding, subject: &Subject, rule: &PolicyRule) -> Value {
    let Identity { user, groups } = somebody(binding, subject);
    let changed = rng.u8(..14);
    let verb = one(rng, &rule.verbs, changed == 0, &["get", "delete", "bind", "impersonate"]);
    if !rule.non_resource_urls.is_empty() {
        let path = one(rng, &rule.non_resource_urls, changed == 1, &["/x", "/healthz", "/metrics"]);
        let path = if path.ends_with('*') { path.replace('*', "x") } else { path };
        return json!({ "user": user, "groups": groups, "verb": verb, "path": path });
    }
    let resource = one(rng, &rule.resources, changed == 2, &["pods", "secrets", "pods/exec", "nodes/proxy"]);
    let (resource, subresource) = resource.split_once('/').unwrap_or((&resource, ""));
    let subresource = if changed == 3 { "status" } else { subresource };
    let namespace = match binding.namespace.as_deref() {
        _ if changed == 4 => "elsewhere",
        None => generate::pick(rng, &["", "a"]),
        Some(_) if changed == 5 => "",
        Some(namespace) => namespace,
    };
    let named = !rule.resource_names.is_empty() && changed != 6;
    let name = if named { one(rng, &rule.resource_names, changed == 7, &["x"]) } else { String::new() };
    json!({
        "user": user, "groups": groups, "verb": verb, "resource": resource, "subresource": subresource,
        "group": one(rng, &rule.api_groups, changed == 8, &["", "apps", "example.com"]),
        "namespace": namespace, "name": name,
    })
}

/// A word of a rule, any of the others where it is a star; or another one.
fn one(rng: &mut Rng, words: &[String], other: bool, others: &[&str]) -> String {
    let word = rng.choice(words).filter(|word| *word != "*" && !other);
    word.cloned().unwrap_or_else(|| generate::pick(rng, others).to_owned())
}
