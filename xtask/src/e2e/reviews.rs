//! SubjectAccessReviews and SelfSubjectRulesReviews of a live API server, and the answers of `crates/rbac`: about Kubernetes'
//! own roles, about the RBAC that Oarlock renders for the examples, and about generated policies.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use fastrand::Rng;
use serde_json::{Value, json};

use super::{
    aggregation, enough, generate,
    live::{Adopted, Live},
    near, ours,
    suite::Ground,
};

/// Reviews of one generated policy.
const ABOUT_ONE: usize = 250;

/// Lists of rules among them.
const LISTS: usize = 20;

/// How often there was which answer, by what it was about.
type Tally = BTreeMap<String, usize>;

/// Asks about all three.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let mut live = Live::start(ground, &[])?;
    let mut rng = Rng::with_seed(ground.options.seed);
    let mut tally = Tally::new();
    own(&mut live, &mut rng, ground.options.reviews / 4, &mut tally)?;
    examples(ground, &mut live, &mut rng, &mut tally)?;
    let refused = generated(&mut live, &mut rng, ground.options.reviews, &mut tally)?;
    let (some, none) = aggregation::compare(&mut live, &mut rng)?;
    println!("{some:>9}  ClusterRoles that gathered rules, and {none} that gathered none");
    for (kind, count) in &tally {
        println!("{count:>9}  {kind}");
    }
    println!("{refused:>9}  generated objects that the server's validation refused, and nobody has");
    for about in ["Kubernetes' own roles", "the examples", "generated policies"] {
        for allowed in [true, false] {
            if !tally.contains_key(&kind(about, &json!(allowed))) {
                bail!("no review of {about} has the answer {allowed}, which shows nothing: ask more");
            }
        }
    }
    let all: usize = tally.values().sum();
    Ok(format!("{all} access reviews, answered as a live API server does (seed {})", ground.options.seed))
}

/// Every ClusterRole that Kubernetes has from the start, held by somebody in the cluster and by somebody in a namespace; its own
/// bindings are there anyway.
fn own(live: &mut Live, rng: &mut Rng, reviews: usize, tally: &mut Tally) -> Result<()> {
    let at_first = live.settled()?;
    let roles = at_first.roles().filter(|role| role.namespace.is_none());
    let (mut in_cluster, mut in_namespace) = (Vec::new(), Vec::new());
    for role in roles {
        in_cluster.push(binding(&role.name, None));
        in_namespace.push(binding(&role.name, Some("a")));
    }
    let bound = json!({ "clusterRoleBindings": in_cluster, "roleBindings": in_namespace });
    let adopted = live.adopt(&bound)?;
    let about = "Kubernetes' own roles";
    lists(live, &adopted, &near::holders(&adopted.policy), about, tally)?;
    let questions = (0..reviews).map(|_| near::request(rng, &adopted.policy)).collect();
    reviewed(live, &adopted, questions, about, tally)
}

fn binding(role: &str, namespace: Option<&str>) -> Value {
    let who = if namespace.is_some() { format!("guest of {role}") } else { format!("holder of {role}") };
    let kind = if namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" };
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
        "metadata": { "name": format!("e2e-{role}"), "namespace": namespace },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role },
        "subjects": [{ "kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": who }],
    })
}

/// What Oarlock grants on the clusters of the example fleets.
fn examples(ground: &Ground<'_>, live: &mut Live, rng: &mut Rng, tally: &mut Tally) -> Result<()> {
    let cases = enough::plain_cases(ground, &["acme", "acme-irsa", "capability"])?;
    let each = ground.options.reviews.div_ceil(4 * cases.len().max(1));
    for case in cases {
        let granted = ours::by_kind(&case.planned);
        let adopted = live.adopt(&granted)?;
        if adopted.refused > 0 {
            bail!("{}: the server refuses {} of Oarlock's own objects", case.name, adopted.refused);
        }
        let about = "the examples";
        let granted = ours::policy(&granted)?;
        lists(live, &adopted, &near::holders(&granted), about, tally)?;
        let questions = (0..each).map(|_| near::request(rng, &granted)).collect();
        reviewed(live, &adopted, questions, about, tally)?;
    }
    Ok(())
}

/// Policies by chance; how many of their objects the server refused.
fn generated(live: &mut Live, rng: &mut Rng, reviews: usize, tally: &mut Tally) -> Result<u64> {
    let (mut asked, mut refused) = (0, 0);
    while asked < reviews {
        let adopted = live.adopt(&generate::policy(rng))?;
        refused += adopted.refused;
        let about = "generated policies";
        let places: Vec<Value> = (0..LISTS).map(|_| generate::impersonated(generate::place(rng))).collect();
        lists(live, &adopted, &places, about, tally)?;
        let count = ABOUT_ONE.min(reviews - asked);
        let questions = (0..count).map(|_| match rng.bool() {
            true => generate::request(rng),
            false => near::request(rng, &adopted.policy),
        });
        let questions = questions.collect();
        reviewed(live, &adopted, questions, about, tally)?;
        asked += count;
    }
    Ok(refused)
}

/// SubjectAccessReviews.
fn reviewed(
    live: &mut Live,
    adopted: &Adopted,
    questions: Vec<Value>,
    about: &str,
    tally: &mut Tally,
) -> Result<()> {
    let asked: Vec<Value> = questions.iter().map(|question| json!({ "authorize": question })).collect();
    for (question, theirs) in questions.iter().zip(live.ask(&asked)?) {
        let ours = ours::allowed(&adopted.policy, question);
        if ours.iter().any(|ours| theirs != *ours) {
            bail!(
                "the server says otherwise\nours (authorize, compile, set): {ours:?}\ntheirs: {theirs}\n\
                 question: {question}\npolicy: {}",
                adopted.objects
            );
        }
        *tally.entry(kind(about, &theirs)).or_default() += 1;
    }
    Ok(())
}

/// SelfSubjectRulesReviews.
fn lists(live: &mut Live, adopted: &Adopted, places: &[Value], about: &str, tally: &mut Tally) -> Result<()> {
    let asked: Vec<Value> = places.iter().map(|place| json!({ "rules": place })).collect();
    for (place, theirs) in places.iter().zip(live.ask(&asked)?) {
        let (ours, theirs) = (ours::rules_for(&adopted.policy, place), ours::listed(&theirs)?);
        if ours != theirs {
            bail!(
                "the server lists other rules\nours: {}\ntheirs: {}\nquestion: {place}\npolicy: {}",
                json!(ours),
                json!(theirs),
                adopted.objects
            );
        }
        *tally.entry(format!("lists of rules, about {about}")).or_default() += 1;
    }
    Ok(())
}

fn kind(about: &str, allowed: &Value) -> String {
    format!("reviews about {about}, allowed: {allowed}")
}
