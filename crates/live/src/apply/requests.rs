//! How often is asked for what: steps by a world whose AWS is a few objects in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use facts::ClusterArn;
use percent_encoding::percent_decode_str;
use plan::{
    AccessEntry, Action, Change, DesiredObject, IamRole, Location, Object, ObjectId, Owner,
    PodIdentityAssociation, Step,
};
use serde_json::{Value, json};

use super::{
    Address, Asked, Options, Spoke, Who, Work, graph::Task, patience::Trouble, run::Perform as _,
    world::World,
};
use crate::{aws::Aws, collect};

const ROLE: &str = "arn:aws:iam::111122223333:role/argocd";

/// Of nobody.
const CERTIFICATE: &str = include_str!("../../tests/data/nobody.pem.base64");

/// An account with at most one role, one access entry and one association.
#[derive(Debug, Default)]
struct There {
    role: Option<Role>,
    entry: Option<Value>,
    association: Option<Value>,
    /// So many times what was made isn't shown.
    hidden: usize,
    /// What was asked, without who is asking.
    asked: Vec<String>,
}

#[derive(Debug)]
struct Role {
    trust: String,
    description: String,
    tags: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default)]
struct Fake(Arc<Mutex<There>>);

impl HttpClient for Fake {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Fake {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let (_, path) = request.uri().split_once("://").and_then(|(_, rest)| rest.split_once('/')).unwrap();
        let path = path.split('?').next().unwrap().to_owned();
        let (status, body) = match path.as_str() {
            "" => self.0.lock().unwrap().form(&body),
            path => self.0.lock().unwrap().rest(request.method(), path, &body),
        };
        let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl There {
    /// IAM and STS.
    fn form(&mut self, body: &str) -> (u16, String) {
        let decoded =
            |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let pairs: BTreeMap<String, String> = body
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), decoded(value)))
            .collect();
        let field = |name: &str| pairs.get(name).cloned().unwrap_or_default();
        let action = field("Action");
        let result = match action.as_str() {
            "GetCallerIdentity" => "<Account>111122223333</Account>".to_owned(),
            "CreateRole" => {
                let tags = (1..).map_while(|at| {
                    let of = |what: &str| pairs.get(&format!("Tags.member.{at}.{what}")).cloned();
                    of("Key").zip(of("Value"))
                });
                self.role = Some(Role {
                    trust: field("AssumeRolePolicyDocument"),
                    description: field("Description"),
                    tags: tags.collect(),
                });
                shown(self.role.as_ref())
            }
            "GetRole" if self.role.is_none() || self.is_hidden() => String::new(),
            "GetRole" => shown(self.role.as_ref()),
            "UpdateAssumeRolePolicy" => {
                self.role.as_mut().unwrap().trust = field("PolicyDocument");
                String::new()
            }
            _ => String::new(),
        };
        let is_absent = action == "GetRole" && result.is_empty();
        if action != "GetCallerIdentity" {
            self.asked.push(action.clone());
        }
        if is_absent {
            let error = "<Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no</Message></Error>";
            return (404, format!("<ErrorResponse>{error}</ErrorResponse>"));
        }
        (200, format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"))
    }

    /// EKS.
    fn rest(&mut self, method: &str, path: &str, body: &str) -> (u16, String) {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let what: Vec<&str> = path.split('/').collect();
        let is_one = what.len() > 3;
        let (name, answer) = match (method, what.get(2).copied().unwrap_or(what[0]), is_one) {
            ("POST", "access-entries", false) => {
                self.entry = Some(json!({
                    "clusterName": "prod", "principalArn": ROLE, "type": "STANDARD", "username": ROLE,
                    "kubernetesGroups": body["kubernetesGroups"], "tags": body["tags"],
                    "accessEntryArn": "arn:aws:eks:eu-west-1:111122223333:access-entry/prod/role/1",
                }));
                ("CreateAccessEntry", self.entry.clone())
            }
            ("POST", "access-entries", true) => {
                self.entry.as_mut().unwrap()["kubernetesGroups"] = body["kubernetesGroups"].clone();
                ("UpdateAccessEntry", self.entry.clone())
            }
            ("DELETE", "access-entries", _) => ("DeleteAccessEntry", self.entry.take()),
            (_, "access-entries", _) if self.is_hidden() => ("DescribeAccessEntry", None),
            (_, "access-entries", _) => ("DescribeAccessEntry", self.entry.clone()),
            ("GET", "pod-identity-associations", false) => {
                self.asked.push("ListPodIdentityAssociations".to_owned());
                let all: Vec<Value> = self.association.iter().cloned().collect();
                return (200, json!({ "associations": all }).to_string());
            }
            ("POST", "pod-identity-associations", false) => {
                self.association = Some(association(body["roleArn"].as_str().unwrap()));
                ("CreatePodIdentityAssociation", self.association.clone())
            }
            ("POST", "pod-identity-associations", true) => {
                self.association = Some(association(body["roleArn"].as_str().unwrap()));
                ("UpdatePodIdentityAssociation", self.association.clone())
            }
            ("GET", "pod-identity-associations", true) => {
                ("DescribePodIdentityAssociation", self.association.clone())
            }
            ("POST", "tags", _) => ("TagResource", Some(json!({}))),
            _ => ("?", None),
        };
        self.asked.push(name.to_owned());
        match answer {
            Some(answer) => {
                (200, json!({ "accessEntry": answer.clone(), "association": answer }).to_string())
            }
            None => (404, json!({ "__type": "ResourceNotFoundException", "message": "no" }).to_string()),
        }
    }

    fn is_hidden(&mut self) -> bool {
        let is_hidden = self.hidden > 0;
        self.hidden = self.hidden.saturating_sub(1);
        is_hidden
    }
}

fn shown(role: Option<&Role>) -> String {
    let Some(Role { trust, description, tags }) = role else { return String::new() };
    let encoded = percent_encoding::utf8_percent_encode(trust, percent_encoding::NON_ALPHANUMERIC);
    let tags: String = tags
        .iter()
        .map(|(key, value)| format!("<member><Key>{key}</Key><Value>{value}</Value></member>"))
        .collect();
    format!(
        "<Role><Path>/</Path><RoleName>argocd</RoleName><RoleId>AROA1</RoleId><Arn>{ROLE}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
         <AssumeRolePolicyDocument>{encoded}</AssumeRolePolicyDocument><Description>{description}</Description><Tags>{tags}</Tags></Role>"
    )
}

fn association(role: &str) -> Value {
    json!({
        "clusterName": "prod", "namespace": "argocd", "serviceAccount": "argocd-server", "roleArn": role, "associationId": "a-1",
        "associationArn": "arn:aws:eks:eu-west-1:111122223333:podidentityassociation/prod/a-1", "tags": tags(),
    })
}

fn tags() -> BTreeMap<String, String> {
    plan::desired::marks::tags("fleet")
}

fn arn() -> ClusterArn {
    "arn:aws:eks:eu-west-1:111122223333:cluster/prod".parse().unwrap()
}

fn step(object: Object, action: Action) -> Step {
    let (location, kind, name) = match &object {
        Object::IamRole(role) => {
            (Location::Account(role.arn.account.clone()), "iam role", role.arn.name.clone())
        }
        Object::AccessEntry(entry) => (Location::Eks(arn()), "access entry", entry.principal.to_string()),
        _ => (Location::Eks(arn()), "pod identity association", "argocd/argocd-server".to_owned()),
    };
    let id = ObjectId { location: location.clone(), kind: kind.to_owned(), name };
    let desired = DesiredObject { location, object, reason: String::new(), after: Vec::new() };
    Step {
        object: id,
        action,
        reason: String::new(),
        after: Vec::new(),
        waits_for: Vec::new(),
        reads: Vec::new(),
        owner: Owner::Owned,
        left_over: false,
        desired: Some(desired),
    }
}

fn entry(action: Action) -> Step {
    let groups = vec!["oarlock:argocd".to_owned()];
    let entry = AccessEntry { cluster: arn(), principal: ROLE.parse().unwrap(), groups, tags: tags() };
    step(Object::AccessEntry(entry), action)
}

fn iam_role(action: Action) -> Step {
    let policy = |action: &str| {
        let statement = iam::Statement::allow("Test", [action]).on(["*"]);
        iam::Document::new([statement])
    };
    let policies = [("one", policy("sts:AssumeRole")), ("two", policy("sts:TagSession"))];
    let role = IamRole {
        arn: ROLE.parse().unwrap(),
        description: "for Argo CD".to_owned(),
        trust: iam::Document::role_trust([&ROLE.parse().unwrap()], true),
        inline_policies: policies.map(|(name, document)| (name.to_owned(), document)).into(),
        managed_policies: BTreeMap::new(),
        tags: tags(),
    };
    step(Object::IamRole(role), action)
}

fn pod_identity(action: Action) -> Step {
    let association = PodIdentityAssociation {
        cluster: arn(),
        namespace: "argocd".to_owned(),
        service_account: "argocd-server".to_owned(),
        role: ROLE.parse().unwrap(),
        tags: tags(),
    };
    step(Object::PodIdentityAssociation(association), action)
}

/// Does a task for real, and gives what AWS was asked.
async fn asked(fake: &Fake, steps: Vec<Step>, asked: Vec<Asked>, task: Task) -> Result<Vec<String>, Trouble> {
    let targets = collect::Targets { hub: Some(arn()), ..Default::default() };
    let options = Options {
        way_in: collect::Options {
            targets,
            access: Default::default(),
            kubeconfig: None,
            in_cluster: false,
            argocd_namespace: "argocd".to_owned(),
            parallelism: 1,
            timeout: Duration::from_secs(1),
        },
        fleet: "fleet".to_owned(),
        wait: Duration::from_secs(20),
        force_conflicts: false,
        dry_run: false,
    };
    let spoke = Spoke { arn: arn(), name: "prod".to_owned(), servers: Vec::new(), asked };
    let address =
        Address { endpoint: "https://127.0.0.1:9".to_owned(), certificate_authority: CERTIFICATE.to_owned() };
    let work = Work { steps, spokes: vec![spoke], addresses: [(arn(), address)].into(), ..Work::default() };
    let world = World::with(&options, &work, Aws::of(SharedHttpClient::new(fake.clone())));
    world.perform(&task, None).await?;
    let asked = std::mem::take(&mut fake.0.lock().unwrap().asked);
    let requests = world.requests().await;
    let of_clusters: usize = requests.clusters.values().map(|own| own.eks).sum();
    assert_eq!(requests.accounts.values().sum::<usize>() + of_clusters, requests.aws, "{requests:?}");
    assert_eq!(of_clusters, asked.iter().filter(|call| !call.contains("Role")).count(), "{requests:?}");
    assert!(requests.accounts.keys().all(|id| id == "111122223333") && requests.clusters.len() <= 1);
    Ok(asked)
}

fn gate() -> Vec<Asked> {
    let who = Who::Entry { principal: ROLE.to_owned(), groups: vec!["oarlock:argocd".to_owned()] };
    vec![Asked { who, needs: Vec::new() }]
}

async fn does(fake: &Fake, step: Step, gate: Vec<Asked>) -> Vec<String> {
    asked(fake, vec![step], gate, Task::Step(0)).await.unwrap()
}

fn update(field: &str, from: Value, to: Value) -> Action {
    Action::Update { changes: vec![Change { field: field.to_owned(), from: Some(from), to: Some(to) }] }
}

#[tokio::test]
async fn an_entry_is_made_by_one_request_where_the_gate_asks_for_it_and_seen_where_none_does() {
    assert_eq!(does(&Fake::default(), entry(Action::Create), gate()).await, ["CreateAccessEntry"]);
    let fake = Fake::default();
    fake.0.lock().unwrap().hidden = 2;
    let [describe, create] = ["DescribeAccessEntry", "CreateAccessEntry"];
    let expected = [create, describe, describe, describe];
    assert_eq!(does(&fake, entry(Action::Create), Vec::new()).await, expected, "until it is shown");
}

#[tokio::test]
async fn of_an_entry_only_what_differs_is_written() {
    let fake = Fake::default();
    does(&fake, entry(Action::Create), gate()).await;
    let policies = update("access policies", json!(["admin"]), json!([]));
    assert_eq!(does(&fake, entry(policies), gate()).await, ["DescribeAccessEntry"], "its policies go later");
    fake.0.lock().unwrap().entry.as_mut().unwrap()["tags"] = json!({});
    let expected = ["DescribeAccessEntry", "TagResource"];
    assert_eq!(does(&fake, entry(update("tags", json!({}), json!({}))), gate()).await, expected);
    fake.0.lock().unwrap().entry.as_mut().unwrap()["kubernetesGroups"] = json!(["others"]);
    let groups = update("groups", json!(["others"]), json!(["oarlock:argocd"]));
    let expected = ["DescribeAccessEntry", "TagResource", "UpdateAccessEntry"];
    assert_eq!(does(&fake, entry(groups), gate()).await, expected);
}

#[tokio::test]
async fn a_role_is_made_without_asking_for_it_first_and_asked_for_until_it_is_shown() {
    let fake = Fake::default();
    fake.0.lock().unwrap().hidden = 1;
    let expected = ["CreateRole", "PutRolePolicy", "PutRolePolicy", "GetRole", "GetRole"];
    assert_eq!(does(&fake, iam_role(Action::Create), Vec::new()).await, expected);
}

#[tokio::test]
async fn of_a_role_only_what_the_plan_changes_is_written() {
    let fake = Fake::default();
    does(&fake, iam_role(Action::Create), Vec::new()).await;
    let policy = |name: &str, document: &str| json!({ "name": name, "document": document });
    let changes = update(
        "inline policies",
        json!([policy("one", "a"), policy("two", "a")]),
        json!([policy("one", "a"), policy("two", "b")]),
    );
    assert_eq!(does(&fake, iam_role(changes), Vec::new()).await, ["GetRole", "PutRolePolicy"]);
    let managed = update("managed policies", json!([policy("other", "a")]), json!([]));
    assert_eq!(does(&fake, iam_role(managed), Vec::new()).await, ["GetRole"], "what goes, goes later");
    fake.0.lock().unwrap().role.as_mut().unwrap().trust = "{}".to_owned();
    let trust = update("trust policy", json!("{}"), json!("other"));
    let expected = ["GetRole", "UpdateAssumeRolePolicy", "GetRole"];
    assert_eq!(does(&fake, iam_role(trust), Vec::new()).await, expected);
}

#[tokio::test]
async fn an_association_is_looked_for_once() {
    let fake = Fake::default();
    let [list, describe] = ["ListPodIdentityAssociations", "DescribePodIdentityAssociation"];
    let made = does(&fake, pod_identity(Action::Create), Vec::new()).await;
    assert_eq!(made, [list, "CreatePodIdentityAssociation", describe]);
    fake.0.lock().unwrap().association = Some(association("arn:aws:iam::111122223333:role/old"));
    let role = update("role", json!("old"), json!("new"));
    let expected = [list, describe, "UpdatePodIdentityAssociation", describe];
    assert_eq!(does(&fake, pod_identity(role), Vec::new()).await, expected);
}

#[tokio::test]
async fn what_others_made_is_removed_without_looking_at_its_marks() {
    let fake = Fake::default();
    does(&fake, entry(Action::Create), gate()).await;
    let foreign = Step { owner: Owner::Adopt, desired: None, ..entry(Action::Delete) };
    assert_eq!(does(&fake, foreign, Vec::new()).await, ["DeleteAccessEntry", "DescribeAccessEntry"]);
    does(&fake, entry(Action::Create), gate()).await;
    fake.0.lock().unwrap().entry.as_mut().unwrap()["tags"] = json!({});
    let own = Step { desired: None, ..entry(Action::Delete) };
    let refused = asked(&fake, vec![own], Vec::new(), Task::Step(0)).await;
    assert!(matches!(refused, Err(Trouble::Failed(why)) if why.contains("marks")), "it isn't ours any more");
}

#[tokio::test]
async fn the_gate_asks_for_the_entry_until_it_is_shown_and_not_for_the_cluster_whose_description_was_read() {
    let fake = Fake::default();
    does(&fake, entry(Action::Create), gate()).await;
    fake.0.lock().unwrap().hidden = 2;
    let seen = asked(&fake, Vec::new(), gate(), Task::Access(0)).await.unwrap();
    assert_eq!(seen, ["DescribeAccessEntry"; 3]);
}
