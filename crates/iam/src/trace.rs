//! Every statement with how a request meets it: what an explanation shows, and where the nearest miss is found.

use std::sync::Arc;

use crate::{
    Effect, Layers,
    policy::{Policy, StatementId},
    request::Request,
    statement::Failed,
    tri::Tri,
};

/// How one statement takes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What the policy is to the request.
    pub layer: Layer,
    /// Which statement.
    pub statement: StatementId,
    /// Whether it grants or forbids.
    pub effect: Effect,
    /// Whether it is about the request.
    pub met: Met,
}

/// What a policy is to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// An identity policy.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// A session policy.
    Session,
    /// The resource's policy.
    Resource,
    /// The role's trust policy.
    Trust,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
    /// A VPC endpoint policy.
    Endpoint,
}

/// Whether a statement is about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// It is.
    Yes,
    /// It isn't, since the request doesn't meet this element of it.
    No(Failed),
    /// It depends on these keys.
    Unknown(Vec<String>),
}

impl Layers {
    /// All statements that bind such a request.
    pub fn trace(&self, request: &Request) -> Vec<Trace> {
        let mut all = Vec::new();
        let mut add = |layer, policies: &[Arc<Policy>]| {
            for policy in policies {
                all.extend(of_policy(layer, policy, request, self.boundary.is_some()));
            }
        };
        add(Layer::Identity, &self.identity);
        add(Layer::Boundary, self.boundary.as_slice());
        add(Layer::Session, &self.session);
        add(Layer::Resource, self.resource.as_slice());
        add(Layer::Trust, self.trust.as_slice());
        self.scps.iter().for_each(|level| add(Layer::ServiceControl, level));
        self.rcps.iter().for_each(|level| add(Layer::ResourceControl, level));
        add(Layer::Endpoint, &self.endpoint);
        all
    }
}

fn of_policy<'p>(
    layer: Layer,
    policy: &'p Policy,
    request: &'p Request,
    limited: bool,
) -> impl Iterator<Item = Trace> + 'p {
    policy.statements().iter().enumerate().map(move |(number, statement)| {
        let met = match statement.meets(request, limited).is {
            Tri::Yes => Met::Yes,
            Tri::Unknown => Met::Unknown(statement.unknown_keys(request).map(str::to_owned).collect()),
            Tri::No => Met::No(statement.failed(request)),
        };
        Trace { layer, statement: policy.id(number), effect: statement.effect, met }
    })
}

impl Layer {
    /// As `oarlock simulate` writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Boundary => "permissions-boundary",
            Self::Session => "session",
            Self::Resource => "resource",
            Self::Trust => "trust",
            Self::ServiceControl => "scp",
            Self::ResourceControl => "rcp",
            Self::Endpoint => "endpoint",
        }
    }
}
