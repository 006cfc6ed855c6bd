#![expect(clippy::disallowed_methods, reason = "what a journal leaves on disk is looked at")]

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use facts::{ClusterArn, RoleArn};
use plan::{
    AccessEntry, Action, Change, DesiredObject, KubernetesObject, Location, Object, ObjectId, Owner,
    Ownership, Restart, Step,
};
use serde_json::json;

use super::{
    Item, Result, Spoke, State, Watch, Work, digest,
    graph::{self, Node, Task},
    patience::Trouble,
    run::{self, Perform},
    schedule::{Ended, Schedule},
    stale,
};

fn arn(name: &str) -> ClusterArn {
    format!("arn:aws:eks:eu-west-1:111122223333:cluster/{name}").parse().unwrap()
}

fn spoke(name: &str) -> Spoke {
    Spoke { arn: arn(name), name: name.to_owned(), servers: Vec::new(), asked: Vec::new() }
}

fn step(object: ObjectId, action: Action, desired: Option<Object>, after: &[&ObjectId]) -> Step {
    let after: Vec<ObjectId> = after.iter().map(|id| (*id).clone()).collect();
    let desired = desired.map(|wanted| DesiredObject {
        location: object.location.clone(),
        object: wanted,
        reason: String::new(),
        after: after.clone(),
    });
    Step {
        object,
        action,
        reason: String::new(),
        after,
        waits_for: Vec::new(),
        reads: Vec::new(),
        owner: Owner::Owned,
        left_over: false,
        desired,
    }
}

fn id(location: Location, kind: &str, name: &str) -> ObjectId {
    ObjectId { location, kind: kind.to_owned(), name: name.to_owned() }
}

fn entry(cluster: &str) -> ObjectId {
    id(Location::Eks(arn(cluster)), "access entry", "arn:aws:iam::111122223333:role/new")
}

fn secret(cluster: &str) -> ObjectId {
    id(Location::Cluster(arn("hub")), "Secret", &format!("argocd/{cluster}"))
}

fn old(cluster: &str) -> ObjectId {
    id(Location::Cluster(arn(cluster)), "ClusterRoleBinding", "old")
}

fn restart() -> ObjectId {
    id(Location::Cluster(arn("hub")), "restart", "deployment/argocd-server")
}

fn role() -> ObjectId {
    id(Location::Account("111122223333".parse().unwrap()), "iam role", "old")
}

fn object(kind: &str, name: &str) -> Object {
    Object::Kubernetes(KubernetesObject {
        api_version: "v1".to_owned(),
        kind: kind.to_owned(),
        namespace: Some("argocd".to_owned()),
        name: name.to_owned(),
        body: json!({ "kind": kind }).into(),
        ownership: Ownership::Whole,
    })
}

fn role_arn(name: &str) -> RoleArn {
    format!("arn:aws:iam::111122223333:role/{name}").parse().unwrap()
}

fn wanted_entry(cluster: &str) -> Object {
    Object::AccessEntry(AccessEntry {
        cluster: arn(cluster),
        principal: role_arn("new"),
        groups: vec!["oarlock:argocd".to_owned()],
        tags: BTreeMap::new(),
    })
}

/// A restart on the hub; on each of two spokes a new entry, which loses an access policy, the Secret that names it, and an old binding
/// that goes; at last the old role.
fn steps() -> Vec<Step> {
    let workloads = vec!["deployment/argocd-server".to_owned()];
    let restarted = Restart { cluster: arn("hub"), namespace: "argocd".to_owned(), workloads };
    let mut steps = vec![step(restart(), Action::Restart, Some(Object::Restart(restarted)), &[])];
    for cluster in ["a", "b"] {
        let policies =
            Change { field: "access policies".to_owned(), from: Some(json!(["admin"])), to: Some(json!([])) };
        let update = Action::Update { changes: vec![policies] };
        steps.push(step(entry(cluster), update, Some(wanted_entry(cluster)), &[]));
        let written = object("Secret", cluster);
        steps.push(step(secret(cluster), Action::Create, Some(written), &[&entry(cluster), &restart()]));
        steps.push(step(old(cluster), Action::Delete, None, &[&entry(cluster), &secret(cluster)]));
    }
    steps.push(step(role(), Action::Delete, None, &[&secret("a"), &secret("b"), &old("a"), &old("b")]));
    steps
}

fn work() -> Work {
    let steps = steps();
    Work { plan: digest(&steps), steps, spokes: vec![spoke("a"), spoke("b")], ..Work::default() }
}

/// A world in which some things go wrong, and which writes down what it was told to do.
#[derive(Default)]
struct Fake {
    troubles: Vec<(Task, Trouble)>,
    seen: RefCell<Vec<(Task, Option<String>)>>,
}

impl Fake {
    fn with(task: Task, trouble: Trouble) -> Self {
        Self { troubles: vec![(task, trouble)], seen: RefCell::default() }
    }
}

impl Perform for Fake {
    async fn perform(&self, task: &Task, since: Option<&str>) -> std::result::Result<(), Trouble> {
        self.seen.borrow_mut().push((task.clone(), since.map(str::to_owned)));
        let trouble = self.troubles.iter().find(|(own, _)| own == task);
        trouble.map_or(Ok(()), |(_, trouble)| Err(trouble.clone()))
    }

    async fn interrupted(&self) {
        std::future::pending().await
    }
}

impl Watch for () {
    fn begin(&self, _: usize) {}
    fn ended(&self, _: &Item) {}
}

async fn applied(world: &Fake, work: &Work, folder: &std::path::Path) -> Vec<Item> {
    let mut state = State::open(folder, work.plan.clone()).unwrap();
    run::run(world, work, &mut state.journal, 4, false, &()).await.unwrap()
}

fn results<'i>(items: &'i [Item], place: &str) -> BTreeMap<&'i str, Result> {
    items.iter().filter(|item| item.place == place).map(|item| (item.what.as_str(), item.result)).collect()
}

/// Each order in which the tasks may end, by a seed; every task that is ready may be the next.
fn order(nodes: &[Node], mut seed: u64) -> Vec<usize> {
    let mut schedule = Schedule::new(nodes);
    let (mut running, mut order) = (Vec::new(), Vec::new());
    loop {
        running.extend(schedule.begin(usize::MAX));
        if running.is_empty() {
            return order;
        }
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let next = running.remove(usize::try_from(seed >> 33).unwrap() % running.len());
        schedule.end(next, Ended::Done);
        order.push(next);
    }
}

#[test]
fn nothing_goes_before_argo_cd_was_seen_to_come_by_what_replaces_it() {
    let work = work();
    let nodes = graph::nodes(&work.steps, &work.spokes);
    for seed in 0..500 {
        let order = order(&nodes, seed);
        assert_eq!(order.len(), nodes.len(), "everything is done in the end");
        let at = |task: &Task| order.iter().position(|node| nodes[*node].task == *task).unwrap();
        for (spoke, (entry, secret, old)) in [(1, 2, 3), (4, 5, 6)].into_iter().enumerate() {
            let way = [Task::Step(entry), Task::Access(spoke), Task::Step(secret), Task::Connection(spoke)]
                .map(|task| at(&task));
            assert!(way.is_sorted(), "{way:?}");
            assert!(at(&Task::Connection(spoke)) > at(&Task::Step(0)), "new pods are those that are seen");
            for removal in [Task::Step(old), Task::Revoke(entry), Task::Step(7)] {
                assert!(at(&removal) > at(&Task::Connection(spoke)), "{removal:?} with seed {seed}");
            }
        }
    }
}

/// Looking at all tasks after each one would take hours.
#[test]
fn a_hundred_thousand_tasks_are_begun_as_soon_as_they_may() {
    const SPOKES: usize = 100;
    const EACH: usize = 1000;
    let cluster = |number: usize| arn(&format!("spoke-{number}"));
    let nodes: Vec<Node> = (0..SPOKES * EACH)
        .map(|at| Node {
            task: Task::Step(at),
            after: (at % EACH != 0).then(|| at - 1).into_iter().collect(),
            concerns: Some(cluster(at / EACH)),
            removes: false,
        })
        .collect();
    assert!(order(&nodes, 1).len() == nodes.len());
    let mut schedule = Schedule::new(&nodes);
    let first = schedule.begin(usize::MAX);
    assert_eq!(first.len(), SPOKES, "one of each cluster");
    schedule.end(0, Ended::Failed("no".to_owned()));
    schedule.end(EACH, Ended::Done);
    assert_eq!(schedule.begin(usize::MAX), [EACH + 1]);
    let ended = schedule.ended();
    assert!(matches!(&ended[EACH - 1], Ended::Stopped(why) if why == "something failed on spoke-0"));
}

#[tokio::test]
async fn a_failure_stops_its_cluster_and_what_depends_on_it_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let world = Fake::with(Task::Access(0), Trouble::Failed("no".to_owned()));
    let items = applied(&world, &work(), folder.path()).await;
    let a = results(&items, "a");
    assert_eq!(a["Secret argocd/a"], Result::Stopped);
    assert_eq!(a["ClusterRoleBinding old"], Result::Stopped);
    assert!(results(&items, "b").values().all(|result| *result == Result::Done), "{items:#?}");
    assert_eq!(
        results(&items, "account 111122223333")["iam role old"],
        Result::Stopped,
        "a still comes by it"
    );
}

#[tokio::test]
async fn what_nobody_can_see_leaves_removals_pending_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for gate in [Task::Access(0), Task::Connection(0)] {
        let world = Fake::with(gate, Trouble::Unobserved("forbidden".to_owned()));
        let items = applied(&world, &work(), folder.path()).await;
        let a = results(&items, "a");
        assert_eq!(a["Secret argocd/a"], Result::Done);
        assert_eq!(a["ClusterRoleBinding old"], Result::Pending);
        assert_eq!(results(&items, "account 111122223333")["iam role old"], Result::Pending);
        assert_eq!(results(&items, "b")["ClusterRoleBinding old"], Result::Done);
        let causes: BTreeSet<_> = items.iter().filter_map(|item| item.cause.as_deref()).collect();
        assert_eq!(causes, BTreeSet::from(["forbidden"]));
    }
}

#[tokio::test]
async fn pods_of_before_hold_back_whatever_comes_after_their_restart() {
    let folder = tempfile::tempdir().unwrap();
    let world = Fake::with(Task::Step(0), Trouble::Unobserved("pods of before".to_owned()));
    let items = applied(&world, &work(), folder.path()).await;
    assert_eq!(results(&items, "a")["Secret argocd/a"], Result::Pending);
    assert_eq!(results(&items, "account 111122223333")["iam role old"], Result::Pending);
}

#[tokio::test]
async fn a_restart_that_a_run_left_behind_is_done_by_the_next_one_for_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let world = Fake::with(Task::Step(0), Trouble::Failed("no".to_owned()));
    applied(&world, &work(), folder.path()).await;
    let first = world.seen.borrow().iter().find(|(task, _)| *task == Task::Step(0)).unwrap().1.clone();
    assert!(first.is_some());
    // What it takes up has changed by now, so that a plan of now sees no reason for it.
    let mut next = work();
    next.steps[0].action = Action::Unchanged;
    State::open(folder.path(), next.plan.clone()).unwrap().revive(&mut next.steps);
    assert_eq!(next.steps[0].action, Action::Restart);
    let world = Fake::default();
    applied(&world, &next, folder.path()).await;
    assert!(world.seen.borrow().contains(&(Task::Step(0), first)));
    let mut later = work();
    later.steps[0].action = Action::Unchanged;
    State::open(folder.path(), later.plan.clone()).unwrap().revive(&mut later.steps);
    assert_eq!(later.steps[0].action, Action::Unchanged, "it has been done");
}

#[test]
fn a_left_over_role_goes_only_after_all_clusters_were_seen_even_if_nothing_else_changes() {
    let mut work = work();
    for step in &mut work.steps[..7] {
        step.action = Action::Unchanged;
    }
    let gates = |work: &Work| {
        let nodes = graph::nodes(&work.steps, &work.spokes);
        let gates = nodes.iter().filter(|node| matches!(node.task, Task::Access(_) | Task::Connection(_)));
        let role = nodes.iter().find(|node| node.task == Task::Step(7)).unwrap();
        let connections = role.after.iter().filter(|at| matches!(nodes[**at].task, Task::Connection(_)));
        (gates.count(), connections.count())
    };
    assert_eq!(gates(&work), (0, 0), "one of Oarlock's own that nobody wants any more");
    work.steps[7].left_over = true;
    assert_eq!(gates(&work), (4, 2));
    work.steps[7].owner = Owner::Foreign;
    let nodes = graph::nodes(&work.steps, &work.spokes);
    assert!(nodes.is_empty(), "one that has changed since stays: {nodes:?}");
}

#[tokio::test]
async fn what_was_removed_is_said_by_its_object_and_what_failed_or_was_only_asked_isnt() {
    let folder = tempfile::tempdir().unwrap();
    let world = Fake::with(Task::Step(3), Trouble::Failed("no".to_owned()));
    let items = applied(&world, &work(), folder.path()).await;
    let removed: BTreeSet<&ObjectId> = items.iter().filter_map(Item::removed).collect();
    assert!(removed.contains(&old("b")) && !removed.contains(&old("a")) && !removed.contains(&role()));
}

/// Nobody knows when it was written: a look at the cluster by Argo CD may have been before that.
#[tokio::test]
async fn what_a_killed_run_had_begun_counts_as_done_when_the_next_one_begins() {
    let folder = tempfile::tempdir().unwrap();
    let work = work();
    applied(&Fake::default(), &work, folder.path()).await;
    let path = folder.path().join("journal.jsonl");
    let journal = std::fs::read_to_string(&path).unwrap().replace("\"time\":\"20", "\"time\":\"19");
    let is_the_end = |line: &&str| line.contains("\"done\"") && line.contains("argocd/a");
    let end = journal.lines().find(is_the_end).unwrap();
    let since = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let state = State::open(folder.path(), work.plan.clone()).unwrap();
        state.journal.last_done(|id| *id == secret("a")).unwrap()
    };
    assert!(since(&journal).starts_with("19"));
    assert!(since(&journal.replace(&format!("{end}\n"), "")).starts_with("20"), "it was cut off");
    let failed = journal.replace(end, &end.replace("\"done\"", "\"failed\""));
    assert!(since(&failed).starts_with("19"), "the answer may have been lost");
}

#[tokio::test]
async fn a_journal_that_was_cut_off_is_read_up_to_there_and_no_two_runs_share_one() {
    let folder = tempfile::tempdir().unwrap();
    applied(&Fake::default(), &work(), folder.path()).await;
    let path = folder.path().join("journal.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{whole}{{\"time\":\"2026")).unwrap();
    let state = State::open(folder.path(), work().plan).unwrap();
    assert!(state.has_begun(&entry("a")));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
    let second = State::open(folder.path(), String::new()).err().unwrap().to_string();
    assert!(second.contains("another run is applying"), "{second}");
}

#[tokio::test]
async fn a_saved_plan_is_stale_where_something_changed_unless_its_own_run_changed_it() {
    let folder = tempfile::tempdir().unwrap();
    let saved = work();
    let mut now = steps();
    now[1].action = Action::Create;
    let state = State::open(folder.path(), saved.plan.clone()).unwrap();
    assert_eq!(stale(&saved.steps, &saved.steps, &state), []);
    assert_eq!(stale(&saved.steps, &now[..1], &state), [], "what isn't to be done any more is done");
    let names: Vec<ObjectId> = stale(&saved.steps, &now, &state).into_iter().map(|(id, _)| id).collect();
    assert_eq!(names, [entry("a")]);
    drop(state);
    applied(&Fake::default(), &saved, folder.path()).await;
    let state = State::open(folder.path(), saved.plan.clone()).unwrap();
    assert_eq!(stale(&saved.steps, &now, &state), [], "this plan's run has begun it");
    now[1].desired = None;
    assert_eq!(stale(&saved.steps, &now, &state).len(), 1, "it should be something else");
}

#[tokio::test]
async fn a_dry_run_asks_the_clusters_alone_and_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (world, work) = (Fake::default(), work());
    let mut state = State::open(folder.path(), work.plan.clone()).unwrap();
    run::run(&world, &work, &mut state.journal, 4, true, &()).await.unwrap();
    let asked: BTreeSet<usize> = world
        .seen
        .borrow()
        .iter()
        .map(|(task, _)| match task {
            Task::Step(at) => *at,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(asked, BTreeSet::from([2, 3, 5, 6]));
    assert_eq!(std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap(), "");
}
