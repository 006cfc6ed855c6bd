//! Events of CloudTrail: what AWS refused, and to whom (CloudTrail User Guide, "CloudTrail record contents").

use facts::Place;
use serde_json::Value;

use crate::diagnosis::message::{Level, Message};

/// Whether a value is an event.
pub(super) fn is_one(value: &Value) -> bool {
    value.get("eventSource").is_some() && value.get("eventName").is_some()
}

/// The event in an item of `aws cloudtrail lookup-events`, where it is a text.
pub(super) fn looked_up(value: &Value) -> Option<Value> {
    serde_json::from_str(value.get("CloudTrailEvent")?.as_str()?).ok()
}

/// What it says, if AWS refused it: code and message as the AWS CLI prints them.
pub(super) fn message(value: &Value, place: Place) -> Option<Message> {
    let at = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let code = at("/errorCode")?;
    let action = at("/eventName").unwrap_or_default();
    let said = at("/errorMessage").unwrap_or("no message");
    let service = at("/eventSource").and_then(|source| source.split('.').next()).unwrap_or_default();
    let text = format!("An error occurred ({code}) when calling the {action} operation: {said}");
    let principal = at("/userIdentity/arn").or_else(|| at("/userIdentity/principalId"));
    let message = Message::new(text, Level::Error, place)
        .with("action", Some(&format!("{service}:{action}")))
        .with("principal", principal)
        .with("role", at("/requestParameters/roleArn").or_else(|| at("/requestParameters/principalArn")))
        .with("cluster", at("/requestParameters/clusterName"))
        .with("region", at("/awsRegion"))
        .with("account", at("/recipientAccountId"))
        .with(
            "subject",
            at("/userIdentity/userName").filter(|name| name.starts_with("system:serviceaccount:")),
        );
    Some(message)
}
