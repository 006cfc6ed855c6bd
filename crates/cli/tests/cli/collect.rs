//! `oarlock collect` against a server on loopback that answers as AWS does.

mod aws;
mod live;

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::run::{Run, argument, files, oarlock};
use aws::{Aws, Request};

const HUB: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/hub";
const ACCOUNT: &str = "accounts/111122223333";
const CLUSTER: &str = "clusters/111122223333/eu-west-1/hub";
const MINE: &str = "AKIA111122223333";

/// An account with two pages of roles and one cluster, whose API server is nowhere.
fn account(request: &Request) -> (u16, String) {
    match request.what().as_str() {
        "sts GetCallerIdentity" => aws::identity(&request.access_key()),
        "sts AssumeRole" => aws::assumed(&request.parameter("RoleArn")),
        "iam GetAccountAuthorizationDetails" => {
            let is_first = request.parameter("Marker").is_empty();
            let (name, more) = if is_first {
                ("one", "<IsTruncated>true</IsTruncated><Marker>next</Marker>")
            } else {
                ("two", "")
            };
            aws::xml(
                "GetAccountAuthorizationDetails",
                &format!(
                    "{more}<RoleDetailList><member><RoleName>{name}</RoleName><Path>/</Path>\
                 <Arn>arn:aws:iam::111122223333:role/{name}</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate>\
                 <AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument>\
                 </member></RoleDetailList>"
                ),
            )
        }
        "iam ListUsers" => aws::xml("ListUsers", "<IsTruncated>false</IsTruncated><Users/>"),
        "iam ListOpenIDConnectProviders" => aws::refused("AccessDenied", "User: me is not authorized"),
        "GET /clusters" => (200, json!({"clusters": ["hub"]}).to_string()),
        "GET /clusters/hub" => (
            200,
            json!({"cluster": {
                "name": "hub", "arn": HUB, "endpoint": "https://127.0.0.1:9", "createdAt": 1_767_323_045.25,
                "certificateAuthority": {"data": CERTIFICATE}, "accessConfig": {"authenticationMode": "API"},
            }})
            .to_string(),
        ),
        "GET /clusters/hub/access-entries" => match request.parameter("nextToken").as_str() {
            "" => (
                200,
                json!({"accessEntries": ["arn:aws:iam::111122223333:role/one"], "nextToken": "2"})
                    .to_string(),
            ),
            _ => (200, json!({"accessEntries": []}).to_string()),
        },
        "GET /clusters/hub/pod-identity-associations" => (200, json!({"associations": []}).to_string()),
        "GET /clusters/hub/capabilities" => (200, json!({"capabilities": []}).to_string()),
        "GET /access-policies" => (
            200,
            json!({"accessPolicies": [{"name": "AmazonEKSViewPolicy", "arn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"}]})
                .to_string(),
        ),
        path if path.ends_with("/access-policies") => {
            let policies = json!({"clusterName": "hub", "associatedAccessPolicies": [],
                "principalArn": "arn:aws:iam::111122223333:role/one"});
            (200, policies.to_string())
        }
        path if path.starts_with("GET /clusters/hub/access-entries/") => {
            let entry = json!({"principalArn": "arn:aws:iam::111122223333:role/one", "type": "STANDARD", "tags": null});
            (200, json!({"accessEntry": entry}).to_string())
        }
        "organizations DescribeOrganization" => (
            400,
            json!({
                "__type": "AWSOrganizationsNotInUseException", "message": "no organization",
            })
            .to_string(),
        ),
        "organizations ListAccounts" => (
            200,
            json!({"Accounts": [
                {"Id": "111122223333", "Status": "ACTIVE"}, {"Id": "444455556666", "Status": "SUSPENDED"},
            ]})
            .to_string(),
        ),
        other => (404, json!({"__type": "NotHere", "message": other}).to_string()),
    }
}

/// Nobody's, in Base64 of PEM.
const CERTIFICATE: &str = include_str!("../../../live/tests/data/nobody.pem.base64");

fn collect(aws: &Aws, folder: &Path, key: &str, arguments: &[&str]) -> Run {
    let target = folder.join("inventory");
    let common = ["collect", "-i", argument(&target), "--timeout", "5"];
    aws.run(key, &[&common[..], arguments].concat())
}

fn read(folder: &Path, path: &str) -> Value {
    let text = fs::read_to_string(folder.join("inventory").join(path)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn pages_become_one_file_and_what_is_refused_a_gap() {
    let (aws, folder) = (Aws::start(account), tempfile::tempdir().unwrap());
    let run = collect(&aws, folder.path(), MINE, &["--hub", HUB, "-o", "json"]).ended_with(5);
    assert_eq!(run.stderr, "", "no bar where there is no terminal");
    let details = read(folder.path(), &format!("{ACCOUNT}/iam-get-account-authorization-details.json"));
    let names: Vec<_> =
        details["RoleDetailList"].as_array().unwrap().iter().map(|role| &role["RoleName"]).collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(details["RoleDetailList"][0]["CreateDate"], "2026-01-02T03:04:05+00:00");
    let entries = read(folder.path(), &format!("{CLUSTER}/eks/list-access-entries.json"));
    assert_eq!(entries, json!({"accessEntries": ["arn:aws:iam::111122223333:role/one"]}));
    let described = read(folder.path(), &format!("{CLUSTER}/eks/describe-cluster.json"));
    assert_eq!(described["cluster"]["createdAt"], "2026-01-02T03:04:05.250000+00:00");
    assert_eq!(read(folder.path(), "organization/describe-organization.json"), json!({"Organization": null}));
    let gaps = read(folder.path(), "gaps.json");
    let denied = json!({
        "what": "the OIDC providers of account `111122223333`", "cause": "AccessDenied: User: me is not authorized",
        "fill": "aws iam list-open-id-connect-providers",
    });
    assert!(gaps.as_array().unwrap().contains(&denied), "{gaps:#}");
    assert_eq!(run.json()["gaps"], gaps);
}

#[test]
fn an_api_server_that_is_not_there_is_asked_once() {
    let (aws, folder) = (Aws::start(account), tempfile::tempdir().unwrap());
    let run = collect(&aws, folder.path(), MINE, &["--hub", HUB, "-o", "json"]).ended_with(5).json();
    let of_roles = format!("the `roles` of `{HUB}`");
    let gaps = run["gaps"].as_array().unwrap();
    let gap = gaps.iter().find(|gap| gap["what"] == of_roles.as_str()).unwrap();
    assert!(gap["cause"].as_str().unwrap().starts_with("the API server can't be asked: "), "{gap}");
    assert_eq!(run["kubernetesRequests"], 2);
    assert!(!folder.path().join("inventory").join(CLUSTER).join("kubernetes").exists());
}

#[test]
fn gaps_are_told_by_their_causes() {
    let (aws, folder) = (Aws::start(account), tempfile::tempdir().unwrap());
    let run = collect(&aws, folder.path(), MINE, &["--hub", HUB]).ended_with(5);
    let (first, rest) = run.stdout.split_once('\n').unwrap();
    assert!(
        first.contains("inventory: 1 account and 1 cluster, in ") && first.ends_with(" and 2 to API servers"),
        "{first}"
    );
    let denied = "  AccessDenied: User: me is not authorized\n    the OIDC providers of account `111122223333`\n      \
                  fill: aws iam list-open-id-connect-providers\n";
    assert!(rest.contains(denied) && rest.contains("\n    … and 11 more\n"), "{rest}");
}

#[test]
fn who_is_throttled_asks_again() {
    let throttled = |request: &Request| match request.what().as_str() {
        "sts GetCallerIdentity" if request.number < 3 => aws::refused("Throttling", "Rate exceeded"),
        _ => account(request),
    };
    let (aws, folder) = (Aws::start(throttled), tempfile::tempdir().unwrap());
    collect(&aws, folder.path(), MINE, &["--cluster", HUB]).ended_with(5);
    assert_eq!(
        read(folder.path(), &format!("{CLUSTER}/eks/describe-cluster.json"))["cluster"]["name"],
        "hub"
    );
}

#[test]
fn credentials_of_another_account_tell_nothing_about_this_one() {
    let (aws, folder) = (Aws::start(account), tempfile::tempdir().unwrap());
    let run = collect(&aws, folder.path(), "AKIA444455556666", &["--cluster", HUB]).ended_with(5);
    let why = "the credentials are of account `444455556666`: give `--assume-role` or `--profile`";
    assert!(run.stdout.contains(&format!("  {why}\n    ")), "{}", run.stdout);
    assert_eq!(run.stdout.matches("\n    … and ").count(), 1, "there is one cause: {}", run.stdout);
    let written = files(&folder.path().join("inventory"));
    assert!(
        written.keys().all(|path| path == "gaps.json" || path.starts_with("organization/")),
        "{written:?}"
    );
}

#[test]
fn a_role_is_assumed_in_the_account_that_is_asked() {
    let (aws, folder) = (Aws::start(account), tempfile::tempdir().unwrap());
    let role = "arn:{partition}:iam::{account}:role/reader";
    let with_id = ["--cluster", HUB, "--assume-role", role, "--external-id", "42"];
    collect(&aws, folder.path(), "AKIA444455556666", &with_id).ended_with(5);
    assert!(folder.path().join("inventory").join(CLUSTER).join("eks/describe-cluster.json").exists());
    let asked = aws.asked();
    let assumed = asked.iter().find(|request| request.what() == "sts AssumeRole").unwrap();
    assert_eq!(assumed.parameter("RoleArn"), "arn:aws:iam::111122223333:role/reader");
    assert_eq!(assumed.parameter("ExternalId"), "42");
    assert_eq!(assumed.parameter("RoleSessionName"), "oarlock-collect");
    // Whoever asks is told apart by its verb; of the fleet nothing is there, so that nothing can be compared.
    let fleet = ["drift", "-f", "examples/acme/fleet.yaml", "--assume-role", role, "--timeout", "1"];
    aws.run("AKIA444455556666", &fleet).ended_with(1);
    let sessions: Vec<_> = aws.asked().iter().map(|request| request.parameter("RoleSessionName")).collect();
    assert!(sessions.iter().any(|session| session == "oarlock-drift"), "{sessions:?}");
    assert_eq!(assumed.access_key(), "AKIA444455556666");
    let describing = asked.iter().find(|request| request.what() == "GET /clusters/hub").unwrap();
    assert_eq!(describing.access_key(), "ASIA111122223333");
}

#[test]
fn an_organisation_has_its_accounts_and_they_their_clusters() {
    let (aws, folder) = (Aws::start(account), tempfile::tempdir().unwrap());
    let run = collect(&aws, folder.path(), MINE, &["--from-organization", "-o", "json"]).ended_with(5).json();
    assert_eq!(run["clusters"], json!([HUB]), "the environment names the region");
    let arguments = ["--from-organization", "--region", "eu-west-1", "--region", "us-east-1", "-o", "json"];
    let run = collect(&aws, folder.path(), MINE, &arguments).ended_with(5).json();
    let elsewhere = "arn:aws:eks:us-east-1:111122223333:cluster/hub";
    assert_eq!(run["clusters"], json!([HUB, elsewhere]));
    assert_eq!(run["accounts"], json!(["111122223333"]), "a closed account isn't asked");
}

#[test]
fn the_inventory_that_is_there_is_replaced_as_a_whole() {
    let (aws, folder) = (Aws::start(account), tempfile::tempdir().unwrap());
    let stale = folder.path().join("inventory/clusters/999999999999/eu-west-1/gone/eks");
    fs::create_dir_all(&stale).unwrap();
    fs::write(stale.join("describe-cluster.json"), "{}").unwrap();
    collect(&aws, folder.path(), MINE, &["--cluster", HUB]).ended_with(5);
    assert!(!stale.exists());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_folder_with_anything_else_in_it_is_left_alone() {
    let (aws, folder) = (Aws::start(account), tempfile::tempdir().unwrap());
    fs::create_dir_all(folder.path().join("inventory")).unwrap();
    fs::write(folder.path().join("inventory/thesis.txt"), "mine").unwrap();
    let run = collect(&aws, folder.path(), MINE, &["--cluster", HUB]).ended_with(1);
    assert!(run.stderr.contains("holds `thesis.txt`") && aws.asked().is_empty(), "{}", run.stderr);
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn what_it_needs_itself_is_printed_without_asking_anybody() {
    let run = oarlock(&["collect", "--print-permissions", "iam"]).ended_with(0);
    let statements = run.json()["Statement"].as_array().unwrap().clone();
    let actions = statements.iter().flat_map(|statement| statement["Action"].as_array().unwrap());
    let actions: Vec<_> = actions.filter_map(Value::as_str).collect();
    assert!(
        actions.contains(&"eks:DescribeCluster") && actions.contains(&"organizations:ListParents"),
        "{actions:?}"
    );
    let reads =
        |action: &&str| ["Describe", "Get", "List"].iter().any(|verb| action.contains(&format!(":{verb}")));
    assert!(actions.iter().all(reads), "{actions:?}");
    let run = oarlock(&["collect", "--print-permissions", "kubernetes-hub", "--argocd-namespace", "gitops"])
        .ended_with(0);
    assert!(run.stdout.contains("namespace: gitops") && !run.stdout.contains("watch"), "{}", run.stdout);
    let role = ["collect", "--print-permissions", "--assume-role", "arn:aws:iam::{account}:role/reader"];
    let run = oarlock(&role).ended_with(0);
    assert!(run.stdout.contains("\"Resource\": \"arn:aws:iam::*:role/reader\""), "{}", run.stdout);
}

#[test]
fn the_organisation_is_asked_with_the_credentials_at_hand_or_the_hubs_profile() {
    let (aws, folder) = (Aws::start(account), tempfile::tempdir().unwrap());
    let file = folder.path().join("credentials");
    fs::write(
        &file,
        format!("[of-111122223333]\naws_access_key_id = {MINE}\naws_secret_access_key = test\n"),
    )
    .unwrap();
    let target = folder.path().join("inventory");
    let arguments =
        ["collect", "-i", argument(&target), "--hub", HUB, "--profile", "of-{account}", "--timeout", "5"];
    let askers = |environment: &[(&str, &str)]| {
        let before = aws.asked().len();
        let file = [("AWS_SHARED_CREDENTIALS_FILE", argument(&file))];
        aws.run_in(&[&file, environment].concat(), &arguments).ended_with(5);
        let asked = aws.asked().split_off(before);
        let about = asked.iter().filter(|request| request.what() == "organizations DescribeOrganization");
        about.map(aws::Request::access_key).collect::<Vec<_>>()
    };
    assert_eq!(askers(&[]), [MINE]);
    let management = [("AWS_ACCESS_KEY_ID", "AKIA999900001111"), ("AWS_SECRET_ACCESS_KEY", "test")];
    assert_eq!(askers(&management), ["AKIA999900001111"]);
}

#[test]
fn what_cannot_be_meant_is_wrong_usage() {
    let cases: [(&[&str], &str); 5] = [
        (&["collect"], "nothing says which clusters to collect"),
        (&["collect", "--cluster", HUB, "--in-cluster"], "no hub is named"),
        (
            &["collect", "--cluster", HUB, "--assume-role", "arn:aws:iam::{acount}:role/x"],
            "`{acount}` stands for nothing",
        ),
        (&["collect", "--cluster", HUB, "--profile", "{name}"], "differs from cluster to cluster"),
        (&["collect", "--cluster", "hub"], "is not an ARN"),
    ];
    for (arguments, words) in cases {
        let run = oarlock(arguments).ended_with(64);
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
}
