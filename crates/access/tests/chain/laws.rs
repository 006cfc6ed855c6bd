//! What holds of every case: what is added, removed or turned round never changes an answer the wrong way.

use oarlock_access::{Passes, verdict};
use serde_json::{Value, json};

use crate::scene::{Case, Change, World};

const DETAILS: [&str; 2] = [
    "accounts/111122223333/iam-get-account-authorization-details.json",
    "accounts/444455556666/iam-get-account-authorization-details.json",
];

fn cases() -> Vec<Case> {
    serde_saphyr::from_str(include_str!("cases.yaml")).unwrap()
}

fn passes(world: &World, case: &Case) -> Passes {
    verdict(&world.answer(case))
}

/// The case with one more statement in the first inline policy of every role that has one.
fn with_statement(world: &World, case: &Case, effect: &str) -> Case {
    let inventory = world.inventory(case);
    let mut changed = case.clone();
    for (file, account) in DETAILS.iter().zip(inventory.accounts.values()) {
        let Some(roles) = account.roles.known() else { continue };
        for number in 0..roles.len() {
            let at = format!("/RoleDetailList/{number}/RolePolicyList");
            let own =
                world.value(case, file, &at).and_then(|own| own.as_array().cloned()).unwrap_or_default();
            let added = json!({"PolicyName": "added", "PolicyDocument": {"Version": "2012-10-17",
                "Statement": [{"Effect": effect, "Action": "*", "Resource": "*"}]}});
            let to = Value::Array(own.into_iter().chain([added]).collect());
            changed.change.push(Change { file: (*file).to_owned(), at, to });
        }
    }
    changed
}

#[test]
fn one_more_allow_never_ends_what_passed() {
    let world = World::new();
    for case in cases().iter().filter(|case| passes(&world, case) == Passes::Yes) {
        assert_eq!(passes(&world, &with_statement(&world, case, "Allow")), Passes::Yes, "{}", case.name);
    }
}

#[test]
fn one_more_deny_never_lets_pass_what_ended() {
    let world = World::new();
    for case in cases().iter().filter(|case| passes(&world, case) == Passes::No) {
        assert_eq!(passes(&world, &with_statement(&world, case, "Deny")), Passes::No, "{}", case.name);
    }
}

/// A file that isn't there makes a decided answer unknown at most.
#[test]
fn a_gap_never_turns_an_answer_around() {
    let world = World::new();
    let gaps = [
        DETAILS[0],
        DETAILS[1],
        "organization/describe-organization.json",
        "clusters/444455556666/eu-west-1/prod/eks/list-access-entries.json",
        "clusters/444455556666/eu-west-1/prod/kubernetes/rolebindings.json",
        "clusters/111122223333/eu-west-1/hub/kubernetes/secrets.json",
        "clusters/111122223333/eu-west-1/hub/eks/describe-cluster.json",
    ];
    // Whom Argo CD impersonates, and which roles there are, is read from these files.
    let is_named = |case: &&Case| !case.who.starts_with("arn:") && !case.who.starts_with("as ");
    // Each case without some of them, in turn: to read an inventory takes its time.
    let named: Vec<Case> =
        cases().into_iter().filter(|case| is_named(&case) && case.without.is_empty()).collect();
    for (number, case) in named.iter().enumerate() {
        let before = passes(&world, case);
        for gap in gaps.iter().cycle().skip(number).take(3) {
            let without = Case { without: vec![(*gap).to_owned()], ..case.clone() };
            let after = passes(&world, &without);
            let turned = matches!((&before, &after), (Passes::Yes, Passes::No) | (Passes::No, Passes::Yes));
            assert!(!turned, "{} without {gap}: {before:?} became {after:?}", case.name);
        }
    }
}

#[test]
fn the_order_of_statements_and_objects_is_no_matter() {
    let world = World::new();
    for case in &cases() {
        let mut turned = case.clone();
        for file in DETAILS {
            let has = |value: &Value| value.is_array();
            let inventory = world.inventory(case);
            let account = inventory.accounts.values().next();
            if account.is_none() || case.without.iter().any(|own| own == file) {
                continue;
            }
            let roles = world.value(case, file, "/RoleDetailList");
            let Some(roles) = roles.filter(has).and_then(|roles| roles.as_array().cloned()) else { continue };
            let backwards: Vec<Value> = roles.into_iter().rev().map(backwards).collect();
            turned.change.push(Change {
                file: file.to_owned(),
                at: "/RoleDetailList".to_owned(),
                to: Value::Array(backwards),
            });
        }
        assert_eq!(passes(&world, case), passes(&world, &turned), "{}", case.name);
    }
}

/// All lists of statements backwards.
fn backwards(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                *field = backwards(field.take());
                if let (true, Value::Array(statements)) = (key == "Statement", field) {
                    statements.reverse();
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = backwards(item.take())),
        _ => {}
    }
    value
}
