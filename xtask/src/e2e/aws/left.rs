//! What a plan leaves to do once the scripts have been run, and what they leave to people.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What may be left.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// What others made and the plan would take away: scripts remove nothing, that is for a person.
    pub(super) removals: Vec<String>,
    /// Accounts with a role of Oarlock's that trusts less in the second plan: what bridged the change is no longer needed.
    pub(super) narrowed: BTreeSet<String>,
}

impl Left {
    /// Reads the steps of a plan on a collected inventory.
    ///
    /// # Errors
    /// Where there is anything else to do, or where something could not be read.
    pub(super) fn of(plan: &Value) -> Result<Self> {
        if plan.get("unknown").and_then(Value::as_array).is_none_or(|unknown| !unknown.is_empty()) {
            bail!("the collected inventory has gaps: {}", plan.get("unknown").unwrap_or(&Value::Null));
        }
        let mut left = Self::default();
        for step in plan.get("steps").and_then(Value::as_array).context("a plan without steps")? {
            left.add(step)?;
        }
        Ok(left)
    }

    fn add(&mut self, step: &Value) -> Result<()> {
        let field = |pointer: &str| step.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let shown = format!("{} {} {}", field("/action/type"), field("/object/kind"), field("/object/name"));
        match field("/action/type") {
            "unchanged" => {}
            "delete" if field("/owner") == "foreign" => self.removals.push(shown),
            "restart" if waits(step) => self.removals.push(format!("{shown}, after what it waits for")),
            "update" if only_removes(step) => self.removals.push(format!("{shown}, of what else it has")),
            "update" if field("/owner") == "owned" && only_trusts(step) => {
                self.narrowed.insert(field("/object/location/account").to_owned());
            }
            _ => bail!("the scripts were run, and there is still to do: {step}"),
        }
        Ok(())
    }
}

/// Scripts tell people which access policies they may take away afterwards: those that the plan takes away, and no others.
pub(super) fn told_as_planned(told: &str, plan: &Value) -> Result<()> {
    let steps = plan.get("steps").and_then(Value::as_array).into_iter().flatten();
    let changes =
        steps.filter_map(|step| step.pointer("/action/changes").and_then(Value::as_array)).flatten();
    let policies =
        changes.filter(|change| change.get("field").is_some_and(|field| field == "access policies"));
    let taken = policies.filter_map(|change| change.get("from").and_then(Value::as_array)).flatten();
    let planned: BTreeSet<_> = taken.filter_map(Value::as_str).collect();
    for line in told.lines().filter(|line| line.contains("aws eks disassociate-access-policy")) {
        let policy = line.split_whitespace().last().unwrap_or_default();
        if !planned.contains(policy) {
            bail!("the plan leaves `{policy}` alone, and a script says: {line}");
        }
    }
    Ok(())
}

/// Whether a step comes after a pending one.
fn waits(step: &Value) -> bool {
    step.get("waitsFor").and_then(Value::as_array).is_some_and(|waits| !waits.is_empty())
}

/// Whether an update takes policies away and does nothing else.
fn only_removes(step: &Value) -> bool {
    let list = |change: &Value, side: &str| change.get(side).and_then(Value::as_array).cloned();
    all_changes(step, |change| match (list(change, "from"), list(change, "to")) {
        (Some(from), Some(to)) => to.iter().all(|kept| from.contains(kept)),
        _ => false,
    })
}

/// Whether an update is of a trust policy alone.
fn only_trusts(step: &Value) -> bool {
    all_changes(step, |change| change.get("field").is_some_and(|field| field == "trust policy"))
}

fn all_changes(step: &Value, is: impl Fn(&Value) -> bool) -> bool {
    step.pointer("/action/changes").and_then(Value::as_array).is_some_and(|changes| changes.iter().all(is))
}
