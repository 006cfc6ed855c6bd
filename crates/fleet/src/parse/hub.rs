//! The hub and the Argo CD in it.

use facts::{ClusterArn, RoleArn};

use super::Reader;
use crate::{
    ArgoCd, Hub, IdentityKind, Install, RepositoryAccess, Topology, Version,
    file::{ArgoCdFile, HubFile, IdentityFile, InstallFile, SpecFile, TopologyFile},
    located::At,
};

/// The first version whose AWS SDK takes credentials from EKS Pod Identity (argo-cd#17064).
const POD_IDENTITY_SINCE: Version = Version { major: 2, minor: 10 };

/// The first version with sync impersonation (Argo CD, docs/proposals/decouple-application-sync-user-using-impersonation.md).
const IMPERSONATION_SINCE: Version = Version { major: 2, minor: 13 };

impl Reader {
    pub(super) fn hub(&mut self, written: &HubFile) -> Option<Hub> {
        let arn = self.parsed::<ClusterArn>(&written.arn);
        let argocd = self.argocd(&written.argocd, arn.as_ref());
        let identity = self.identity(written.identity.as_ref(), argocd.as_ref());
        let oidc_issuer = written.oidc_issuer.as_ref().and_then(|url| self.https(url, "an OIDC issuer"));
        Some(Hub { arn: arn?, argocd: argocd?, identity, oidc_issuer })
    }

    fn argocd(&mut self, written: &ArgoCdFile, hub: Option<&ClusterArn>) -> Option<ArgoCd> {
        let install = match written.install.as_ref().map(At::get) {
            None | Some(InstallFile::SelfManaged) => Install::SelfManaged,
            Some(InstallFile::EksCapability) => Install::EksCapability,
        };
        let namespace = match &written.namespace {
            Some(text) => self.label("a namespace", text),
            None => Some("argocd".to_owned()),
        };
        let version = self.version(&written.version);
        let controller = self.service_account(
            written.controller_service_account.as_ref(),
            install,
            "argocd-application-controller",
        );
        let server = self.service_account(written.server_service_account.as_ref(), install, "argocd-server");
        let capability_role = match &written.capability_role {
            Some(text) => self.capability_role(text, install, hub).map(Some),
            None => Some(None),
        };
        let repository_access = match &written.repository_access {
            Some(access) => self.repository_access(access, install, hub),
            None => Some(RepositoryAccess::default()),
        };
        Some(ArgoCd {
            namespace: namespace?,
            version: version?,
            install,
            controller_service_account: controller?,
            server_service_account: server?,
            capability_role: capability_role?,
            repository_access: repository_access?,
        })
    }

    fn version(&mut self, text: &At<String>) -> Option<Version> {
        let version: Version = self.parsed(text)?;
        if !(2..=3).contains(&version.major) {
            let message = format!("Argo CD {version} is not known to this version of Oarlock");
            self.wrong(text, message, "versions 2 and 3 are");
            return None;
        }
        Some(version)
    }

    fn service_account(
        &mut self,
        text: Option<&At<String>>,
        install: Install,
        default: &str,
    ) -> Option<String> {
        let Some(text) = text else { return Some(default.to_owned()) };
        if install == Install::EksCapability {
            let message = format!("the EKS capability has no service account `{}`", text.get());
            self.wrong(text, message, "leave it out: the capability's pods run in AWS's accounts");
        }
        self.subdomain("a service account", text)
    }

    /// The capability's role must be in the account of its cluster (EKS User Guide, "Amazon EKS capability IAM role").
    fn capability_role(
        &mut self,
        text: &At<String>,
        install: Install,
        hub: Option<&ClusterArn>,
    ) -> Option<RoleArn> {
        let role: RoleArn = self.parsed(text)?;
        if install == Install::SelfManaged {
            self.wrong(
                text,
                "`capabilityRole` is for the EKS capability, and this Argo CD is self-managed",
                "leave it out, or set `install: eks-capability`",
            );
        } else if let Some(hub) = hub
            && (role.account != hub.account || role.partition != hub.partition)
        {
            let message =
                format!("the capability's role is in account {}, the hub in {}", role.account, hub.account);
            self.wrong(text, message, "EKS takes only a role of the cluster's own account");
        }
        Some(role)
    }

    fn identity(&mut self, written: Option<&At<IdentityFile>>, argocd: Option<&ArgoCd>) -> IdentityKind {
        let Some(written) = written else { return IdentityKind::PodIdentity };
        match argocd {
            Some(argocd) if argocd.install == Install::EksCapability => self.wrong(
                written,
                "`identity` has no meaning for the EKS capability: EKS assumes its role itself",
                "leave it out",
            ),
            Some(argocd)
                if *written.get() == IdentityFile::PodIdentity && argocd.version < POD_IDENTITY_SINCE =>
            {
                let message = format!("Argo CD {} can't use EKS Pod Identity", argocd.version);
                self.wrong(written, message, format!("use `irsa`, or Argo CD {POD_IDENTITY_SINCE} or later"));
            }
            _ => {}
        }
        match written.get() {
            IdentityFile::PodIdentity => IdentityKind::PodIdentity,
            IdentityFile::Irsa => IdentityKind::Irsa,
        }
    }

    /// The topology of clusters that don't say their own.
    pub(super) fn topology(&mut self, spec: &SpecFile, hub: Option<&Hub>) -> Topology {
        let install = hub.map(|hub| hub.argocd.install);
        match &spec.topology {
            Some(written) => self.topology_for(written, install),
            None if install == Some(Install::EksCapability) => Topology::Capability,
            None => Topology::Chained,
        }
    }

    /// A topology as written; it must suit who runs Argo CD.
    pub(super) fn topology_for(&mut self, written: &At<TopologyFile>, install: Option<Install>) -> Topology {
        let topology = match written.get() {
            TopologyFile::Chained => Topology::Chained,
            TopologyFile::Direct => Topology::Direct,
            TopologyFile::Capability => Topology::Capability,
        };
        match (install, topology) {
            (Some(Install::SelfManaged), Topology::Capability) => self.wrong(
                written,
                "the topology `capability` needs the EKS capability, and this Argo CD is self-managed",
                "use `chained` or `direct`, or set `install: eks-capability`",
            ),
            (Some(Install::EksCapability), Topology::Chained | Topology::Direct) => self.wrong(
                written,
                "the EKS capability reaches clusters by the role of the capability alone",
                "use the topology `capability`, or leave it out",
            ),
            _ => {}
        }
        topology
    }

    pub(super) fn impersonation(&mut self, written: Option<&At<bool>>, hub: Option<&Hub>) -> Option<bool> {
        let written = written?;
        if let Some(hub) = hub
            && *written.get()
            && hub.argocd.version < IMPERSONATION_SINCE
        {
            let message = format!("Argo CD {} has no sync impersonation", hub.argocd.version);
            self.wrong(written, message, format!("it came with {IMPERSONATION_SINCE}"));
        }
        Some(*written.get())
    }

    /// A URL, without the slashes at its end.
    pub(super) fn https(&mut self, text: &At<String>, what: &str) -> Option<String> {
        let url = text.get().trim_end_matches('/');
        let host = url.strip_prefix("https://").filter(|rest| !rest.is_empty() && !rest.starts_with('/'));
        if host.is_some_and(|rest| !rest.chars().any(char::is_whitespace)) {
            return Some(url.to_owned());
        }
        let message = format!("`{}` is not the URL of {what}", text.get());
        self.wrong(text, message, "it should start with `https://`");
        None
    }
}
