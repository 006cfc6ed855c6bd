//! Policies as sets of requests: whether one allows all that another allows, whether two say the same, whether they have
//! anything in common, and whether a statement can be met at all. Each answer that isn't yes has a request that shows it.
//!
//! Requests are told apart only as far as the statements do: for each dimension there is one request of each kind that some
//! pattern or condition treats in another way than others. All requests count that can be written, also for actions that AWS
//! doesn't have yet, and for resources that an action never is about.
//!
//! A value with policy variables is first taken for one that may match whatever its widest form does: what holds even then
//! holds. What doesn't is searched once more with values for the variables, and if no request is found, it stays unknown.

pub(crate) mod needless;
mod plain;
mod principals;
mod search;
mod variables;
mod witness;

use std::ops::Range;

use facts::{Gap, Verdict};

use self::search::{Draft, Met, Search};
pub use self::witness::Witness;
use crate::{
    Document, Effect, Element, Statement, Values, Version,
    classes::{Beyond, Variables},
    principal::Named,
    statement::Compiled,
    tri::Tri,
};

/// So many requests are tried before an answer is given up.
const CANDIDATES: usize = 200;

impl Document {
    /// Whether this document allows all that `other` allows; if not, a request that `other` allows and this doesn't.
    ///
    /// A document by itself allows what one of its Allow statements is about and none of its Deny statements. Of principals
    /// it counts how closely they are named: who names an account lets the account's own policies decide.
    pub fn covers(&self, other: &Self) -> Verdict<Witness> {
        Pair::new(self, other).never(&|own, other| other && !own)
    }

    /// Whether both allow the same requests; if not, one that only one of them allows.
    pub fn equivalent(&self, other: &Self) -> Verdict<Witness> {
        Pair::new(self, other).never(&|own, other| own != other)
    }

    /// Whether there is no request that both allow; if there is, one of them.
    pub fn disjoint(&self, other: &Self) -> Verdict<Witness> {
        Pair::new(self, other).never(&|own, other| own && other)
    }

    /// Whether no request can meet a statement, by its number from 0; if one can, one that does.
    pub fn never_matches(&self, statement: usize) -> Verdict<Witness> {
        self.alone(statement).map_or(Verdict::Holds, |pair| pair.never(&MET))
    }

    /// Whether certainly no request can meet a statement.
    pub(crate) fn certainly_never_matches(&self, statement: usize) -> bool {
        let Some(statement) = self.statements.get(statement) else { return true };
        if plain::is_met(statement, self.version) {
            return false;
        }
        // The first value of a list is mostly enough, and some lists are long.
        let first = |element: &Element<Values>| match element {
            Element::Only(values) => Element::Only(values.iter().take(1).cloned().collect()),
            all_but @ Element::AllBut(_) => all_but.clone(),
        };
        let shorter = Statement {
            actions: first(&statement.actions),
            resources: statement.resources.as_ref().map(first),
            ..statement.clone()
        };
        let never = |statement: &Statement| alone(statement, self.version).search(&MET) == Ok(None);
        never(&shorter) && never(statement)
    }

    /// A statement, as what a document allows that has nothing else, beside nothing.
    fn alone(&self, statement: usize) -> Option<Pair> {
        self.statements.get(statement).map(|statement| alone(statement, self.version))
    }
}

/// Of [`Document::alone`].
fn alone(statement: &Statement, version: Version) -> Pair {
    let statement = Statement { effect: Effect::Allow, ..statement.clone() };
    let of = |statements| Document { version, id: None, statements };
    Pair::new(&of(Vec::new()), &of(vec![statement]))
}

/// Of [`Document::alone`]: what the statement is about.
const MET: fn(bool, bool) -> bool = |_, is_met| is_met;

/// Whether two documents certainly allow the same requests.
pub(crate) fn is_same(own: &Document, other: &Document) -> bool {
    Pair::new(own, other).search(&|own, other| own != other) == Ok(None)
}

/// Two documents, compiled.
struct Pair {
    statements: Vec<Compiled>,
    own: Range<usize>,
    other: Range<usize>,
}

impl Pair {
    fn new(own: &Document, other: &Document) -> Self {
        let compiled = |document: &Document| {
            document.statements.iter().map(|it| Compiled::new(it, document.version)).collect::<Vec<_>>()
        };
        let mut statements = compiled(own);
        let end = statements.len();
        statements.extend(compiled(other));
        Self { own: 0..end, other: end..statements.len(), statements }
    }

    /// Whether no request is, of what both allow, as described; with the first that is.
    fn never(&self, described: &dyn Fn(bool, bool) -> bool) -> Verdict<Witness> {
        match self.search(described) {
            Ok(None) => Verdict::Holds,
            Ok(Some(draft)) => {
                let witness = Witness::new(draft, |draft| self.shows(draft, described));
                Verdict::Violated { witness }
            }
            Err(Beyond(why)) => {
                Verdict::Unknown { missing: vec![Gap::new("whether there is such a request", why)] }
            }
        }
    }

    fn search(&self, described: &dyn Fn(bool, bool) -> bool) -> Result<Option<Draft>, Beyond> {
        if self.statements.iter().any(Compiled::is_unmodelled) {
            return Err(Beyond("a condition has an operator that isn't known"));
        }
        let free = variables::free(&self.statements);
        let (drafts, exhaustive) = self.drafts(&free, described)?;
        if drafts.is_empty() && exhaustive {
            return Ok(None);
        }
        if let Some(draft) = self.shown(&drafts, described) {
            return Ok(Some(draft));
        }
        for chosen in variables::choices(&free, &self.statements, &drafts) {
            let (drafts, _) = self.drafts(&chosen, described)?;
            if let Some(draft) = self.shown(&drafts, described) {
                return Ok(Some(draft));
            }
        }
        Err(Beyond(if exhaustive {
            "it depends on policy variables, or on a principal of whom AWS doesn't say it"
        } else {
            "a key is compared as text and as something else"
        }))
    }

    /// Requests that may be as described.
    fn drafts(
        &self,
        variables: &Variables,
        described: &dyn Fn(bool, bool) -> bool,
    ) -> Result<(Vec<Draft>, bool), Beyond> {
        let possible = |met: &Met| self.may_be(met, described);
        let found = Search::new(&self.statements, variables, &possible).run()?;
        let is = |met: &Met| described(self.allows(&self.own, met), self.allows(&self.other, met));
        let drafts = found.drafts.into_iter().filter(|(met, _)| is(met)).map(|(_, draft)| draft);
        Ok((drafts.collect(), found.exhaustive))
    }

    /// Whether some of these statements can be as described: what no Allow is left of can't be allowed any more.
    fn may_be(&self, met: &Met, described: &dyn Fn(bool, bool) -> bool) -> bool {
        let can = |range: &Range<usize>| {
            if range.clone().any(|number| met.contains(number) && self.is(number, Effect::Allow)) {
                &[true, false][..]
            } else {
                &[false]
            }
        };
        can(&self.own).iter().any(|own| can(&self.other).iter().any(|other| described(*own, *other)))
    }

    fn allows(&self, range: &Range<usize>, met: &Met) -> bool {
        let any = |effect| range.clone().any(|number| met.contains(number) && self.is(number, effect));
        any(Effect::Allow) && !any(Effect::Deny)
    }

    fn is(&self, number: usize, effect: Effect) -> bool {
        self.statements.get(number).is_some_and(|statement| statement.effect == effect)
    }

    /// The first of some requests that is as described.
    fn shown(&self, drafts: &[Draft], described: &dyn Fn(bool, bool) -> bool) -> Option<Draft> {
        drafts.iter().take(CANDIDATES).find(|draft| self.shows(draft, described)).cloned()
    }

    /// Whether a request is as described when it is decided by the engine.
    fn shows(&self, draft: &Draft, described: &dyn Fn(bool, bool) -> bool) -> bool {
        let decided = |range: &Range<usize>| self.decide(range, draft);
        decided(&self.own).zip(decided(&self.other)).is_some_and(|(own, other)| described(own, other))
    }

    /// Whether a document allows a request, if that is known.
    fn decide(&self, range: &Range<usize>, draft: &Draft) -> Option<bool> {
        let request = draft.request();
        let any = |effect, closeness| {
            let statements = self.statements.get(range.clone()).unwrap_or_default().iter();
            let own = statements.filter(|statement| statement.effect == effect);
            Tri::any(own.map(|statement| {
                let hit = statement.meets(&request, false);
                if hit.named >= closeness { hit.is } else { Tri::No }
            }))
        };
        match any(Effect::Allow, draft.closeness).and(|| any(Effect::Deny, Named::ByAccount).not()) {
            Tri::Yes => Some(true),
            Tri::No => Some(false),
            Tri::Unknown => None,
        }
    }
}
