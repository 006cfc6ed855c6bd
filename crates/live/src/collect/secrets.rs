//! What Secrets Manager says of the secrets that Argo CD's repositories name: never what they hold.

use std::collections::BTreeSet;

use argocd::Secret;
use facts::{Arn, Gap};
use serde::Deserialize as _;
use serde_json::Value;

use super::{Error, folder::key, run::Run};
use crate::{aws::answer::answer, cause::Cause};

impl Run<'_> {
    /// `secretArn` names where the EKS capability finds a repository's credentials (EKS User Guide, "Configure repository access").
    pub(super) async fn secrets(&self, secrets: &[Value]) -> Result<(), Error> {
        let named = secrets.iter().filter_map(|object| Secret::deserialize(object).ok()?.text("secretArn"));
        let arns: BTreeSet<Arn> = named.filter_map(|arn| arn.parse().ok()).collect();
        self.each(arns, async |arn: Arn| {
            let path = format!(
                "accounts/{}/secretsmanager-describe-secret-{}.json",
                arn.account,
                key(&arn.to_string())
            );
            self.keep(&path, self.secret(&arn).await, |cause| {
                Gap::new(format!("the KMS key of `{arn}`"), cause.to_string())
                    .filled_by(format!("aws secretsmanager describe-secret --secret-id {arn}"))
            })?;
            Ok(())
        })
        .await
    }

    async fn secret(&self, arn: &Arn) -> Result<Value, Cause> {
        let account = arn.account.parse().map_err(|_| Cause::new("its ARN has no account"))?;
        let client = self.aws.session(&account, &arn.region).await?.secrets_manager(&arn.region);
        answer!(client.describe_secret().secret_id(arn.to_string()))
    }
}
