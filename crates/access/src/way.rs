//! Ways to a cluster: from Argo CD's pods, from any pod, from a role; up to who the cluster takes it for.

use argocd::{Authentication, AwsAuthConfig};
use facts::{ClusterArn, Gap, RoleArn};
use inventory::Cluster;
use rbac::Identity;

use crate::{
    Who,
    accounts::{Accounts, NotThere},
    assume_role,
    can::caller,
    capability,
    cluster_secret::{self, Found},
    credentials::{Credentials, Owner},
    hop::{At, Hop, Passes},
    installation::{Component, Installation},
    service_account::{self, Arrival, ServiceAccount},
    token,
};

/// The hops before a cluster, and who comes to it; nobody where they end.
#[derive(Clone, Debug)]
pub struct Way {
    /// In their order.
    pub hops: Vec<Hop>,
    /// Who comes. Where something isn't known it is who would come.
    pub end: Option<Who>,
}

impl Way {
    fn ends(hops: Vec<Hop>) -> Self {
        Self { hops, end: None }
    }
}

/// How a component of Argo CD comes to a cluster.
pub fn of_argocd(
    accounts: &Accounts<'_>,
    argocd: &Installation,
    component: Component,
    arn: &ClusterArn,
) -> Way {
    let (hub, cluster) = match accounts.cluster(&argocd.hub).and_then(|hub| Ok((hub, accounts.cluster(arn)?)))
    {
        Ok(both) => both,
        Err(gap) => {
            let what = format!("how Argo CD knows `{}`", arn.name);
            return Way::ends(vec![Hop::unknown(At::ClusterSecret, what, [gap])]);
        }
    };
    let secrets = &accounts.deployments(argocd, hub).secrets;
    let found = match cluster_secret::of_cluster(secrets, (&argocd.hub, hub), &argocd.namespace, arn, cluster)
    {
        Ok(found) => found,
        Err(hop) => return Way::ends(vec![hop]),
    };
    let account = ServiceAccount {
        cluster: argocd.hub.clone(),
        namespace: argocd.namespace.clone(),
        name: argocd.account_of(component).to_owned(),
    };
    let by_secret = ThroughSecret { accounts, hub, account, found: &found, arn };
    by_secret.way()
}

/// How a pod comes to a cluster with a token that it makes itself, perhaps as a role that it assumes first.
pub fn of_pod(accounts: &Accounts<'_>, account: &ServiceAccount, roles: &[RoleArn], arn: &ClusterArn) -> Way {
    let Arrival { hops, credentials } = service_account::credentials(accounts, account);
    of_credentials(accounts, hops, credentials, roles, &arn.name, arn)
}

/// How a role or a user comes to a cluster, perhaps as roles that it assumes one after the other.
pub fn of_principal(
    accounts: &Accounts<'_>,
    owner: impl Into<Owner>,
    roles: &[RoleArn],
    arn: &ClusterArn,
) -> Way {
    let owner = owner.into();
    if let Err(NotThere::Absent) = accounts.tags(&owner) {
        let why = format!("account `{}` has no `{owner}`", owner.account());
        return Way::ends(vec![Hop::no(At::AssumeRole, why)]);
    }
    let credentials = Credentials::of(accounts, owner);
    of_credentials(accounts, Vec::new(), Some(credentials), roles, &arn.name, arn)
}

/// Onwards from credentials, by roles that are assumed one after the other, with a token for the cluster of a name.
pub(crate) fn of_credentials(
    accounts: &Accounts<'_>,
    mut hops: Vec<Hop>,
    credentials: Option<Credentials>,
    roles: &[RoleArn],
    made_for: &str,
    arn: &ClusterArn,
) -> Way {
    let Some(mut credentials) = credentials else { return Way::ends(hops) };
    for role in roles {
        let (hop, next) = assume_role::assume(accounts, &credentials, role);
        let ends = hop.passes == Passes::No;
        hops.push(hop);
        match next.filter(|_| !ends) {
            Some(next) => credentials = next,
            None => return Way::ends(hops),
        }
    }
    let hop = token::hop(&credentials, made_for, arn);
    let ends = hop.passes == Passes::No;
    hops.push(hop);
    if ends {
        return Way::ends(hops);
    }
    match caller(accounts.inventory(), &credentials.owner.to_string()) {
        Ok(caller) => Way { hops, end: Some(Who::Iam(caller)) },
        Err(nobody) => {
            hops.push(Hop::no(At::ClusterIdentity, nobody.to_string()));
            Way::ends(hops)
        }
    }
}

/// What a cluster Secret makes of a component.
struct ThroughSecret<'a> {
    accounts: &'a Accounts<'a>,
    hub: &'a Cluster,
    account: ServiceAccount,
    found: &'a Found,
    arn: &'a ClusterArn,
}

impl ThroughSecret<'_> {
    fn way(&self) -> Way {
        match self.found.secret.authentication() {
            Authentication::InCluster => self.in_cluster(),
            Authentication::Capability(_) => self.capability(),
            Authentication::Aws(aws) => self.aws(aws),
            Authentication::Exec(exec) => match cluster_secret::aws_of(exec) {
                Some(aws) => self.aws(&aws),
                None => {
                    let cause = format!("its cluster Secret runs `{}`, which decides", exec.command);
                    let gap = Gap::new(format!("who Argo CD is on `{}`", self.arn.name), cause);
                    self.unknown(gap.filled_by("use `awsAuthConfig` in the cluster Secret"))
                }
            },
            Authentication::Static => {
                let cause = "its cluster Secret has a token, a password or a certificate, which an inventory never has";
                let gap = Gap::new(format!("who Argo CD is on `{}`", self.arn.name), cause);
                self.unknown(
                    gap.filled_by("kubectl auth whoami, with that credential; or use `awsAuthConfig`"),
                )
            }
            Authentication::Anonymous => {
                let hop = Hop::yes(At::ClusterSecret, format!("{}, without credentials", self.name()));
                let nobody = Identity::user("system:anonymous", ["system:unauthenticated"]);
                Way { hops: vec![self.placed(hop)], end: Some(Who::Kubernetes(nobody)) }
            }
        }
    }

    /// AWS settings in the Secret are ignored (`RawRestConfig`).
    fn in_cluster(&self) -> Way {
        let ServiceAccount { namespace, name, .. } = &self.account;
        let ignored =
            if self.found.secret.config.aws_auth.is_some() { "; its `awsAuthConfig` is ignored" } else { "" };
        let by = format!("{}: in-cluster, as the service account `{namespace}/{name}`{ignored}", self.name());
        let account = Identity::service_account(namespace, name);
        Way { hops: vec![self.placed(Hop::yes(At::ClusterSecret, by))], end: Some(Who::Kubernetes(account)) }
    }

    fn capability(&self) -> Way {
        let by = format!("{}: as the role of the hub's capability", self.name());
        let mut hops = vec![self.placed(Hop::yes(At::ClusterSecret, by))];
        let arrival = capability::credentials(self.accounts, &self.account.cluster, self.hub);
        hops.extend(arrival.hops);
        of_credentials(self.accounts, hops, arrival.credentials, &[], &self.arn.name, self.arn)
    }

    fn aws(&self, aws: &AwsAuthConfig) -> Way {
        if !aws.profile.is_empty() {
            let cause =
                format!("its cluster Secret names the profile `{}` of a file in the pod", aws.profile);
            let gap = Gap::new(format!("who Argo CD is on `{}`", self.arn.name), cause);
            return self.unknown(gap.filled_by("leave `profile` out, and name a `roleARN`"));
        }
        let roles: Vec<RoleArn> = match aws.role_arn.as_str() {
            "" => Vec::new(),
            text => match text.parse() {
                Ok(role) => vec![role],
                Err(error) => {
                    let why = format!("`awsAuthConfig.roleARN` of {}: {error}", self.name());
                    let hop = self.placed(Hop::no(At::ClusterSecret, why));
                    return Way::ends(vec![hop.changed_by("set it to the role's ARN")]);
                }
            },
        };
        let how = roles.first().map_or_else(|| "as the pod itself".to_owned(), |role| format!("as `{role}`"));
        let by = format!("{}: `awsAuthConfig`, {how}", self.name());
        let mut hops = vec![self.placed(Hop::yes(At::ClusterSecret, by))];
        let arrival = service_account::credentials(self.accounts, &self.account);
        hops.extend(arrival.hops);
        of_credentials(self.accounts, hops, arrival.credentials, &roles, &aws.cluster_name, self.arn)
    }

    fn unknown(&self, gap: Gap) -> Way {
        Way::ends(vec![self.placed(Hop::unknown(At::ClusterSecret, self.name(), [gap]))])
    }

    fn name(&self) -> String {
        self.found.name.as_ref().map_or_else(|| "no Secret".to_owned(), |name| format!("the Secret `{name}`"))
    }

    fn placed(&self, hop: Hop) -> Hop {
        self.found.place.iter().fold(hop, |hop, place| hop.at_place(place))
    }
}
