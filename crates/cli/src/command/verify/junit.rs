//! Claims as tests: a cluster is a suite, and what an identity has to be allowed of a resource is a test.

use std::collections::BTreeMap;

use access::{Claim, Verified};
use argocd::Identity;
use facts::{Gap, Verdict};
use live::verify::{Answer, Word};
use rbac::Permission;

use crate::view::junit::{Case, Outcome, Suite};

/// One cluster's tests.
pub(super) fn suite(cluster: &str, verified: &[Verified]) -> Suite {
    let mut tests: BTreeMap<(&Identity, String), Vec<&Verified>> = BTreeMap::new();
    for one in verified {
        let Claim { identity, permission, .. } = &one.claim;
        tests.entry((identity, resource(permission))).or_default().push(one);
    }
    let case = |((identity, name), claims): ((&Identity, String), Vec<&Verified>)| Case {
        name,
        classname: format!("{cluster}.{identity}"),
        outcome: outcome(&claims),
    };
    Suite { name: cluster.to_owned(), cases: tests.into_iter().map(case).collect() }
}

/// What isn't known of the needs themselves: there are more claims than the tests.
pub(super) fn unknown(gaps: &[Gap]) -> Option<Suite> {
    let case = |gap: &Gap| Case {
        name: gap.what.clone(),
        classname: "needs".to_owned(),
        outcome: Outcome::Undecided { message: "not known of the needs".to_owned(), text: gap.to_string() },
    };
    (!gaps.is_empty()).then(|| Suite { name: "needs".to_owned(), cases: gaps.iter().map(case).collect() })
}

fn resource(permission: &Permission) -> String {
    match permission {
        Permission::Resource { group, resource, .. } if group.is_empty() => resource.to_string(),
        Permission::Resource { group, resource, .. } => format!("{resource}.{group}"),
        Permission::NonResource { path, .. } => path.to_string(),
    }
}

/// A certain no counts more than what isn't known.
fn outcome(claims: &[&Verified]) -> Outcome {
    let (mut violated, mut unknown) = (Vec::new(), Vec::new());
    for Verified { claim, verdict } in claims {
        match verdict {
            Verdict::Holds => {}
            Verdict::Violated { witness } => {
                violated.push((witness.at, format!("{}: {}", claim.permission, witness.by)));
            }
            Verdict::Unknown { missing } => {
                let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
                unknown.push(format!("{}: {}", claim.permission, missing.join("; ")));
            }
        }
    }
    if let Some((at, _)) = violated.first() {
        let message =
            format!("{} of {} violated at {at}", violated.len(), facts::count(claims.len(), "claim"));
        let lines: Vec<&str> = violated.iter().map(|(_, line)| line.as_str()).collect();
        return Outcome::Failed { message, text: lines.join("\n") };
    }
    if unknown.is_empty() {
        return Outcome::Passed;
    }
    let message = format!("{} of {} can't be told", unknown.len(), facts::count(claims.len(), "claim"));
    Outcome::Undecided { message, text: unknown.join("\n") }
}

/// What AWS and the clusters say themselves: each question is a test.
pub(super) fn live(live: &super::live::Json) -> Suite {
    let asked = live.answers.iter().map(|answer| Case {
        name: format!("{}: {}", answer.who, answer.about),
        classname: format!("{}.{}", answer.cluster.as_deref().unwrap_or("AWS"), answer.question.as_str()),
        outcome: answered(answer),
    });
    let unseen = live.unknown.iter().map(|gap| Case {
        name: gap.what.clone(),
        classname: "AWS.refusals".to_owned(),
        outcome: Outcome::Undecided { message: "not known".to_owned(), text: gap.to_string() },
    });
    Suite { name: "asked live".to_owned(), cases: asked.chain(unseen).collect() }
}

fn answered(answer: &Answer) -> Outcome {
    let said = answer.answered.as_deref().unwrap_or("nothing");
    let message = format!("expected: {}; answered: {said}", answer.expected);
    let text: Vec<String> = answer.missing.iter().map(ToString::to_string).collect();
    match answer.verdict {
        Word::Holds => Outcome::Passed,
        Word::Violated => Outcome::Failed { message, text: text.join("\n") },
        Word::Unknown => Outcome::Undecided { message, text: text.join("\n") },
    }
}
