//! From all policies that apply to one decision (IAM User Guide, "Policy evaluation logic", "Policy evaluation for requests
//! within a single account" and "Cross-account policy evaluation logic").

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    Effect,
    cases::{self, Cases},
    near_miss::NearMiss,
    policy::{Policy, StatementId},
    principal::{Named, PrincipalKind},
    request::Request,
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

/// A decision with its reasons.
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
    /// What AWS answers, without the reasons. What hangs on keys of which nothing is known is decided where it comes to the same
    /// whatever they are.
    pub fn decide(&self, request: &Request) -> Decision {
        match self.decide_at_once(request) {
            Decision::Unknown => {
                cases::split(self, request).map_or(Decision::Unknown, |cases| cases.decision)
            }
            decision => decision,
        }
    }

    /// What AWS answers, as far as single statements decide it.
    pub(crate) fn decide_at_once(&self, request: &Request) -> Decision {
        if is_always_allowed(request) {
            return Decision::Allowed;
        }
        let denied = Tri::any(
            self.binding(request)
                .map(|policy| policy.any(Effect::Deny, request, self.boundary.is_some(), Named::ByAccount)),
        );
        if denied == Tri::Yes {
            return Decision::ExplicitDeny;
        }
        match (self.allows(request), denied) {
            (Tri::No, Tri::No) => Decision::ImplicitDeny,
            (Tri::Yes, Tri::No) => Decision::Allowed,
            _ => Decision::Unknown,
        }
    }

    /// What AWS answers, with the reasons.
    pub fn explain(&self, request: &Request) -> Explanation {
        let decision = self.decide_at_once(request);
        if decision == Decision::Unknown {
            return match cases::split(self, request) {
                None => Explanation { missing: self.missing(request), ..Explanation::bare(decision) },
                Some(cases) => self.explain_cases(&cases),
            };
        }
        let (by, nearest) = match decision {
            Decision::Allowed if is_always_allowed(request) => (Vec::new(), Vec::new()),
            Decision::Allowed => (self.granting(request), Vec::new()),
            Decision::ExplicitDeny => (self.met(self.binding(request), Effect::Deny, request), Vec::new()),
            Decision::ImplicitDeny => (Vec::new(), self.nearest(request)),
            Decision::Unknown => (Vec::new(), Vec::new()),
        };
        Explanation { by, nearest, ..Explanation::bare(decision) }
    }

    /// By all statements that decide in any of the cases; what is nearest is so in the first one, in which the keys are absent.
    fn explain_cases(&self, cases: &Cases) -> Explanation {
        let mut all = cases.requests.iter().map(|request| self.explain(request));
        let first = all.next().unwrap_or_else(|| Explanation::bare(cases.decision));
        let by: BTreeSet<StatementId> = all.flat_map(|other| other.by).chain(first.by).collect();
        Explanation {
            by: by.into_iter().collect(),
            nearest: first.nearest,
            ..Explanation::bare(cases.decision)
        }
    }

    /// The policies that bind such a request.
    pub(crate) fn binding<'l>(&'l self, request: &Request) -> impl Iterator<Item = &'l Policy> {
        let (scps, rcps) = (self.scps(request), self.rcps(request));
        let own = if is_of_iam(request) { &*self.identity } else { &[] };
        let limits = if is_of_iam(request) { &*self.session } else { &[] };
        let boundary = self.boundary.iter().filter(|_| is_of_iam(request));
        own.iter()
            .chain(boundary)
            .chain(limits)
            .chain(&self.resource)
            .chain(&self.trust)
            .chain(scps.iter().chain(rcps).flatten())
            .chain(&self.endpoint)
            .map(|policy| &**policy)
    }

    /// They bind users, roles and the root user of member accounts, but no service-linked roles (Organizations User Guide,
    /// "Service control policies").
    pub(crate) fn scps(&self, request: &Request) -> &[Vec<Arc<Policy>>] {
        let binds = is_of_iam(request) && !request.principal.is_service_linked();
        if binds { &self.scps } else { &[] }
    }

    /// They bind everybody but service-linked roles (Organizations User Guide, "Resource control policies").
    pub(crate) fn rcps(&self, request: &Request) -> &[Vec<Arc<Policy>>] {
        if request.principal.is_service_linked() { &[] } else { &self.rcps }
    }

    fn allows(&self, request: &Request) -> Tri {
        let every_level = |levels: &[Vec<Arc<Policy>>]| {
            Tri::all(levels.iter().map(|level| any(level, request, Named::ByAccount)))
        };
        self.grants(request)
            .and(|| every_level(self.scps(request)))
            .and(|| every_level(self.rcps(request)))
            .and(|| optional(&self.endpoint, request))
    }

    /// Whether identity and resource together grant it, before what the organisation and the network say.
    pub(crate) fn grants(&self, request: &Request) -> Tri {
        let by_resource =
            |closeness| Tri::any(self.of_resource().map(|policy| allow(policy, request, closeness)));
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
        let by_identity = || {
            let own = if is_root { Tri::Yes } else { any(&self.identity, request, Named::ByAccount) };
            own.and(limits)
        };
        if !request.is_within_account() {
            return by_resource(Named::ByAccount).and(by_identity);
        }
        let delegated = || if self.decides_alone(request) { by_resource(Named::ByAccount) } else { Tri::Yes };
        by_identity()
            .and(delegated)
            .or(|| by_resource(Named::Itself))
            .or(|| by_resource(Named::ByRole).and(limits))
    }

    /// The policy on the resource's side.
    pub(crate) fn of_resource(&self) -> impl Iterator<Item = &Policy> {
        self.trust.as_ref().or(self.resource.as_ref()).map(|policy| &**policy).into_iter()
    }

    /// Whether the resource's policy has to let the account's own policies count: a role's trust policy (IAM User Guide, "How to
    /// use trust policies"), and a key's policy (KMS Developer Guide, "Default key policy").
    pub(crate) fn decides_alone(&self, request: &Request) -> bool {
        let is_of_key = request.service() == "kms" && request.resource.contains(":key/");
        self.trust.is_some() || (self.resource.is_some() && is_of_key)
    }

    /// The statements of identity and resource that grant it.
    fn granting(&self, request: &Request) -> Vec<StatementId> {
        let own = self.identity.iter().map(|policy| &**policy).filter(|_| is_of_iam(request));
        self.met(own.chain(self.of_resource()), Effect::Allow, request)
    }

    fn met<'p>(
        &self,
        policies: impl Iterator<Item = &'p Policy>,
        effect: Effect,
        request: &Request,
    ) -> Vec<StatementId> {
        let limited = self.boundary.is_some();
        let mut met = Vec::new();
        for policy in policies {
            let hits = policy.hits(effect, request, limited).filter(|(_, hit)| hit.is == Tri::Yes);
            met.extend(hits.map(|(number, _)| policy.id(number)));
        }
        met
    }

    /// The keys on which undecided statements depend.
    pub(crate) fn missing(&self, request: &Request) -> Vec<String> {
        let mut keys = BTreeSet::new();
        for policy in self.binding(request) {
            for statement in policy.statements() {
                if statement.meets(request, self.boundary.is_some()).is == Tri::Unknown {
                    keys.extend(statement.unknown_keys(request).map(str::to_owned));
                }
            }
        }
        keys.into_iter().collect()
    }
}

/// Users, roles and their sessions: what belongs to an account.
pub(crate) fn is_of_iam(request: &Request) -> bool {
    let kind = request.principal.kind();
    !matches!(kind, PrincipalKind::Service | PrincipalKind::Federated | PrincipalKind::Anonymous)
}

/// Nobody can be kept from asking who they are (STS API Reference, "GetCallerIdentity").
fn is_always_allowed(request: &Request) -> bool {
    *request.action == *"sts:getcalleridentity" && *request.principal.kind() != PrincipalKind::Anonymous
}

pub(crate) fn allow(policy: &Policy, request: &Request, closeness: Named) -> Tri {
    policy.any(Effect::Allow, request, false, closeness)
}

fn any(policies: &[Arc<Policy>], request: &Request, closeness: Named) -> Tri {
    Tri::any(policies.iter().map(|policy| allow(policy, request, closeness)))
}

/// Of a layer that applies only if there is something in it.
fn optional(policies: &[Arc<Policy>], request: &Request) -> Tri {
    if policies.is_empty() { Tri::Yes } else { any(policies, request, Named::ByAccount) }
}
