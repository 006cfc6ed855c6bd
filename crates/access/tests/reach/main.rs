//! Reach, case by case: a small inventory, somebody who is taken over, and who is reached.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs, reason = "tests")]

#[path = "../chain/scene.rs"]
#[allow(dead_code, reason = "the chain's own questions aren't asked here")]
mod chain;
mod fleet;
mod laws;
mod scene;

use std::collections::BTreeSet;

use chain::World;
use oarlock_access::reach::Reach;
use scene::{Case, names, steps};

#[test]
fn each_case_reaches_whom_it_should() {
    let world = World::new();
    let cases = Case::all();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let reach = case.reach(&world);
            let wrong = wrong(case, &reach);
            let shown = format!(
                "certain {:#?}\nperhaps {:#?}\nsteps {:#?}\nunknown {:#?}\n{:?}",
                names(&reach, true),
                names(&reach, false),
                steps(&reach),
                reach.unknown,
                reach.reached
            );
            (!wrong.is_empty()).then(|| format!("{}:\n  {}\n{shown}", case.name, wrong.join("\n  ")))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn wrong(case: &Case, reach: &Reach) -> Vec<String> {
    let (certain, perhaps, steps) = (names(reach, true), names(reach, false), steps(reach));
    let mut wrong = Vec::new();
    let mut missing = |what: &str, wanted: &[String], found: &BTreeSet<String>| {
        let missing = wanted.iter().filter(|name| !found.contains(*name));
        wrong.extend(missing.map(|name| format!("{what} lacks `{name}`")));
    };
    missing("reaches", &case.reaches, &certain);
    missing("perhaps", &case.perhaps, &perhaps);
    missing("steps", &case.steps, &steps);
    if let Some(only) = &case.only {
        let only: BTreeSet<String> = only.iter().cloned().collect();
        if only != certain {
            wrong.push(format!("reaches {certain:?} instead of only {only:?}"));
        }
    }
    let never = case.never.iter().filter(|name| certain.contains(*name) || perhaps.contains(*name));
    wrong.extend(never.map(|name| format!("reaches `{name}`, which it never does")));
    let unknown: Vec<String> =
        reach.unknown.iter().map(|one| format!("{} {:?}", one.gap, one.gap.fill)).collect();
    let unsaid = case.unknown.iter().filter(|text| !unknown.iter().any(|gap| gap.contains(*text)));
    wrong.extend(unsaid.map(|text| format!("the unknown says nothing of `{text}`")));
    if case.unknown.is_empty() && !unknown.is_empty() {
        wrong.push(format!("there is something unknown: {unknown:?}"));
    }
    let numbers = serde_json::to_value(reach.reached).unwrap();
    let other = case.numbers.iter().filter(|(name, number)| numbers[name.as_str()] != **number);
    wrong.extend(
        other.map(|(name, number)| format!("{name} is {} instead of {number}", numbers[name.as_str()])),
    );
    wrong
}

#[test]
fn names_are_unique() {
    let cases = Case::all();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert!(names.len() == cases.len() && cases.len() >= 30, "{}", cases.len());
}

/// Each one has a way that begins with whoever was taken over, and whatever isn't known says what to do.
#[test]
fn ways_begin_with_whoever_was_taken_over() {
    let world = World::new();
    for case in Case::all() {
        let reach = case.reach(&world);
        for (at, node) in reach.principals.iter().enumerate() {
            let way = reach.way(at);
            let first = way.first().map_or(at, |edge| edge.from);
            assert_eq!(reach.principals[first].depth, 0, "{}: {node:?}", case.name);
            assert!(way.windows(2).all(|pair| pair[0].to == pair[1].from), "{}: {node:?}", case.name);
            let is_open = way.iter().any(|edge| !edge.missing.is_empty());
            assert!(!(node.certain && is_open), "{}: {node:?}", case.name);
        }
    }
}
