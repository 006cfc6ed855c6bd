//! The run: what may begin begins, a few at once, and the journal knows of each before it does and after.

use std::io;

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use plan::{Action, Object, ObjectId, Step};

use super::{
    Item, Result, Watch, Work,
    graph::{self, Node, Task},
    journal::{Event, Journal},
    patience::Trouble,
    schedule::{Ended, Schedule},
};

/// Whoever does a task: AWS and the clusters, or a test's own world.
pub(crate) trait Perform {
    /// Does a task, and waits until it is seen to be done. `due` says since when pods have to be restarted, and for a connection
    /// since when it has to have been used.
    async fn perform(&self, task: &Task, since: Option<&str>) -> std::result::Result<(), Trouble>;

    /// Comes back when somebody ends the run.
    async fn interrupted(&self);
}

pub(crate) async fn run(
    world: &impl Perform,
    work: &Work,
    journal: &mut Journal,
    limit: usize,
    dry_run: bool,
    watch: &dyn Watch,
) -> io::Result<Vec<Item>> {
    let nodes = if dry_run { only_clusters(&work.steps) } else { graph::nodes(&work.steps, &work.spokes) };
    watch.begin(nodes.len());
    let mut schedule = Schedule::new(&nodes);
    let mut tell = Journalled { journal, work, dry_run };
    tell.due(&nodes)?;
    let mut running = FuturesUnordered::new();
    let mut told = vec![false; nodes.len()];
    let interrupted = world.interrupted();
    let mut interrupted = std::pin::pin!(interrupted);
    let mut is_interrupted = false;
    loop {
        for at in schedule.begin(limit - running.len().min(limit)) {
            let Some(node) = nodes.get(at) else { continue };
            tell.begun(node)?;
            let since = tell.since(&node.task);
            running.push(async move { (at, world.perform(&node.task, since.as_deref()).await) });
        }
        let ended = tokio::select! {
            biased;
            () = &mut interrupted, if !is_interrupted => {
                is_interrupted = true;
                schedule.stop("the run was interrupted");
                continue;
            }
            ended = running.next() => ended,
        };
        let Some((at, done)) = ended else { break };
        let ended = match done {
            Ok(()) => Ended::Done,
            Err(Trouble::Unobserved(why)) => Ended::Unobserved(why),
            Err(Trouble::Failed(why)) => Ended::Failed(why),
        };
        if let (Some(node), Some(told)) = (nodes.get(at), told.get_mut(at)) {
            tell.ended(node, &ended)?;
            watch.ended(&item(work, node, &ended));
            *told = true;
        }
        schedule.end(at, ended);
    }
    let all: Vec<(&Node, Ended)> = nodes.iter().zip(schedule.ended()).collect();
    for ((node, ended), _) in all.iter().zip(&told).filter(|(_, told)| !**told) {
        tell.ended(node, ended)?;
        watch.ended(&item(work, node, ended));
    }
    Ok(all.iter().map(|(node, ended)| item(work, node, ended)).collect())
}

/// What API servers can be asked without doing it; in no order, since nothing comes of it.
fn only_clusters(steps: &[Step]) -> Vec<Node> {
    let nodes = graph::nodes(steps, &[]).into_iter().filter(|node| match node.task {
        Task::Step(at) => steps.get(at).is_some_and(|step| match &step.desired {
            Some(desired) => matches!(desired.object, Object::Kubernetes(_)),
            None => matches!(step.object.location, plan::Location::Cluster(_)),
        }),
        _ => false,
    });
    nodes.map(|node| Node { after: Default::default(), concerns: None, ..node }).collect()
}

struct Journalled<'r> {
    journal: &'r mut Journal,
    work: &'r Work,
    dry_run: bool,
}

impl Journalled<'_> {
    /// Before anything: a run that ends between a new identity and the restart for it must not forget the restart.
    fn due(&mut self, nodes: &[Node]) -> io::Result<()> {
        let outstanding = self.journal.outstanding();
        for node in nodes.iter().filter(|_| !self.dry_run) {
            let work = self.work;
            let Task::Step(at) = node.task else { continue };
            let Some(step) = work.steps.get(at) else { continue };
            // What the restart takes up changes once more: then it has to come after that.
            let again = step
                .after
                .iter()
                .any(|id| work.steps.iter().any(|step| step.object == *id && step.changes_something()));
            if step.action == Action::Restart && (again || !outstanding.contains_key(&step.object)) {
                self.journal.write(Event::Due, Some(&step.object), &words(work, &node.task).1, None)?;
            }
        }
        Ok(())
    }

    fn begun(&mut self, node: &Node) -> io::Result<()> {
        self.write(Event::Begun, node, None)
    }

    fn ended(&mut self, node: &Node, ended: &Ended) -> io::Result<()> {
        let is_gate = self.step(&node.task).is_none();
        let (event, cause) = match ended {
            Ended::Done if is_gate => (Event::Verified, None),
            Ended::Done => (Event::Done, None),
            Ended::Unobserved(why) | Ended::Pending(why) => (Event::Pending, Some(why)),
            Ended::Failed(why) => (Event::Failed, Some(why)),
            Ended::Stopped(why) => (Event::Stopped, Some(why)),
        };
        self.write(event, node, cause.map(String::as_str))
    }

    fn write(&mut self, event: Event, node: &Node, cause: Option<&str>) -> io::Result<()> {
        if self.dry_run {
            return Ok(());
        }
        let object = self.step(&node.task).map(|step| step.object.clone());
        self.journal.write(event, object.as_ref(), &words(self.work, &node.task).1, cause)
    }

    fn since(&self, task: &Task) -> Option<String> {
        match task {
            Task::Step(_) => {
                let step = self.step(task).filter(|step| step.action == Action::Restart)?;
                self.journal.outstanding().remove(&step.object)
            }
            Task::Connection(at) => {
                let spoke = self.work.spokes.get(*at)?;
                let about = |id: &ObjectId| graph::is_about(&self.work.steps, id, &spoke.arn);
                self.journal.last_done(about)
            }
            Task::Revoke(_) | Task::Access(_) => None,
        }
    }

    fn step(&self, task: &Task) -> Option<&Step> {
        match task {
            Task::Step(at) | Task::Revoke(at) => self.work.steps.get(*at),
            Task::Access(_) | Task::Connection(_) => None,
        }
    }
}

fn item(work: &Work, node: &Node, ended: &Ended) -> Item {
    let (sign, what) = words(work, &node.task);
    let (result, cause) = match ended {
        Ended::Done => (Result::Done, None),
        Ended::Unobserved(why) | Ended::Pending(why) => (Result::Pending, Some(why.clone())),
        Ended::Failed(why) => (Result::Failed, Some(why.clone())),
        Ended::Stopped(why) => (Result::Stopped, Some(why.clone())),
    };
    let object = match node.task {
        Task::Step(at) | Task::Revoke(at) => work.steps.get(at).map(|step| step.object.clone()),
        Task::Access(_) | Task::Connection(_) => None,
    };
    Item { sign, place: place(work, node), what, result, cause, object }
}

fn place(work: &Work, node: &Node) -> String {
    let named = |arn: &facts::ClusterArn| {
        let spoke = work.spokes.iter().find(|spoke| spoke.arn == *arn);
        spoke.map_or_else(|| arn.name.clone(), |spoke| spoke.name.clone())
    };
    match (&node.concerns, &node.task) {
        (Some(arn), _) => named(arn),
        (None, Task::Step(at) | Task::Revoke(at)) => {
            match work.steps.get(*at).map(|step| &step.object.location) {
                Some(plan::Location::Eks(arn) | plan::Location::Cluster(arn)) => named(arn),
                Some(location) => location.to_string(),
                None => String::new(),
            }
        }
        (None, _) => String::new(),
    }
}

fn words(work: &Work, task: &Task) -> (&'static str, String) {
    match task {
        Task::Step(at) => work
            .steps
            .get(*at)
            .map_or(("?", String::new()), |step| (step.action.sign(), step.object.to_string())),
        Task::Revoke(at) => {
            let object = work.steps.get(*at).map(|step| step.object.to_string()).unwrap_or_default();
            ("-", format!("what {object} holds beyond the plan"))
        }
        Task::Access(_) => ("?", "the new access, asked of EKS and of the API server".to_owned()),
        Task::Connection(_) => ("?", "Argo CD's own view of the cluster".to_owned()),
    }
}
