//! A statement, ready to be compared with requests.

use smallvec::SmallVec;

use crate::{
    Effect, Element, Statement, Values, Version,
    action::{ActionPattern, Asked},
    arn_pattern::ArnPattern,
    condition::Condition,
    context::{Context, Lookup},
    few::Few,
    name::Name,
    pattern::{Matched, Pattern},
    principal::{Named, Principal, PrincipalKind, PrincipalSet},
    request::Request,
    tri::Tri,
};

/// One compiled statement.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) effect: Effect,
    actions: Element<SmallVec<[ActionPattern; 2]>>,
    resources: Option<Element<Few<ArnPattern>>>,
    principals: Option<Element<Box<PrincipalSet>>>,
    conditions: Box<[Condition]>,
    /// It has an operator that isn't known, so that nothing is known of it.
    unmodelled: bool,
}

/// How a request meets a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) is: Tri,
    pub(crate) named: Named,
}

/// The element of a statement that a request doesn't meet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failed {
    /// `Action` or `NotAction`.
    Action,
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// `Resource` or `NotResource`.
    Resource,
    /// `Condition`: the operator and the key, in lower case.
    Condition {
        /// For example `StringEquals`.
        operator: &'static str,
        /// For example `aws:sourceip`.
        key: String,
    },
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Action => f.write_str("Action"),
            Self::Principal => f.write_str("Principal"),
            Self::Resource => f.write_str("Resource"),
            Self::Condition { operator, key } => write!(f, "Condition {operator} {key}"),
        }
    }
}

const MISS: Hit = Hit { is: Tri::No, named: Named::Not };

impl Compiled {
    pub(crate) fn new(statement: &Statement, version: Version) -> Self {
        let arns = |values: &Values| values.iter().map(|value| ArnPattern::new(value, version)).collect();
        let mut unmodelled = false;
        let mut conditions = Vec::new();
        for (operator, keys) in &statement.conditions {
            for (key, values) in keys {
                match Condition::new(operator, key, values, version) {
                    Some(condition) => conditions.push(condition),
                    None => unmodelled = true,
                }
            }
        }
        Self {
            effect: statement.effect,
            actions: statement
                .actions
                .map(|values| values.iter().map(|value| ActionPattern::new(value)).collect()),
            resources: statement.resources.as_ref().map(|element| element.map(arns)),
            principals: statement
                .principals
                .as_ref()
                .map(|element| element.map(|set| Box::new(PrincipalSet::new(set)))),
            conditions: conditions.into(),
            unmodelled,
        }
    }

    /// Whether a request meets it. A policy without principals means whoever it is attached to.
    pub(crate) fn meets(&self, request: &Request, limited: bool) -> Hit {
        if !self.has_action(request) {
            return MISS;
        }
        let named = self.named(&request.principal, limited);
        if named.is == Tri::No {
            return MISS;
        }
        let is = named.is.and(|| self.has_resource(request)).and(|| {
            let all = Tri::all(self.conditions.iter().map(|condition| condition.holds(&request.context)));
            if self.unmodelled { all.min(Tri::Unknown) } else { all }
        });
        Hit { is, named: named.named }
    }

    /// The first element that a request, which it isn't about, doesn't meet.
    pub(crate) fn failed(&self, request: &Request) -> Failed {
        self.failures(request).next().unwrap_or(Failed::Resource)
    }

    /// All elements that a request doesn't meet, in the order in which a statement is read. None, if it is about the request, or
    /// may be.
    pub(crate) fn failures<'s>(&'s self, request: &'s Request) -> impl Iterator<Item = Failed> + 's {
        let elements = [
            (!self.has_action(request), Failed::Action),
            (self.named(&request.principal, false).is == Tri::No, Failed::Principal),
            (self.has_resource(request) == Tri::No, Failed::Resource),
        ];
        let unmet = self.conditions.iter().filter(|condition| condition.holds(&request.context) == Tri::No);
        let elements = elements.into_iter().filter(|(fails, _)| *fails).map(|(_, failed)| failed);
        elements.chain(unmet.map(Condition::failed))
    }

    /// The keys that it asks for and of which a request says nothing.
    pub(crate) fn unknown_keys<'s>(&'s self, request: &'s Request) -> impl Iterator<Item = &'s str> {
        let asked = self.variables().chain(self.undecided(&request.context).flat_map(Condition::keys));
        let unknown = asked.filter(|key| request.context.get(key) == Lookup::Unknown);
        unknown.map(Name::as_str)
    }

    /// The keys of the variables in its resources.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Name> {
        self.resources.iter().flat_map(Element::listed).flat_map(ArnPattern::variables)
    }

    /// The conditions that hang on keys of which nothing is known.
    pub(crate) fn undecided<'s>(&'s self, context: &'s Context) -> impl Iterator<Item = &'s Condition> {
        self.conditions.iter().filter(|condition| condition.holds(context) == Tri::Unknown)
    }

    fn has_action(&self, request: &Request) -> bool {
        self.is_about(&request.action)
    }

    /// Whether it is about an action.
    pub(crate) fn is_about(&self, action: &Asked) -> bool {
        let any = |patterns: &[ActionPattern]| patterns.iter().any(|pattern| pattern.matches(action));
        match &self.actions {
            Element::Only(patterns) => any(patterns),
            Element::AllBut(patterns) => !any(patterns),
        }
    }

    /// The forms of its actions.
    pub(crate) fn action_patterns(&self) -> impl Iterator<Item = Pattern> {
        self.actions.listed().iter().map(ActionPattern::pattern)
    }

    pub(crate) fn resources(&self) -> Option<&Element<Few<ArnPattern>>> {
        self.resources.as_ref()
    }

    pub(crate) fn principals(&self) -> Option<&Element<Box<PrincipalSet>>> {
        self.principals.as_ref()
    }

    pub(crate) fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Whether it has an operator that isn't known.
    pub(crate) fn is_unmodelled(&self) -> bool {
        self.unmodelled
    }

    /// A statement of a trust policy has no resource: it means the role.
    fn has_resource(&self, request: &Request) -> Tri {
        let Some(resources) = &self.resources else { return Tri::Yes };
        let patterns = resources.listed().iter();
        let matches = patterns.map(|pattern| pattern.matches(&request.resource, &request.context));
        Matched::any(matches, matches!(resources, Element::AllBut(_)))
    }

    /// Whether it is about a principal, and how closely it says so.
    pub(crate) fn named(&self, principal: &Principal, limited: bool) -> Hit {
        match &self.principals {
            None => Hit { is: Tri::Yes, named: Named::Itself },
            Some(Element::Only(set)) => {
                let named = set.names(principal);
                Hit { is: (named != Named::Not).into(), named }
            }
            // "NotPrincipal with Deny": it denies whoever has a permissions boundary, listed or not.
            Some(Element::AllBut(_)) if limited && self.effect == Effect::Deny => {
                Hit { is: Tri::Yes, named: Named::Itself }
            }
            Some(Element::AllBut(set)) => Hit { is: excepted(set, principal).not(), named: Named::Itself },
        }
    }
}

/// Whether `NotPrincipal` excepts a principal. AWS may look at the account first: it must be listed as well, and where only one
/// of both is, it depends on the service ("AWS JSON policy elements: NotPrincipal").
fn excepted(set: &PrincipalSet, principal: &Principal) -> Tri {
    let itself = set.names_itself(principal);
    let has_account = !matches!(
        principal.kind(),
        PrincipalKind::Service | PrincipalKind::Federated | PrincipalKind::Anonymous | PrincipalKind::Root
    );
    match (itself, set.names_account(principal)) {
        (true, _) if !has_account => Tri::Yes,
        (true, true) => Tri::Yes,
        (false, false) => Tri::No,
        (false, true) if matches!(principal.kind(), PrincipalKind::Root) => Tri::Yes,
        _ => Tri::Unknown,
    }
}
