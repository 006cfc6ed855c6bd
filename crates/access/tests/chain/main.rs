//! The chain, case by case: a small inventory, a question, and the hop that decides.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs, reason = "tests")]

mod claims;
mod laws;
mod scene;
mod who_can;

use scene::{Case, World};

#[test]
fn each_case_ends_where_it_should() {
    let world = World::new();
    let cases: Vec<Case> = serde_saphyr::from_str(include_str!("cases.yaml")).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let hops = world.answer(case);
        let ended = scene::ended(&hops);
        if ended != case.expect {
            wrong.push(format!("{}: {ended} instead of {}\n{hops:#?}", case.name, case.expect));
        } else if let Some(says) = &case.says {
            let decided = scene::deciding(&hops);
            if !format!("{decided:?}").contains(says) {
                wrong.push(format!("{}: says nothing of `{says}`: {decided:#?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn names_are_unique() {
    let cases: Vec<Case> = serde_saphyr::from_str(include_str!("cases.yaml")).unwrap();
    let mut names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), cases.len());
}

/// Whatever doesn't pass for want of a permission says what to change; what is unknown says what to read.
#[test]
fn whatever_does_not_pass_says_what_to_do() {
    let world = World::new();
    let cases: Vec<Case> = serde_saphyr::from_str(include_str!("cases.yaml")).unwrap();
    for case in &cases {
        for hop in world.answer(case) {
            if let oarlock_access::Passes::Unknown { missing } = &hop.passes {
                assert!(!missing.is_empty(), "{}: {hop:?}", case.name);
            }
            assert!(!hop.by.is_empty(), "{}: {hop:?}", case.name);
        }
    }
}
