//! Assuming roles, by the examples of the IAM User Guide's pages "Pass session tags in AWS STS" and "Monitor and control actions taken
//! with assumed roles".
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use insta::assert_snapshot;
use oarlock_iam::{
    Actor, Assumption, Context, Decision, Kind, Layers, Passed, Policy, Principal, Request, Role, Session,
    Tags,
};

const USER: &str = "arn:aws:iam::123456789012:user/test-session-tags";

fn pairs(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn role(name: &str, tags: &[(&str, &str)]) -> Role {
    let arn = format!("arn:aws:iam::123456789012:role/{name}").parse().unwrap();
    Role { tags: pairs(tags).into_iter().collect(), ..Role::new(arn) }
}

fn passed(tags: &[(&str, &str)], transitive: &[&str]) -> Passed {
    let transitive = transitive.iter().map(|key| (*key).to_owned()).collect();
    Passed { session_name: "Session1".to_owned(), tags: pairs(tags), transitive, ..Passed::default() }
}

fn assume(caller: Actor, role: Role, passed: Passed) -> Assumption {
    Assumption { caller, role, passed }
}

fn user() -> Actor {
    Actor::new(Principal::aws(USER))
}

fn shown(tags: &Tags) -> String {
    tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
}

fn refused(assumption: &Assumption) -> String {
    let refusals = assumption.session().unwrap_err();
    refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Whether each of the requests is allowed by a trust policy and by whatever the caller has.
fn decisions(assumption: &Assumption, trust: &str, own: Option<&str>) -> Vec<Decision> {
    let policy = |text: &str, kind| Arc::new(Policy::parse("policy", text, kind).unwrap());
    let layers = Layers {
        identity: own.map(|text| policy(text, Kind::Identity)).into_iter().collect(),
        trust: Some(policy(trust, Kind::Trust)),
        ..Layers::default()
    };
    let requests = assumption.requests(&Context::default());
    requests.iter().map(|request: &Request| layers.decide(request).decision).collect()
}

/// "Chaining roles with session tags": `Role1`, `Role2` and `Role3`, each with tags of its own.
fn chain() -> [Session; 3] {
    let first = assume(
        user(),
        role("Role1", &[("Heart", "1")]),
        passed(&[("Star", "1"), ("Heart", "1")], &["Star", "Heart"]),
    );
    let first = first.session().unwrap();
    let second =
        assume(first.actor.clone(), role("Role2", &[("Sun", "2")]), passed(&[], &[])).session().unwrap();
    let last = role("Role3", &[("Lightning", "3"), ("star", "3")]);
    let third = assume(second.actor.clone(), last, passed(&[], &[])).session().unwrap();
    [first, second, third]
}

#[test]
fn transitive_tags_go_down_the_chain_and_override_those_of_roles() {
    let sessions = chain().map(|session| {
        let keys: Vec<_> = session.actor.transitive.into_iter().collect();
        format!("{} | {} | {}", session.actor.principal.id(), shown(&session.actor.tags), keys.join(" "))
    });
    assert_snapshot!(sessions.join("\n"), @r"
    arn:aws:sts::123456789012:assumed-role/Role1/Session1 | Heart=1 Star=1 | Heart Star
    arn:aws:sts::123456789012:assumed-role/Role2/Session1 | Heart=1 Star=1 Sun=2 | Heart Star
    arn:aws:sts::123456789012:assumed-role/Role3/Session1 | Heart=1 Lightning=3 Star=1 | Heart Star
    ");
}

#[test]
fn a_tag_that_is_inherited_can_not_be_passed_anew_in_any_case_and_with_any_value() {
    let [_, second, _] = chain();
    let again = assume(second.actor, role("Role3", &[]), passed(&[("heart", "1"), ("Moon", "3")], &[]));
    assert_snapshot!(refused(&again), @"the session tag `heart` is inherited from the caller's session, and can't be passed anew");
}

#[test]
fn tags_that_are_not_transitive_end_with_their_session() {
    let first = assume(user(), role("Role1", &[]), passed(&[("Star", "1"), ("Moon", "1")], &["star"]));
    let first = first.session().unwrap();
    assert_eq!(shown(&first.actor.tags), "Moon=1 Star=1");
    let second = assume(first.actor, role("Role2", &[]), passed(&[("Moon", "2")], &[])).session().unwrap();
    assert_eq!(shown(&second.actor.tags), "Moon=2 Star=1");
}

/// "Example role trust policy for session tags".
const TAGGED: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "AllowIamUserAssumeRole", "Effect": "Allow", "Action": "sts:AssumeRole",
     "Principal": {"AWS": "arn:aws:iam::123456789012:user/test-session-tags"},
     "Condition": {
       "StringLike": {"aws:RequestTag/Project": "*", "aws:RequestTag/CostCenter": "*", "aws:RequestTag/Department": "*"},
       "StringEquals": {"sts:ExternalId": "Example987"}}},
    {"Sid": "AllowPassSessionTagsAndTransitive", "Effect": "Allow", "Action": "sts:TagSession",
     "Principal": {"AWS": "arn:aws:iam::123456789012:user/test-session-tags"},
     "Condition": {
       "StringLike": {"aws:RequestTag/Project": "*", "aws:RequestTag/CostCenter": "*"},
       "StringEquals": {"aws:RequestTag/Department": ["Engineering", "Marketing"]},
       "ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["Project", "Department"]}}}]}"#;

#[test]
fn the_trust_policy_of_the_documentation_takes_its_own_example() {
    let tags = [("Project", "Automation"), ("CostCenter", "12345"), ("Department", "Engineering")];
    let example = |tags: &[(&str, &str)], transitive: &[&str], id: Option<&str>| {
        let external_id = id.map(str::to_owned);
        let passed = Passed { external_id, ..passed(tags, transitive) };
        decisions(&assume(user(), role("my-role-example", &[]), passed), TAGGED, None)
    };
    let (yes, no) = (Decision::Allowed, Decision::ImplicitDeny);
    assert_eq!(example(&tags, &["Project", "Department"], Some("Example987")), [yes, yes]);
    assert_eq!(example(&tags, &[], Some("Example987")), [yes, yes], "no tag has to be transitive");
    assert_eq!(example(&tags, &["CostCenter"], Some("Example987")), [yes, no], "another one may not be");
    assert_eq!(example(&tags, &["Project"], None), [no, yes]);
    let fewer = [("Project", "Automation"), ("Department", "Sales")];
    assert_eq!(example(&fewer, &[], Some("Example987")), [no, no]);
    assert_eq!(example(&[], &[], Some("Example987")), [no], "without tags nobody tags");
}

/// "Permissions required to set source identity": the policies of `DevUser` and of the role.
#[test]
fn a_source_identity_needs_its_permission_on_both_sides_and_then_in_every_session() {
    let dev = Actor::new(Principal::aws("arn:aws:iam::123456789012:user/DevUser"));
    let own = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::123456789012:role/Developer_Role"},
        {"Effect": "Allow", "Action": "sts:SetSourceIdentity", "Resource": "arn:aws:iam::123456789012:role/Developer_Role",
         "Condition": {"StringLike": {"sts:SourceIdentity": "${aws:username}"}}}]}"#;
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
        "Condition": {"StringEquals": {"sts:SourceIdentity": "DevUser"}}}]}"#;
    let with = |identity: Option<&str>| {
        let passed = Passed { source_identity: identity.map(str::to_owned), ..passed(&[], &[]) };
        assume(dev.clone(), role("Developer_Role", &[]), passed)
    };
    let (yes, no) = (Decision::Allowed, Decision::ImplicitDeny);
    assert_eq!(decisions(&with(Some("DevUser")), trust, Some(own)), [yes, yes]);
    assert_eq!(decisions(&with(Some("Admin")), trust, Some(own)), [no, no]);
    assert_eq!(decisions(&with(None), trust, Some(own)), [no]);

    let session = with(Some("DevUser")).session().unwrap().actor;
    let next = |identity: Option<&str>| {
        let passed = Passed { source_identity: identity.map(str::to_owned), ..passed(&[], &[]) };
        assume(session.clone(), role("Next", &[]), passed)
    };
    let actions = |assumption: &Assumption| decisions(assumption, trust, Some(own)).len();
    assert_eq!(actions(&next(None)), 2, "what is inherited is set anew");
    assert_eq!(next(None).session().unwrap().actor.source_identity.as_deref(), Some("DevUser"));
    assert!(next(Some("DevUser")).refusals().is_empty());
    assert_snapshot!(refused(&next(Some("Admin"))), @"the source identity is `DevUser` for the whole chain, and can't become `Admin`");
}

/// "Role chaining": a session of one role assumes another, whose trust policy must let tags that are transitive in.
#[test]
fn inherited_tags_need_permission_to_tag_the_next_session() {
    let [first, ..] = chain();
    let next = assume(first.actor, role("Role2", &[]), passed(&[], &[]));
    let own =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}}"#;
    let trust = |actions: &str, key: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": {actions},
            "Principal": {{"AWS": "123456789012"}}, "Condition": {{"StringEquals": {{"aws:PrincipalTag/{key}": "1"}}}}}}}}"#
        )
    };
    let (yes, no) = (Decision::Allowed, Decision::ImplicitDeny);
    assert_eq!(decisions(&next, &trust(r#""sts:AssumeRole""#, "Star"), Some(own)), [yes, no]);
    let both = r#"["sts:AssumeRole", "sts:TagSession"]"#;
    assert_eq!(decisions(&next, &trust(both, "Star"), Some(own)), [yes, yes]);
    assert_eq!(decisions(&next, &trust(both, "Sun"), Some(own)), [no, no]);
}

#[test]
fn a_chained_session_lasts_an_hour_at_most_and_asking_for_more_fails() {
    let role = || Role { most_seconds: 43_200, ..role("Role2", &[]) };
    let asking =
        |caller: Actor, seconds: Option<u32>| assume(caller, role(), Passed { seconds, ..passed(&[], &[]) });
    let [first, ..] = chain();
    assert_eq!(asking(user(), Some(43_200)).session().unwrap().seconds, 43_200);
    assert_eq!(asking(user(), None).session().unwrap().seconds, 3_600);
    assert_eq!(asking(first.actor.clone(), None).session().unwrap().seconds, 3_600);
    assert_snapshot!(refused(&asking(first.actor, Some(3_601))), @"a session of 3601 seconds isn't possible: it can have 900 to 3600");
    assert_snapshot!(refused(&asking(user(), Some(60))), @"a session of 60 seconds isn't possible: it can have 900 to 43200");
}

#[test]
fn a_session_keeps_the_path_of_its_role_and_what_limits_it() {
    let limit =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
    let policies = vec![Arc::new(Policy::parse("limit", limit, Kind::Identity).unwrap())];
    let session =
        assume(user(), role("team/Role1", &[]), Passed { policies, ..passed(&[], &[]) }).session().unwrap();
    assert_eq!(session.actor.principal.id(), "arn:aws:sts::123456789012:assumed-role/Role1/Session1");
    assert_eq!(session.policies.len(), 1);
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "*"}, "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/team/Role1"}}}}"#;
    let next = assume(session.actor, role("Role2", &[]), passed(&[], &[]));
    assert_eq!(decisions(&next, trust, None), [Decision::Allowed]);
}

#[test]
fn what_is_not_passed_is_known_to_be_absent_even_where_the_rest_is_not_known() {
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/test-session-tags"}, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}}"#;
    let policy = Policy::parse("trust", trust, Kind::Trust).unwrap();
    let layers = Layers { trust: Some(Arc::new(policy)), ..Layers::default() };
    let [request] = &assume(user(), role("Role1", &[]), passed(&[], &[])).requests(&Context::open([]))[..]
    else {
        unreachable!("one request")
    };
    assert_eq!(layers.decide(request).decision, Decision::ImplicitDeny);
}

#[test]
fn what_aws_refuses_without_asking_a_policy() {
    let many: Vec<(String, String)> = (0..51).map(|number| (format!("tag{number}"), String::new())).collect();
    let root = Actor::new(Principal::aws("arn:aws:iam::123456789012:root"));
    let long = "v".repeat(257);
    let wrong = Passed {
        source_identity: Some("aws:x".to_owned()),
        external_id: Some("a".to_owned()),
        ..passed(&[("Team", "a"), ("team", "b"), ("aws:x", ""), ("long", &long)], &["Team", "other"])
    };
    let wrong = refused(&assume(root, role("Role1", &[]), wrong));
    let many = refused(&assume(user(), role("Role1", &[]), Passed { tags: many, ..passed(&[], &[]) }));
    assert_snapshot!(format!("{wrong}\n{many}"), @r"
    an account's root user can't assume roles
    the session tag `team` is passed twice: keys have no case
    `aws:x` is no tag: a key has 1 to 128 characters and doesn't begin with `aws:`, a value has 256 at most
    `long` is no tag: a key has 1 to 128 characters and doesn't begin with `aws:`, a value has 256 at most
    `other` is to be transitive, but no session tag of that key is passed
    `aws:x` is no source identity: it has 2 to 64 letters, digits and `_=,.@+-`
    `a` is no external id: it has 2 to 1224 letters, digits and `_=,.@:/+-`
    51 session tags are passed, more than 50
    ");
}
