//! One request that shows what isn't so.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::search::Draft;
use crate::{ContextValue, Principal, PrincipalKind, Request, catalogue, principal::Named};

/// What people know, where any action will do.
const FAMILIAR: &str = "s3:GetObject";

/// A request, in the words of `oarlock simulate`.
#[derive(Clone, Debug)]
pub struct Witness {
    draft: Draft,
}

impl Witness {
    /// With an action that AWS has, if there is one of which the same is true.
    pub(super) fn new(draft: Draft, shows: impl Fn(&Draft) -> bool) -> Self {
        let with = |action: &catalogue::Action| Draft { action: action.to_string(), ..draft.clone() };
        let service = draft.action.split_once(':').and_then(|(service, _)| catalogue::service(service));
        let own = [&*draft.action, FAMILIAR].into_iter().filter_map(catalogue::action);
        let near = service.into_iter().flat_map(|service| &service.actions);
        let far = catalogue::services().filter_map(|service| catalogue::service(service)?.actions.first());
        let real = own.chain(near).chain(far).map(with).find(|draft| shows(draft));
        Self { draft: real.unwrap_or(draft) }
    }

    /// Who asks.
    pub fn principal(&self) -> &Principal {
        &self.draft.principal
    }

    /// For example `s3:GetObject`.
    pub fn action(&self) -> &str {
        &self.draft.action
    }

    /// ARN, or `*` for actions that know no resources.
    pub fn resource(&self) -> &str {
        &self.draft.resource
    }

    /// The keys of the request, in lower case; others are absent.
    pub fn context(&self) -> &[(String, ContextValue)] {
        &self.draft.keys
    }

    /// Whether it is about permission that the document gives by itself, not by letting the account's own policies decide.
    pub fn is_direct(&self) -> bool {
        self.draft.closeness > Named::ByAccount
    }

    /// The request, for the engine.
    pub fn request(&self) -> Request {
        self.draft.request()
    }
}

impl Serialize for Witness {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = match self.principal().kind() {
            PrincipalKind::Service => "Service",
            PrincipalKind::Federated => "Federated",
            PrincipalKind::Anonymous => "Anonymous",
            _ => "AWS",
        };
        let value = |value: &ContextValue| match value {
            ContextValue::One(value) => json!(value),
            ContextValue::Many(values) => json!(values),
        };
        let context: Map<String, Value> =
            self.context().iter().map(|(key, of)| (key.clone(), value(of))).collect();
        let principal = match kind {
            "Anonymous" => json!({ "type": kind }),
            _ => json!({ "type": kind, "id": self.principal().id() }),
        };
        let request = json!({
            "principal": principal,
            "action": self.action(),
            "resource": self.resource(),
            "context": context,
        });
        request.serialize(serializer)
    }
}
