//! What is asked, from the words of the command line.

use std::collections::BTreeSet;

use access::{Owner, ServiceAccount, Who, argocd_rbac::Subject};
use anyhow::{Context, bail};
use inventory::Inventory;
use rbac::Identity;

use super::Arguments;
use crate::command::asked::cluster;

/// Whoever is meant.
pub(super) enum Whom {
    /// Somebody whom the cluster knows, or has to know.
    Comer(Who),
    /// Pods of a service account of another cluster.
    Pod(ServiceAccount),
    /// A role or a user that assumes roles first.
    Principal(Owner),
    /// Argo CD: one component, or all of it.
    ArgoCd(Option<argocd::Identity>),
    /// A person whom Argo CD knows.
    Person(Subject),
}

/// Whoever is meant by the words of the command line.
pub(super) fn whom(inventory: &Inventory, arguments: &Arguments) -> anyhow::Result<Whom> {
    let Arguments { who: text, from, assume, session, .. } = arguments;
    if let Some(account) = text.strip_prefix("system:serviceaccount:") {
        let (namespace, name) =
            account.split_once(':').with_context(|| format!("`{text}` lacks a name after the namespace"))?;
        let Some(from) = from else {
            if !assume.is_empty() {
                bail!("`--assume` needs `--from`: the cluster whose pods assume the role");
            }
            return Ok(Whom::Comer(Who::Kubernetes(Identity::service_account(namespace, name))));
        };
        let (cluster, _) = cluster(inventory, from)?;
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        return Ok(Whom::Pod(ServiceAccount { cluster: cluster.clone(), namespace, name }));
    }
    if from.is_some() {
        bail!("`--from` is for service accounts: `{text}` is none");
    }
    match text.as_str() {
        "argocd" => return Ok(Whom::ArgoCd(None)),
        "argocd:controller" => return Ok(Whom::ArgoCd(Some(argocd::Identity::Controller))),
        "argocd:server" => return Ok(Whom::ArgoCd(Some(argocd::Identity::Server))),
        _ => {}
    }
    for (prefix, comer) in
        [("user:", user as fn(&str) -> Whom), ("group:", group), ("sso:", sso), ("account:", account)]
    {
        if let Some(name) = text.strip_prefix(prefix) {
            return Ok(comer(name));
        }
    }
    let nobody = || format!("`{text}` is nobody who could be asked for");
    if let (false, Ok(owner)) = (assume.is_empty(), text.parse::<Owner>()) {
        return Ok(Whom::Principal(owner));
    }
    if !assume.is_empty() {
        bail!("`--assume` is for roles, users and pods: `{text}` is none of them");
    }
    let mut caller = access::caller(inventory, text).with_context(nobody)?;
    if let Some(session) = session {
        caller.session = Some(session.to_owned());
    }
    Ok(Whom::Comer(Who::Iam(caller)))
}

fn user(name: &str) -> Whom {
    Whom::Comer(Who::Kubernetes(Identity::user(name, BTreeSet::<String>::new())))
}

fn group(name: &str) -> Whom {
    Whom::Comer(Who::Kubernetes(Identity::user("", [name])))
}

fn sso(group: &str) -> Whom {
    Whom::Person(Subject::default().in_groups([group]))
}

fn account(name: &str) -> Whom {
    Whom::Person(Subject::new(name))
}
