//! `oarlock verify --live` against an AWS API server, aws-iam-authenticator and a real API server: who assumes Argo CD's role on the spoke
//! is whom Oarlock says, and is allowed what Oarlock says.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::scene::{HUB, SPOKE, Scene};
use crate::e2e::{
    kubectl::Kubectl,
    suite::Ground,
    tokens::{
        aws::{Aws, Credentials},
        cluster::Arn,
        scene::{create_role, policy},
    },
};

/// Argo CD's role on the hub, which only pods may assume, and the one of the spoke's cluster Secret.
const HUB_ROLE: &str = "arn:aws:iam::222233334444:role/argocd";
const SPOKE_ROLE: &str = "arn:aws:iam::555566667777:role/argocd";

/// Each time all is collected again.
const KNOWN_WITHIN: Duration = Duration::from_secs(60);

const GROUP: &str = "oarlock:argocd";

const PROJECT: &str = "apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: web, namespace: argocd}
spec:
  sourceRepos: ['https://git.example.com/web']
  destinations: [{name: spoke, namespace: web}]
";

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: web
  source: {repoURL: 'https://git.example.com/web', path: .}
  destination: {name: spoke, namespace: web}
";

const MANIFEST: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n";

/// What has to hold where Argo CD's role may do what it needs, and what is asked of AWS or EKS alone.
const ON_THE_CLUSTER: [&str; 3] = ["cluster-user", "access-review", "rules-review"];
const IN_AWS: [&str; 2] = ["caller-identity", "entry-age"];

pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let (_server, aws) = Aws::start(ground)?;
    let scene = Scene::set(ground, &aws)?;
    write_fleet(ground)?;
    furnish(&scene)?;
    let answers = known(&scene)?;
    for question in ON_THE_CLUSTER.into_iter().chain(IN_AWS) {
        let own: Vec<&Value> = of(&answers, question).collect();
        ensure!(!own.is_empty(), "nobody asked {question}: {answers:#?}");
        let wrong: Vec<_> =
            own.iter().filter(|answer| answer.get("verdict") != Some(&json!("holds"))).collect();
        ensure!(wrong.is_empty(), "{wrong:#?}");
    }
    let held = answers.len();
    // Whoever narrows the role after it was collected is found out; here the cluster changes, and both sides see it.
    let kubectl = Kubectl::new(&scene.aws.kubectl, &scene.spoke.api().kubeconfig);
    kubectl.run(&["delete", "clusterrolebinding", "argocd"])?;
    let answers = verified(&scene)?;
    let refused =
        of(&answers, "access-review").filter(|answer| answer.get("verdict") == Some(&json!("violated")));
    let both = |answer: &Value| {
        let says = |field: &str| {
            answer.get(field).and_then(Value::as_str).is_some_and(|said| said.starts_with("not allowed"))
        };
        says("expected") && says("answered")
    };
    let refused: Vec<&Value> = refused.collect();
    ensure!(!refused.is_empty() && refused.iter().all(|answer| both(answer)), "{refused:#?}");
    Ok(format!("asked live: {held} answers, and {} refusals seen by both sides", refused.len()))
}

/// The answers once the authenticator has heard of the access entry.
fn known(scene: &Scene<'_>) -> Result<Vec<Value>> {
    let deadline = Instant::now() + KNOWN_WITHIN;
    loop {
        let answers = verified(scene)?;
        if of(&answers, "cluster-user").any(|answer| answer.get("verdict") == Some(&json!("holds"))) {
            return Ok(answers);
        }
        ensure!(Instant::now() < deadline, "the cluster knows nobody: {answers:#?}");
    }
}

fn of<'a>(answers: &'a [Value], question: &str) -> impl Iterator<Item = &'a Value> {
    answers.iter().filter(move |answer| answer.get("question") == Some(&json!(question)))
}

/// All answers about the spoke.
fn verified(scene: &Scene<'_>) -> Result<Vec<Value>> {
    let output = scene.oarlock("verify", &["--live", "-f", "fleet.yaml", "-o", "json"])?;
    let (told, said) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    let told: Value = serde_json::from_str(&told).with_context(|| format!("{told}\n{said}"))?;
    let answers = told.pointer("/live/answers").and_then(Value::as_array).context("answers")?;
    Ok(answers.iter().filter(|answer| answer.get("cluster") == Some(&json!("spoke"))).cloned().collect())
}

/// The way from Argo CD's pods to the spoke, and the collector may go it, too.
fn furnish(scene: &Scene<'_>) -> Result<()> {
    let (hub, spoke) = (Arn::parse(HUB)?, Arn::parse(SPOKE)?);
    let of_hub = Credentials::of_root(&hub.account);
    let of_spoke = Credentials::of_root(&spoke.account);
    let iam = |root: &Credentials, operation: &str, parameters: Value| {
        scene.aws.call(root, "us-east-1", ("iam", operation), &parameters)
    };
    let put = |root: &Credentials, role: &str, name: &str, policy: Value| {
        iam(
            root,
            "PutRolePolicy",
            json!({ "RoleName": role, "PolicyName": name, "PolicyDocument": policy.to_string() }),
        )
    };
    let assume = ["sts:AssumeRole", "sts:TagSession"];
    put(
        &of_hub,
        "argocd",
        "assume",
        policy(&json!({ "Effect": "Allow", "Action": assume, "Resource": SPOKE_ROLE })),
    )?;
    let collector = format!("arn:aws:iam::{}:role/oarlock-collect", hub.account);
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "pods.eks.amazonaws.com" }, "Action": assume },
        { "Effect": "Allow", "Principal": { "AWS": collector }, "Action": "sts:AssumeRole" },
    ] });
    iam(
        &of_hub,
        "UpdateAssumeRolePolicy",
        json!({ "RoleName": "argocd", "PolicyDocument": trust.to_string() }),
    )?;
    let association = json!({
        "clusterName": hub.name, "namespace": "argocd", "serviceAccount": "argocd-application-controller",
        "roleArn": HUB_ROLE,
    });
    scene.aws.call(&of_hub, &hub.region, ("eks", "CreatePodIdentityAssociation"), &association)?;
    let trust = policy(&json!({ "Effect": "Allow", "Principal": { "AWS": HUB_ROLE }, "Action": assume }));
    create_role(scene.aws, &spoke.account, "argocd", &trust)?;
    let entry = json!({ "clusterName": spoke.name, "principalArn": SPOKE_ROLE, "kubernetesGroups": [GROUP] });
    scene.aws.call(&of_spoke, &spoke.region, ("eks", "CreateAccessEntry"), &entry)?;
    let printed =
        scene.oarlock("verify", &["--live", "-f", "fleet.yaml", "--print-permissions", "iam-role"])?;
    let printed: Value = serde_json::from_slice(&printed.stdout)?;
    for root in [&of_hub, &of_spoke] {
        put(root, "oarlock-collect", "verify", printed.clone())?;
        // Somebody else's roles, by their names, are none that Oarlock's policy lets anybody assume.
        let others =
            json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [HUB_ROLE, SPOKE_ROLE] });
        put(root, "oarlock-collect", "become", policy(&others))?;
    }
    let config = json!({ "awsAuthConfig": { "clusterName": spoke.name, "roleARN": SPOKE_ROLE } });
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {
            "name": "spoke", "namespace": "argocd", "labels": { "argocd.argoproj.io/secret-type": "cluster" },
        },
        "stringData": { "server": scene.spoke.api().url, "config": config.to_string() },
    });
    let account = |name: &str| json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": name, "namespace": "argocd" } });
    // Without the other credentials that the scene hides in it.
    Kubectl::new(&scene.aws.kubectl, &scene.hub.api().kubeconfig)
        .apply("somebody", &[secret, account("argocd-application-controller"), account("argocd-server")])?;
    Kubectl::new(&scene.aws.kubectl, &scene.spoke.api().kubeconfig).apply("somebody", &everything())
}

/// A role that may do all, and its binding.
fn everything() -> [Value; 2] {
    let group = "rbac.authorization.k8s.io";
    let role = json!({
        "apiVersion": format!("{group}/v1"), "kind": "ClusterRole", "metadata": { "name": "argocd" },
        "rules": [
            { "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] },
            { "nonResourceURLs": ["*"], "verbs": ["*"] },
        ],
    });
    let binding = json!({
        "apiVersion": format!("{group}/v1"), "kind": "ClusterRoleBinding", "metadata": { "name": "argocd" },
        "roleRef": { "apiGroup": group, "kind": "ClusterRole", "name": "argocd" },
        "subjects": [{ "apiGroup": group, "kind": "Group", "name": GROUP }],
    });
    [role, binding]
}

fn write_fleet(ground: &Ground<'_>) -> Result<()> {
    let fleet = format!(
        "apiVersion: oarlock.dev/v1alpha1\nkind: Fleet\nmetadata: {{name: live}}\nspec:\n  hub:\n    arn: {HUB}\n    \
         argocd: {{version: '3.5'}}\n    identity: pod-identity\n  topology: chained\n  clusters:\n    - {{arn: '{SPOKE}', name: \
         spoke}}\n  projects: [project.yaml]\n  applications:\n    - {{path: application.yaml, manifests: rendered}}\n"
    );
    let folder = &ground.folder;
    fs::create_dir_all(folder.join("rendered"))?;
    for (name, text) in [
        ("fleet.yaml", fleet.as_str()),
        ("project.yaml", PROJECT),
        ("application.yaml", APPLICATION),
        ("rendered/settings.yaml", MANIFEST),
    ] {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}
