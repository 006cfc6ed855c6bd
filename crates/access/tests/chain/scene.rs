//! An inventory as files, changed for a case, and the question.

use std::collections::BTreeMap;

use inventory::{File, Inventory};
use oarlock_access::{
    Accounts, Hop, Installation, Owner, Passes, ServiceAccount, Way, Who, argocd_rbac::Subject,
    authorization::Authorizers, caller, can_by, verdict, way, ways_of_argocd, ways_of_person,
};
use rbac::Request;
use serde::Deserialize;
use serde_json::Value;

/// One case of `cases.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// `argocd:controller`, `argocd:server`, `as NS/NAME` (impersonated), `pod NS/NAME`, `sso:GROUP`, or a role's or user's ARN.
    pub(crate) who: String,
    /// Roles that a pod, a role or a user assumes first.
    #[serde(default)]
    pub(crate) assume: Vec<String>,
    /// `VERB RESOURCE[.GROUP] [NAMESPACE]`
    #[serde(default = "deploy")]
    pub(crate) ask: String,
    /// `hub` or `prod`
    #[serde(default = "prod")]
    pub(crate) cluster: String,
    #[serde(default)]
    pub(crate) change: Vec<Change>,
    /// Files that aren't there.
    #[serde(default)]
    pub(crate) without: Vec<String>,
    /// `yes`, `no at HOP` or `unknown at HOP`, the first hop that isn't passed.
    pub(crate) expect: String,
    /// What the deciding hop has to mention.
    #[serde(default)]
    pub(crate) says: Option<String>,
}

/// A value in a file of the inventory that is another one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    pub(crate) file: String,
    /// JSON pointer; the last part may be `-`: one more element.
    #[serde(default)]
    pub(crate) at: String,
    /// `null` takes it away.
    #[serde(default)]
    pub(crate) to: Value,
}

fn deploy() -> String {
    "create deployments.apps payments".to_owned()
}

fn prod() -> String {
    "prod".to_owned()
}

/// The files of `inventory.yaml`.
pub(crate) struct World(BTreeMap<String, Value>);

impl World {
    pub(crate) fn new() -> Self {
        Self(serde_saphyr::from_str(include_str!("inventory.yaml")).unwrap())
    }

    /// The paths of the files.
    #[allow(dead_code, reason = "of other tests' laws")]
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn files(&self, case: &Case) -> BTreeMap<String, Value> {
        let mut files = self.0.clone();
        for change in &case.change {
            let file = files.entry(change.file.clone()).or_insert(Value::Null);
            set(file, &change.at, change.to.clone(), &case.name);
        }
        for file in &case.without {
            assert!(files.remove(file).is_some(), "{}: there is no {file}", case.name);
        }
        files
    }

    /// A value of a file, as the case has it.
    pub(crate) fn value(&self, case: &Case, file: &str, pointer: &str) -> Option<Value> {
        self.files(case).get(file)?.pointer(pointer).cloned()
    }

    pub(crate) fn inventory(&self, case: &Case) -> Inventory {
        let files: Vec<File> = self
            .files(case)
            .into_iter()
            .map(|(path, value)| File {
                name: path.as_str().into(),
                path,
                bytes: value.to_string().into_bytes(),
            })
            .collect();
        let reading = Inventory::read(&files);
        assert!(reading.problems.is_empty(), "{}: {:?}", case.name, reading.problems);
        reading.inventory
    }

    pub(crate) fn answer(&self, case: &Case) -> Vec<Hop> {
        answer(&self.inventory(case), case)
    }
}

pub(crate) fn answer(inventory: &Inventory, case: &Case) -> Vec<Hop> {
    let accounts = Accounts::of(inventory);
    let by_name = |name: &str| inventory.clusters.iter().find(|(arn, _)| arn.name == name).unwrap();
    let (arn, cluster) = by_name(&case.cluster);
    let request = request(&case.ask);
    let authorizers = Authorizers::of(cluster);
    let roles: Vec<_> = case.assume.iter().map(|role| role.parse().unwrap()).collect();
    let argocd = || Installation::find(inventory, None).unwrap();
    let of_argocd = |identity: &str| {
        let ways = ways_of_argocd(&accounts, &argocd(), arn, &authorizers);
        let found = ways.into_iter().find(|(own, _)| own.to_string() == identity);
        found.unwrap_or_else(|| panic!("{}: nobody is `{identity}`", case.name)).1
    };
    let way = match case.who.split_once([':', ' ']) {
        Some(("argocd", component)) => of_argocd(component),
        Some(("as", account)) => of_argocd(&format!("serviceaccount {account}")),
        Some(("pod", account)) => {
            let (namespace, name) = account.split_once('/').unwrap();
            let (hub, _) = by_name("hub");
            let account =
                ServiceAccount { cluster: hub.clone(), namespace: namespace.into(), name: name.into() };
            way::of_pod(&accounts, &account, &roles, arn)
        }
        Some(("sso", group)) => {
            let subject = Subject::default().in_groups([group]);
            ways_of_person(&accounts, &argocd(), &subject, (arn, &authorizers), &request).remove(0).1
        }
        _ if roles.is_empty() => {
            Way { hops: Vec::new(), end: Some(Who::Iam(caller(inventory, &case.who).unwrap())) }
        }
        _ => way::of_principal(&accounts, case.who.parse::<Owner>().unwrap(), &roles, arn),
    };
    can_by(cluster, &authorizers, &way, &request)
}

/// What a case asks.
pub(crate) fn request(ask: &str) -> Request {
    let words: Vec<&str> = ask.split(' ').collect();
    let (resource, group) = words[1].split_once('.').unwrap_or((words[1], ""));
    let request = Request::resource(words[0], group, resource);
    words.get(2).iter().fold(request, |request, namespace| request.in_namespace(namespace))
}

/// `yes`, or the first hop that ends it or leaves it open.
pub(crate) fn ended(hops: &[Hop]) -> String {
    let word = match verdict(hops) {
        Passes::Yes => return "yes".to_owned(),
        Passes::No => "no",
        Passes::Unknown { .. } => "unknown",
    };
    deciding(hops).map_or_else(|| word.to_owned(), |hop| format!("{word} at {}", hop.at))
}

pub(crate) fn deciding(hops: &[Hop]) -> Option<&Hop> {
    let no = hops.iter().find(|hop| hop.passes == Passes::No);
    no.or_else(|| hops.iter().find(|hop| !hop.is_passed()))
}

fn set(value: &mut Value, pointer: &str, to: Value, case: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return *value = to };
    let within = value.pointer_mut(parent).unwrap_or_else(|| panic!("{case}: there is nothing at {parent}"));
    let last = last.replace("~1", "/");
    match within {
        Value::Object(fields) if to.is_null() => drop(fields.remove(&last)),
        Value::Object(fields) => drop(fields.insert(last, to)),
        Value::Array(items) if last == "-" => items.push(to),
        Value::Array(items) if to.is_null() => drop(items.remove(last.parse().unwrap())),
        Value::Array(items) => items[last.parse::<usize>().unwrap()] = to,
        other => panic!("{case}: {parent} is {other}"),
    }
}
