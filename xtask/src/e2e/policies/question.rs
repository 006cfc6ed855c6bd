//! One question: a request with all its policies, in the form of docs/simulate.md.

use serde::Serialize;
use serde_json::{Map, Value};

/// A request. As JSON it is a line for `oarlock simulate`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Question {
    pub(super) principal: Who,
    pub(super) action: String,
    pub(super) resource: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_account: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) context: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) identity_policies: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) session_policies: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) permissions_boundary: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_policy: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trust_policy: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) scps: Vec<Vec<Value>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rcps: Vec<Vec<Value>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) endpoint_policies: Vec<Value>,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Who {
    #[serde(rename = "type")]
    pub(super) kind: WhoKind,
    pub(super) id: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) enum WhoKind {
    #[default]
    #[serde(rename = "AWS")]
    Aws,
    Service,
    Federated,
    Anonymous,
}

/// What a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Identity,
    Session,
    Boundary,
    Resource,
    Trust,
    Scp,
    Rcp,
    Endpoint,
}

impl Layer {
    /// Whether its statements have principals.
    pub(super) fn has_principals(self) -> bool {
        matches!(self, Self::Resource | Self::Trust | Self::Rcp | Self::Endpoint)
    }
}

impl Question {
    /// A field of the principal's ARN; nothing where it has none.
    pub(super) fn principal_field(&self, number: usize) -> &str {
        self.principal.id.splitn(6, ':').nth(number).unwrap_or_default()
    }

    /// The account of the principal, where it is one of an account.
    pub(super) fn account(&self) -> Option<&str> {
        let is_of_iam = self.principal.kind == WhoKind::Aws;
        Some(self.principal_field(4)).filter(|account| is_of_iam && account.len() == 12)
    }

    /// Whether the principal is of the resource's account, which it is where nothing says whose the resource is.
    pub(super) fn is_within_account(&self) -> bool {
        let owner = self.resource_account.as_deref();
        self.account().is_some_and(|own| owner.is_none_or(|owner| owner == own))
    }

    /// The same question with what it leaves to be understood: whose the resource is by its ARN, and the keys that a request
    /// determines itself (IAM User Guide, "AWS global condition context keys"). It is made from the documentation once more, so
    /// that it is a comparison as well.
    pub(super) fn spelled_out(&self) -> Self {
        let mut all = self.clone();
        let own = self.resource.split(':').nth(4).filter(|account| account.len() == 12).map(str::to_owned);
        let known = self.resource_account.clone().or(own);
        for (key, value) in determined(self, known.as_deref()) {
            if all.value(key).is_none() {
                all.context.insert(key.to_owned(), value.into());
            }
        }
        all.resource_account = known;
        all
    }

    /// The value of a key of the context; keys have no case.
    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.context.iter().find(|(own, _)| own.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    /// All policies.
    pub(super) fn policies_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.identity_policies
            .iter_mut()
            .chain(&mut self.session_policies)
            .chain(&mut self.permissions_boundary)
            .chain(&mut self.resource_policy)
            .chain(&mut self.trust_policy)
            .chain(self.scps.iter_mut().flatten())
            .chain(self.rcps.iter_mut().flatten())
            .chain(&mut self.endpoint_policies)
    }
}

fn determined(question: &Question, resource_account: Option<&str>) -> Vec<(&'static str, String)> {
    let id = &question.principal.id;
    let mut keys = Vec::new();
    let is_service = question.principal.kind == WhoKind::Service;
    keys.push(("aws:PrincipalIsAWSService", is_service.to_string()));
    match question.principal.kind {
        WhoKind::Service => keys.push(("aws:PrincipalServiceName", id.clone())),
        WhoKind::Federated => {}
        WhoKind::Anonymous => keys.push(("aws:PrincipalType", "Anonymous".to_owned())),
        WhoKind::Aws => keys.extend(of_iam(question)),
    }
    keys.extend(resource_account.map(|account| ("aws:ResourceAccount", account.to_owned())));
    keys
}

fn of_iam(question: &Question) -> Vec<(&'static str, String)> {
    let id = &question.principal.id;
    let account = question.principal_field(4);
    let (kind, name) = question.principal_field(5).split_once('/').unwrap_or(("root", ""));
    let (kind, arn) = match kind {
        "user" => ("User", id.clone()),
        "role" => ("AssumedRole", id.clone()),
        "assumed-role" => {
            let role = name.split('/').next().unwrap_or_default();
            ("AssumedRole", format!("arn:aws:iam::{account}:role/{role}"))
        }
        "federated-user" => ("FederatedUser", id.clone()),
        _ => ("Account", id.clone()),
    };
    let mut keys = vec![
        ("aws:PrincipalArn", arn),
        ("aws:PrincipalAccount", account.to_owned()),
        ("aws:PrincipalType", kind.to_owned()),
    ];
    if kind == "User" {
        keys.push(("aws:username", name.rsplit('/').next().unwrap_or_default().to_owned()));
    }
    keys
}
