//! What comes nearest to allowing a request that nothing allows: in each layer that would have to allow it and doesn't, the statements
//! of which the fewest elements fail.

use std::sync::Arc;

use crate::{
    Effect, Failed, Layer, Layers,
    evaluate::{allow, is_of_iam},
    policy::{Policy, StatementId},
    principal::{Named, PrincipalKind},
    request::Request,
    tri::Tri,
};

/// A layer that doesn't allow a request, with one of its statements that nearly does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NearMiss {
    /// The layer that would have to allow it.
    pub layer: Layer,
    /// Of SCPs and RCPs the level, from 0, which is the root.
    pub level: Option<usize>,
    /// The statement; none if the layer has none that allows anything.
    pub statement: Option<StatementId>,
    /// All elements of it that the request doesn't meet.
    pub failed: Vec<Failed>,
}

impl std::fmt::Display for NearMiss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.layer.as_str())?;
        self.level.map_or(Ok(()), |level| write!(f, " level {level}"))?;
        match &self.statement {
            None => f.write_str(": no statement allows anything"),
            Some(statement) => {
                let failed: Vec<String> = self.failed.iter().map(ToString::to_string).collect();
                write!(f, ": {statement}, but for {}", failed.join(", "))
            }
        }
    }
}

/// So many of a layer are worth reading.
const SHOWN: usize = 3;

/// Policies of which one has to allow a request.
struct Gate<'l> {
    layer: Layer,
    level: Option<usize>,
    policies: Vec<&'l Policy>,
}

impl Layers {
    /// The nearest statements of all layers that don't allow a request.
    pub(crate) fn nearest(&self, request: &Request) -> Vec<NearMiss> {
        let mut gates = Vec::new();
        if self.granted(request).0 == Tri::No {
            gates.extend(self.sources(request));
            gates.extend(self.limits(request));
        }
        gates.extend(levels(Layer::ServiceControl, self.scps(request)));
        gates.extend(levels(Layer::ResourceControl, self.rcps(request)));
        gates.extend(optional(Layer::Endpoint, &self.endpoint));
        let lacking = gates.iter().filter(|gate| gate.allows(request, Named::ByAccount) == Tri::No);
        lacking.flat_map(|gate| gate.nearest(request)).collect()
    }

    /// Identity and resource, as far as they would have to grant it, or either could.
    fn sources(&self, request: &Request) -> Vec<Gate<'_>> {
        let resource =
            Gate { layer: self.layer_of_resource(), level: None, policies: self.of_resource().collect() };
        let identity = Gate::of(Layer::Identity, None, &self.identity);
        let is_root = *request.principal.kind() == PrincipalKind::Root;
        if !is_of_iam(request) {
            return vec![resource];
        }
        let own = (!is_root).then_some(identity);
        if !request.is_within_account {
            return own.into_iter().chain([resource]).collect();
        }
        let decides = self.decides_alone(request);
        let delegates = !decides || resource.allows(request, Named::ByAccount) == Tri::Yes;
        let has_own = own.as_ref().is_none_or(|own| own.allows(request, Named::ByAccount) == Tri::Yes);
        if (has_own && delegates) || resource.allows(request, Named::ByRole) == Tri::Yes {
            return Vec::new();
        }
        own.into_iter().chain((!resource.policies.is_empty()).then_some(resource)).collect()
    }

    /// What limits users, roles and their sessions, whatever grants.
    fn limits(&self, request: &Request) -> impl Iterator<Item = Gate<'_>> {
        let is_root = *request.principal.kind() == PrincipalKind::Root;
        let boundary = self.boundary.as_slice();
        let boundary = optional(Layer::Boundary, boundary).filter(|_| !is_root);
        let limits = boundary.into_iter().chain(optional(Layer::Session, &self.session));
        let is_limited = is_of_iam(request);
        limits.filter(move |_| is_limited)
    }
}

fn levels(layer: Layer, levels: &[Vec<Arc<Policy>>]) -> impl Iterator<Item = Gate<'_>> {
    levels.iter().enumerate().map(move |(number, level)| Gate::of(layer, Some(number), level))
}

/// Of a layer that applies only if there is something in it.
fn optional(layer: Layer, policies: &[Arc<Policy>]) -> Option<Gate<'_>> {
    (!policies.is_empty()).then(|| Gate::of(layer, None, policies))
}

impl<'l> Gate<'l> {
    fn of(layer: Layer, level: Option<usize>, policies: &'l [Arc<Policy>]) -> Self {
        Self { layer, level, policies: policies.iter().map(|policy| &**policy).collect() }
    }

    fn allows(&self, request: &Request, closeness: Named) -> Tri {
        Tri::any(self.policies.iter().map(|policy| allow(policy, request, closeness)))
    }

    fn nearest(&self, request: &Request) -> Vec<NearMiss> {
        let misses: Vec<NearMiss> = self.misses(request).collect();
        let Some(least) = misses.iter().map(NearMiss::distance).min() else {
            return vec![self.miss(None, Vec::new())];
        };
        misses.into_iter().filter(|miss| miss.distance() == least).take(SHOWN).collect()
    }

    fn misses<'g>(&'g self, request: &'g Request) -> impl Iterator<Item = NearMiss> + 'g {
        self.policies.iter().flat_map(move |policy| {
            let numbered = policy.statements().iter().enumerate();
            let allowing = numbered.filter(|(_, statement)| statement.effect == Effect::Allow);
            allowing.map(move |(number, statement)| {
                self.miss(Some(policy.id(number)), statement.failures(request).collect())
            })
        })
    }

    fn miss(&self, statement: Option<StatementId>, failed: Vec<Failed>) -> NearMiss {
        NearMiss { layer: self.layer, level: self.level, statement, failed }
    }
}

impl NearMiss {
    /// Whoever asks for the right action in the right name is nearer than anybody else; then the fewest failures count.
    fn distance(&self) -> (bool, bool, usize) {
        let fails = |element| self.failed.contains(&element);
        (fails(Failed::Action), fails(Failed::Principal), self.failed.len())
    }
}
