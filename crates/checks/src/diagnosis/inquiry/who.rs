//! Who asks, from the user's name in an error.

use access::Who;
use facts::Gap;
use inventory::{Cluster, Inventory};
use rbac::Identity;

use crate::diagnosis::diagnosed::Diagnosed;

/// Somebody, by what an error says.
#[derive(Clone, Debug)]
pub(crate) enum Comer {
    /// An IAM principal.
    Arn(String),
    /// A service account, or somebody whom only the cluster knows.
    Kubernetes(Identity),
}

impl Comer {
    /// From the parts of an error on a cluster. Of another user the groups aren't known.
    pub(crate) fn of(cluster: &Cluster, error: &Diagnosed) -> Result<Self, Gap> {
        let user = error.part("user").unwrap_or_default();
        if let Some((namespace, name)) =
            user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'))
        {
            return Ok(Self::Kubernetes(Identity::service_account(namespace, name)));
        }
        let caller = error.part("caller-arn").or_else(|| Some(user).filter(|user| user.starts_with("arn:")));
        if let Some(arn) = caller {
            return Ok(Self::Arn(arn.to_owned()));
        }
        let entries = cluster.access_entries.known().into_iter().flat_map(|entries| entries.values());
        let mut own = entries.filter(|entry| entry.username.as_deref() == Some(user));
        own.next().map(|entry| Self::Arn(entry.principal.clone())).ok_or_else(|| {
            Gap::new(format!("the groups of `{user}`"), "no access entry gives that user name")
                .filled_by("kubectl auth whoami, with the same credentials")
        })
    }

    /// As the chain takes it.
    ///
    /// # Errors
    /// Why it can't be anybody.
    pub(crate) fn who(&self, inventory: &Inventory) -> Result<Who, String> {
        match self {
            Self::Kubernetes(identity) => Ok(Who::Kubernetes(identity.clone())),
            Self::Arn(arn) => access::caller(inventory, arn).map(Who::Iam).map_err(|error| error.to_string()),
        }
    }
}
