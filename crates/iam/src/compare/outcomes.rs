//! What can come of comparing a text with several values of policies at once.

use crate::{context::Context, operator::Operand, pattern::Matched, tri::Tri};

use super::{
    Beyond, Variables,
    glob::{self, Glob},
};

/// So many values with variables may be asked about one text: each may match, may not, or may have no value.
const FREE: usize = 4;

/// Distinct values of policies, each by its number.
#[derive(Default)]
pub(super) struct Operands<'p> {
    all: Vec<&'p Operand>,
}

impl<'p> Operands<'p> {
    /// The number of an operand. The same pattern has the same number, so that the same comes of it, whatever its variables are.
    pub(super) fn number(&mut self, operand: &'p Operand) -> usize {
        self.all.iter().position(|known| *known == operand).unwrap_or_else(|| {
            self.all.push(operand);
            self.all.len() - 1
        })
    }

    pub(super) fn all(&self) -> &[&'p Operand] {
        &self.all
    }

    /// Texts of each kind that the patterns tell apart, within a universe.
    pub(super) fn texts(&self, variables: &Variables, universe: &Glob) -> Result<Vec<String>, Beyond> {
        let globs: Vec<Glob> = self.all.iter().filter_map(|operand| glob_of(operand, variables)).collect();
        glob::samples(&globs, universe)
    }

    /// All that can come of comparing a text with each operand.
    pub(super) fn outcomes(&self, text: &str, variables: &Variables) -> Result<Vec<Vec<Matched>>, Beyond> {
        let nothing = Context::default();
        let values = variables.values().unwrap_or(&nothing);
        let mut all = vec![Vec::new()];
        let mut free = 0;
        for operand in &self.all {
            let is_free = variables.values().is_none() && operand.variables().next().is_some();
            let can: &[Matched] = if !is_free {
                &[operand.matches(text, values)]
            } else if glob_of(operand, variables).is_some_and(|widest| widest.is_like(text)) {
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

/// The form of an operand that is a form of texts, with the values of its variables, or as wide as they can make it.
fn glob_of(operand: &Operand, variables: &Variables) -> Option<Glob> {
    let values = variables.values();
    match operand {
        Operand::Text(pattern) => Glob::of_text(pattern, values),
        Operand::Arn(pattern) => Glob::of_arn(pattern, values),
        Operand::Boolean(value) => Some(Glob::ignoring_case(&value.to_string())),
        _ => None,
    }
}
