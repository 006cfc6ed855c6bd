//! A policy with its name, compiled once and decided often.

use smallvec::SmallVec;

use crate::{
    Document, DocumentError, Effect, Kind, Parsed,
    action::{Asked, Sieve},
    few::Few,
    principal::Named,
    request::Request,
    statement::{Compiled, Hit},
    tri::Tri,
};

/// A policy, ready to decide requests.
#[derive(Clone, Debug)]
pub struct Policy {
    name: Box<str>,
    /// Of each statement what tells at once that it isn't about an action.
    sieves: SmallVec<[(Effect, Sieve); 6]>,
    statements: Few<Compiled>,
    sids: Box<[Box<str>]>,
}

/// What a policy allows of a request, by how closely a statement that does so has to name the principal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allows {
    by_account: Tri,
    by_role: Tri,
    itself: Tri,
    /// The first statement that allows it.
    pub(crate) first: Option<usize>,
}

/// One statement of one policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatementId {
    /// The policy's name.
    pub policy: String,
    /// Its number in the policy, from 0.
    pub statement: usize,
    /// Its `Sid`, if it has one.
    pub sid: Option<String>,
}

impl std::fmt::Display for StatementId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} statement {}", self.policy, self.statement)?;
        self.sid.as_ref().map_or(Ok(()), |sid| write!(f, " ({sid})"))
    }
}

impl Default for Allows {
    fn default() -> Self {
        Self { by_account: Tri::No, by_role: Tri::No, itself: Tri::No, first: None }
    }
}

impl Allows {
    /// Whether a statement allows it that names the principal at least so closely.
    pub(crate) fn by(&self, closeness: Named) -> Tri {
        match closeness {
            Named::Not | Named::ByAccount => self.by_account,
            Named::ByRole => self.by_role,
            Named::Itself => self.itself,
        }
    }

    fn add(&mut self, hit: Hit) {
        let closenesses = [
            (Named::ByAccount, &mut self.by_account),
            (Named::ByRole, &mut self.by_role),
            (Named::Itself, &mut self.itself),
        ];
        for (_, is) in closenesses.into_iter().filter(|(closeness, _)| hit.named >= *closeness) {
            *is = (*is).max(hit.is);
        }
    }
}

impl Policy {
    /// Compiles a document.
    pub fn new(name: &str, document: &Document) -> Self {
        let statements = &document.statements;
        Self {
            name: name.into(),
            sieves: statements
                .iter()
                .map(|statement| (statement.effect, Sieve::of(&statement.actions)))
                .collect(),
            statements: statements
                .iter()
                .map(|statement| Compiled::new(statement, document.version))
                .collect(),
            sids: statements.iter().map(|statement| statement.sid.as_str().into()).collect(),
        }
    }

    /// Reads and compiles a document.
    ///
    /// # Errors
    /// If AWS would refuse it.
    pub fn parse(name: &str, text: &str, kind: Kind) -> Result<Self, DocumentError> {
        Ok(Self::new(name, &Parsed::of_text(text, kind).legal()?))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a statement may allow an action, whatever else it asks for. Nothing that is allowed is missed.
    pub fn may_allow(&self, action: &str) -> bool {
        let asked = Asked::new(action);
        self.sieves.iter().any(|(effect, sieve)| *effect == Effect::Allow && sieve.passes(&asked))
    }

    /// The first statement that denies a request; if none does, whether that isn't known.
    pub(crate) fn denies(&self, request: &Request, limited: bool) -> (Tri, Option<usize>) {
        let mut denies = Tri::No;
        for (number, hit) in self.hits(Effect::Deny, request, limited) {
            if hit.is == Tri::Yes {
                return (Tri::Yes, Some(number));
            }
            denies = denies.max(hit.is);
        }
        (denies, None)
    }

    /// What its statements allow of a request.
    pub(crate) fn allows(&self, request: &Request) -> Allows {
        let mut allows = Allows::default();
        for (number, hit) in self.hits(Effect::Allow, request, false) {
            if hit.is == Tri::Yes {
                allows.first = allows.first.or(Some(number));
            }
            allows.add(hit);
            if allows.itself == Tri::Yes {
                break;
            }
        }
        allows
    }

    /// Its statements of this effect, with how a request meets them.
    pub(crate) fn hits(
        &self,
        effect: Effect,
        request: &Request,
        limited: bool,
    ) -> impl Iterator<Item = (usize, Hit)> {
        let passes = move |(own, sieve): &(Effect, Sieve)| *own == effect && sieve.passes(&request.action);
        let passing = self.sieves.iter().enumerate().filter(move |(_, sieve)| passes(sieve));
        passing.filter_map(move |(number, _)| {
            Some((number, self.statements.get(number)?.meets(request, limited)))
        })
    }

    pub(crate) fn statements(&self) -> &[Compiled] {
        &self.statements
    }

    /// How to name one of its statements.
    pub(crate) fn id(&self, statement: usize) -> StatementId {
        let sid = self.sids.get(statement).filter(|sid| !sid.is_empty());
        StatementId { policy: self.name.to_string(), statement, sid: sid.map(|sid| sid.to_string()) }
    }
}
