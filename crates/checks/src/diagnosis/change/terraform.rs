//! Changes as HCL, for the providers hashicorp/aws and hashicorp/kubernetes.

use std::fmt::Write as _;

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
                ("client_id_list", list(&["sts.amazonaws.com".to_owned()])),
            ],
        ),
        // Argo CD's own objects are rarely Terraform's.
        Change::Secret { .. } | Change::Annotation { .. } | Change::Project { .. } => yaml::text(change),
    }
}

fn of_rules(rules: &Rules) -> String {
    let cluster = if rules.namespace.is_some() { "" } else { "cluster_" };
    let label = rules.name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let namespace =
        rules.namespace.iter().map(|own| format!("\n    namespace = {}", text_of(own))).collect::<String>();
    let metadata = format!("  metadata {{\n    name = {}{namespace}\n  }}\n", text_of(&rules.name));
    let mut text = format!("resource \"kubernetes_{cluster}role_v1\" \"{label}\" {{\n{metadata}");
    rules.rules.iter().for_each(|rule| text.push_str(&of_rule(rule)));
    let kind = if cluster.is_empty() { "Role" } else { "ClusterRole" };
    let subject = &rules.subject;
    let _ = write!(
        text,
        "}}\n\nresource \"kubernetes_{cluster}role_binding_v1\" \"{label}\" {{\n{metadata}  role_ref {{\n    api_group = \"rbac.authorization.k8s.io\"\n    kind      = \"{kind}\"\n    name      = kubernetes_{cluster}role_v1.{label}.metadata[0].name\n  }}\n  subject {{\n    kind = {}\n    name = {}\n",
        text_of(&subject.kind),
        text_of(&subject.name)
    );
    match &subject.namespace {
        Some(own) => text.push_str(&format!("    namespace = {}\n", text_of(own))),
        None => text.push_str("    api_group = \"rbac.authorization.k8s.io\"\n"),
    }
    text.push_str("  }\n}\n");
    text
}

fn of_rule(rule: &PolicyRule) -> String {
    let fields = [
        ("api_groups", &rule.api_groups),
        ("resources", &rule.resources),
        ("resource_names", &rule.resource_names),
        ("non_resource_urls", &rule.non_resource_urls),
        ("verbs", &rule.verbs),
    ];
    let lines = fields.iter().filter(|(_, values)| !values.is_empty());
    let lines: String = lines.map(|(name, values)| format!("    {name} = {}\n", list(values))).collect();
    format!("  rule {{\n{lines}  }}\n")
}

fn resource(kind: &str, name: &str, attributes: &[(&str, String)]) -> String {
    let width = attributes.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: String =
        attributes.iter().map(|(name, value)| format!("  {name:width$} = {value}\n")).collect();
    format!("resource \"{kind}\" \"{name}\" {{\n{lines}}}\n")
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
