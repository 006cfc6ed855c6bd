//! Changes as commands of kubectl and the AWS CLI.

use facts::{AccountId, ClusterArn, ClusterNames, context_variable, profile_variable};
use serde_json::json;

use super::{Change, document, yaml};

/// The commands. As the scripts of `oarlock render --format aws-cli` have it, variables name the AWS CLI's profile for each account, without
/// which the environment's credentials count, and kubectl's context for each cluster, which is otherwise the ARN.
pub(super) fn text(change: &Change, names: &ClusterNames) -> String {
    let one = |text: &dyn ToString| shell(&text.to_string());
    match change {
        Change::Rules(rules) => {
            let kubectl =
                rules.cluster.as_ref().map_or_else(|| "kubectl".to_owned(), |own| kubectl(own, names));
            format!("{kubectl} apply -f - <<'EOF'\n{}EOF\n", yaml::text(change))
        }
        Change::Trust { role, document, .. } => format!(
            "{} iam update-assume-role-policy --role-name {} --policy-document {}\n",
            aws(&role.account),
            one(&role.name),
            shell(&document.to_string())
        ),
        Change::Identity { role, statement } => format!(
            "{} iam put-role-policy --role-name {} --policy-name oarlock-assume --policy-document {}\n",
            aws(&role.account),
            one(&role.name),
            shell(&document(statement).to_string())
        ),
        Change::Entry { .. } => entry(change),
        Change::EntryGroups { cluster, principal, groups } => format!(
            "{} eks update-access-entry {} --principal-arn {} --kubernetes-groups {}\n",
            aws(&cluster.account),
            on(cluster),
            one(principal),
            words(groups)
        ),
        Change::Mode { cluster } => format!(
            "{} eks update-cluster-config --name {} --region {} --access-config authenticationMode=API_AND_CONFIG_MAP\n",
            aws(&cluster.account),
            one(&cluster.name),
            one(&cluster.region)
        ),
        Change::Association { cluster, namespace, account, role } => format!(
            "{} eks create-pod-identity-association {} --namespace {} --service-account {} --role-arn {}\n",
            aws(&cluster.account),
            on(cluster),
            one(namespace),
            one(account),
            one(role)
        ),
        Change::Annotation { cluster, namespace, account, role } => format!(
            "{} -n {} annotate serviceaccount {} --overwrite eks.amazonaws.com/role-arn={}\n",
            kubectl(cluster, names),
            one(namespace),
            one(account),
            one(role)
        ),
        Change::Provider { account, issuer, .. } => format!(
            "{} iam create-open-id-connect-provider --url {} --client-id-list sts.amazonaws.com\n",
            aws(account),
            shell(&format!("https://{issuer}"))
        ),
        Change::Audience { account, provider, .. } => format!(
            "{} iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn {} --client-id sts.amazonaws.com\n",
            aws(account),
            one(provider)
        ),
        Change::Policy { hub, namespace, csv, .. } => format!(
            "{} -n {} patch configmap argocd-rbac-cm --type merge -p {}\n",
            kubectl(hub, names),
            one(namespace),
            shell(&json!({"data": {"policy.csv": csv}}).to_string())
        ),
        Change::Project { hub, namespace, name, list, item, is_first } => {
            // RFC 6902, 4.1: `-` is the end of a list that is there.
            let patch = if *is_first {
                json!([{"op": "add", "path": format!("/spec/{list}"), "value": [item]}])
            } else {
                json!([{"op": "add", "path": format!("/spec/{list}/-"), "value": item}])
            };
            format!(
                "{} -n {} patch appproject {} --type json -p {}\n",
                kubectl(hub, names),
                one(namespace),
                one(name),
                shell(&patch.to_string())
            )
        }
        // The Secret's `config` is one base64 text: a command can't change a field in it without showing the rest.
        Change::Secret { .. } => yaml::text(change),
    }
}

/// An access entry and its access policies; the one that is there goes first.
fn entry(change: &Change) -> String {
    let Change::Entry { cluster, principal, groups, policies, again } = change else { return String::new() };
    let (aws, on, principal) = (aws(&cluster.account), on(cluster), shell(principal));
    let first = if *again {
        format!("{aws} eks delete-access-entry {on} --principal-arn {principal}\n")
    } else {
        String::new()
    };
    let groups =
        if groups.is_empty() { String::new() } else { format!(" --kubernetes-groups {}", words(groups)) };
    let policies = policies.iter().map(|(arn, namespaces)| {
        let scope = if namespaces.is_empty() {
            "type=cluster".to_owned()
        } else {
            format!("type=namespace,namespaces={}", namespaces.join(","))
        };
        format!(
            "{aws} eks associate-access-policy {on} --principal-arn {principal} --policy-arn {} --access-scope {}\n",
            shell(arn),
            shell(&scope)
        )
    });
    format!(
        "{first}{aws} eks create-access-entry {on} --principal-arn {principal} --type STANDARD{groups}\n{}",
        policies.collect::<String>()
    )
}

/// The AWS CLI, with the profile that a variable names for an account, if it names one. In one word: zsh doesn't split what a variable
/// stands for.
fn aws(account: &AccountId) -> String {
    let variable = profile_variable(account);
    format!("aws ${{{variable}:+--profile=\"${variable}\"}}")
}

/// kubectl, with the context that a variable names for a cluster, or else as `aws eks update-kubeconfig` calls it.
fn kubectl(cluster: &ClusterArn, names: &ClusterNames) -> String {
    format!("kubectl --context \"${{{}:-{cluster}}}\"", context_variable(names.short(cluster)))
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
        let text = text(&change, &ClusterNames::default());
        assert!(text.contains(r#"'{"a":"it'\''s"}'"#), "{text}");
    }

    #[test]
    fn commands_name_profile_and_context_as_rendered_scripts_do() {
        let [one, other]: [ClusterArn; 2] = ["eu-west-1", "us-east-1"]
            .map(|region| format!("arn:aws:eks:{region}:111122223333:cluster/prod").parse().unwrap());
        let names = ClusterNames::of([&one, &other]);
        let annotation = Change::Annotation {
            cluster: other,
            namespace: "argocd".to_owned(),
            account: "argocd-server".to_owned(),
            role: "arn:aws:iam::111122223333:role/a".parse().unwrap(),
        };
        assert_eq!(
            text(&annotation, &names),
            "kubectl --context \"${OARLOCK_CONTEXT_111122223333_us_east_1_prod:-arn:aws:eks:us-east-1:111122223333:cluster/prod}\" -n argocd \
             annotate serviceaccount argocd-server --overwrite eks.amazonaws.com/role-arn=arn:aws:iam::111122223333:role/a\n"
        );
        assert_eq!(
            text(&Change::Mode { cluster: one }, &names),
            "aws ${OARLOCK_PROFILE_111122223333:+--profile=\"$OARLOCK_PROFILE_111122223333\"} eks update-cluster-config --name prod \
             --region eu-west-1 --access-config authenticationMode=API_AND_CONFIG_MAP\n"
        );
    }
}
