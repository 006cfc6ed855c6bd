//! What is read of an account: its roles, users, groups and policies, and its OIDC providers.

use facts::{AccountId, Gap};
use serde_json::{Value, json};

use super::{Error, folder::key, iam, run::Run};
use crate::{aws::Session, cause::Cause};

/// So many may come with one answer of IAM's (IAM API Reference, `MaxItems`): without asking it would be a hundred.
const MOST: i32 = 1000;

impl Run<'_> {
    pub(super) async fn account(&self, id: &AccountId, region: &str) -> Result<(), Error> {
        let session = match self.aws.session(id, region).await {
            Ok(session) => session,
            Err(cause) => {
                for what in ["the IAM roles", "the IAM users", "the OIDC providers"] {
                    self.gap(Gap::new(format!("{what} of account `{id}`"), cause.to_string()));
                }
                return Ok(());
            }
        };
        let answer = authorization_details(&session).await;
        self.keep(&format!("accounts/{id}/iam-get-account-authorization-details.json"), answer, |cause| {
            gap(id, "the IAM roles", cause, "get-account-authorization-details")
        })?;
        let users = users(&session).await;
        self.keep(&format!("accounts/{id}/iam-list-users.json"), users, |cause| {
            gap(id, "the IAM users", cause, "list-users")
        })?;
        self.oidc_providers(id, &session).await
    }

    async fn oidc_providers(&self, id: &AccountId, session: &Session) -> Result<(), Error> {
        let command = "list-open-id-connect-providers";
        let listed = session.iam().list_open_id_connect_providers().send().await;
        let listed = listed.map_err(|error| Cause::of_aws(&error)).map(|answer| {
            let arns = answer.open_id_connect_provider_list().iter().filter_map(|provider| provider.arn());
            arns.map(str::to_owned).collect::<Vec<_>>()
        });
        let list = listed.as_ref().map_err(Clone::clone).map(|arns| {
            json!({ "OpenIDConnectProviderList": arns.iter().map(|arn| json!({ "Arn": arn })).collect::<Vec<_>>() })
        });
        self.keep(&format!("accounts/{id}/iam-{command}.json"), list, |cause| {
            gap(id, "the OIDC providers", cause, command)
        })?;
        self.each(listed.unwrap_or_default(), async |arn| self.oidc_provider(id, session, &arn).await).await
    }

    async fn oidc_provider(&self, id: &AccountId, session: &Session, arn: &str) -> Result<(), Error> {
        let asked = session.iam().get_open_id_connect_provider().open_id_connect_provider_arn(arn);
        let answer = asked.send().await.map_err(|error| Cause::of_aws(&error));
        let answer = answer.map(|provider| iam::oidc_provider(&provider));
        let path = format!("accounts/{id}/iam-get-open-id-connect-provider-{}.json", key(arn));
        self.keep(&path, answer, |cause| {
            let command = "aws iam get-open-id-connect-provider --open-id-connect-provider-arn";
            Gap::new(format!("the audiences of `{arn}`"), cause.to_string())
                .filled_by(format!("{command} {arn}"))
        })?;
        Ok(())
    }
}

/// All pages as one, as the AWS CLI prints them.
async fn authorization_details(session: &Session) -> Result<Value, Cause> {
    let (mut users, mut groups, mut roles, mut policies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut pages = session.iam().get_account_authorization_details().max_items(MOST).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Cause::of_aws(&error))?;
        users.extend(page.user_detail_list().iter().map(iam::user));
        groups.extend(page.group_detail_list().iter().map(iam::group));
        roles.extend(page.role_detail_list().iter().map(iam::role));
        policies.extend(page.policies().iter().map(iam::managed_policy));
    }
    Ok(
        json!({ "UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies }),
    )
}

/// Whether there are users at all, which the details don't tell.
async fn users(session: &Session) -> Result<Value, Cause> {
    let mut users = Vec::new();
    let mut pages = session.iam().list_users().max_items(MOST).into_paginator().items().send();
    while let Some(user) = pages.next().await {
        users.push(iam::listed_user(&user.map_err(|error| Cause::of_aws(&error))?));
    }
    Ok(json!({ "Users": users }))
}

fn gap(id: &AccountId, what: &str, cause: &Cause, command: &str) -> Gap {
    Gap::new(format!("{what} of account `{id}`"), cause.to_string()).filled_by(format!("aws iam {command}"))
}
