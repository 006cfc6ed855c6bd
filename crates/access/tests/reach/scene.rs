//! A case: the chain's inventory, changed, somebody who is taken over, and who is reached.

use std::collections::{BTreeMap, BTreeSet};

use inventory::Inventory;
use oarlock_access::{
    Component, Installation, ServiceAccount,
    argocd_rbac::Subject,
    reach::{Reach, Whom, reach},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::chain::{self, Change, World};

/// One case of `cases.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// `argocd`, `argocd:controller`, `argocd:server`, `pod NS/NAME on CLUSTER`, `user NAME on CLUSTER`, `group NAME on CLUSTER`,
    /// `sso:GROUP`, or an ARN.
    #[serde(default = "deployer")]
    pub(crate) who: String,
    /// Rules of the Role that the deployer has in `payments` on prod, in the place of its own.
    #[serde(default)]
    pub(crate) rules: Option<Value>,
    /// Rules that it has on the whole cluster, besides.
    #[serde(default)]
    pub(crate) cluster_rules: Option<Value>,
    /// Statements of the deployer's inline policy.
    #[serde(default)]
    pub(crate) policy: Option<Value>,
    /// More roles in the deployer's account.
    #[serde(default)]
    pub(crate) roles: Vec<Value>,
    /// More objects on prod.
    #[serde(default)]
    pub(crate) objects: Vec<Value>,
    /// Only on this cluster.
    #[serde(default)]
    pub(crate) on: Option<String>,
    #[serde(default)]
    pub(crate) change: Vec<Change>,
    /// Files that aren't there.
    #[serde(default)]
    pub(crate) without: Vec<String>,
    /// Who certainly is reached, among others.
    #[serde(default)]
    pub(crate) reaches: Vec<String>,
    /// Who may be.
    #[serde(default)]
    pub(crate) perhaps: Vec<String>,
    /// Who isn't, not even perhaps.
    #[serde(default)]
    pub(crate) never: Vec<String>,
    /// Everybody who is reached, if nobody else is.
    #[serde(default)]
    pub(crate) only: Option<Vec<String>>,
    /// `FROM -HOW-> TO`
    #[serde(default)]
    pub(crate) steps: Vec<String>,
    /// What the unknown has to mention; nothing: all is known.
    #[serde(default)]
    pub(crate) unknown: Vec<String>,
    /// Of the numbers of what is reached.
    #[serde(default)]
    pub(crate) numbers: BTreeMap<String, u64>,
}

fn deployer() -> String {
    "arn:aws:iam::444455556666:role/deployer".to_owned()
}

const ROLES: &str = "accounts/444455556666/iam-get-account-authorization-details.json";
const PROD: &str = "clusters/444455556666/eu-west-1/prod/kubernetes";
pub(crate) const NAMESPACES: [&str; 2] = [
    "clusters/111122223333/eu-west-1/hub/kubernetes/namespaces.json",
    "clusters/444455556666/eu-west-1/prod/kubernetes/namespaces.json",
];

impl Case {
    pub(crate) fn all() -> Vec<Self> {
        serde_saphyr::from_str(include_str!("cases.yaml")).unwrap()
    }

    /// As the chain's cases have it.
    pub(crate) fn files(&self) -> chain::Case {
        let (name, who) = (self.name.clone(), self.who.clone());
        let change = self.namespaces().into_iter().chain(self.short()).chain(self.change.clone()).collect();
        chain::Case {
            name,
            who,
            assume: Vec::new(),
            ask: String::new(),
            cluster: String::new(),
            change,
            without: self.without.clone(),
            expect: String::new(),
            says: None,
        }
    }

    /// All namespaces enforce Pod Security, unless a case says otherwise.
    fn namespaces(&self) -> Vec<Change> {
        let namespace = |name: &str| {
            json!({"apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}})
        };
        let lists = NAMESPACES.iter().zip([vec!["argocd"], vec!["payments"]]);
        let list = |(file, names): (&&str, Vec<&str>)| Change {
            file: (**file).to_owned(),
            at: String::new(),
            to: json!({"apiVersion": "v1", "kind": "List", "items": names.into_iter().map(namespace).collect::<Vec<_>>()}),
        };
        lists.map(list).collect()
    }

    fn short(&self) -> Vec<Change> {
        let change =
            |file: &str, at: &str, to: Value| Change { file: file.to_owned(), at: at.to_owned(), to };
        let mut changes = Vec::new();
        if let Some(rules) = &self.rules {
            changes.push(change(&format!("{PROD}/roles.json"), "/items/0/rules", rules.clone()));
        }
        if let Some(rules) = &self.cluster_rules {
            let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "wide"}, "rules": rules});
            let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "wide"},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "wide"},
                "subjects": [{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "deployers"}]});
            changes.push(change(&format!("{PROD}/clusterroles.json"), "/items/-", role));
            changes.push(change(&format!("{PROD}/clusterrolebindings.json"), "/items/-", binding));
        }
        if let Some(statements) = &self.policy {
            let policy = json!([{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}]);
            changes.push(change(ROLES, "/RoleDetailList/0/RolePolicyList", policy));
        }
        changes.extend(self.roles.iter().map(|role| change(ROLES, "/RoleDetailList/-", role.clone())));
        for object in &self.objects {
            let kind = object["kind"].as_str().unwrap().to_lowercase();
            let file = format!("{PROD}/{kind}s.json");
            changes.push(change(&file, "/items/-", object.clone()));
        }
        changes
    }

    pub(crate) fn reach(&self, world: &World) -> Reach {
        let inventory = world.inventory(&self.files());
        self.reach_in(&inventory)
    }

    pub(crate) fn reach_in(&self, inventory: &Inventory) -> Reach {
        let by_name = |name: &str| inventory.clusters.keys().find(|arn| arn.name == name).unwrap();
        reach(inventory, &self.whom(inventory), self.on.as_deref().map(by_name))
    }

    fn whom(&self, inventory: &Inventory) -> Whom {
        let by_name = |name: &str| inventory.clusters.keys().find(|arn| arn.name == name).unwrap().clone();
        let argocd = || Installation::find(inventory, None).unwrap();
        let (who, cluster) = self.who.split_once(" on ").unwrap_or((&self.who, ""));
        match who.split_once([' ', ':']).unwrap_or((who, "")) {
            ("argocd", "") => Whom::ArgoCd(argocd(), vec![Component::Controller, Component::Server]),
            ("argocd", "controller") => Whom::ArgoCd(argocd(), vec![Component::Controller]),
            ("argocd", "server") => Whom::ArgoCd(argocd(), vec![Component::Server]),
            ("pod", account) => {
                let (namespace, name) = account.split_once('/').unwrap();
                let (namespace, name) = (namespace.to_owned(), name.to_owned());
                Whom::Pod(ServiceAccount { cluster: by_name(cluster), namespace, name })
            }
            ("user", name) => Whom::User(by_name(cluster), name.to_owned()),
            ("group", name) => Whom::Group(by_name(cluster), name.to_owned()),
            ("sso", group) => Whom::Person(argocd(), Subject::default().in_groups([group]), self.who.clone()),
            _ => Whom::Iam(self.who.clone()),
        }
    }
}

/// Names of those who are certain, or who aren't.
pub(crate) fn names(reach: &Reach, certain: bool) -> BTreeSet<String> {
    let all = reach.principals.iter().filter(|node| node.certain == certain);
    all.map(|node| reach.name(&node.principal)).collect()
}

/// Steps as cases write them.
pub(crate) fn steps(reach: &Reach) -> BTreeSet<String> {
    let name = |at: usize| reach.name(&reach.principals[at].principal);
    reach.edges.iter().map(|edge| format!("{} -{}-> {}", name(edge.from), edge.how, name(edge.to))).collect()
}
