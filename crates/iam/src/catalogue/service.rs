//! Services: their actions, resource types and condition keys, parsed when they are asked for.

use std::sync::OnceLock;

use super::{Action, ConditionKey, action, data, order, row};

/// A service as IAM knows it.
#[derive(Debug)]
pub struct Service {
    /// What its actions start with, such as `eks`.
    pub prefix: &'static str,
    /// As AWS names it, such as `Amazon Elastic Kubernetes Service`.
    pub name: &'static str,
    /// In the order of their names, case aside.
    pub actions: Vec<Action>,
    /// In the order of their names, case aside.
    pub resource_types: Vec<ResourceType>,
    /// All keys that its actions and resource types support; those that start with `aws:` are a few of the global ones.
    pub condition_keys: Vec<ConditionKey>,
}

/// A kind of resource that policies can name.
#[derive(Debug)]
pub struct ResourceType {
    /// As its service's actions refer to it, such as `access-entry`.
    pub name: &'static str,
    /// Such as `arn:${Partition}:eks:${Region}:${Account}:cluster/${ClusterName}`; hardly ever more than one.
    pub arn_formats: Vec<&'static str>,
    /// Keys that a request for such a resource has.
    pub condition_keys: Vec<&'static str>,
}

/// The service of that prefix.
pub fn service(prefix: &str) -> Option<&'static Service> {
    order::find(&index().services, prefix, |entry| entry.prefix).map(Entry::service)
}

/// The prefixes of all services, sorted.
pub fn services() -> impl Iterator<Item = &'static str> {
    index().services.iter().map(|entry| entry.prefix)
}

/// Prefixes of condition keys that aren't their service's own, each with a service that has such keys: `saml`, `sts`.
pub(super) fn elsewhere() -> impl Iterator<Item = (&'static str, &'static str)> {
    index().elsewhere.iter().copied()
}

impl Service {
    /// The action of that name.
    pub fn action(&self, name: &str) -> Option<&Action> {
        order::find(&self.actions, name, |action| action.name)
    }

    /// The resource type of that name.
    pub fn resource_type(&self, name: &str) -> Option<&ResourceType> {
        order::find(&self.resource_types, name, |kind| kind.name)
    }
}

struct Index {
    services: Vec<Entry>,
    elsewhere: Vec<(&'static str, &'static str)>,
}

struct Entry {
    prefix: &'static str,
    text: &'static str,
    service: OnceLock<Service>,
}

impl Entry {
    fn service(&'static self) -> &'static Service {
        self.service.get_or_init(|| parse(self.text))
    }
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut parts = data::actions().split("\n\n");
        let head = parts.next().unwrap_or_default();
        let elsewhere = head.lines().filter_map(|line| line.strip_prefix("elsewhere\t")?.split_once('\t'));
        let elsewhere = elsewhere.collect();
        let services = parts.filter_map(|text| {
            let (prefix, _) = text.split_once('\t')?;
            Some(Entry { prefix, text, service: OnceLock::new() })
        });
        Index { services: services.collect(), elsewhere }
    })
}

fn parse(text: &'static str) -> Service {
    let (first, rows) = text.split_once('\n').unwrap_or((text, ""));
    let (prefix, name) = first.split_once('\t').unwrap_or((first, ""));
    let (mut actions, mut resource_types, mut condition_keys) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows.lines() {
        let mut columns = row.split('\t');
        match columns.next() {
            Some("A") => actions.extend(action::parse(prefix, columns)),
            Some("R") => resource_types.extend(resource_type(columns)),
            Some("K") => condition_keys.extend(ConditionKey::parse(columns)),
            _ => {}
        }
    }
    Service { prefix, name, actions, resource_types, condition_keys }
}

fn resource_type(mut columns: row::Columns) -> Option<ResourceType> {
    Some(ResourceType {
        name: columns.next()?,
        arn_formats: row::list(columns.next()?),
        condition_keys: row::list(columns.next()?),
    })
}
