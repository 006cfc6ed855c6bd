//! Collecting with exactly what Oarlock says that it needs: roles are assumed, tokens of Oarlock's own take it into the clusters, each
//! permission is used, nothing secret is written down, and a cluster that never answers is a gap and delays nobody.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use inventory::Inventory;
use rbac::{Permission, PolicyRule, Scope};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::scene::{HIDDEN, HUB, ROLE, SILENT, SPOKE, Scene, USER, named};
use crate::e2e::{
    audit::Reader,
    aws::files,
    kubectl::Kubectl,
    permitted,
    suite::Ground,
    tokens::{
        aws::Aws,
        cluster::{Arn, Cluster},
    },
};

/// A tag of the hub alone.
const TAG: (&str, &str) = ("argocd", "managed");

/// A few times as long as one answer of the cluster that gives none: `Scene::collect` waits three seconds for it.
const WITHIN: Duration = Duration::from_secs(40);

/// The status of a collection with gaps.
const WITH_GAPS: i32 = 5;

pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let (_server, aws) = Aws::start(ground)?;
    let scene = Scene::set(ground, &aws)?;
    let before = aws.recorded()?;
    let (mut on_hub, mut on_spoke) = (audited(&scene.hub)?, audited(&scene.spoke)?);
    let gaps = collected(&scene)?;
    silent_only(&gaps)?;
    whole(&scene.inventory())?;
    let actions = exactly_these_actions(&scene, before)?;
    let on_hub = exactly_these_rules(&scene.objects, &mut on_hub, |_| true).context(HUB)?;
    let on_spoke = exactly_these_rules(&scene.objects, &mut on_spoke, |role| !role.ends_with("-hub"));
    let rules = on_hub + on_spoke.context(SPOKE)?;
    works_with_less(&scene)?;
    by_tag(&scene)?;
    Ok(format!(
        "by tokens: {actions} actions and {rules} permissions in clusters, each printed and each used; one silent cluster \
         delayed nobody; the organisation's clusters by tag"
    ))
}

/// Collects from the hub's cluster Secrets; the gaps.
fn collected(scene: &Scene<'_>) -> Result<Vec<String>> {
    let started = Instant::now();
    let output = scene.collect(&["--hub", HUB, "-o", "json"])?;
    let took = started.elapsed();
    let (told, said) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    ensure!(output.status.code() == Some(WITH_GAPS), "{}\n{told}\n{said}", output.status);
    ensure!(took < WITHIN, "it took {} s", took.as_secs());
    let mut texts = files(&scene.inventory())?;
    texts.insert("stdout".to_owned(), told.clone());
    texts.insert("stderr".to_owned(), said);
    let hidden = [HIDDEN, "k8s-aws-v1", &scene.collector.secret_access_key];
    for (path, text) in &texts {
        ensure!(hidden.iter().all(|secret| !text.contains(secret)), "there is something secret in {path}");
    }
    let told: Value = serde_json::from_str(&told)?;
    ensure!(told.get("clusters") == Some(&json!([HUB, SILENT, SPOKE])), "{told}");
    let gaps = told.get("gaps").and_then(Value::as_array).context("gaps")?;
    Ok(gaps.iter().map(ToString::to_string).collect())
}

/// Whatever isn't known is of the cluster that says nothing, of the one that nobody knows, or what the AWS API server lacks: accounts
/// in its organisation.
fn silent_only(gaps: &[String]) -> Result<()> {
    let foreseen = |gap: &&String| {
        let silent = gap.contains(SILENT) && gap.contains("can't be asked");
        silent || gap.contains("the Secret `elsewhere`") || gap.contains("ChildNotFoundException")
    };
    let surprising: Vec<_> = gaps.iter().filter(|gap| !foreseen(gap)).collect();
    ensure!(surprising.is_empty(), "{surprising:?}");
    ensure!(gaps.iter().any(|gap| gap.contains(SILENT)), "{SILENT} has said something: {gaps:?}");
    ensure!(gaps.iter().any(|gap| gap.contains("elsewhere")), "who is elsewhere? {gaps:?}");
    Ok(())
}

/// What answered is known, of the silent cluster all that EKS says.
fn whole(folder: &Path) -> Result<()> {
    let read = inventory::folder::inventory(folder).map_err(|problem| anyhow::anyhow!("{problem}"))?;
    let reading = Inventory::read(&read);
    ensure!(reading.problems.is_empty() && reading.unknown.is_empty(), "{:?}", reading.problems);
    for (arn, cluster) in &reading.inventory.clusters {
        let of_eks = [
            cluster.description.gap(),
            cluster.access_entries.gap(),
            cluster.pod_identity_associations.gap(),
        ];
        ensure!(of_eks.iter().all(Option::is_none), "{arn}: {of_eks:?}");
        let is_silent = arn.to_string() == SILENT;
        ensure!(is_silent == cluster.kubernetes.objects.is_empty(), "{arn}: {:?}", cluster.kubernetes.gaps);
    }
    ensure!(reading.inventory.clusters.len() == 3 && reading.inventory.accounts.len() == 2, "{folder:?}");
    ensure!(
        reading.inventory.accounts.values().any(|account| !account.secrets.is_empty()),
        "no secret is described"
    );
    Ok(())
}

/// Every action that is printed was called by the collector, and no other; how many.
fn exactly_these_actions(scene: &Scene<'_>, before: usize) -> Result<usize> {
    let called = permitted::called(scene.aws, before)?;
    let printed = permitted::actions(&[scene.needed("iam")?, scene.needed("iam-role")?])?;
    ensure!(printed == called, "printed: {printed:?}\ncalled: {called:?}");
    Ok(printed.len())
}

fn audited(cluster: &Cluster<'_>) -> Result<Reader> {
    let mut reader = Reader::new(&cluster.api().audit);
    reader.read()?;
    Ok(reader)
}

/// Every permission that the printed roles give was used on a cluster, and no other; how many.
fn exactly_these_rules(
    objects: &[Value],
    log: &mut Reader,
    of_cluster: impl Fn(&str) -> bool,
) -> Result<usize> {
    let mut printed = BTreeSet::new();
    let roles = objects.iter().filter(|object| object.get("rules").is_some() && of_cluster(named(object)));
    for role in roles {
        let scope = Scope::of(role.pointer("/metadata/namespace").and_then(Value::as_str));
        for rule in role.get("rules").and_then(Value::as_array).into_iter().flatten() {
            printed.extend(permissions(&scope, &PolicyRule::deserialize(rule)?));
        }
    }
    let asked = log.read()?.asked;
    let by_collector = asked.into_iter().filter(|asked| asked.user.contains("assumed-role/oarlock-collect"));
    let used: BTreeSet<_> = by_collector.map(|asked| asked.permission).collect();
    ensure!(printed == used, "printed: {printed:?}\nused: {used:?}");
    Ok(printed.len())
}

fn permissions(scope: &Scope, rule: &PolicyRule) -> Vec<Permission> {
    let mut permissions = Vec::new();
    for verb in &rule.verbs {
        let verb: std::sync::Arc<str> = verb.as_str().into();
        permissions.extend(
            rule.non_resource_urls
                .iter()
                .map(|path| Permission::NonResource { path: path.as_str().into(), verb: verb.clone() }),
        );
        for (group, resource) in
            rule.api_groups.iter().flat_map(|g| rule.resources.iter().map(move |r| (g, r)))
        {
            permissions.push(Permission::Resource {
                scope: scope.clone(),
                group: group.as_str().into(),
                resource: resource.as_str().into(),
                verb: verb.clone(),
                name: None,
            });
        }
    }
    permissions
}

/// Without a permission in AWS and without the binding on the spoke there are two more kinds of gaps, and all else is as it was.
fn works_with_less(scene: &Scene<'_>) -> Result<()> {
    let account = Arn::parse(SPOKE)?.account;
    let document = scene.needed("iam-role")?.replace("\"iam:ListOpenIDConnectProviders\"", "\"iam:GetUser\"");
    let parameters = json!({ "RoleName": ROLE, "PolicyName": "collect", "PolicyDocument": document });
    let root = crate::e2e::tokens::aws::Credentials::of_root(&account);
    scene.aws.call(&root, "us-east-1", ("iam", "PutRolePolicy"), &parameters)?;
    let kubectl = Kubectl::new(&scene.aws.kubectl, &scene.spoke.api().kubeconfig);
    kubectl.run(&["delete", "clusterrolebinding", "oarlock-collect"])?;
    let deadline = Instant::now() + WITHIN;
    loop {
        let gaps = collected(scene)?;
        let is = |gap: &String, words: [&str; 2]| words.iter().all(|word| gap.contains(word));
        let denied = gaps.iter().any(|gap| is(gap, ["the OIDC providers", "AccessDenied"]));
        let forbidden = gaps.iter().any(|gap| is(gap, [&format!("the `roles` of `{SPOKE}`"), "Forbidden"]));
        if denied && forbidden {
            let files = files(&scene.inventory())?;
            let still = [
                format!("accounts/{account}/iam-get-account-authorization-details.json"),
                "clusters/555566667777/eu-west-1/spoke/eks/list-access-entries.json".to_owned(),
                "clusters/222233334444/eu-west-1/hub/kubernetes/roles.json".to_owned(),
            ];
            ensure!(still.iter().all(|path| files.contains_key(path)), "{:?}", files.keys());
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("less was given, and no more is missing: {gaps:?}");
        }
    }
}

/// Of the organisation's clusters only those that are tagged, with what is printed for that.
fn by_tag(scene: &Scene<'_>) -> Result<()> {
    let hub = Arn::parse(HUB)?;
    let root = crate::e2e::tokens::aws::Credentials::of_root(&hub.account);
    let (key, value) = TAG;
    let call = |operation, parameters| scene.aws.call(&root, &hub.region, operation, &parameters);
    call(("eks", "TagResource"), json!({ "resourceArn": HUB, "tags": { key: value } }))?;
    for (which, operation, whose, name) in
        [("iam", "PutUserPolicy", "UserName", USER), ("iam-role", "PutRolePolicy", "RoleName", ROLE)]
    {
        let output = scene.collect(&["--from-organization", "--print-permissions", which])?;
        let document = String::from_utf8(output.stdout)?;
        call(
            ("iam", operation),
            json!({ whose: name, "PolicyName": "collect", "PolicyDocument": document }),
        )?;
    }
    for (value, expected) in [(value, json!([HUB])), ("elsewhere", json!([]))] {
        let tag = format!("{key}={value}");
        let arguments = ["--from-organization", "--region", &hub.region, "--tag", &tag, "-o", "json"];
        let output = scene.collect(&arguments)?;
        let told: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        ensure!(told.get("clusters") == Some(&expected), "tagged {tag}: {told}");
    }
    Ok(())
}
