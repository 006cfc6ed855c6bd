//! All ways in which a request can meet the statements of policies, one dimension after the other: who, what, on what, and
//! each key. After each, only what it makes of the statements is kept, with one request that does so.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use fixedbitset::FixedBitSet;

use super::principals;
use crate::{
    Context, ContextValue, Effect, Element, Principal,
    action::Asked,
    classes::{Beyond, Operands, Variables, Way, texts, ways},
    condition::Condition,
    operator::Operand,
    pattern::Matched,
    principal::Named,
    request::Request,
    statement::Compiled,
    tri::Tri,
};

/// So many states of patterns, or sets of statements, are followed: more would take seconds.
pub(super) const STATES: usize = 100_000;

/// Whoever an identity policy is attached to.
pub(super) const HOLDER: &str = "arn:aws:iam::111122223333:role/holder";

/// The numbers of statements that are met.
pub(super) type Met = FixedBitSet;

/// The ways in which a key meets statements, with what it is then; none if it is absent, or not asked for.
type KeyWays = Vec<(Met, Option<ContextValue>)>;

/// A request in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) principal: Principal,
    pub(super) closeness: Named,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) keys: Vec<(String, ContextValue)>,
}

/// Several policies' statements, one after the other.
pub(super) struct Search<'s> {
    statements: &'s [Compiled],
    /// The resources of each.
    resources: Vec<Option<Element<Vec<Operand>>>>,
    variables: &'s Variables,
    /// Whether a set of statements, or one that is left of it, can be what is looked for.
    possible: &'s dyn Fn(&Met) -> bool,
}

/// Of each set of statements that a request can meet together, one such request.
pub(super) struct Found {
    pub(super) drafts: BTreeMap<Met, Draft>,
    /// Whether there are certainly no others.
    pub(super) exhaustive: bool,
}

impl<'s> Search<'s> {
    pub(super) fn new(
        statements: &'s [Compiled],
        variables: &'s Variables,
        possible: &'s dyn Fn(&Met) -> bool,
    ) -> Self {
        let own = |statement: &Compiled| {
            statement.resources().map(|element| {
                element.map(|patterns| patterns.iter().map(|pattern| Operand::Arn(pattern.clone())).collect())
            })
        };
        Self { statements, resources: statements.iter().map(own).collect(), variables, possible }
    }

    pub(super) fn run(&self) -> Result<Found, Beyond> {
        let mut drafts = self.principals();
        drafts = self.narrowed(
            drafts,
            |live| self.actions(live),
            |draft, action: &String| {
                draft.action.clone_from(action);
            },
        )?;
        drafts = self.narrowed(
            drafts,
            |live| self.resources(live),
            |draft, resource: &String| {
                draft.resource.clone_from(resource);
            },
        )?;
        let mut exhaustive = true;
        for key in self.keys() {
            let ways = |live: &Met| {
                let (ways, all) = self.ways(&key, live)?;
                exhaustive &= all;
                Ok(ways)
            };
            drafts = self.narrowed(drafts, ways, |draft, value: &Option<ContextValue>| {
                draft.keys.extend(value.iter().map(|value| (key.clone(), value.clone())));
            })?;
        }
        Ok(Found { drafts, exhaustive })
    }

    /// Every way of a dimension, from every set that was reached so far. Ways depend on the statements that are left only.
    fn narrowed<T>(
        &self,
        drafts: BTreeMap<Met, Draft>,
        mut ways: impl FnMut(&Met) -> Result<Vec<(Met, T)>, Beyond>,
        note: impl Fn(&mut Draft, &T),
    ) -> Result<BTreeMap<Met, Draft>, Beyond> {
        let mut next = BTreeMap::new();
        for (live, draft) in drafts {
            for (met, value) in ways(&live)? {
                if next.contains_key(&met) || !(self.possible)(&met) {
                    continue;
                }
                if next.len() >= STATES {
                    return Err(Beyond("the statements overlap in too many ways"));
                }
                let mut draft = draft.clone();
                note(&mut draft, &value);
                next.insert(met, draft);
            }
        }
        Ok(next)
    }

    fn principals(&self) -> BTreeMap<Met, Draft> {
        let sets: Vec<_> = self.statements.iter().filter_map(|statement| statement.principals()).collect();
        let (principals, closeness) = if sets.is_empty() {
            (vec![Principal::aws(HOLDER)], &[Named::Itself][..])
        } else {
            let sets: Vec<_> = sets.iter().map(|element| &**element.listed()).collect();
            (principals::samples(&sets), &principals::CLOSENESS[..])
        };
        let mut drafts = BTreeMap::new();
        for principal in principals {
            for closeness in closeness {
                for met in self.named(&principal, *closeness) {
                    let draft = Draft {
                        principal: principal.clone(),
                        closeness: *closeness,
                        action: String::new(),
                        resource: String::new(),
                        keys: self.variables.choice(),
                    };
                    drafts.entry(met).or_insert(draft);
                }
            }
        }
        drafts.retain(|met, _| (self.possible)(met));
        drafts
    }

    /// Which statements are about a principal; where AWS doesn't say it of one, with it and without.
    fn named(&self, principal: &Principal, closeness: Named) -> Vec<Met> {
        let mut all = vec![FixedBitSet::with_capacity(self.statements.len())];
        for (number, statement) in self.statements.iter().enumerate() {
            let hit = statement.named(principal, false);
            let too_far = statement.effect == Effect::Allow && hit.named < closeness;
            let is = if too_far { Tri::No } else { hit.is };
            let with: Vec<Met> = all
                .iter()
                .map(|met| {
                    let mut met = met.clone();
                    met.insert(number);
                    met
                })
                .collect();
            match is {
                Tri::Yes => all = with,
                Tri::No => {}
                Tri::Unknown => all.extend(with),
            }
        }
        all
    }

    fn actions(&self, live: &Met) -> Result<Vec<(Met, String)>, Beyond> {
        let own = |number| self.statement(number).into_iter().flat_map(Compiled::action_patterns);
        let patterns: Vec<_> =
            live.ones().flat_map(own).flat_map(|pattern| pattern.pieces(None, None)).collect();
        let texts = texts::samples(&patterns, &texts::action(), STATES)?;
        let met = |action: String| {
            let asked = Asked::new(&action);
            let is_about = |number: &usize| self.statement(*number).is_some_and(|it| it.is_about(&asked));
            (live.ones().filter(is_about).collect(), action)
        };
        Ok(distinct(self.statements.len(), texts.into_iter().map(met)))
    }

    fn statement(&self, number: usize) -> Option<&Compiled> {
        self.statements.get(number)
    }

    fn resources(&self, live: &Met) -> Result<Vec<(Met, String)>, Beyond> {
        let mut operands = Operands::default();
        let mut about = Vec::new();
        for number in live.ones() {
            let element = self.resources.get(number).and_then(Option::as_ref);
            let numbers = element.map(|element| {
                element.map(|own| own.iter().map(|operand| operands.number(operand)).collect::<Vec<_>>())
            });
            about.push((number, numbers));
        }
        let mut ways = Vec::new();
        let (texts, _) = operands.texts(self.variables, &texts::arn(), STATES)?;
        for text in std::iter::once("*".to_owned()).chain(texts) {
            for outcome in operands.outcomes(&text, self.variables)? {
                let met = about.iter().filter(|(_, element)| is_on(element.as_ref(), &outcome));
                ways.push((met.map(|(number, _)| *number).collect(), text.clone()));
            }
        }
        Ok(distinct(self.statements.len(), ways))
    }

    fn keys(&self) -> BTreeSet<String> {
        let conditions = self.statements.iter().flat_map(|statement| statement.conditions());
        conditions.map(|condition| condition.key().to_owned()).collect()
    }

    fn ways(&self, key: &str, live: &Met) -> Result<(KeyWays, bool), Beyond> {
        let mut conditions: Vec<(usize, &Condition)> = Vec::new();
        for number in live.ones() {
            let own = self.statement(number).into_iter().flat_map(|it| it.conditions());
            conditions
                .extend(own.filter(|condition| condition.key() == key).map(|condition| (number, condition)));
        }
        if conditions.is_empty() {
            return Ok((vec![(live.clone(), None)], true));
        }
        let only: Vec<&Condition> = conditions.iter().map(|(_, condition)| *condition).collect();
        let (ways, exhaustive) = ways(&only, self.variables, STATES)?;
        let met = |way: Way| {
            let mut met = live.clone();
            for (at, (number, _)) in conditions.iter().enumerate() {
                if !way.met.contains(at) {
                    met.remove(*number);
                }
            }
            (met, way.value.filter(|_| !self.variables.has_chosen(key)))
        };
        Ok((ways.into_iter().map(met).collect(), exhaustive))
    }
}

impl Draft {
    /// The request.
    pub(super) fn request(&self) -> Request {
        let context = Context::complete(self.keys.iter().cloned());
        Request::new(self.principal.clone(), &self.action, &self.resource, None, context)
    }
}

/// Whether a statement is on a resource, by what came of comparing it with each of the patterns.
fn is_on(element: Option<&Element<Vec<usize>>>, outcome: &[Matched]) -> bool {
    let Some(element) = element else { return true };
    let matches = element.listed().iter().filter_map(|number| outcome.get(*number).copied());
    Matched::any(matches, matches!(element, Element::AllBut(_))) == Tri::Yes
}

/// One of each set of statements, in the order in which they come.
fn distinct(statements: usize, ways: impl IntoIterator<Item = (Vec<usize>, String)>) -> Vec<(Met, String)> {
    let mut known: HashSet<Met> = HashSet::new();
    let mut all = Vec::new();
    for (numbers, value) in ways {
        let mut met = FixedBitSet::with_capacity(statements);
        met.extend(numbers);
        if known.insert(met.clone()) {
            all.push((met, value));
        }
    }
    all
}
