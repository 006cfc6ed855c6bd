//! The coverage of all cases on two screens: each case's counts, and for each kind of need how often what exercised it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use rbac::Permission;

use super::{
    case::{Case, Identity},
    coverage::{Coverage, Exercise},
};

/// Whose needs, on which resource with its group or which path, with which verb; of which it is counted how often what
/// exercised them.
type Kind = (&'static str, String, String);

/// What is counted, case by case.
#[derive(Default)]
pub(super) struct Summary {
    cases: String,
    kinds: BTreeMap<Kind, BTreeMap<String, usize>>,
    reasons: BTreeSet<&'static str>,
}

impl Summary {
    pub(super) fn add(&mut self, case: &Case, coverage: &Coverage) {
        let (mut asked, mut held, mut exempt, mut never) = (0, 0, 0, 0);
        for (need, how) in &coverage.exercised {
            let by = match how {
                Exercise::Asked(step) => {
                    asked += 1;
                    (*step).to_owned()
                }
                Exercise::Held(step) => {
                    held += 1;
                    format!("{step}, for the escalation check")
                }
                Exercise::Exempt(reason) => {
                    exempt += 1;
                    self.reasons.insert(reason);
                    format!("not: {reason}")
                }
                Exercise::Never => {
                    never += 1;
                    "NEVER".to_owned()
                }
            };
            let (what, verb) = kind(&need.permission);
            let ways = self.kinds.entry((whose(&need.identity), what, verb)).or_default();
            *ways.entry(by).or_default() += 1;
        }
        let _ = writeln!(
            self.cases,
            "{:<44} {:>5} needs: {asked:>4} asked, {held:>4} held, {exempt:>4} not here, {never} never",
            case.name,
            coverage.exercised.len()
        );
    }

    /// For people.
    pub(super) fn report(&self) -> String {
        let letters: BTreeMap<&str, char> = self.reasons.iter().copied().zip('A'..).collect();
        let mut text = String::from(
            "How each need of the example fleets is exercised by Argo CD's own code: `cargo xtask e2e enough --all`.\n\n\
             ## Cases\n\n",
        );
        text.push_str(&self.cases);
        text.push_str("\n## Not exercised in some cases, because\n\n");
        for (reason, letter) in &letters {
            let _ = writeln!(text, "{letter}  {reason}");
        }
        let mut last = "";
        for ((who, what, verb), ways) in &self.kinds {
            if *who != last {
                let _ = write!(text, "\n## {who}\n\n");
                last = who;
            }
            let ways: Vec<String> = ways.iter().map(|(how, count)| way(how, *count, &letters)).collect();
            let _ = writeln!(text, "{verb:<11} {what:<58} {}", ways.join("; "));
        }
        text
    }
}

/// One way to be exercised, with how often.
fn way(how: &str, count: usize, letters: &BTreeMap<&str, char>) -> String {
    let letter = how.strip_prefix("not: ").and_then(|reason| letters.get(reason));
    letter.map_or_else(|| format!("{how} {count}"), |letter| format!("({letter}) {count}"))
}

fn whose(identity: &Identity) -> &'static str {
    match identity {
        Identity::Controller => "the controller",
        Identity::Server => "argocd-server",
        Identity::Impersonated { .. } => "impersonated service accounts",
    }
}

/// The resource or path, and the verb.
pub(in crate::e2e) fn kind(permission: &Permission) -> (String, String) {
    match permission {
        Permission::NonResource { path, verb } => (path.to_string(), verb.to_string()),
        Permission::Resource { group, resource, verb, .. } => {
            let dot = if group.is_empty() { "" } else { "." };
            (format!("{resource}{dot}{group}"), verb.to_string())
        }
    }
}
