//! RBAC decisions a second, on compiled rules and one core.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use clap::Args;
use fastrand::Rng;
use rbac::{Binding, Identity, Policy, PolicyRule, Request, Role, RoleRef, Subject};

/// For how long, and on what.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds to measure
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Namespaces in which the identity holds a Role
    #[arg(long, default_value_t = 20)]
    namespaces: usize,
    /// Seed of the requests
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Times that all requests are decided in one slice: some milliseconds.
const ROUNDS: usize = 100;

const GROUP: &str = "oarlock:argocd";
const VERBS: [&str; 7] = ["get", "list", "watch", "create", "update", "patch", "delete"];
const RESOURCES: [(&str, &str); 8] = [
    ("", "configmaps"),
    ("", "secrets"),
    ("", "services"),
    ("", "pods/log"),
    ("apps", "deployments"),
    ("batch", "jobs"),
    ("networking.k8s.io", "ingresses"),
    ("rbac.authorization.k8s.io", "clusterroles"),
];

/// Compiles what a planned fleet grants the controller, decides random requests and prints the rate.
pub(crate) fn run(options: &Options) -> Result<()> {
    let identity = Identity::user("argocd-controller", [GROUP]);
    let compiled = rbac::compile(&policy(options.namespaces), &identity);
    let requests = requests(options.namespaces, &mut Rng::with_seed(options.seed));
    let (mut decided, mut allowed, mut rate) = (0_u64, 0_u64, 0_f64);
    let (start, limit) = (Instant::now(), Duration::from_secs(options.seconds));
    while start.elapsed() < limit {
        let slice = Instant::now();
        for request in std::iter::repeat_n(&requests, ROUNDS).flatten() {
            allowed += u64::from(compiled.decide(black_box(request)).is_allowed());
        }
        let count = (ROUNDS * requests.len()) as u64;
        decided += count;
        // Whatever else the machine does only slows a slice down: the fastest one is the rate of one whole core.
        rate = rate.max(count as f64 / slice.elapsed().as_secs_f64());
    }
    // A policy that answers all requests alike would measure nothing.
    if allowed == 0 || allowed == decided {
        bail!("{allowed} of {decided} requests are allowed: the requests don't fit the rules");
    }
    let share = 100.0 * allowed as f64 / decided as f64;
    println!(
        "RBAC decisions on compiled rules, one core: {:.1} million a second ({share:.0} % allowed)",
        rate / 1e6
    );
    println!("aim: above 5 million a second: {}", if rate > 5e6 { "met" } else { "**not met**" });
    Ok(())
}

fn rule(groups: &[&str], resources: &[&str], names: &[&str], verbs: &[&str]) -> PolicyRule {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    PolicyRule {
        api_groups: owned(groups),
        resources: owned(resources),
        resource_names: owned(names),
        verbs: owned(verbs),
        ..PolicyRule::default()
    }
}

/// One ClusterRole for the live cache and cluster-scoped objects, and one Role in each namespace.
fn policy(namespaces: usize) -> Policy {
    let writes = ["get", "create", "update", "patch", "delete"];
    let cluster = vec![
        rule(&["*"], &["*"], &[], &["list", "watch"]),
        rule(&["rbac.authorization.k8s.io"], &["clusterroles"], &["a", "b", "c"], &writes),
        rule(&["apiextensions.k8s.io"], &["customresourcedefinitions"], &["x.example.com"], &writes),
    ];
    let namespaced = vec![
        rule(&["apps"], &["deployments", "statefulsets", "daemonsets"], &[], &writes),
        rule(&[""], &["configmaps", "services", "serviceaccounts"], &[], &writes),
        rule(&["batch"], &["jobs", "cronjobs"], &[], &writes),
        rule(&["networking.k8s.io"], &["ingresses"], &[], &writes),
        rule(&[""], &["pods", "pods/log"], &[], &["get"]),
    ];
    let role = |namespace: Option<String>, rules: Vec<PolicyRule>| Role {
        namespace,
        name: "oarlock".to_owned(),
        labels: Default::default(),
        rules: rules.into(),
        aggregation: None,
        place: None,
    };
    let each = || std::iter::once(None).chain((0..namespaces).map(|number| Some(namespace(number))));
    let roles = each().map(|place| {
        let rules = if place.is_some() { namespaced.clone() } else { cluster.clone() };
        role(place, rules)
    });
    Policy::new(roles, each().map(binding), [])
}

fn namespace(number: usize) -> String {
    format!("team-{number:02}")
}

fn binding(namespace: Option<String>) -> Binding {
    let kind = if namespace.is_some() { "Role" } else { "ClusterRole" };
    let api_group = "rbac.authorization.k8s.io".to_owned();
    Binding {
        namespace,
        name: "oarlock".to_owned(),
        role_ref: RoleRef { api_group: api_group.clone(), kind: kind.to_owned(), name: "oarlock".to_owned() },
        subjects: vec![Subject {
            kind: "Group".to_owned(),
            api_group,
            name: GROUP.to_owned(),
            namespace: None,
        }],
        place: None,
    }
}

/// As many as fit the cache of a core, in random order; some in namespaces that nobody was given.
fn requests(namespaces: usize, rng: &mut Rng) -> Vec<Request> {
    let pick = |rng: &mut Rng| {
        let (group, resource) = rng.choice(RESOURCES).unwrap_or_default();
        let request = Request::resource(rng.choice(VERBS).unwrap_or_default(), group, resource);
        match resource {
            "clusterroles" => request.named(rng.choice(["a", "b", "other"]).unwrap_or_default()),
            _ => request.in_namespace(&namespace(rng.usize(..namespaces + 2))).named("object"),
        }
    };
    (0..1024).map(|_| pick(rng)).collect()
}
