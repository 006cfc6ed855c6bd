//! Decisions that hang on keys of which nothing is known, and that are yet the same for all of their values.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use oarlock_iam::{
    Context, ContextValue, Decision, Document, Effect, Kind, Layers, Policy, Principal, Request, Statement,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn layers(statements: &str) -> Layers {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    let policy = Policy::parse("own", &text, Kind::Identity).unwrap();
    Layers { identity: vec![Arc::new(policy)], ..Layers::default() }
}

fn request(context: Context) -> Request {
    Request::new(
        Principal::aws("arn:aws:iam::111122223333:user/ann"),
        "s3:GetObject",
        "arn:aws:s3:::b/k",
        None,
        context,
    )
}

/// Statements that allow under each of some conditions, and deny under others.
fn decided(allow: &[&str], deny: &[&str]) -> Decision {
    let statement = |effect: &str, condition: &str| {
        format!(r#"{{"Effect": "{effect}", "Action": "*", "Resource": "*", "Condition": {{{condition}}}}}"#)
    };
    let allow = allow.iter().map(|condition| statement("Allow", condition));
    let deny = deny.iter().map(|condition| statement("Deny", condition));
    layers(&allow.chain(deny).collect::<Vec<_>>().join(",")).decide(&request(Context::open([]))).decision
}

const TEAM: &str = "aws:PrincipalTag/team";

fn team(operator: &str, values: &str) -> String {
    format!(r#""{operator}": {{"{TEAM}": {values}}}"#)
}

#[test]
fn a_value_and_all_others_are_everything() {
    let is = team("StringEquals", r#""red""#);
    let is_not = team("StringNotEquals", r#""red""#);
    assert_eq!(decided(&[&is, &is_not], &[]), Decision::Allowed);
    assert_eq!(decided(&[&is], &[]), Decision::Unknown);
    assert_eq!(decided(&[&is], &[&is]), Decision::Unknown, "denied, or not allowed");
    let at_once = r#""StringEquals": {"aws:PrincipalTag/team": "red"}, "StringNotEquals": {"aws:PrincipalTag/team": "red"}"#;
    assert_eq!(decided(&[at_once], &[]), Decision::ImplicitDeny, "nothing is both");
}

#[test]
fn an_absent_key_is_a_value_too() {
    let there = team("Null", r#""false""#);
    assert_eq!(decided(&[&there, &team("Null", r#""true""#)], &[]), Decision::Allowed);
    assert_eq!(decided(&[&there, &team("StringNotLike", r#""?*""#)], &[]), Decision::Allowed);
    assert_eq!(
        decided(&[&team("StringLike", r#""*""#), &team("StringEquals", r#""red""#)], &[]),
        Decision::Unknown
    );
}

#[test]
fn patterns_that_leave_nothing_out_are_everything() {
    let with = team("StringLike", r#""*red*""#);
    let without = team("StringNotLike", r#""*r?d*""#);
    let between = team("StringLike", r#"["*r?d"]"#);
    assert_eq!(decided(&[&with, &without], &[]), Decision::Unknown, "`rid` is neither");
    assert_eq!(decided(&[&with, &without, &team("StringLike", r#""*r?d*""#)], &[]), Decision::Allowed);
    assert_eq!(decided(&[&with, &without, &between], &[]), Decision::Unknown, "`rids` is none of them");
    let exactly = team("StringNotEquals", r#""red""#);
    assert_eq!(decided(&[&team("StringEqualsIgnoreCase", r#""RED""#), &exactly], &[]), Decision::Allowed);
    let others = team("StringNotEqualsIgnoreCase", r#""red""#);
    assert_eq!(
        decided(&[&team("StringEquals", r#""red""#), &others], &[]),
        Decision::Unknown,
        "`Red` is neither"
    );
}

#[test]
fn arns_are_told_apart_field_by_field() {
    let source = |operator: &str, arn: &str| format!(r#""{operator}": {{"aws:SourceArn": "{arn}"}}"#);
    let all = source("ArnLike", "arn:aws:s3:::*");
    let some = source("ArnNotLike", "arn:aws:s3:::b*");
    assert_eq!(decided(&[&all, &some], &[]), Decision::Allowed);
    let narrow = source("ArnLike", "arn:aws:s3:*:1*:*");
    assert_eq!(decided(&[&narrow, &source("ArnNotLike", "arn:aws:s3:::b*")], &[]), Decision::Unknown);
}

#[test]
fn numbers_dates_and_addresses_are_everything_from_end_to_end() {
    let age =
        |operator: &str, value: &str| format!(r#""{operator}": {{"aws:MultiFactorAuthAge": "{value}"}}"#);
    let (none, young) = (r#""Null": {"aws:MultiFactorAuthAge": "true"}"#, age("NumericLessThan", "3600"));
    let old = age("NumericGreaterThanEquals", "3600");
    assert_eq!(decided(&[none, &young, &old], &[]), Decision::Allowed);
    assert_eq!(decided(&[none, &young], &[]), Decision::Unknown);
    let of_team = |operator: &str| team(operator, r#""3600""#);
    let halves = [of_team("NumericLessThanIfExists"), of_team("NumericGreaterThanEquals")];
    assert_eq!(decided(&[&halves[0], &halves[1]], &[]), Decision::Unknown, "a team may be no number");
    let both = format!("{}, {}", age("NumericLessThan", "5"), age("NumericGreaterThan", "5"));
    assert_eq!(decided(&[&both], &[]), Decision::ImplicitDeny);
    let dates = r#""DateLessThan": {"aws:CurrentTime": "2026-01-01"}, "DateGreaterThan": {"aws:CurrentTime": "2026-01-02"}"#;
    assert_eq!(decided(&[dates], &[]), Decision::ImplicitDeny);
    let ranges =
        r#""IpAddress": {"aws:SourceIp": "10.1.0.0/16"}, "NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#;
    assert_eq!(decided(&[ranges], &[]), Decision::ImplicitDeny);
    let inside =
        r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "NotIpAddress": {"aws:SourceIp": "10.1.0.0/16"}"#;
    assert_eq!(decided(&[inside], &[]), Decision::Unknown);
}

#[test]
fn a_key_that_may_have_several_values_has_sets_of_them() {
    let keys = |operator: &str| format!(r#""{operator}": {{"aws:TagKeys": "team"}}"#);
    let (all, any_other) = (keys("ForAllValues:StringEquals"), keys("ForAnyValue:StringNotEquals"));
    assert_eq!(decided(&[&all, &any_other], &[]), Decision::Allowed);
    assert_eq!(
        decided(&[&keys("ForAnyValue:StringEquals"), &any_other], &[]),
        Decision::Unknown,
        "there may be none"
    );
    assert_eq!(
        decided(&[&all, &keys("ForAllValues:StringNotEquals")], &[]),
        Decision::Unknown,
        "there may be both"
    );
    let (is, is_not) = (r#""StringEquals": {"my:key": "a"}"#, r#""StringNotEquals": {"my:key": "a"}"#);
    assert_eq!(decided(&[is, is_not], &[]), Decision::Unknown, "nobody says that it has one value at most");
}

#[test]
fn keys_are_tried_together() {
    let both = r#""StringEquals": {"aws:PrincipalTag/team": "red", "aws:PrincipalTag/stage": "test"}"#;
    let (other, stage) =
        (team("StringNotEquals", r#""red""#), r#""StringNotEquals": {"aws:PrincipalTag/stage": "test"}"#);
    assert_eq!(decided(&[both, &other, stage], &[]), Decision::Allowed);
    assert_eq!(decided(&[both, &other], &[]), Decision::Unknown);
}

#[test]
fn what_is_compared_with_another_key_stays_unknown_and_with_a_known_one_does_not() {
    let like = |operator: &str, value: &str| team(operator, &format!(r#""${{{value}}}""#));
    let own = |operator: &str| like(operator, "aws:username");
    assert_eq!(decided(&[&own("StringEquals"), &own("StringNotEquals")], &[]), Decision::Allowed);
    let other = |operator: &str| like(operator, "aws:SourceIdentity");
    assert_eq!(decided(&[&other("StringEquals"), &other("StringNotEquals")], &[]), Decision::Unknown);
    let mixed = [team("StringEquals", r#""1""#), team("NumericNotEquals", r#""1""#)];
    assert_eq!(decided(&[&mixed[0], &mixed[1]], &[]), Decision::Unknown, "of two types");
}

#[test]
fn an_explanation_has_the_statements_of_all_cases() {
    let layers = layers(
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}},
           {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "red"}}},
           {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:username": "bob"}}}"#,
    );
    let explanation = layers.explain(&request(Context::open([])));
    assert_eq!(explanation.decision, Decision::Allowed);
    let by: Vec<usize> = explanation.by.iter().map(|by| by.statement).collect();
    assert_eq!(by, [1, 0], "first those that decide where the keys are absent");
    assert!(explanation.missing.is_empty());
}

/// Operators of one type, values that policies compare with, and values of requests.
type Family = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const FAMILIES: &[Family] = &[
    (
        &[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ],
        &[
            "red",
            "Red",
            "r*",
            "*d",
            "?ed",
            "*e*",
            "*",
            "k",
            "ke?",
            "${aws:username}",
            "${aws:SourceIdentity}",
        ],
        &["red", "Red", "RED", "rd", "bed", "d", "x", "", "k", "\u{212a}", "kez", "ann", "re\u{e9}d"],
    ),
    (
        &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        &["1", "2", "1.5", "-3", "9007199254740993"],
        &["0", "1", "1.2", "1.5", "1.7", "2", "3", "-3", "-4", "x", "1e300", "9007199254740993"],
    ),
    (
        &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        &["2026-01-01", "2026-01-01T00:00:01Z", "1700000000"],
        &[
            "2026-01-01",
            "2026-01-01T00:00:00.5Z",
            "2026-01-01T00:00:01Z",
            "2027-01-01",
            "0",
            "1700000000",
            "1700000001",
            "x",
        ],
    ),
    (
        &["IpAddress", "NotIpAddress"],
        &["10.0.0.0/8", "10.1.0.0/16", "10.1.0.0", "::/0", "255.0.0.0/8", "0.0.0.0/0"],
        &["10.1.0.0", "10.1.2.3", "10.2.0.1", "9.255.255.255", "255.1.1.1", "2001:db8::1", "x"],
    ),
    (&["Bool", "Null"], &["true", "false"], &["true", "False", "x"]),
    (&["BinaryEquals"], &["QQ==", "Qg=="], &["QQ==", "Qg==", "QUE=", "?"]),
    (
        &["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals", "StringLike"],
        &["*", "arn:aws:s3:::b*", "arn:*:s3", "arn:aws:*:*:1?:x/*", "arn:aws:s3:::${aws:username}"],
        &[
            "arn:aws:s3:::b",
            "arn:aws:s3:::ann",
            "arn:aws:s3:::",
            "arn:aws:sqs:e:12:x/y",
            "arn:aws:sqs:e:f:12:x/y",
            "b",
            "",
        ],
    ),
    // Of two types.
    (&["StringLike", "NumericLessThan", "Null"], &["1*", "10", "true"], &["1", "10", "100", "x"]),
];

const SEVERAL: &str = "my:key";

fn conditions(
    (operators, values, _): Family,
) -> impl Strategy<Value = Vec<(String, &'static str, Vec<&'static str>)>> {
    let prefix = select(&["", "", "ForAllValues:", "ForAnyValue:"][..]);
    let suffix = select(&["", "", "IfExists"][..]);
    let operator = (prefix, select(operators), suffix).prop_map(|(prefix, operator, suffix)| {
        if operator == "Null" { operator.to_owned() } else { format!("{prefix}{operator}{suffix}") }
    });
    vec((operator, select(&[TEAM, SEVERAL][..]), vec(select(values), 1..3)), 1..3)
}

fn statement(family: Family) -> impl Strategy<Value = Statement> {
    (conditions(family), any::<bool>()).prop_map(|(conditions, denies)| {
        let mut statement = Statement::allow("", ["*"]).on(["*"]);
        statement.effect = if denies { Effect::Deny } else { Effect::Allow };
        conditions
            .into_iter()
            .fold(statement, |statement, (operator, key, values)| statement.when(&operator, key, values))
    })
}

/// What requests may have: one team at most, and whatever of the other key.
fn context((_, _, values): Family) -> impl Strategy<Value = Context> {
    let one = select(values).prop_map(|value| ContextValue::One(value.to_owned()));
    let several = vec(select(values).prop_map(str::to_owned), 0..4).prop_map(ContextValue::Many);
    let identity = option::of(select(values).prop_map(|value| ContextValue::One(value.to_owned())));
    (option::of(one), option::of(several), identity).prop_map(|(one, several, identity)| {
        let all = [(TEAM, one), (SEVERAL, several), ("aws:SourceIdentity", identity)];
        Context::complete(all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))))
    })
}

fn everything() -> impl Strategy<Value = (Vec<Statement>, Vec<Context>)> {
    select(FAMILIES).prop_flat_map(|family| (vec(statement(family), 1..5), vec(context(family), 24)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn what_is_decided_of_all_values_is_so_of_each((statements, contexts) in everything()) {
        let policy = Policy::new("own", &Document::new(statements));
        let layers = Layers { identity: vec![Arc::new(policy)], ..Layers::default() };
        let open = layers.decide(&request(Context::open([]))).decision;
        for context in contexts.into_iter().filter(|_| open != Decision::Unknown) {
            let decision = layers.decide(&request(context.clone())).decision;
            prop_assert_eq!(decision, open, "{:?}", context);
        }
    }
}
