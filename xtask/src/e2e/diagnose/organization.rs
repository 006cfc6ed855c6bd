//! An organisation that the hub's and the spoke's accounts are in, in one unit of it (`tests/e2e/aws-front/organization.go`).

use std::fs;

use anyhow::Result;
use serde_json::{Value, json};

use super::scene::{HUB, SPOKE, Scene};
use crate::e2e::{faults, tokens::cluster::Arn};

/// What of it isn't proven.
pub(super) const EMULATED: &str = "an organisation, and its service control policies denying sts:AssumeRole (the policies' other effects aren't there)";

const MANAGEMENT: &str = "999988887777";
const ROOT: &str = "r-ab12";
const UNIT: &str = "ou-ab12-argocd00";
/// AWS's own, which is everywhere until somebody takes it away.
const EVERYTHING: &str = "p-FullAWSAccess";
const OWN: &str = "p-guard000";
/// The answer without which there is none.
const DESCRIBED: &str = "describe-organization";

impl Scene<'_> {
    /// Puts the accounts into one, with a service control policy `guard` on their unit.
    pub(super) fn organize(&self, guard: &Value) -> Result<()> {
        let accounts = [Arn::parse(HUB)?.account, Arn::parse(SPOKE)?.account];
        let [hub, spoke] = &accounts;
        let kind = "SERVICE_CONTROL_POLICY";
        let summary = |id: &str, name: &str| json!({ "Id": id, "Name": name, "Type": kind });
        let policy = |id, name, document: &Value| json!({ "Policy": { "PolicySummary": summary(id, name), "Content": document.to_string() } });
        let inside = |id: &str, kind: &str| json!({ "Parents": [{ "Id": id, "Type": kind }] });
        let on = |targets: &[&str]| {
            let targets: Vec<_> = targets.iter().map(|id| json!({ "TargetId": id })).collect();
            json!({ "Targets": targets })
        };
        let everything = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
        let files = [
            (
                "list-roots".to_owned(),
                json!({ "Roots": [{ "Id": ROOT, "PolicyTypes": [{ "Type": kind, "Status": "ENABLED" }] }] }),
            ),
            (format!("list-parents-{hub}"), inside(UNIT, "ORGANIZATIONAL_UNIT")),
            (format!("list-parents-{spoke}"), inside(UNIT, "ORGANIZATIONAL_UNIT")),
            (format!("list-parents-{UNIT}"), inside(ROOT, "ROOT")),
            (
                format!("list-policies-{kind}"),
                json!({ "Policies": [summary(EVERYTHING, "FullAWSAccess"), summary(OWN, "guard")] }),
            ),
            ("list-policies-RESOURCE_CONTROL_POLICY".to_owned(), json!({ "Policies": [] })),
            (format!("describe-policy-{EVERYTHING}"), policy(EVERYTHING, "FullAWSAccess", &everything)),
            (format!("describe-policy-{OWN}"), policy(OWN, "guard", guard)),
            (format!("list-targets-for-policy-{EVERYTHING}"), on(&[ROOT, UNIT, hub, spoke])),
            (format!("list-targets-for-policy-{OWN}"), on(&[UNIT])),
            // Last, since with it there is one.
            (
                DESCRIBED.to_owned(),
                json!({ "Organization": { "Id": "o-a1b2c3d4e5", "MasterAccountId": MANAGEMENT } }),
            ),
        ];
        for (name, content) in files {
            fs::write(self.aws.organization.join(format!("{name}.json")), content.to_string())?;
        }
        faults::write(&self.aws.faults, &[])
    }

    /// There is none, as AWS says it.
    pub(super) fn disband(&self) -> Result<()> {
        let described = self.aws.organization.join(format!("{DESCRIBED}.json"));
        if described.exists() {
            fs::remove_file(described)?;
        }
        faults::write(&self.aws.faults, &[faults::no_organization()])
    }
}
