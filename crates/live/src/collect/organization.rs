//! What is read of the organisation: where the accounts are in it, and its policies along the way.

use std::collections::BTreeSet;

use aws_sdk_organizations::{Client, types::PolicyType};
use facts::{AccountId, Gap};
use serde_json::{Value, json};

use super::{
    Error,
    run::{Run, locked},
};
use crate::{
    aws::answer::{all_pages, answer},
    cause::Cause,
};

/// Which types of policies Oarlock reads.
const TYPES: [PolicyType; 2] = [PolicyType::ServiceControlPolicy, PolicyType::ResourceControlPolicy];

impl Run<'_> {
    /// Only the management account and delegated ones are told.
    pub(super) async fn organization(&self, accounts: &[AccountId]) -> Result<(), Error> {
        let region = self.aws.region().or_else(|| self.options.targets.region());
        let Some(region) = region else { return Ok(()) };
        let client =
            self.aws.about_organization(self.options.targets.account(), &region).await.organizations();
        let described = match answer!(client.describe_organization()) {
            Err(cause) if cause.is("AWSOrganizationsNotInUseException") => {
                Ok(json!({ "Organization": null }))
            }
            other => other,
        };
        let described = self.keep("organization/describe-organization.json", described, |cause| {
            gap("the organisation's policies", cause, "describe-organization")
        })?;
        if described.is_none_or(|organization| organization.get("Organization").is_none_or(Value::is_null)) {
            return Ok(());
        }
        let roots = all_pages!("Roots", "NextToken", client.list_roots(), set_next_token);
        self.keep("organization/list-roots.json", roots, |cause| {
            gap("which policies the organisation uses", cause, "list-roots")
        })?;
        self.parents(&client, accounts).await?;
        for of in TYPES {
            self.policies(&client, of).await?;
        }
        Ok(())
    }

    /// From the accounts upwards, level by level: units that several share are asked for once.
    async fn parents(&self, client: &Client, accounts: &[AccountId]) -> Result<(), Error> {
        let mut children: BTreeSet<String> = accounts.iter().map(ToString::to_string).collect();
        let mut seen = BTreeSet::new();
        while !children.is_empty() {
            seen.extend(children.iter().cloned());
            let above = std::sync::Mutex::new(BTreeSet::new());
            self.each(children, async |child: String| {
                let answer = answer!(client.list_parents().child_id(&child));
                let path = format!("organization/list-parents-{child}.json");
                let kept = self.keep(&path, answer, |cause| {
                    let command = format!("list-parents --child-id {child}");
                    gap(&format!("where in the organisation `{child}` is"), cause, &command)
                })?;
                let parents =
                    kept.as_ref().and_then(|kept| kept.get("Parents")?.as_array()).into_iter().flatten();
                let units = parents.filter(|parent| parent.get("Type").is_some_and(|kind| kind != "ROOT"));
                locked(&above).extend(units.filter_map(|unit| unit.get("Id")?.as_str().map(str::to_owned)));
                Ok(())
            })
            .await?;
            children = locked(&above).difference(&seen).cloned().collect();
        }
        Ok(())
    }

    async fn policies(&self, client: &Client, of: PolicyType) -> Result<(), Error> {
        let kind = of.as_str().to_owned();
        let listed =
            all_pages!("Policies", "NextToken", client.list_policies().filter(of.clone()), set_next_token);
        let path = format!("organization/list-policies-{kind}.json");
        let listed = self.keep(&path, listed, |cause| {
            gap("the organisation's policies", cause, &format!("list-policies --filter {kind}"))
        })?;
        let policies =
            listed.as_ref().and_then(|listed| listed.get("Policies")?.as_array()).into_iter().flatten();
        let ids: Vec<_> = policies.filter_map(|policy| policy.get("Id")?.as_str()).collect();
        self.each(ids, async |id| self.policy(client, id).await).await
    }

    async fn policy(&self, client: &Client, id: &str) -> Result<(), Error> {
        let described = answer!(client.describe_policy().policy_id(id));
        self.keep(&format!("organization/describe-policy-{id}.json"), described, |cause| {
            gap(&format!("the policy `{id}`"), cause, &format!("describe-policy --policy-id {id}"))
        })?;
        let targets = all_pages!(
            "Targets",
            "NextToken",
            client.list_targets_for_policy().policy_id(id),
            set_next_token
        );
        self.keep(&format!("organization/list-targets-for-policy-{id}.json"), targets, |cause| {
            let command = format!("list-targets-for-policy --policy-id {id}");
            gap(&format!("where the policy `{id}` is attached"), cause, &command)
        })?;
        Ok(())
    }
}

fn gap(what: &str, cause: &Cause, command: &str) -> Gap {
    Gap::new(what, cause.to_string()).filled_by(format!("aws organizations {command}"))
}
