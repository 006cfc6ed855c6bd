//! The EKS capability as it is: whether what is planned for it will reach it.

use std::collections::BTreeMap;

use facts::{Finding, Severity};
use fleet::{Install, Version};
use inventory::{Capability, CapabilityDetails, Known};

use super::{site::Site, wanted::Wanted};
use crate::capability;

/// Compares the live capability with what the fleet file says of it. Oarlock doesn't make or change capabilities.
pub(super) fn compare(site: &Site<'_>, wanted: &mut Wanted) {
    let Some(capabilities) = site.capabilities else { return };
    let managed = site.fleet.hub.argocd.install == Install::EksCapability;
    match capabilities {
        // Who runs Argo CD themselves rarely ask for capabilities: no gap for them.
        Known::Gap(gap) if managed => wanted.unknown.push(gap.clone()),
        Known::Gap(_) => {}
        Known::Known(capabilities) if managed => compare_with(site, capabilities, wanted),
        Known::Known(capabilities) => report_second(site, capabilities, wanted),
    }
}

fn compare_with(site: &Site<'_>, capabilities: &BTreeMap<String, Capability>, wanted: &mut Wanted) {
    let Some((name, capability)) = capability::argocd(capabilities) else {
        return wanted.findings.push(missing(site));
    };
    let live = Live { site, name, capability };
    wanted.findings.extend(live.inactive());
    wanted.findings.extend(live.other_version());
    match &capability.details {
        Known::Gap(gap) => wanted.unknown.push(gap.clone()),
        Known::Known(details) => {
            wanted.findings.extend(live.other_role(details));
            wanted.findings.extend(live.other_namespace(details));
        }
    }
}

fn missing(site: &Site<'_>) -> Finding {
    let (hub, namespace) = (site.hub(), site.namespace());
    let message = format!(
        "the hub `{}` has no EKS capability of type ARGOCD: the plan prepares its role and access, and doesn't create it",
        hub.name
    );
    let configuration =
        format!(r#"{{"argoCd":{{"namespace":"{namespace}","awsIdc":{{"idcInstanceArn":"ARN"}}}}}}"#);
    Finding::new("capability-missing", Severity::Warning, message).with_help(format!(
        "aws eks create-capability --region {} --cluster-name {} --capability-name argocd --type ARGOCD --role-arn {} \
         --delete-propagation-policy RETAIN --configuration '{configuration}'",
        hub.region,
        hub.name,
        site.capability_role()
    ))
}

/// A second Argo CD beside one that people run themselves.
fn report_second(site: &Site<'_>, capabilities: &BTreeMap<String, Capability>, wanted: &mut Wanted) {
    let Some((name, capability)) = capability::argocd(capabilities) else { return };
    let role = capability
        .details
        .known()
        .map_or_else(|| "a role that isn't known".to_owned(), |details| details.role.to_string());
    let message = format!(
        "the hub `{}` has the EKS capability `{name}` too, a second Argo CD that acts as {role}: this plan doesn't cover it",
        site.hub().name
    );
    let finding = Finding::new("capability-beside-self-managed", Severity::Warning, message)
        .at(capability.place.clone())
        .with_help("give it a fleet file of its own with `install: eks-capability`, or delete it");
    wanted.findings.push(finding);
}

/// The capability, and whose it is.
struct Live<'a, 's> {
    site: &'a Site<'s>,
    name: &'a str,
    capability: &'a Capability,
}

impl Live<'_, '_> {
    fn finding(&self, id: &'static str, severity: Severity, what: &str) -> Finding {
        let message =
            format!("the EKS capability `{}` of the hub `{}` {what}", self.name, self.site.hub().name);
        Finding::new(id, severity, message)
    }

    fn inactive(&self) -> Option<Finding> {
        let status = &self.capability.status;
        if status == "ACTIVE" {
            return None;
        }
        let finding = self.finding("capability-not-active", Severity::Warning, &format!("is {status}"));
        let mut finding = finding.at(self.capability.place.clone());
        let issues = self.capability.details.known().map_or(&[][..], |details| &details.issues);
        finding.help.extend(issues.iter().map(|issue| format!("EKS says: {issue}")));
        Some(finding)
    }

    /// The needs depend on the version; EKS writes `3.1.8-eks-1`.
    fn other_version(&self) -> Option<Finding> {
        let planned = self.site.fleet.hub.argocd.version;
        let live: Version = self.capability.version.as_ref()?.parse().ok()?;
        (live != planned).then(|| {
            let what = format!("runs Argo CD {live}, and the fleet file says {planned}");
            self.finding("capability-version-differs", Severity::Warning, &what)
                .at(self.capability.place.clone())
                .with_help(format!("write `version: \"{live}\"`: what Argo CD needs depends on it"))
        })
    }

    fn other_role(&self, details: &CapabilityDetails) -> Option<Finding> {
        let planned = self.site.capability_role();
        (details.role != planned).then(|| {
            let hub = self.site.hub();
            let what =
                format!("acts as {}, so nothing of what the plan gives {planned} reaches Argo CD", details.role);
            self.finding("capability-role-differs", Severity::Error, &what)
                .at(details.place.clone())
                .with_help(format!("write `capabilityRole: {}` in the fleet file", details.role))
                .with_help(format!(
                    "or, once the plan is applied: aws eks update-capability --region {} --cluster-name {} --capability-name {} --role-arn {planned}",
                    hub.region, hub.name, self.name
                ))
        })
    }

    fn other_namespace(&self, details: &CapabilityDetails) -> Option<Finding> {
        let planned = self.site.namespace();
        let live = details.namespace.as_deref().filter(|namespace| *namespace != planned)?;
        let what =
            format!("looks at namespace `{live}`, so it never sees what the plan writes into `{planned}`");
        let finding = self.finding("capability-namespace-differs", Severity::Error, &what);
        Some(
            finding
                .at(details.place.clone())
                .with_help(format!("write `namespace: {live}` in the fleet file")),
        )
    }
}
