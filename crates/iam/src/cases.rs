//! A decision that hangs on keys of which nothing is known, and that is yet the same whatever their values are.
//!
//! The values of a key fall into classes, in each of which all conditions that hang on it hold alike. One value of each class is
//! tried; where all come to the same decision, it is the decision. Where the classes of a key aren't known for sure, the key stays
//! unknown: so nothing is decided here that some value would decide otherwise.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Context, ContextValue, Decision, Layers,
    classes::{self, Variables},
    condition::Condition,
    context::Lookup,
    name::Name,
    request::Request,
    statement::Compiled,
    tri::Tri,
};

/// So many requests are decided for one.
const MOST_REQUESTS: usize = 512;

/// So many states of patterns, or sets of values, are looked at for the classes of a key.
const MOST_CLASSES: usize = 1_000;

/// What a request comes to in all cases, with the request of each.
pub(crate) struct Cases {
    pub(crate) decision: Decision,
    pub(crate) requests: Vec<Request>,
}

/// The cases of a request that hangs on keys that aren't known; none, unless they all come to the same decision.
pub(crate) fn split(layers: &Layers, request: &Request) -> Option<Cases> {
    let values = values_by_key(layers, request);
    let mut walk = Walk { layers, values, left: MOST_REQUESTS, decision: None, requests: Vec::new() };
    walk.agrees(request.clone())?;
    Some(Cases { decision: walk.decision?, requests: walk.requests })
}

struct Walk<'l> {
    layers: &'l Layers,
    values: BTreeMap<String, Vec<ContextValue>>,
    left: usize,
    decision: Option<Decision>,
    requests: Vec<Request>,
}

impl Walk<'_> {
    /// Goes through all cases of a request, until one can't be decided or is decided otherwise than another.
    fn agrees(&mut self, request: Request) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        let decision = self.layers.decide_at_once(&request).decision;
        if decision != Decision::Unknown {
            self.requests.push(request);
            return (*self.decision.get_or_insert(decision) == decision).then_some(());
        }
        let missing = self.layers.missing(&request);
        let (key, values) = missing.iter().find_map(|key| self.values.get_key_value(key))?;
        let (key, values) = (key.clone(), values.clone());
        values.into_iter().try_for_each(|value| self.agrees(request.with(&key, value)))
    }
}

impl Request {
    fn with(&self, key: &str, value: ContextValue) -> Self {
        Self { context: self.context.clone().with((key.to_owned(), value)), ..self.clone() }
    }
}

/// One value of each class, for the keys whose classes are known for sure.
fn values_by_key(layers: &Layers, request: &Request) -> BTreeMap<String, Vec<ContextValue>> {
    let limited = layers.is_limited();
    let statements = layers.binding(request).flat_map(|(_, policy)| policy.statements());
    let undecided: Vec<&Compiled> =
        statements.filter(|statement| statement.meets(request, limited).is == Tri::Unknown).collect();
    let conditions: Vec<&Condition> =
        undecided.iter().flat_map(|statement| statement.undecided(&request.context)).collect();
    let in_conditions = conditions.iter().flat_map(|condition| condition.variables());
    let in_resources = undecided.iter().flat_map(|statement| statement.variables());
    let variables: BTreeSet<&str> = in_conditions.chain(in_resources).map(Name::as_str).collect();
    let mut by_key: BTreeMap<&str, Vec<&Condition>> = BTreeMap::new();
    for condition in conditions {
        by_key.entry(condition.key()).or_default().push(condition);
    }
    // What a variable stands for is compared with other things than its own conditions name.
    by_key.retain(|key, _| !variables.contains(key) && request.context.lookup(key) == Lookup::Unknown);
    let values = by_key
        .into_iter()
        .filter_map(|(key, conditions)| Some((key.to_owned(), values(&conditions, &request.context)?)));
    values.collect()
}

/// One value of each class of a key.
fn values(conditions: &[&Condition], context: &Context) -> Option<Vec<ContextValue>> {
    let (ways, exhaustive) = classes::ways(conditions, &Variables::of(context), MOST_CLASSES).ok()?;
    let absent = || ContextValue::Many(Vec::new());
    exhaustive.then(|| ways.into_iter().map(|way| way.value.unwrap_or_else(absent)).collect())
}
