//! Settings that are also values of Argo CD's Helm chart: whoever gives them to the chart leaves them out here, since
//! a setting with two owners is set back by one of them.

use serde_json::Value;

use super::{File, text, yaml};
use crate::{KubernetesObject, Ownership};

/// The values' file, in every format.
pub(super) const FILE: &str = "argo-cd-values.yaml";

pub(super) fn file(fleet: &str, values: &Value) -> File {
    File::text(FILE, format!("# {}\n{}", text::header(fleet), yaml::document(values)))
}

/// Whether the chart writes all that `object` says once it has `values`.
pub(super) fn says(values: Option<&Value>, object: &KubernetesObject) -> bool {
    let Some(values) = values.filter(|_| object.ownership == Ownership::Fields) else { return false };
    let body = object.body.value();
    match object.kind.as_str() {
        "ConfigMap" if object.name == "argocd-cm" => holds(values.pointer("/configs/cm"), body.get("data")),
        "ServiceAccount" => ["/controller/serviceAccount", "/server/serviceAccount"].iter().any(|path| {
            let account = values.pointer(path);
            account.and_then(|account| account.get("name")).and_then(Value::as_str) == Some(&object.name)
                && holds(account.and_then(|a| a.get("annotations")), body.pointer("/metadata/annotations"))
        }),
        _ => false,
    }
}

/// The key that keeps the chart from giving Argo CD everything on the hub.
const CLUSTER_ROLES: &str = "createClusterRoles";

/// The section that every README has where there are values; `instead` says what they take the place of.
pub(super) fn section(values: Option<&Value>, instead: &str) -> String {
    let Some(values) = values.and_then(Value::as_object) else { return String::new() };
    let mut text =
        format!("\n## Where Helm installs Argo CD\n\n`{FILE}` has values of the chart `argo-cd`.\n");
    if values.keys().any(|key| key != CLUSTER_ROLES) {
        text.push_str(&format!(
            "Use its settings {instead},\nat the same place in the order: a setting with two owners is set back by the next `helm upgrade`, or stops it.\n"
        ));
    }
    if values.contains_key(CLUSTER_ROLES) {
        text.push_str(&format!(
            "`{CLUSTER_ROLES}: false` takes away the chart's roles that give Argo CD everything on the hub. Use it once all else is applied: the plan's own\n\
             roles take their place, and a binding that only was deleted comes back with the next `helm upgrade`.\n"
        ));
    }
    text
}

fn holds(whole: Option<&Value>, part: Option<&Value>) -> bool {
    let pairs = |value: Option<&Value>| value.and_then(Value::as_object).cloned();
    match (pairs(whole), pairs(part)) {
        (Some(whole), Some(part)) => part.iter().all(|(key, value)| whole.get(key) == Some(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(kind: &str, name: &str, body: Value) -> KubernetesObject {
        KubernetesObject {
            api_version: "v1".into(),
            kind: kind.into(),
            namespace: Some("argocd".into()),
            name: name.into(),
            body: body.into(),
            ownership: Ownership::Fields,
        }
    }

    #[test]
    fn only_what_the_values_say_in_full_can_be_left_to_the_chart() {
        let values = json!({
            "configs": {"cm": {"a": "1", "b": "2"}},
            "controller": {"serviceAccount": {"name": "c", "annotations": {"role": "x"}}},
        });
        let says = |kind, name, body| says(Some(&values), &fields(kind, name, body));
        assert!(says("ConfigMap", "argocd-cm", json!({"data": {"a": "1"}})));
        assert!(!says("ConfigMap", "argocd-cm", json!({"data": {"a": "2"}})));
        assert!(!says("ConfigMap", "argocd-cm", json!({"data": {"a": "1", "c": "3"}})));
        assert!(says("ServiceAccount", "c", json!({"metadata": {"annotations": {"role": "x"}}})));
        assert!(!says("ServiceAccount", "d", json!({"metadata": {"annotations": {"role": "x"}}})));
        assert!(!says("ServiceAccount", "c", json!({"metadata": {"annotations": {"role": "y"}}})));
    }
}
