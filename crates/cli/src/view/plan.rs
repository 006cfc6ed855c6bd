//! A plan for people: changes as Terraform shows them, then the proof.

use std::collections::{BTreeMap, BTreeSet};

use argocd::Choice;
use facts::count;
use plan::{Action, Location, Owner, Plan, Step, Undecided};

use super::{findings, proof, value, wrap::paragraph};

/// The whole plan as text, its prose so wide.
pub(crate) fn human(plan: &Plan, width: usize) -> String {
    let mut text = String::new();
    if plan.inventory_digest.is_none() {
        text.push_str("No inventory was given: everything is shown as if nothing were there yet.\n\n");
    }
    text.push_str(&changes(plan, width));
    text.push_str(&notes(plan, width));
    let findings = findings::text(&plan.findings, &plan.unknown, width);
    if !findings.is_empty() {
        text.push_str(&format!("Findings\n\n{findings}\n"));
    }
    text.push_str(&choices(&plan.undecided, width));
    text.push_str(&proof::text(plan, width));
    text.push_str(&paragraph(&summary(plan), "", "", width));
    if !plan.complete {
        let incomplete = "The plan is incomplete: see what isn't known, and what waits for a choice, above.";
        text.push_str(&paragraph(incomplete, "", "", width));
    }
    text
}

fn changes(plan: &Plan, width: usize) -> String {
    let mut places: BTreeMap<String, Vec<&Step>> = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| step.action != Action::Unchanged) {
        places.entry(heading(&step.object.location)).or_default().push(step);
    }
    let mut text = String::new();
    for (heading, steps) in places {
        text.push_str(&format!("{heading}\n\n"));
        steps.into_iter().for_each(|step| text.push_str(&self::step(step, width)));
        text.push('\n');
    }
    text
}

/// Where an object is.
pub(super) fn heading(location: &Location) -> String {
    match location {
        Location::Account(id) => format!("account {id}"),
        Location::Eks(arn) | Location::Cluster(arn) => format!("cluster {arn}"),
    }
}

/// Before what is said of a step.
pub(super) const REASON: &str = "        ";

fn step(step: &Step, width: usize) -> String {
    let pending = match step.owner {
        Owner::Foreign if step.left_over => "  (pending: it has changed since it was to go)",
        Owner::Foreign if step.changes_something() => "  (pending: not Oarlock's; plan with --adopt)",
        _ if step.is_pending() => "  (pending: comes after a pending step)",
        _ => "",
    };
    let mut text = format!("  {:<3} {}{pending}\n", step.action.sign(), step.object);
    text.push_str(&paragraph(&step.reason, REASON, REASON, width));
    match &step.action {
        Action::Update { changes } | Action::Replace { changes } => {
            changes.iter().for_each(|change| text.push_str(&value::change(change)));
        }
        Action::Unknown { missing } => {
            text.push_str(&paragraph(&format!("not known: {missing}"), REASON, REASON, width))
        }
        Action::Create | Action::Delete | Action::Restart | Action::Unchanged => {}
    }
    text
}

fn notes(plan: &Plan, width: usize) -> String {
    if plan.notes.is_empty() {
        return String::new();
    }
    let lines = plan.notes.iter().map(|note| paragraph(&note.message, "  - ", "    ", width));
    format!("Notes\n\n{}\n", lines.collect::<String>())
}

/// What waits for a choice, as lines for the fleet file.
fn choices(undecided: &[Undecided], width: usize) -> String {
    if undecided.is_empty() {
        return String::new();
    }
    let mut roles: BTreeMap<String, (BTreeSet<Choice>, BTreeSet<&str>)> = BTreeMap::new();
    for one in undecided {
        let (choices, clusters) = roles.entry(one.role.path()).or_default();
        choices.extend(&one.choices);
        clusters.extend(one.clusters.iter().map(String::as_str));
    }
    let intro = "What these roles take isn't granted until the fleet file says how. Paste this under `spec` and choose for each: with `hold` Argo CD holds the role's rules, with `bind` it may bind this one role, with `escalate` it may write anything into this one role. Without `clusters` a choice is for all clusters.";
    let mut text =
        format!("Waits for a choice\n\n{}\n    shippedRbac:\n", paragraph(intro, "  ", "  ", width));
    for (role, (choices, clusters)) in roles {
        let clusters = clusters.into_iter().collect::<Vec<_>>().join(", ");
        let or: Vec<&str> =
            choices.iter().filter(|choice| **choice != Choice::Bind).map(|c| c.as_str()).collect();
        text.push_str(&format!(
            "      - {{object: {role}, choice: bind, clusters: [{clusters}]}}   # or {}\n",
            or.join(", ")
        ));
    }
    text.push('\n');
    text
}

fn summary(plan: &Plan) -> String {
    let of = |wanted: fn(&Action) -> bool| {
        plan.steps.iter().filter(|step| wanted(&step.action) && !step.is_pending()).count()
    };
    let mut text = format!(
        "Plan: {} to create, {} to change, {} to replace, {} to remove",
        of(|action| matches!(action, Action::Create)),
        of(|action| matches!(action, Action::Update { .. })),
        of(|action| matches!(action, Action::Replace { .. })),
        of(|action| matches!(action, Action::Delete)),
    );
    for (number, what) in [
        (of(|action| matches!(action, Action::Restart)), "to restart"),
        (of(|action| matches!(action, Action::Unknown { .. })), "not known"),
    ] {
        if number > 0 {
            text.push_str(&format!(", {number} {what}"));
        }
    }
    text.push_str(&pending(plan));
    text.push('.');
    text
}

/// Steps that stand still: those on somebody else's objects, and those that only wait for these.
fn pending(plan: &Plan) -> String {
    let pending: Vec<&Step> = plan.steps.iter().filter(|step| step.is_pending()).collect();
    let of = |is_meant: fn(&Step) -> bool| pending.iter().filter(|step| is_meant(step)).count();
    let foreign = of(|step| step.owner == Owner::Foreign && !step.left_over);
    let changed = of(|step| step.owner == Owner::Foreign && step.left_over);
    let waiting = of(|step| step.owner != Owner::Foreign);
    let mut said = Vec::new();
    if foreign > 0 || changed == 0 && waiting > 0 {
        said.push(format!("{} that Oarlock doesn't own (`--adopt`)", count(foreign, "object")));
    }
    if changed > 0 {
        said.push(format!("{} that changed meanwhile", count(changed, "object")));
    }
    if waiting > 0 {
        said.push(format!("and {} after these", count(waiting, "step")));
    }
    if said.is_empty() { String::new() } else { format!("; pending: {}", said.join(", ")) }
}
