//! `oarlock verify --job-manifest`: what can only be seen from inside of Argo CD's pods, as Jobs that look from there.
//!
//! A Job runs as a component's service account, so it has the component's credentials, and comes to each cluster as Argo CD does: by
//! `aws eks get-token`, with the role of the cluster Secret. It asks who it is, and for each need what the cluster says. Tokens stay
//! between kubectl and its plugin; what is printed are ARNs, users, and a `yes` or `no` for each question.

use std::collections::{BTreeMap, BTreeSet};

use access::Claim;
use anyhow::{Context as _, bail};
use facts::Verdict;
use fleet::Install;
use live::verify::{Subject, impersonated, review_of};
use plan::ClusterNeeds;
use rbac::Request;
use serde_json::{Value, json};

use super::live::Scene;
use crate::output::say;

/// So many needs of an identity on a cluster are asked about: a ConfigMap holds a megabyte.
const QUESTIONS: usize = 25;

/// What the Jobs run.
const SCRIPT: &str = include_str!("job.sh");

/// A ConfigMap and a Job for each service account of Argo CD's pods, as YAML.
pub(super) fn manifest(scene: &Scene<'_>, needs: &[ClusterNeeds], image: &str) -> anyhow::Result<String> {
    if scene.fleet.hub.argocd.install == Install::EksCapability {
        bail!(
            "the EKS capability runs Argo CD outside of the hub: there are no pods of its own to look from"
        );
    }
    let subjects: Vec<Subject> = scene
        .subjects(needs, QUESTIONS)
        .into_iter()
        .filter(|subject| reaches(scene, needs, subject))
        .collect();
    let mut accounts: BTreeMap<&str, Vec<&Subject>> = BTreeMap::new();
    for subject in &subjects {
        accounts.entry(&subject.account).or_default().push(subject);
    }
    let objects = accounts.iter().flat_map(|(account, subjects)| objects(scene, account, subjects, image));
    let documents: Result<Vec<String>, _> = objects.map(|object| serde_saphyr::to_string(&object)).collect();
    Ok(documents.context("cannot print the Jobs")?.join("---\n"))
}

/// Whether it is known how to come to the cluster; if not, that is said.
fn reaches(scene: &Scene<'_>, needs: &[ClusterNeeds], subject: &Subject) -> bool {
    let in_cluster = needs.iter().any(|cluster| cluster.arn == subject.cluster && cluster.in_cluster);
    let reaches = match subject.roles.as_slice() {
        [] => in_cluster,
        _ => address(scene, subject).is_some(),
    };
    if !reaches {
        say(&format!(
            "note: it isn't known how the {} comes to `{}`: nothing is asked there",
            subject.identity, subject.name
        ));
    }
    reaches
}

/// The cluster's endpoint and certificate authority.
fn address<'s>(scene: &Scene<'s>, subject: &Subject) -> Option<(&'s str, &'s str)> {
    let description = scene.accounts.inventory().clusters.get(&subject.cluster)?.description.known()?;
    description.endpoint.as_deref().zip(description.certificate_authority.as_deref())
}

fn objects(scene: &Scene<'_>, account: &str, subjects: &[&Subject], image: &str) -> [Value; 2] {
    let (namespace, account) = account.split_once('/').unwrap_or(("argocd", account));
    let name = format!("oarlock-verify-{account}");
    let metadata = json!({
        "name": name, "namespace": namespace,
        "labels": { "app.kubernetes.io/name": "oarlock-verify" },
    });
    let contexts: BTreeSet<&str> = subjects.iter().map(|subject| subject.name.as_str()).collect();
    let questions: Vec<String> = subjects.iter().flat_map(|subject| questions(scene, subject)).collect();
    let config_map = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
        "data": {
            "contexts": contexts.into_iter().map(|name| format!("{name}\n")).collect::<String>(),
            "kubeconfig": kubeconfig(scene, subjects).to_string(),
            "questions": questions.concat(),
            "script": SCRIPT,
        },
    });
    let container = json!({
        "name": "verify", "image": image, "command": ["sh", "/oarlock/script"],
        "env": [{ "name": "HOME", "value": "/tmp" }],
        "securityContext": {
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true, "runAsUser": 65532,
            "capabilities": { "drop": ["ALL"] }, "seccompProfile": { "type": "RuntimeDefault" },
        },
        "volumeMounts": [
            { "name": "oarlock", "mountPath": "/oarlock", "readOnly": true }, { "name": "tmp", "mountPath": "/tmp" },
        ],
    });
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata,
        "spec": { "backoffLimit": 0, "ttlSecondsAfterFinished": 3600, "template": { "spec": {
            "serviceAccountName": account, "automountServiceAccountToken": true, "restartPolicy": "Never", "containers": [container],
            "volumes": [
                { "name": "oarlock", "configMap": { "name": name } }, { "name": "tmp", "emptyDir": {} },
            ],
        } } },
    });
    [config_map, job]
}

/// What a component asks on a cluster, with what Oarlock says of it.
fn questions(scene: &Scene<'_>, subject: &Subject) -> Vec<String> {
    let identity = &subject.identity;
    let claims = subject
        .asked
        .iter()
        // The review asks all authorizers.
        .map(|permission| Claim {
            identity: identity.clone(),
            permission: permission.clone(),
            in_rbac: false,
        });
    let verified = access::verify(scene.accounts, scene.installation, &subject.cluster, claims);
    let user = impersonated(identity).unwrap_or_else(|| "-".to_owned());
    let line = |one: access::Verified| {
        let expected = match one.verdict {
            Verdict::Holds => "yes",
            Verdict::Violated { .. } => "no",
            Verdict::Unknown { .. } => "unknown",
        };
        let review = review_of(&Request::from(&one.claim.permission));
        format!("{}|{user}|{expected}|{identity}: {}|{review}\n", subject.name, one.claim.permission)
    };
    verified.claims.into_iter().map(line).collect()
}

/// A context for each cluster: by a token of EKS, or as the pod's service account where that is how Argo CD comes.
fn kubeconfig(scene: &Scene<'_>, subjects: &[&Subject]) -> Value {
    let (mut clusters, mut users, mut contexts) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for subject in subjects {
        let name = &subject.name;
        let cluster = match address(scene, subject).filter(|_| !subject.roles.is_empty()) {
            Some((endpoint, authority)) => {
                json!({ "server": endpoint, "certificate-authority-data": authority })
            }
            None => json!({
                "server": "https://kubernetes.default.svc",
                "certificate-authority": "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
            }),
        };
        let user = match subject.roles.as_slice() {
            [] => json!({ "tokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token" }),
            [_, .., last] => json!({ "exec": exec(subject, Some(&last.to_string())) }),
            [_] => json!({ "exec": exec(subject, None) }),
        };
        if clusters.insert(name, json!({ "name": name, "cluster": cluster })).is_none() {
            contexts.push(json!({ "name": name, "context": { "cluster": name, "user": name } }));
        }
        users.insert(name, json!({ "name": name, "user": user }));
    }
    json!({
        "apiVersion": "v1", "kind": "Config", "contexts": contexts,
        "clusters": clusters.into_values().collect::<Vec<_>>(), "users": users.into_values().collect::<Vec<_>>(),
    })
}

fn exec(subject: &Subject, role: Option<&str>) -> Value {
    let cluster = &subject.cluster;
    let mut arguments = vec![
        "--region",
        &cluster.region,
        "eks",
        "get-token",
        "--output",
        "json",
        "--cluster-name",
        &cluster.name,
    ];
    arguments.extend(role.into_iter().flat_map(|role| ["--role-arn", role]));
    json!({
        "apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws", "args": arguments,
        "interactiveMode": "Never",
    })
}
