//! What was applied, for people and for programs.

use std::{cmp::Reverse, collections::BTreeMap, fmt::Write as _};

use facts::count;
use live::apply::{Applied, Item, OfCluster, Requests, Result, Watch};
use plan::{Owner, Plan, REMOVAL_LEFT_BEHIND};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{exit::Status, output::say, progress, view::API_VERSION};

/// So many accounts and clusters are shown with how often they were asked.
const SHOWN: usize = 20;

/// What `oarlock apply -o json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Applied")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `Applied`
    #[schemars(extend("const" = "Applied"))]
    kind: &'static str,
    /// The fleet's name.
    fleet: String,
    /// Whether the API servers were only asked what they would do.
    dry_run: bool,
    /// What was done and asked, in the order of the plan.
    items: Vec<Item>,
    /// Steps of the plan that were left out, and what earlier plans were to remove and this one can't.
    left_out: Vec<LeftOut>,
    /// How often AWS and the clusters were asked.
    requests: Requests,
}

/// A step that isn't done until somebody decides.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LeftOut {
    /// The cluster or account.
    place: String,
    /// The object.
    what: String,
    /// Why it was left out.
    cause: String,
}

impl Json {
    pub(super) fn new(plan: &Plan, Applied { items, requests }: Applied, dry_run: bool) -> Self {
        let left_out = plan.steps.iter().filter(|step| step.is_pending()).map(|step| LeftOut {
            place: step.object.location.to_string(),
            what: step.object.to_string(),
            cause: match step.owner {
                Owner::Foreign if step.left_over => step.reason.clone(),
                Owner::Foreign => "it isn't Oarlock's: plan with `--adopt`".to_owned(),
                _ => {
                    let waits: Vec<String> = step.waits_for.iter().map(ToString::to_string).collect();
                    format!("it waits for {}", waits.join(", "))
                }
            },
        });
        // What no step is about, and yet was to go.
        let behind = plan.findings.iter().filter(|finding| finding.id == REMOVAL_LEFT_BEHIND);
        let behind = behind.map(|finding| LeftOut {
            place: finding.clusters.first().unwrap_or(&plan.fleet).clone(),
            what: finding.message.clone(),
            cause: finding.help.join("; "),
        });
        Self {
            api_version: API_VERSION,
            kind: "Applied",
            fleet: plan.fleet.clone(),
            dry_run,
            left_out: left_out.chain(behind).collect(),
            items,
            requests,
        }
    }

    pub(super) fn status(&self) -> Status {
        let ended = |results: &[Result]| self.items.iter().any(|item| results.contains(&item.result));
        if ended(&[Result::Failed, Result::Stopped]) {
            Status::Failed
        } else if ended(&[Result::Pending]) || !self.left_out.is_empty() {
            Status::Undecided
        } else {
            Status::Fine
        }
    }
}

/// Cluster by cluster how many of what, and what isn't done with why.
pub(super) fn text(result: &Json) -> String {
    let mut places: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    result.items.iter().for_each(|item| places.entry(&item.place).or_default().push(item));
    let mut text = String::new();
    if places.is_empty() && result.left_out.is_empty() {
        text.push_str("Nothing to do: all is as it should be.\n");
    }
    for (place, items) in places {
        let _ = writeln!(text, "{} {place}: {}", mark(&items), counts(&items));
        for item in items.iter().filter(|item| item.result != Result::Done) {
            let cause = item.cause.as_deref().unwrap_or_default();
            let _ = writeln!(text, "    {} {}: {}: {cause}", item.sign, item.what, word(item.result));
        }
    }
    if !result.left_out.is_empty() {
        let _ = writeln!(text, "{} left out:", count(result.left_out.len(), "step"));
        for LeftOut { place, what, cause } in &result.left_out {
            let _ = writeln!(text, "    {place}: {what}: {cause}");
        }
    }
    if !result.items.is_empty() {
        text.push_str(&asked(&result.requests));
    }
    if result.dry_run {
        text.push_str(
            "Nothing was changed: the API servers were only asked. Steps in AWS can't be asked about.\n",
        );
    }
    text
}

/// All of it, and whatever was asked most, of which there may be hundreds.
fn asked(Requests { aws, accounts, clusters }: &Requests) -> String {
    let sum = |of: fn(&OfCluster) -> usize| clusters.values().map(of).sum::<usize>();
    let (requests, reviews) = (sum(|own| own.requests), sum(|own| own.reviews));
    let mut text = format!(
        "In {} to AWS and {requests} to API servers, {reviews} of them access reviews:\n",
        count(*aws, "request")
    );
    let accounts = accounts.iter().map(|(id, number)| (*number, format!("{number} about account {id}")));
    let clusters = clusters.iter().map(|(arn, OfCluster { eks, requests, reviews })| {
        let of_api_server = format!("{requests} of its API server, {reviews} of them reviews");
        (eks + requests, format!("{eks} of EKS about {arn}, {of_api_server}"))
    });
    let mut lines: Vec<(usize, String)> = accounts.chain(clusters).collect();
    lines.sort_by_key(|(number, _)| Reverse(*number));
    for (_, line) in lines.iter().take(SHOWN) {
        let _ = writeln!(text, "    {line}");
    }
    if lines.len() > SHOWN {
        let _ = writeln!(text, "    and of {} more fewer: `-o json` has all", lines.len() - SHOWN);
    }
    text
}

fn mark(items: &[&Item]) -> &'static str {
    match items.iter().map(|item| item.result).max() {
        Some(Result::Failed | Result::Stopped) => "✗",
        Some(Result::Pending) => "?",
        Some(Result::Done) | None => "✓",
    }
}

fn counts(items: &[&Item]) -> String {
    let all = [Result::Done, Result::Pending, Result::Failed, Result::Stopped];
    let counted = all.into_iter().filter_map(|result| {
        let number = items.iter().filter(|item| item.result == result).count();
        (number > 0).then(|| format!("{number} {}", word(result)))
    });
    counted.collect::<Vec<_>>().join(", ")
}

fn word(result: Result) -> &'static str {
    match result {
        Result::Done => "done",
        Result::Pending => "pending",
        Result::Failed => "failed",
        Result::Stopped => "not begun",
    }
}

/// A line for each task as it ends, and a bar on a terminal.
pub(super) struct Lines(indicatif::ProgressBar);

impl Lines {
    pub(super) fn new() -> Self {
        Self(progress::bar(0, "applying"))
    }
}

impl Watch for Lines {
    fn begin(&self, tasks: usize) {
        self.0.set_length(tasks as u64);
    }

    fn ended(&self, item: &Item) {
        let cause = item.cause.as_ref().map_or_else(String::new, |cause| format!(" ({cause})"));
        let line = format!("{} {}: {}: {}{cause}", item.sign, item.place, item.what, word(item.result));
        self.0.suspend(|| say(&line));
        self.0.inc(1);
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
