//! All drops on two screens: each case's counts, and for each kind of grant how often what missed it.

use std::{collections::BTreeMap, fmt::Write as _};

use super::drop::Drop;
use crate::e2e::enough::{case::Case, summary::kind};

/// What is counted, case by case.
#[derive(Default)]
pub(super) struct Summary {
    cases: String,
    /// Resource with its group or path, and verb; of which it is counted how often what missed it.
    kinds: BTreeMap<(String, String), BTreeMap<String, usize>>,
}

impl Summary {
    /// Adds a case; what has an excuse isn't missed.
    pub(super) fn add(&mut self, case: &Case, drops: &[Drop]) {
        let (mut missed, mut excused, mut survive) = (0, 0, 0);
        for Drop { grant, killed, excuse, .. } in drops {
            let how = match (killed, excuse) {
                (Some(deed), _) => {
                    missed += 1;
                    by(deed)
                }
                (None, Some(excuse)) => {
                    excused += 1;
                    (*excuse).to_owned()
                }
                (None, None) => {
                    survive += 1;
                    "SURVIVES".to_owned()
                }
            };
            if let Some(permission) = grant.permissions.first() {
                *self.kinds.entry(kind(permission)).or_default().entry(how).or_default() += 1;
            }
        }
        let _ = writeln!(
            self.cases,
            "{:<28} {:>4} grants: {missed:>4} missed, {excused:>3} with an excuse, {survive} survive",
            case.name,
            drops.len()
        );
    }

    /// For people.
    pub(super) fn report(&self) -> String {
        let mut text = String::from(
            "What misses each grant of the example fleets when it is dropped: `cargo xtask e2e no-more --all`.\n\n## Cases\n\n",
        );
        text.push_str(&self.cases);
        text.push_str("\n## Grants, and the steps that missed them\n\n");
        for ((what, verb), ways) in &self.kinds {
            let ways: Vec<String> = ways.iter().map(|(how, count)| format!("{how} {count}")).collect();
            let _ = writeln!(text, "{verb:<11} {what:<58} {}", ways.join("; "));
        }
        text
    }
}

/// The step, and whether it was a request or the escalation check.
fn by(deed: &str) -> String {
    let step = deed.split(':').next().unwrap_or(deed);
    let check = if deed.contains(": escalation check of ") { ", by the escalation check" } else { "" };
    format!("{step}{check}")
}
