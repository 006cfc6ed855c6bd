//! Changes as commands of kubectl and the AWS CLI.

use facts::ClusterArn;
use serde_json::json;

use super::{Change, document, yaml};

pub(super) fn text(change: &Change) -> String {
    let one = |text: &dyn ToString| shell(&text.to_string());
    match change {
        Change::Rules(_) => format!("kubectl apply -f - <<'EOF'\n{}EOF\n", yaml::text(change)),
        Change::Trust { role, document, .. } => format!(
            "aws iam update-assume-role-policy --role-name {} --policy-document {}\n",
            one(&role.name),
            shell(&document.to_string())
        ),
        Change::Identity { role, statement } => format!(
            "aws iam put-role-policy --role-name {} --policy-name oarlock-assume --policy-document {}\n",
            one(&role.name),
            shell(&document(statement).to_string())
        ),
        Change::Entry { cluster, principal, groups, policies, again } => {
            let (on, principal) = (on(cluster), shell(principal));
            let first = if *again {
                format!("aws eks delete-access-entry {on} --principal-arn {principal}\n")
            } else {
                String::new()
            };
            let groups = if groups.is_empty() {
                String::new()
            } else {
                format!(" --kubernetes-groups {}", words(groups))
            };
            let policies = policies.iter().map(|(arn, namespaces)| {
                let scope = if namespaces.is_empty() { "type=cluster".to_owned() } else { format!("type=namespace,namespaces={}", namespaces.join(",")) };
                format!("aws eks associate-access-policy {on} --principal-arn {principal} --policy-arn {} --access-scope {}\n", shell(arn), shell(&scope))
            });
            format!(
                "{first}aws eks create-access-entry {on} --principal-arn {principal} --type STANDARD{groups}\n{}",
                policies.collect::<String>()
            )
        }
        Change::EntryGroups { cluster, principal, groups } => format!(
            "aws eks update-access-entry {} --principal-arn {} --kubernetes-groups {}\n",
            on(cluster),
            one(principal),
            words(groups)
        ),
        Change::Mode { cluster } => format!(
            "aws eks update-cluster-config --name {} --region {} --access-config authenticationMode=API_AND_CONFIG_MAP\n",
            one(&cluster.name),
            one(&cluster.region)
        ),
        Change::Association { cluster, namespace, account, role } => format!(
            "aws eks create-pod-identity-association {} --namespace {} --service-account {} --role-arn {}\n",
            on(cluster),
            one(namespace),
            one(account),
            one(role)
        ),
        Change::Annotation { namespace, account, role, .. } => {
            format!(
                "kubectl -n {} annotate serviceaccount {} --overwrite eks.amazonaws.com/role-arn={}\n",
                one(namespace),
                one(account),
                one(role)
            )
        }
        Change::Provider { issuer, .. } => {
            format!(
                "aws iam create-open-id-connect-provider --url {} --client-id-list sts.amazonaws.com\n",
                shell(&format!("https://{issuer}"))
            )
        }
        Change::Audience { provider, .. } => format!(
            "aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn {} --client-id sts.amazonaws.com\n",
            one(provider)
        ),
        Change::Policy { namespace, csv, .. } => format!(
            "kubectl -n {} patch configmap argocd-rbac-cm --type merge -p {}\n",
            one(namespace),
            shell(&json!({"data": {"policy.csv": csv}}).to_string())
        ),
        Change::Project { namespace, name, list, item, is_first, .. } => {
            // RFC 6902, 4.1: `-` is the end of a list that is there.
            let patch = if *is_first {
                json!([{"op": "add", "path": format!("/spec/{list}"), "value": [item]}])
            } else {
                json!([{"op": "add", "path": format!("/spec/{list}/-"), "value": item}])
            };
            format!(
                "kubectl -n {} patch appproject {} --type json -p {}\n",
                one(namespace),
                one(name),
                shell(&patch.to_string())
            )
        }
        // The Secret's `config` is one base64 text: a command can't change a field in it without showing the rest.
        Change::Secret { .. } => yaml::text(change),
    }
}

fn on(cluster: &ClusterArn) -> String {
    format!("--cluster-name {} --region {}", shell(&cluster.name), shell(&cluster.region))
}

fn words(words: &[String]) -> String {
    words.iter().map(|word| shell(word)).collect::<Vec<_>>().join(" ")
}

/// A word for a POSIX shell.
fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn words_are_one_word_to_a_shell() {
        assert_eq!(shell("a'b c"), r"'a'\''b c'");
        let change = Change::Trust {
            role: "arn:aws:iam::111122223333:role/a".parse().unwrap(),
            statement: Value::Null,
            document: json!({"a": "it's"}),
        };
        assert!(text(&change).contains(r#"'{"a":"it'\''s"}'"#), "{}", text(&change));
    }
}
