//! A plan for people: changes as Terraform shows them, then the proof.

use std::collections::BTreeMap;

use plan::{Action, Location, Owner, Plan, Step};

use super::{findings, proof, value};

/// The whole plan as text.
pub(crate) fn human(plan: &Plan) -> String {
    let mut text = String::new();
    if plan.inventory_digest.is_none() {
        text.push_str("No inventory was given: everything is shown as if nothing were there yet.\n\n");
    }
    text.push_str(&changes(plan));
    text.push_str(&notes(plan));
    let findings = findings::text(&plan.findings, &plan.unknown);
    if !findings.is_empty() {
        text.push_str(&format!("Findings\n\n{findings}\n"));
    }
    text.push_str(&proof::text(plan));
    text.push_str(&summary(plan));
    text
}

fn changes(plan: &Plan) -> String {
    let mut places: BTreeMap<String, Vec<&Step>> = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| step.action != Action::Unchanged) {
        places.entry(heading(&step.object.location)).or_default().push(step);
    }
    let mut text = String::new();
    for (heading, steps) in places {
        text.push_str(&format!("{heading}\n\n"));
        steps.into_iter().for_each(|step| text.push_str(&self::step(step)));
        text.push('\n');
    }
    text
}

fn heading(location: &Location) -> String {
    match location {
        Location::Account(id) => format!("account {id}"),
        Location::Eks(arn) | Location::Cluster(arn) => format!("cluster {arn}"),
    }
}

fn step(step: &Step) -> String {
    let pending = match step.owner {
        Owner::Foreign if step.changes_something() => "  (pending: not Oarlock's; plan with --adopt)",
        _ if step.is_pending() => "  (pending: comes after a pending step)",
        _ => "",
    };
    let mut text = format!("  {:<3} {}{pending}\n        {}\n", step.action.sign(), step.object, step.reason);
    match &step.action {
        Action::Update { changes } | Action::Replace { changes } => {
            changes.iter().for_each(|change| text.push_str(&value::change(change)));
        }
        Action::Unknown { missing } => text.push_str(&format!("        not known: {missing}\n")),
        Action::Create | Action::Delete | Action::Restart | Action::Unchanged => {}
    }
    text
}

fn notes(plan: &Plan) -> String {
    if plan.notes.is_empty() {
        return String::new();
    }
    let lines = plan.notes.iter().map(|note| format!("  - {}\n", note.message));
    format!("Notes\n\n{}\n", lines.collect::<String>())
}

fn summary(plan: &Plan) -> String {
    let count = |wanted: fn(&Action) -> bool| {
        plan.steps.iter().filter(|step| wanted(&step.action) && !step.is_pending()).count()
    };
    let pending = plan.steps.iter().filter(|step| step.is_pending()).count();
    let mut text = format!(
        "Plan: {} to create, {} to change, {} to replace, {} to remove",
        count(|action| matches!(action, Action::Create)),
        count(|action| matches!(action, Action::Update { .. })),
        count(|action| matches!(action, Action::Replace { .. })),
        count(|action| matches!(action, Action::Delete)),
    );
    let unknown = count(|action| matches!(action, Action::Unknown { .. }));
    if unknown > 0 {
        text.push_str(&format!(", {unknown} not known"));
    }
    if pending > 0 {
        text.push_str(&format!("; {pending} pending on objects that Oarlock doesn't own"));
    }
    text.push_str(".\n");
    if !plan.complete {
        text.push_str("The plan is incomplete: see what isn't known, and what waits for a choice, above.\n");
    }
    text
}
