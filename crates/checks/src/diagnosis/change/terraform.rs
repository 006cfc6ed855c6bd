//! Changes as HCL, for the providers hashicorp/aws and hashicorp/kubernetes.

use rbac::PolicyRule;
use serde_json::Value;

use super::{Change, Rules, document, yaml};

pub(super) fn text(change: &Change) -> String {
    match change {
        Change::Rules(rules) => of_rules(rules),
        Change::Trust { role, document, .. } => format!(
            "# aws_iam_role for {role}\n  assume_role_policy = jsonencode({})\n",
            expression(document, 1)
        ),
        Change::Identity { role, statement } => resource(
            "aws_iam_role_policy",
            "oarlock_assume",
            &[
                ("name", text_of("oarlock-assume")),
                ("role", text_of(&role.name)),
                ("policy", format!("jsonencode({})", expression(&document(statement), 1))),
            ],
        ),
        Change::Entry { cluster, principal, groups, policies, again } => {
            let first =
                if *again { "# terraform apply -replace: EKS keeps the old role's unique id\n" } else { "" };
            let entry = resource(
                "aws_eks_access_entry",
                "argocd",
                &[
                    ("cluster_name", text_of(&cluster.name)),
                    ("principal_arn", text_of(principal)),
                    ("kubernetes_groups", list(groups)),
                ],
            );
            let policies = policies.iter().enumerate().map(|(index, (arn, namespaces))| {
                let scope = if namespaces.is_empty() { "cluster" } else { "namespace" };
                let name = format!("argocd_{index}");
                format!(
                    "\nresource \"aws_eks_access_policy_association\" \"{name}\" {{\n  cluster_name  = {}\n  principal_arn = aws_eks_access_entry.argocd.principal_arn\n  policy_arn    = {}\n  access_scope {{\n    type       = \"{scope}\"\n    namespaces = {}\n  }}\n}}\n",
                    text_of(&cluster.name), text_of(arn), list(namespaces)
                )
            });
            format!("{first}{entry}{}", policies.collect::<String>())
        }
        Change::EntryGroups { cluster, principal, groups } => resource(
            "aws_eks_access_entry",
            "argocd",
            &[
                ("cluster_name", text_of(&cluster.name)),
                ("principal_arn", text_of(principal)),
                ("kubernetes_groups", list(groups)),
            ],
        ),
        Change::Mode { .. } => {
            "# aws_eks_cluster\n  access_config {\n    authentication_mode = \"API_AND_CONFIG_MAP\"\n  }\n"
                .to_owned()
        }
        Change::Association { cluster, namespace, account, role } => resource(
            "aws_eks_pod_identity_association",
            "argocd",
            &[
                ("cluster_name", text_of(&cluster.name)),
                ("namespace", text_of(namespace)),
                ("service_account", text_of(account)),
                ("role_arn", text_of(&role.to_string())),
            ],
        ),
        Change::Provider { issuer, .. } | Change::Audience { issuer, .. } => resource(
            "aws_iam_openid_connect_provider",
            "cluster",
            &[
                ("url", text_of(&format!("https://{issuer}"))),
                ("client_id_list", list(&[access::STS_AUDIENCE.to_owned()])),
            ],
        ),
        // Argo CD's own objects are rarely Terraform's.
        Change::Secret { .. }
        | Change::Annotation { .. }
        | Change::Project { .. }
        | Change::Policy { .. } => yaml::text(change),
    }
}

fn of_rules(rules: &Rules) -> String {
    let cluster = if rules.namespace.is_some() { "" } else { "cluster_" };
    let kind = if rules.namespace.is_some() { "Role" } else { "ClusterRole" };
    let label = rules.name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let mut named = vec![("name", text_of(&rules.name))];
    named.extend(rules.namespace.iter().map(|own| ("namespace", text_of(own))));
    let metadata = block("metadata", &named);
    let role: String = rules.rules.iter().map(of_rule).collect();
    let api_group = ("api_group", text_of("rbac.authorization.k8s.io"));
    let role_ref = [
        api_group.clone(),
        ("kind", text_of(kind)),
        ("name", format!("kubernetes_{cluster}role_v1.{label}.metadata[0].name")),
    ];
    let mut subject = vec![("kind", text_of(&rules.subject.kind)), ("name", text_of(&rules.subject.name))];
    subject.push(rules.subject.namespace.as_ref().map_or(api_group, |own| ("namespace", text_of(own))));
    let (role_ref, subject) = (block("role_ref", &role_ref), block("subject", &subject));
    format!(
        "resource \"kubernetes_{cluster}role_v1\" \"{label}\" {{\n{metadata}{role}}}\n\nresource \"kubernetes_{cluster}role_binding_v1\" \"{label}\" {{\n{metadata}{role_ref}{subject}}}\n"
    )
}

fn block(name: &str, own: &[(&str, String)]) -> String {
    format!("  {name} {{\n{}  }}\n", attributes("    ", own))
}

fn of_rule(rule: &PolicyRule) -> String {
    let fields = [
        ("api_groups", &rule.api_groups),
        ("resources", &rule.resources),
        ("resource_names", &rule.resource_names),
        ("non_resource_urls", &rule.non_resource_urls),
        ("verbs", &rule.verbs),
    ];
    let set = fields.iter().filter(|(_, values)| !values.is_empty());
    let lines: Vec<(&str, String)> = set.map(|(name, values)| (*name, list(values))).collect();
    block("rule", &lines)
}

fn resource(kind: &str, name: &str, own: &[(&str, String)]) -> String {
    format!("resource \"{kind}\" \"{name}\" {{\n{}}}\n", attributes("  ", own))
}

/// Consecutive attributes have their equals signs in a column, as `terraform fmt` puts them.
fn attributes(indent: &str, own: &[(&str, String)]) -> String {
    let width = own.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    own.iter().map(|(name, value)| format!("{indent}{name:width$} = {value}\n")).collect()
}

fn list(values: &[String]) -> String {
    format!("[{}]", values.iter().map(|value| text_of(value)).collect::<Vec<_>>().join(", "))
}

/// A string: `${` and `%{` begin templates (Terraform, "Strings and Templates").
fn text_of(text: &str) -> String {
    Value::from(text).to_string().replace("${", "$${").replace("%{", "%%{")
}

/// A JSON value as an expression.
fn expression(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(object) => {
            let lines = object.iter().map(|(key, value)| {
                format!("{indent}  {} = {}\n", text_of(key), expression(value, depth + 1))
            });
            format!("{{\n{}{indent}}}", lines.collect::<String>())
        }
        Value::Array(values) => format!(
            "[{}]",
            values.iter().map(|value| expression(value, depth)).collect::<Vec<_>>().join(", ")
        ),
        Value::String(text) => text_of(text),
        other => other.to_string(),
    }
}
