//! From all policies that apply to one decision (IAM User Guide, "Policy evaluation logic", "Policy evaluation for requests
//! within a single account" and "Cross-account policy evaluation logic").

use std::{cell::LazyCell, collections::BTreeSet, sync::Arc};

use crate::{
    Effect,
    cases::{self, Cases},
    near_miss::NearMiss,
    policy::{Allows, Policy, StatementId},
    principal::{Named, PrincipalKind},
    request::Request,
    trace::Layer,
    tri::Tri,
};

/// All policies that apply to a request. A layer that is none doesn't apply.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// Of the user with its groups, or of the role.
    pub identity: Vec<Arc<Policy>>,
    /// The permissions boundary of the user or role.
    pub boundary: Option<Arc<Policy>>,
    /// Passed when the session was made; together they limit it.
    pub session: Vec<Arc<Policy>>,
    /// Of the resource.
    pub resource: Option<Arc<Policy>>,
    /// Of the role that is to be assumed.
    pub trust: Option<Arc<Policy>>,
    /// Service control policies, level by level from the root to the principal's account.
    pub scps: Vec<Vec<Arc<Policy>>>,
    /// Resource control policies, level by level from the root to the resource's account.
    pub rcps: Vec<Vec<Arc<Policy>>>,
    /// Of the VPC endpoint that the request comes through.
    pub endpoint: Vec<Arc<Policy>>,
}

/// What AWS answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// Something allows it, and nothing denies it.
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// Nothing allows it.
    ImplicitDeny,
    /// It depends on what isn't known.
    Unknown,
}

/// A decision with the first of the statements that make it so. It borrows all that it says: making one allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'l> {
    /// What AWS answers.
    pub decision: Decision,
    /// The first statement that grants, or that denies; none where it is no statement that decides.
    pub by: Option<Deciding<'l>>,
}

/// A statement that decides.
#[derive(Clone, Copy, Debug)]
pub struct Deciding<'l> {
    /// What its policy is to the request.
    pub layer: Layer,
    /// Its policy.
    pub policy: &'l Policy,
    /// Its number in the policy, from 0.
    pub statement: usize,
}

/// A decision with all its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What AWS answers.
    pub decision: Decision,
    /// The statements that decided: those that grant, or those that deny.
    pub by: Vec<StatementId>,
    /// The keys that would have to be known, sorted.
    pub missing: Vec<String>,
    /// Of what nothing allows: the statements that come nearest, layer by layer.
    pub nearest: Vec<NearMiss>,
}

impl Explanation {
    fn bare(decision: Decision) -> Self {
        Self { decision, by: Vec::new(), missing: Vec::new(), nearest: Vec::new() }
    }
}

impl Layers {
    /// What AWS answers, and by which statement. What hangs on keys of which nothing is known is decided where it comes to the same
    /// whatever they are; then it is the statement that decides where they are absent.
    pub fn decide(&self, request: &Request) -> Decided<'_> {
        let decided = self.decide_at_once(request);
        if decided.decision != Decision::Unknown {
            return decided;
        }
        let Some(cases) = cases::split(self, request) else { return decided };
        let by = cases.requests.first().and_then(|first| self.decide_at_once(first).by);
        Decided { decision: cases.decision, by }
    }

    /// What AWS answers, as far as single statements decide it.
    pub(crate) fn decide_at_once(&self, request: &Request) -> Decided<'_> {
        if is_always_allowed(request) {
            return Decided { decision: Decision::Allowed, by: None };
        }
        let (denied, by) = self.denied(request);
        if denied == Tri::Yes {
            return Decided { decision: Decision::ExplicitDeny, by };
        }
        let (granted, by) = self.granted(request);
        match (granted.and(|| self.leave_open(request)), denied) {
            (Tri::No, Tri::No) => Decided { decision: Decision::ImplicitDeny, by: None },
            (Tri::Yes, Tri::No) => Decided { decision: Decision::Allowed, by },
            _ => Decided { decision: Decision::Unknown, by: None },
        }
    }

    /// What AWS answers, with the reasons.
    pub fn explain(&self, request: &Request) -> Explanation {
        let Decided { decision, by } = self.decide_at_once(request);
        match (decision, by) {
            (Decision::Unknown, _) => match cases::split(self, request) {
                None => Explanation { missing: self.missing(request), ..Explanation::bare(decision) },
                Some(cases) => self.explain_cases(&cases),
            },
            (Decision::ImplicitDeny, _) => {
                Explanation { nearest: self.nearest(request), ..Explanation::bare(decision) }
            }
            (_, None) => Explanation::bare(decision),
            (Decision::ExplicitDeny, Some(_)) => {
                let by = self.met(self.binding(request), Effect::Deny, request);
                Explanation { by: by.map(|by| by.id()).collect(), ..Explanation::bare(decision) }
            }
            (Decision::Allowed, Some(_)) => {
                let by = self.granting(request).map(|by| by.id()).collect();
                Explanation { by, ..Explanation::bare(decision) }
            }
        }
    }

    /// By all statements that decide in any of the cases; what is nearest is so in the first one, in which the keys are absent.
    fn explain_cases(&self, cases: &Cases) -> Explanation {
        let mut all = cases.requests.iter().map(|request| self.explain(request));
        let mut first = all.next().unwrap_or_else(|| Explanation::bare(cases.decision));
        for by in all.flat_map(|other| other.by) {
            if !first.by.contains(&by) {
                first.by.push(by);
            }
        }
        first
    }

    /// The policies that bind such a request.
    pub(crate) fn binding<'l>(
        &'l self,
        request: &Request,
    ) -> impl Iterator<Item = (Layer, &'l Policy)> + use<'l> {
        let limits =
            if is_of_iam(request) { (self.boundary.as_slice(), &*self.session) } else { (&[][..], &[][..]) };
        let (scps, rcps) = (self.scps(request).iter().flatten(), self.rcps(request).iter().flatten());
        self.own(request)
            .chain(of(Layer::Boundary, limits.0))
            .chain(of(Layer::Session, limits.1))
            .chain(of(Layer::Resource, self.resource.as_slice()))
            .chain(of(Layer::Trust, self.trust.as_slice()))
            .chain(of(Layer::ServiceControl, scps))
            .chain(of(Layer::ResourceControl, rcps))
            .chain(of(Layer::Endpoint, &self.endpoint))
    }

    /// The identity's own policies, if it belongs to an account.
    fn own<'l>(&'l self, request: &Request) -> impl Iterator<Item = (Layer, &'l Policy)> + use<'l> {
        of(Layer::Identity, if is_of_iam(request) { &*self.identity } else { &[] })
    }

    /// Whether there is a permissions boundary.
    pub(crate) fn is_limited(&self) -> bool {
        self.boundary.is_some()
    }

    /// They bind users, roles and the root user of member accounts, but no service-linked roles (Organizations User Guide,
    /// "Service control policies").
    pub(crate) fn scps(&self, request: &Request) -> &[Vec<Arc<Policy>>] {
        let binds = || is_of_iam(request) && !request.principal.is_service_linked();
        if !self.scps.is_empty() && binds() { &self.scps } else { &[] }
    }

    /// They bind everybody but service-linked roles (Organizations User Guide, "Resource control policies").
    pub(crate) fn rcps(&self, request: &Request) -> &[Vec<Arc<Policy>>] {
        let binds = || !request.principal.is_service_linked();
        if !self.rcps.is_empty() && binds() { &self.rcps } else { &[] }
    }

    /// The first statement that denies a request; if none does, whether that isn't known.
    fn denied(&self, request: &Request) -> (Tri, Option<Deciding<'_>>) {
        let mut denied = Tri::No;
        for (layer, policy) in self.binding(request) {
            let (denies, first) = policy.denies(request, self.is_limited());
            if let Some(statement) = first {
                return (Tri::Yes, Some(Deciding { layer, policy, statement }));
            }
            denied = denied.max(denies);
        }
        (denied, None)
    }

    /// Whether organisation and network let through what is granted.
    fn leave_open(&self, request: &Request) -> Tri {
        let every_level =
            |levels: &[Vec<Arc<Policy>>]| Tri::all(levels.iter().map(|level| any(level, request)));
        every_level(self.scps(request))
            .and(|| every_level(self.rcps(request)))
            .and(|| optional(&self.endpoint, request))
    }

    /// Whether identity and resource together grant it, before what the organisation and the network say; and the first of their
    /// statements that allow it.
    pub(crate) fn granted(&self, request: &Request) -> (Tri, Option<Deciding<'_>>) {
        let own = LazyCell::new(|| self.granted_by_own(request));
        let resource = LazyCell::new(|| self.granted_by_resource(request));
        let granted = self.together(request, || own.0, |closeness| resource.0.by(closeness));
        (granted, if granted == Tri::Yes { own.1.or_else(|| resource.1) } else { None })
    }

    /// What comes of both sides, each of which is asked only if it matters.
    fn together(
        &self,
        request: &Request,
        by_own: impl Fn() -> Tri,
        by_resource: impl Fn(Named) -> Tri,
    ) -> Tri {
        if !is_of_iam(request) {
            return by_resource(Named::ByAccount);
        }
        let is_root = *request.principal.kind() == PrincipalKind::Root;
        let limits = || {
            let boundary = self.boundary.as_ref().filter(|_| !is_root);
            boundary
                .map_or(Tri::Yes, |boundary| allow(boundary, request, Named::ByAccount))
                .and(|| optional(&self.session, request))
        };
        let by_identity = || if is_root { Tri::Yes } else { by_own() }.and(limits);
        if !request.is_within_account {
            return by_resource(Named::ByAccount).and(by_identity);
        }
        let delegated = || if self.decides_alone(request) { by_resource(Named::ByAccount) } else { Tri::Yes };
        by_identity()
            .and(delegated)
            .or(|| by_resource(Named::Itself))
            .or(|| by_resource(Named::ByRole).and(limits))
    }

    /// Whether a policy of the identity's own allows it, and the first statement that does.
    fn granted_by_own(&self, request: &Request) -> (Tri, Option<Deciding<'_>>) {
        let mut granted = Tri::No;
        for (layer, policy) in self.own(request) {
            let allows = policy.allows(request);
            if let Some(statement) = allows.first {
                return (Tri::Yes, Some(Deciding { layer, policy, statement }));
            }
            granted = granted.max(allows.by(Named::ByAccount));
        }
        (granted, None)
    }

    /// What the policy on the resource's side allows, and the first statement that does.
    fn granted_by_resource(&self, request: &Request) -> (Allows, Option<Deciding<'_>>) {
        let Some(policy) = self.of_resource().next() else { return (Allows::default(), None) };
        let layer = self.layer_of_resource();
        let allows = policy.allows(request);
        (allows, allows.first.map(|statement| Deciding { layer, policy, statement }))
    }

    /// The policy on the resource's side.
    pub(crate) fn of_resource(&self) -> impl Iterator<Item = &Policy> {
        self.trust.as_ref().or(self.resource.as_ref()).map(|policy| &**policy).into_iter()
    }

    /// What that policy is to the request.
    pub(crate) fn layer_of_resource(&self) -> Layer {
        if self.trust.is_some() { Layer::Trust } else { Layer::Resource }
    }

    /// Whether the resource's policy has to let the account's own policies count: a role's trust policy (IAM User Guide, "How to
    /// use trust policies"), and a key's policy (KMS Developer Guide, "Default key policy").
    pub(crate) fn decides_alone(&self, request: &Request) -> bool {
        let is_of_key = || request.action.service.as_str() == "kms" && request.resource.contains(":key/");
        self.trust.is_some() || (self.resource.is_some() && is_of_key())
    }

    /// The statements of identity and resource that grant it.
    fn granting<'l>(&'l self, request: &Request) -> impl Iterator<Item = Deciding<'l>> {
        let layer = self.layer_of_resource();
        let of_resource = self.of_resource().map(move |policy| (layer, policy));
        self.met(self.own(request).chain(of_resource), Effect::Allow, request)
    }

    /// The statements of this effect that a request meets.
    fn met<'l>(
        &self,
        policies: impl Iterator<Item = (Layer, &'l Policy)>,
        effect: Effect,
        request: &Request,
    ) -> impl Iterator<Item = Deciding<'l>> {
        let limited = self.is_limited();
        policies.flat_map(move |(layer, policy)| {
            let hits = policy.hits(effect, request, limited).filter(|(_, hit)| hit.is == Tri::Yes);
            hits.map(move |(statement, _)| Deciding { layer, policy, statement })
        })
    }

    /// The keys on which undecided statements depend.
    pub(crate) fn missing(&self, request: &Request) -> Vec<String> {
        let mut keys = BTreeSet::new();
        for (_, policy) in self.binding(request) {
            for statement in policy.statements() {
                if statement.meets(request, self.is_limited()).is == Tri::Unknown {
                    keys.extend(statement.unknown_keys(request).map(str::to_owned));
                }
            }
        }
        keys.into_iter().collect()
    }
}

impl Deciding<'_> {
    /// How to name the statement.
    pub fn id(&self) -> StatementId {
        self.policy.id(self.statement)
    }
}

fn of<'l>(
    layer: Layer,
    policies: impl IntoIterator<Item = &'l Arc<Policy>>,
) -> impl Iterator<Item = (Layer, &'l Policy)> {
    policies.into_iter().map(move |policy| (layer, &**policy))
}

/// Users, roles and their sessions: what belongs to an account.
pub(crate) fn is_of_iam(request: &Request) -> bool {
    let kind = request.principal.kind();
    !matches!(kind, PrincipalKind::Service | PrincipalKind::Federated | PrincipalKind::Anonymous)
}

/// Nobody can be kept from asking who they are (STS API Reference, "GetCallerIdentity").
fn is_always_allowed(request: &Request) -> bool {
    request.action.name.as_str() == "sts:getcalleridentity"
        && *request.principal.kind() != PrincipalKind::Anonymous
}

pub(crate) fn allow(policy: &Policy, request: &Request, closeness: Named) -> Tri {
    policy.allows(request).by(closeness)
}

fn any(policies: &[Arc<Policy>], request: &Request) -> Tri {
    Tri::any(policies.iter().map(|policy| allow(policy, request, Named::ByAccount)))
}

/// Of a layer that applies only if there is something in it.
fn optional(policies: &[Arc<Policy>], request: &Request) -> Tri {
    if policies.is_empty() { Tri::Yes } else { any(policies, request) }
}
