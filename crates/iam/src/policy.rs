//! A policy with its name, compiled once and decided often.

use crate::{
    Document, DocumentError, Effect, Kind, Parsed,
    action::{Asked, Sieve},
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
    sieves: Box<[(Effect, Sieve)]>,
    statements: Box<[Compiled]>,
    sids: Box<[Box<str>]>,
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

    /// Whether a statement of this effect that names the principal at least so closely meets a request.
    pub(crate) fn any(&self, effect: Effect, request: &Request, limited: bool, closeness: Named) -> Tri {
        Tri::any(
            self.hits(effect, request, limited)
                .map(|(_, hit)| if hit.named >= closeness { hit.is } else { Tri::No }),
        )
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
