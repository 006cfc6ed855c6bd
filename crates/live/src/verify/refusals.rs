//! `cloudtrail:LookupEvents`: what AWS refused lately to the fleet's identities, in each account and region where one of them asks.
//!
//! The event history knows management events of 90 days, and is looked through by one attribute at a time (CloudTrail User Guide,
//! "Working with CloudTrail event history"). So it is asked for the calls that the way to a cluster takes.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_smithy_async::time::TimeSource as _;
use aws_smithy_types::DateTime;
use facts::{AccountId, Gap, RoleArn};
use serde_json::Value;

use super::Subject;
use crate::{
    aws::{Aws, clock::Clock},
    cause::Cause,
};

/// The calls of the way: from a pod to a role (IRSA, Pod Identity), from a role to the next, and to the cluster's description.
const CALLS: [&str; 4] =
    ["AssumeRole", "AssumeRoleForPodIdentity", "AssumeRoleWithWebIdentity", "DescribeCluster"];

/// So many answers of 50 events are looked through for each call: two a second are let through (CloudTrail User Guide, "Quotas").
const PAGES: usize = 20;

/// What was found in the history of an account and region.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The refusals, as CloudTrail has them.
    pub(super) events: Vec<Value>,
    /// What couldn't be looked through.
    pub(super) missing: Vec<Gap>,
}

/// Accounts and regions where the fleet's identities ask AWS for something.
pub(super) fn places(subjects: &[Subject], hub_region: &str) -> BTreeSet<(AccountId, String)> {
    let of_subject = |subject: &Subject| {
        let mut places: Vec<(AccountId, String)> =
            subject.roles.iter().map(|role| (role.account.clone(), subject.cluster.region.clone())).collect();
        // Pods ask the STS of their own region.
        places.extend(subject.roles.first().map(|role| (role.account.clone(), hub_region.to_owned())));
        places
    };
    subjects.iter().flat_map(of_subject).collect()
}

/// Looks through the history of one.
pub(super) async fn look_up(
    aws: &Aws,
    (account, region): (&AccountId, &str),
    since: Duration,
    subjects: &[Subject],
) -> Found {
    let mut found = Found::default();
    for call in CALLS {
        match events(aws, (account, region), call, since).await {
            Ok((events, whole)) => {
                found.events.extend(events.into_iter().filter(|event| is_refusal(event, subjects)));
                if !whole {
                    let what = format!("all events `{call}` of account `{account}` in {region}");
                    let gap = Gap::new(what, format!("there are more than {}", PAGES * 50));
                    found.missing.push(gap.filled_by("look at less: `--since 1`"));
                }
            }
            Err(cause) => {
                let what = format!("what AWS refused in account `{account}` in {region}");
                let gap = Gap::new(what, cause.to_string());
                found.missing.push(gap.filled_by("permit `cloudtrail:LookupEvents`"));
                break;
            }
        }
    }
    found
}

/// The events of a call, and whether these are all.
async fn events(
    aws: &Aws,
    (account, region): (&AccountId, &str),
    call: &str,
    since: Duration,
) -> Result<(Vec<Value>, bool), Cause> {
    let client = aws.session(account, region).await?.cloud_trail(region);
    let attribute = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::EventName)
        .attribute_value(call)
        .build()
        .map_err(|error| Cause::new(error.to_string()))?;
    let start = DateTime::from(Clock::of_this_machine().now() - since);
    let (mut events, mut token) = (Vec::new(), None);
    for _ in 0..PAGES {
        let asked = client.lookup_events().lookup_attributes(attribute.clone()).start_time(start);
        let page = asked.max_results(50).set_next_token(token.take()).send().await;
        let page = page.map_err(|error| Cause::of_aws(&error))?;
        let texts = page.events().iter().filter_map(|event| event.cloud_trail_event());
        events.extend(texts.filter_map(|text| serde_json::from_str::<Value>(text).ok()));
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok((events, true));
        }
    }
    Ok((events, false))
}

/// Whether AWS refused something to one of the fleet's identities.
fn is_refusal(event: &Value, subjects: &[Subject]) -> bool {
    event.get("errorCode").is_some_and(Value::is_string)
        && subjects.iter().any(|subject| {
            is_by_account(event, &subject.account) || subject.roles.iter().any(|role| is_by(event, role))
        })
}

fn is_by(event: &Value, role: &RoleArn) -> bool {
    let at = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let session = format!(":{}:assumed-role/{}/", role.account, role.name);
    at("/userIdentity/sessionContext/sessionIssuer/arn") == Some(&role.to_string())
        || at("/userIdentity/arn").is_some_and(|arn| arn.contains(&session))
}

/// A pod's web identity (CloudTrail User Guide, "userIdentity element": `userName` of a `WebIdentityUser`).
fn is_by_account(event: &Value, account: &str) -> bool {
    let name = account.replacen('/', ":", 1);
    let user = event.pointer("/userIdentity/userName").and_then(Value::as_str);
    user == Some(&format!("system:serviceaccount:{name}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn subject() -> Subject {
        Subject {
            cluster: "arn:aws:eks:us-east-1:444455556666:cluster/prod".parse().unwrap(),
            name: "prod".to_owned(),
            identity: argocd::Identity::Controller,
            account: "argocd/argocd-application-controller".to_owned(),
            roles: ["arn:aws:iam::111122223333:role/hub", "arn:aws:iam::444455556666:role/x/spoke"]
                .map(|arn| arn.parse().unwrap())
                .into(),
            hops: Vec::new(),
            asked: Vec::new(),
            needs: 0,
        }
    }

    #[test]
    fn only_refusals_of_the_fleets_identities_are_looked_at() {
        let by = |user: Value| json!({"errorCode": "AccessDenied", "userIdentity": user});
        let is = |event: &Value| is_refusal(event, &[subject()]);
        let hub = json!({"arn": "arn:aws:sts::111122223333:assumed-role/hub/pod"});
        assert!(is(&by(hub.clone())));
        assert!(is(&by(
            json!({"sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::444455556666:role/x/spoke"}}})
        )));
        assert!(is(&by(json!({"userName": "system:serviceaccount:argocd:argocd-application-controller"}))));
        assert!(!is(&json!({"userIdentity": hub})));
        assert!(!is(&by(json!({"arn": "arn:aws:sts::111122223333:assumed-role/hubris/pod"}))));
    }

    #[test]
    fn pods_ask_in_the_hubs_region_and_roles_in_the_clusters() {
        let places = places(&[subject()], "eu-west-1");
        let places: Vec<(&str, &str)> =
            places.iter().map(|(account, region)| (account.as_str(), region.as_str())).collect();
        assert_eq!(
            places,
            [("111122223333", "eu-west-1"), ("111122223333", "us-east-1"), ("444455556666", "us-east-1")]
        );
    }
}
