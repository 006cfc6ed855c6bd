//! Changes as YAML: Kubernetes objects, and resources of CloudFormation.

use serde_json::{Value, json};

use super::{Change, document};

pub(super) fn text(change: &Change) -> String {
    match change {
        Change::Rules(rules) => rules.objects().iter().map(block).collect::<Vec<_>>().join("---\n"),
        Change::Trust { role, document, .. } => {
            format!("# AssumeRolePolicyDocument of {role}\n{}", block(document))
        }
        Change::Identity { role, statement } => {
            let name = role.name.as_str();
            cloudformation(
                "AssumePolicy",
                "AWS::IAM::RolePolicy",
                &json!({
                    "RoleName": name, "PolicyName": "oarlock-assume", "PolicyDocument": document(statement),
                }),
            )
        }
        Change::Entry { cluster, principal, groups, policies, again } => {
            let first = if *again {
                "# the entry that is there has to be deleted first: EKS keeps the old role's unique id\n"
            } else {
                ""
            };
            let policies: Vec<Value> =
                policies.iter().map(|(arn, namespaces)| policy(arn, namespaces)).collect();
            let mut properties = json!({"ClusterName": cluster.name, "PrincipalArn": principal, "Type": "STANDARD", "KubernetesGroups": groups});
            if let (false, Some(properties)) = (policies.is_empty(), properties.as_object_mut()) {
                properties.insert("AccessPolicies".to_owned(), Value::Array(policies));
            }
            format!("{first}{}", cloudformation("AccessEntry", "AWS::EKS::AccessEntry", &properties))
        }
        Change::EntryGroups { cluster, principal, groups } => cloudformation(
            "AccessEntry",
            "AWS::EKS::AccessEntry",
            &json!({
                "ClusterName": cluster.name, "PrincipalArn": principal, "KubernetesGroups": groups,
            }),
        ),
        Change::Mode { .. } => block(&json!({"AccessConfig": {"AuthenticationMode": "API_AND_CONFIG_MAP"}})),
        Change::Secret { namespace, name, field, value, .. } => {
            let what = value
                .as_ref()
                .map_or_else(|| "leave it out".to_owned(), |value| format!("set it to {value}"));
            format!(
                "# `{}` of the Secret {namespace}/{name}: {what}\n{}",
                field.as_str(),
                block(&nested(field.as_str(), value.as_deref()))
            )
        }
        Change::Association { cluster, namespace, account, role } => cloudformation(
            "Association",
            "AWS::EKS::PodIdentityAssociation",
            &json!({
                "ClusterName": cluster.name, "Namespace": namespace, "ServiceAccount": account, "RoleArn": role.to_string(),
            }),
        ),
        Change::Annotation { namespace, account, role, .. } => block(&json!({
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": account, "namespace": namespace, "annotations": {access::ROLE_ANNOTATION: role.to_string()}},
        })),
        Change::Provider { issuer, .. } | Change::Audience { issuer, .. } => cloudformation(
            "Provider",
            "AWS::IAM::OIDCProvider",
            &json!({
                "Url": format!("https://{issuer}"), "ClientIdList": [access::STS_AUDIENCE],
            }),
        ),
        Change::Policy { namespace, csv, .. } => block(&json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "argocd-rbac-cm", "namespace": namespace}, "data": {"policy.csv": csv},
        })),
        Change::Project { namespace, name, list, item, .. } => {
            let note = format!("# one more item of `spec.{list}`\n");
            note + &block(&json!({
                "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
                "metadata": {"name": name, "namespace": namespace}, "spec": {*list: [item]},
            }))
        }
    }
}

fn cloudformation(name: &str, kind: &str, properties: &Value) -> String {
    block(&json!({name: {"Type": kind, "Properties": properties}}))
}

/// An access policy with its scope (CloudFormation, AWS::EKS::AccessEntry AccessPolicy).
fn policy(arn: &str, namespaces: &[String]) -> Value {
    let scope = if namespaces.is_empty() {
        json!({"Type": "cluster"})
    } else {
        json!({"Type": "namespace", "Namespaces": namespaces})
    };
    json!({"PolicyArn": arn, "AccessScope": scope})
}

/// `a.b.c` as nested objects.
fn nested(path: &str, value: Option<&str>) -> Value {
    let leaf = value.map_or(Value::Null, Value::from);
    path.rsplit('.').fold(leaf, |inner, key| json!({key: inner}))
}

/// A block document; ARNs are never folded.
pub(super) fn block(value: &Value) -> String {
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let text = serde_saphyr::to_string_with_options(value, options).unwrap_or_else(|_| format!("{value:#}"));
    format!("{}\n", text.trim_end())
}
