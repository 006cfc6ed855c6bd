//! What is wrong with an aws-auth.

use std::collections::BTreeMap;

use oarlock_access::cluster_identity::{
    AwsAuth,
    aws_auth::{BlockProblem, ItemProblem},
};
use serde_json::json;

use crate::scene::{Read, cluster, config_map};

fn read(key: &str, text: &str) -> AwsAuth {
    let data = BTreeMap::from([(key.to_owned(), text.to_owned())]);
    AwsAuth::of(&cluster("CONFIG_MAP", None, "none", Some(Read::Is(data)))).unwrap()
}

fn role(fields: &str) -> Vec<ItemProblem> {
    read("mapRoles", &format!("- {{{fields}}}")).roles.items.remove(0).problems
}

#[test]
fn a_good_element_has_no_problem() {
    assert_eq!(
        role("rolearn: 'arn:aws:iam::111122223333:role/x', username: 'x:{{SessionName}}', groups: [g]"),
        []
    );
}

#[test]
fn each_mistake_has_its_name() {
    let arn = |arn: &str| role(&format!("rolearn: '{arn}', username: u"));
    assert_eq!(arn("arn:aws:iam::111122223333:role/a/x"), [ItemProblem::RolePath]);
    assert_eq!(arn("arn:aws:sts::111122223333:assumed-role/x/s"), [ItemProblem::SessionArn]);
    assert_eq!(arn("arn:aws:iam::111122223333:role/*"), [ItemProblem::Wildcard]);
    assert_eq!(arn("arn:aws:iam::111122223333:role/x "), [ItemProblem::NotAnArn]);
    assert_eq!(arn("x"), [ItemProblem::NotAnArn]);
    assert_eq!(arn("arn:aws:iam::111122223333:root"), [ItemProblem::RootUserOnly]);
    assert_eq!(arn("arn:aws:iam::111122223333:user/ann"), [ItemProblem::OtherBlock]);
    assert_eq!(role("username: u"), [ItemProblem::NoArn]);
    assert_eq!(role("sso: {accountID: '1', permissionSetName: x}, username: u"), [ItemProblem::BadSso]);
    assert_eq!(role("sso: text, username: u"), [ItemProblem::BadSso]);
    let good = "rolearn: 'arn:aws:iam::111122223333:role/x'";
    assert_eq!(role(good), [ItemProblem::NoUsername]);
    assert_eq!(
        role(&format!("{good}, username: u, groups: g")),
        [ItemProblem::FieldIgnored { field: "groups" }]
    );
    assert_eq!(
        role(&format!("{good}, username: 'u:{{{{ SessionName }}}}'")),
        [ItemProblem::UnknownPlaceholder("{{ SessionName }}".to_owned())]
    );
}

#[test]
fn of_three_elements_of_a_role_the_last_takes_the_place_of_the_others() {
    let text = "
- {rolearn: 'arn:aws:iam::111122223333:role/x', username: a}
- {rolearn: 'arn:aws:iam::111122223333:role/X', username: b}
- {rolearn: 'arn:aws:iam::111122223333:role/x', username: c}
";
    let counting: Vec<bool> = read("mapRoles", text).roles.items.iter().map(|item| item.counts()).collect();
    assert_eq!(counting, [false, false, true]);
}

#[test]
fn blocks_that_map_nobody_say_why() {
    assert_eq!(read("mapUsers", "a: b").users.problem, Some(BlockProblem::NotAList));
    assert!(matches!(read("mapUsers", "[").users.problem, Some(BlockProblem::NotYaml(_))));
    let mut cluster = cluster("CONFIG_MAP", None, "none", None);
    let map = config_map(json!({"data": {"mapRoles": [{"rolearn": "x"}]}}));
    cluster.kubernetes.objects.insert("configmaps".to_owned(), vec![map]);
    assert_eq!(AwsAuth::of(&cluster).unwrap().roles.problem, Some(BlockProblem::NotText));
}

#[test]
fn a_cluster_without_it_has_an_empty_one_and_one_that_is_not_read_a_gap() {
    assert_eq!(AwsAuth::of(&cluster("API", None, "none", None)), Ok(AwsAuth::default()));
    assert!(AwsAuth::of(&cluster("API", None, "none", Some(Read::Not("unread".to_owned())))).is_err());
}
