//! `oarlock verify --live`, `drift` and `diagnose --live` against servers on loopback that answer as AWS and two clusters do.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{
    CERTIFICATE, argument,
    aws::{self, Aws, Request},
};
use crate::run::Run;

const HUB_ROLE: &str = "arn:aws:iam::111122223333:role/argocd-hub";
const SPOKE_ROLE: &str = "arn:aws:iam::444455556666:role/argocd-spoke";
const COLLECTOR: [&str; 2] = ["--assume-role", "arn:{partition}:iam::{account}:role/oarlock-collect"];
const MINE: &str = "AKIA111122223333";

/// 2026-01-01, when the roles were made.
const CREATED: f64 = 1_767_225_600.0;

const FLEET: &str = "apiVersion: oarlock.dev/v1alpha1
kind: Fleet
metadata: {name: live}
spec:
  hub:
    arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub
    argocd: {version: '3.5'}
    identity: pod-identity
  topology: chained
  clusters:
    - {arn: 'arn:aws:eks:eu-west-1:444455556666:cluster/prod', name: prod}
";

/// Two clusters of two accounts, and what their API server says of Argo CD.
struct Scene {
    folder: tempfile::TempDir,
    aws: Aws,
    prod: Aws,
}

impl Scene {
    /// `allowed`: what access reviews say. The spoke's access entry is of `entry`, its role of 2026.
    fn set(allowed: bool, entry: f64) -> Self {
        let prod = Aws::start(move |request| of_prod(&request.what(), allowed));
        let server = prod.endpoint().to_owned();
        let hub = Aws::start(move |request| of_hub(&request.what(), &server));
        let endpoints = (hub.endpoint().to_owned(), prod.endpoint().to_owned());
        let aws = Aws::start(move |request| of_aws(request, &endpoints, entry));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("fleet.yaml"), FLEET).unwrap();
        Self { folder, aws, prod }
    }

    fn fleet(&self) -> std::path::PathBuf {
        self.folder.path().join("fleet.yaml")
    }

    fn run(&self, verb: &[&str], more: &[&str]) -> Run {
        let fleet = self.fleet();
        let common = ["-f", argument(&fleet)];
        self.aws.run(MINE, &[verb, &common[..], &COLLECTOR[..], more].concat())
    }
}

/// The role stands in the access key, after the account.
fn account(key: &str) -> String {
    key.get(4..16).unwrap_or_default().to_owned()
}

fn of_aws(request: &Request, (hub, prod): &(String, String), entry: f64) -> (u16, String) {
    let key = request.access_key();
    let (account, role) = (account(&key), key.get(17..).unwrap_or_default().to_owned());
    match request.what().as_str() {
        "sts GetCallerIdentity" => {
            let arn = match role.as_str() {
                "" => format!("arn:aws:iam::{account}:user/me"),
                role => format!("arn:aws:sts::{account}:assumed-role/{role}/oarlock-verify"),
            };
            aws::xml("GetCallerIdentity", &format!("<Account>{account}</Account><Arn>{arn}</Arn>"))
        }
        "sts AssumeRole" => match request.parameter("RoleArn") {
            // Only its pods may, where the entry isn't as it must be.
            hub if hub == HUB_ROLE && entry < CREATED => {
                aws::refused("AccessDenied", "User: me is not authorized to perform: sts:AssumeRole")
            }
            arn => {
                let (account, name) = (arn.split(':').nth(4).unwrap(), arn.rsplit('/').next().unwrap());
                let (_, answer) = aws::assumed(&arn);
                (200, answer.replace(&format!("ASIA{account}"), &format!("ASIA{account}-{name}")))
            }
        },
        "iam GetAccountAuthorizationDetails" => roles(&account),
        "iam GetRole" => aws::xml(
            "GetRole",
            "<Role><Path>/</Path><RoleName>argocd-spoke</RoleName><RoleId>AROA1</RoleId>\
             <Arn>arn:aws:iam::444455556666:role/argocd-spoke</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>",
        ),
        "iam SimulatePrincipalPolicy" => aws::xml(
            "SimulatePrincipalPolicy",
            "<IsTruncated>false</IsTruncated><EvaluationResults><member><EvalActionName>sts:AssumeRole</EvalActionName>\
             <EvalDecision>allowed</EvalDecision></member></EvaluationResults>",
        ),
        "iam ListUsers" => aws::xml("ListUsers", "<IsTruncated>false</IsTruncated><Users/>"),
        "iam ListOpenIDConnectProviders" => {
            aws::xml("ListOpenIDConnectProviders", "<OpenIDConnectProviderList/>")
        }
        "GET /clusters/hub" => cluster("111122223333", "hub", hub),
        "GET /clusters/prod" => cluster("444455556666", "prod", prod),
        "GET /clusters/prod/access-entries" => ok(&json!({"accessEntries": [SPOKE_ROLE]})),
        "GET /clusters/hub/access-entries" => ok(&json!({"accessEntries": []})),
        "GET /clusters/hub/pod-identity-associations" => ok(&json!({"associations": [
            {"associationId": "a-1", "namespace": "argocd", "serviceAccount": "argocd-application-controller"},
            {"associationId": "a-2", "namespace": "argocd", "serviceAccount": "argocd-server"},
        ]})),
        path if path.contains("/pod-identity-associations/") => {
            let name = if path.ends_with("a-1") { "argocd-application-controller" } else { "argocd-server" };
            ok(&json!({"association": {
                "associationId": path.rsplit('/').next(), "namespace": "argocd", "serviceAccount": name, "roleArn": HUB_ROLE,
                "clusterName": "hub",
            }}))
        }
        "GET /clusters/prod/pod-identity-associations" => ok(&json!({"associations": []})),
        path if path.ends_with("/capabilities") => ok(&json!({"capabilities": []})),
        "GET /access-policies" => (
            200,
            json!({"accessPolicies": [{"name": "AmazonEKSViewPolicy", "arn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"}]})
                .to_string(),
        ),
        path if path.ends_with("/access-policies") => ok(&json!({
            "clusterName": "prod", "associatedAccessPolicies": [], "principalArn": SPOKE_ROLE,
        })),
        path if path.contains("/access-entries/") => ok(&json!({"accessEntry": {
            "clusterName": "prod", "principalArn": SPOKE_ROLE, "type": "STANDARD", "kubernetesGroups": ["argocd"],
            "username": "arn:aws:sts::444455556666:assumed-role/argocd-spoke/{{SessionName}}", "createdAt": entry,
        }})),
        "organizations DescribeOrganization" => {
            let why = json!({"__type": "AWSOrganizationsNotInUseException", "message": "no organization"});
            (400, why.to_string())
        }
        call if call.ends_with("LookupEvents") => {
            ok(&json!({"Events": [{"CloudTrailEvent": refused(entry)}]}))
        }
        other => (404, json!({"__type": "NotHere", "message": other}).to_string()),
    }
}

/// The hub's role was refused the spoke's; of a scene whose entry is as it must be somebody else was.
fn refused(entry: f64) -> String {
    let role = if entry > CREATED { "somebody" } else { "argocd-hub" };
    let by = format!("arn:aws:sts::111122223333:assumed-role/{role}/argocd");
    let message =
        format!("User: {by} is not authorized to perform: sts:AssumeRole on resource: {SPOKE_ROLE}");
    json!({
        "eventID": "1", "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "errorCode": "AccessDenied",
        "errorMessage": message, "userIdentity": {"type": "AssumedRole", "arn": by}, "awsRegion": "eu-west-1",
        "requestParameters": {"roleArn": SPOKE_ROLE},
    })
    .to_string()
}

fn ok(value: &Value) -> (u16, String) {
    (200, value.to_string())
}

fn cluster(account: &str, name: &str, endpoint: &str) -> (u16, String) {
    ok(&json!({"cluster": {
        "name": name, "arn": format!("arn:aws:eks:eu-west-1:{account}:cluster/{name}"), "endpoint": endpoint,
        "createdAt": 1_767_323_045.25, "certificateAuthority": {"data": CERTIFICATE},
        "accessConfig": {"authenticationMode": "API"},
    }}))
}

fn roles(account: &str) -> (u16, String) {
    let statement = |principal: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":["sts:AssumeRole","sts:TagSession"]}}]}}"#
        )
    };
    let (name, trust, policy) = match account {
        "111122223333" => (
            "argocd-hub",
            statement(r#"{"Service":"pods.eks.amazonaws.com"}"#),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Resource":"*"}]}"#,
        ),
        _ => ("argocd-spoke", statement(&format!(r#"{{"AWS":"{HUB_ROLE}"}}"#)), ""),
    };
    let policies = match policy {
        "" => String::new(),
        policy => format!(
            "<RolePolicyList><member><PolicyName>assume</PolicyName><PolicyDocument>{policy}</PolicyDocument></member></RolePolicyList>"
        ),
    };
    aws::xml(
        "GetAccountAuthorizationDetails",
        &format!(
            "<RoleDetailList><member><RoleName>{name}</RoleName><Path>/</Path><Arn>arn:aws:iam::{account}:role/{name}</Arn>\
             <CreateDate>2026-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>{policies}\
             </member></RoleDetailList>"
        ),
    )
}

const RBAC: &str = "GET /apis/rbac.authorization.k8s.io/v1";

fn of_hub(what: &str, server: &str) -> (u16, String) {
    let account = |name: &str| json!({"metadata": {"name": name, "namespace": "argocd"}});
    match what {
        "GET /api/v1/serviceaccounts" => {
            list(&json!([account("argocd-application-controller"), account("argocd-server")]))
        }
        "GET /api/v1/namespaces/argocd/secrets" => {
            let config = json!({"awsAuthConfig": {"clusterName": "prod", "roleARN": SPOKE_ROLE}, "tlsClientConfig": {"insecure": false}});
            list(&json!([{
                "metadata": {"name": "prod", "namespace": "argocd", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
                "data": {
                    "name": base64("prod"), "config": base64(&config.to_string()),
                    "server": base64(server),
                },
            }]))
        }
        other => of_any(other),
    }
}

fn of_prod(what: &str, allowed: bool) -> (u16, String) {
    match what.strip_prefix(RBAC) {
        Some("/clusterroles") => list(&json!([{
            "metadata": {"name": "argocd"},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}],
        }])),
        Some("/clusterrolebindings") => list(&json!([{
            "metadata": {"name": "argocd"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "argocd"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "argocd"}],
        }])),
        _ => match what {
            "POST /apis/authentication.k8s.io/v1/selfsubjectreviews" => ok(&json!({"status": {"userInfo": {
                "username": "arn:aws:sts::444455556666:assumed-role/argocd-spoke/oarlock-verify",
                "groups": ["argocd", "system:authenticated"],
            }}})),
            "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews" => {
                ok(&json!({"status": {"allowed": allowed, "reason": "so it is"}}))
            }
            other => of_any(other),
        },
    }
}

/// What nobody asks about.
fn of_any(what: &str) -> (u16, String) {
    match what {
        "GET /api" | "GET /apis" => {
            ok(&json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": []}))
        }
        what if what.starts_with("GET ") => list(&json!([])),
        other => (404, json!({"kind": "Status", "status": "Failure", "reason": "NotFound", "message": other, "code": 404}).to_string()),
    }
}

fn list(items: &Value) -> (u16, String) {
    ok(&json!({"metadata": {}, "items": items}))
}

fn base64(text: &str) -> String {
    use std::fmt::Write as _;
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bytes = [chunk.first(), chunk.get(1), chunk.get(2)].map(|byte| u32::from(*byte.unwrap_or(&0)));
        let bits = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
        for digit in 0..4 {
            let sign = char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]);
            let _ = write!(encoded, "{}", if digit <= chunk.len() { sign } else { '=' });
        }
    }
    encoded
}

fn answers<'j>(json: &'j Value, question: &str) -> Vec<&'j Value> {
    let all = json["live"]["answers"].as_array().unwrap();
    all.iter().filter(|answer| answer["question"] == question).collect()
}

#[test]
fn everybody_is_asked_hop_by_hop_and_agrees() {
    // 2026-02-01: the entry is younger than the role.
    let scene = Scene::set(true, 1_769_904_000.0);
    let run = scene.run(&["verify", "--live"], &["-o", "json"]).ended_with(0);
    let json = run.json();
    for question in ["caller-identity", "simulation", "entry-age", "cluster-user", "access-review"] {
        let answers = answers(&json, question);
        assert!(!answers.is_empty(), "nobody asked {question}: {json:#}");
        assert!(answers.iter().all(|answer| answer["verdict"] == "holds"), "{answers:#?}");
    }
    assert!(answers(&json, "refusals").is_empty(), "what others were refused is none of the fleet's");
    let text = scene.run(&["verify", "--live"], &[]).ended_with(0).stdout;
    assert!(text.contains("Asked live\n✓ prod: caller-identity 4 of 4"), "{text}");
    let xml = scene.run(&["verify", "--live"], &["-o", "junit"]).ended_with(0).stdout;
    assert!(xml.contains("<testsuite name=\"asked live\""), "{xml}");
}

#[test]
fn who_disagrees_is_shown_with_both_opinions() {
    // 2025: an entry for an earlier role.
    let scene = Scene::set(false, 1_735_689_600.0);
    let json = scene.run(&["verify", "--live"], &["-o", "json"]).ended_with(4).json();
    let ages = answers(&json, "entry-age");
    assert!(ages.iter().all(|answer| answer["verdict"] == "violated"), "{ages:#?}");
    // What only pods may assume can't be told from here; the role of the spoke can be assumed all the same.
    let identities = answers(&json, "caller-identity");
    for answer in identities {
        let of_hub = answer["about"].as_str().unwrap().contains(HUB_ROLE);
        assert_eq!(answer["verdict"], if of_hub { "unknown" } else { "holds" }, "{answer:#}");
    }
    let users = answers(&json, "cluster-user");
    assert!(
        users.iter().all(|answer| answer["verdict"] == "violated" && answer["expected"] == "nobody"),
        "{users:#?}"
    );
    // By what was collected it is allowed: it was mended since, or the two disagree.
    let refusals = answers(&json, "refusals");
    assert_eq!(refusals.len(), 1, "{refusals:#?}");
    assert_eq!((&refusals[0]["at"], &refusals[0]["verdict"]), (&"assume-role".into(), &"unknown".into()));
    let text = scene.run(&["verify", "--live"], &[]).ended_with(4).stdout;
    for line in [
        "access-review violated at authorization: ",
        "Oarlock says: not allowed\n",
        "the answer is: not allowed: so it is\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn a_sample_is_told() {
    let scene = Scene::set(true, 1_769_904_000.0);
    let text = scene.run(&["verify", "--live"], &["--questions", "1"]).ended_with(0).stdout;
    assert!(text.contains("controller: asked about 1 of "), "{text}");
    assert!(
        scene
            .prod
            .asked()
            .iter()
            .filter(|request| request.what().ends_with("selfsubjectaccessreviews"))
            .count()
            == 2
    );
}

#[test]
fn jobs_ask_from_inside_and_hold_no_secret() {
    let scene = Scene::set(true, 1_769_904_000.0);
    let yaml = scene
        .run(&["verify", "--live"], &["--job-manifest", "example.com/aws-kubectl:1"])
        .ended_with(0)
        .stdout;
    for line in [
        "kind: Job\n",
        "serviceAccountName: argocd-server\n",
        "image: example.com/aws-kubectl:1\n",
        "get-token",
    ] {
        assert!(yaml.contains(line), "{line}: {yaml}");
    }
    assert!(yaml.contains(SPOKE_ROLE) && !yaml.contains("k8s-aws-v1"), "{yaml}");
}

#[test]
fn drift_and_diagnose_collect_by_themselves() {
    let scene = Scene::set(true, 1_769_904_000.0);
    let drift = scene.run(&["drift"], &["--detailed-exitcode"]).ended_with(2);
    assert!(drift.stdout.contains("it isn't there"), "{}", drift.stdout);
    let error = r#"pods is forbidden: User "arn:aws:sts::444455556666:assumed-role/argocd-spoke/1" cannot list resource "pods" in API group "" at the cluster scope"#;
    let run = scene.run(&["diagnose", error, "--live"], &["--cluster", "prod", "-o", "json"]).ended_with(0);
    assert_eq!(run.json()["errors"][0]["inventory"]["answer"], "yes", "{}", run.stdout);
    let left = |path: &Path| fs::read_dir(path).unwrap().count();
    assert_eq!(left(scene.folder.path()), 1, "the inventory was kept");
}
