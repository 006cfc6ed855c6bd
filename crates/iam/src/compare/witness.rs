//! One request that shows what isn't so.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::search::Draft;
use crate::{ContextValue, Principal, PrincipalKind, Request, catalogue, principal::Named};

/// What people know, where any action will do.
const FAMILIAR: &str = "s3:GetObject";

/// A request, in the words of `oarlock simulate`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PolicyWitness")]
pub struct Witness {
    principal: Who,
    /// For example `s3:GetObject`
    action: String,
    /// ARN, or `*` for actions that know no resources
    resource: String,
    /// Key in lower case → value or values; all others are absent
    context: BTreeMap<String, ContextValue>,
    #[serde(skip)]
    draft: Draft,
}

/// Who asks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PolicyWitnessPrincipal")]
struct Who {
    /// `AWS`, `Service`, `Federated` or `Anonymous`
    r#type: &'static str,
    /// ARN or name
    #[serde(skip_serializing_if = "str::is_empty")]
    id: String,
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
        Self::of(real.unwrap_or(draft))
    }

    fn of(draft: Draft) -> Self {
        let r#type = match draft.principal.kind() {
            PrincipalKind::Service => "Service",
            PrincipalKind::Federated => "Federated",
            PrincipalKind::Anonymous => "Anonymous",
            _ => "AWS",
        };
        Self {
            principal: Who { r#type, id: draft.principal.id().to_owned() },
            action: draft.action.clone(),
            resource: draft.resource.clone(),
            context: draft.keys.iter().cloned().collect(),
            draft,
        }
    }

    /// Who asks.
    pub fn principal(&self) -> &Principal {
        &self.draft.principal
    }

    /// For example `s3:GetObject`.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// ARN, or `*` for actions that know no resources.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The keys of the request, in lower case; others are absent.
    pub fn context(&self) -> &BTreeMap<String, ContextValue> {
        &self.context
    }

    /// Whether it is about permission that a document gives by itself, not by letting the account's own policies decide.
    pub fn is_direct(&self) -> bool {
        self.draft.closeness > Named::ByAccount
    }

    /// The request, for the engine.
    pub fn request(&self) -> Request {
        self.draft.request()
    }
}
