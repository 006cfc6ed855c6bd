//! What can come of comparing a text with several values of policies at once.

use super::{
    Beyond, Variables,
    texts::{self, Pieces},
};
use crate::{
    context::Context,
    operator::Operand,
    pattern::{Lacking, Matched},
    tri::Tri,
};

/// So many values with variables may be asked about one text: each may match, may not, or may have no value.
const FREE: usize = 4;

/// Distinct values of policies, each by its number.
#[derive(Default)]
pub(crate) struct Operands<'p> {
    all: Vec<&'p Operand>,
}

impl<'p> Operands<'p> {
    /// The number of an operand. The same pattern has the same number, so that the same comes of it, whatever its variables are.
    pub(crate) fn number(&mut self, operand: &'p Operand) -> usize {
        self.all.iter().position(|known| *known == operand).unwrap_or_else(|| {
            self.all.push(operand);
            self.all.len() - 1
        })
    }

    pub(crate) fn all(&self) -> &[&'p Operand] {
        &self.all
    }

    /// A text of each class that the patterns tell apart, within a universe; and whether these are certainly all classes.
    pub(crate) fn texts(
        &self,
        variables: &Variables,
        universe: &Pieces,
        most: usize,
    ) -> Result<(Vec<String>, bool), Beyond> {
        let pieces: Vec<_> = self.all.iter().map(|operand| operand.pieces(variables.values())).collect();
        let exhaustive = !pieces.contains(&Err(Lacking::Knowledge));
        let known: Vec<Pieces> = pieces.into_iter().flatten().collect();
        Ok((texts::samples(&known, universe, most)?, exhaustive))
    }

    /// All that can come of comparing a text with each operand.
    pub(crate) fn outcomes(&self, text: &str, variables: &Variables) -> Result<Vec<Vec<Matched>>, Beyond> {
        let nothing = Context::default();
        let values = variables.values().unwrap_or(&nothing);
        let mut all = vec![Vec::new()];
        let mut free = 0;
        for operand in &self.all {
            let is_free = variables.values().is_none() && operand.variables().next().is_some();
            let can: &[Matched] = if !is_free {
                &[operand.matches(text, values)]
            } else if operand.pieces(None).is_ok_and(|widest| texts::is_like(&widest, text)) {
                free += 1;
                &[Matched::Is(Tri::Yes), Matched::Is(Tri::No), Matched::Unresolved]
            } else {
                free += 1;
                &[Matched::Is(Tri::No), Matched::Unresolved]
            };
            if free > FREE {
                return Err(Beyond("too many values with policy variables"));
            }
            all = all.iter().flat_map(|known| can.iter().map(|one| [&known[..], &[*one]].concat())).collect();
        }
        Ok(all)
    }
}
