//! Values of one list that the others of the list cover.

use super::search::STATES;
use crate::{
    Values, Version,
    action::ActionPattern,
    arn_pattern::ArnPattern,
    catalogue,
    classes::{self, Beyond, Operands, Variables, texts},
    condition::Condition,
    operator::{Operand, Quantifier},
    pattern::Matched,
    tri::Tri,
};

/// Of actions.
pub(crate) fn actions(values: &Values) -> Values {
    let operands: Vec<Operand> =
        values.iter().map(|value| Operand::Text(ActionPattern::new(value).pattern())).collect();
    without_failure(values, || {
        told_apart(&operands, |known| Ok(known.texts(&Variables::default(), &texts::action(), STATES)?.0))
    })
}

/// Of resources; where all others are meant, those with policy variables are left alone, since one without a value makes the
/// whole list mean nothing.
pub(crate) fn resources(values: &Values, version: Version, is_inverted: bool) -> Values {
    let operands: Vec<Operand> =
        values.iter().map(|value| Operand::Arn(ArnPattern::new(value, version))).collect();
    if is_inverted && has_variables(&operands) {
        return Values::new();
    }
    without_failure(values, || {
        told_apart(&operands, |known| {
            let (texts, _) = known.texts(&Variables::default(), &texts::arn(), STATES)?;
            Ok(["*".to_owned()].into_iter().chain(texts).collect())
        })
    })
}

/// Of a condition.
pub(crate) fn condition_values(operator: &str, key: &str, values: &Values, version: Version) -> Values {
    let Some(condition) = Condition::new(operator, key, values, version) else { return Values::new() };
    let operands = condition.operands();
    let is_inverted = condition.is_negated() || condition.quantifier() == Quantifier::All;
    let is_senseless = operands.iter().any(|operand| matches!(operand, Operand::Senseless));
    if condition.is_of_existence() || is_senseless || is_inverted && has_variables(operands) {
        return Values::new();
    }
    let of = catalogue::condition_key(key).map(|of| of.values);
    without_failure(values, || {
        told_apart(operands, |known| match classes::values(of, known, &Variables::default(), STATES)? {
            (texts, true) => Ok(texts),
            _ => Err(Beyond("a key is compared as text and as something else")),
        })
    })
}

fn has_variables(operands: &[Operand]) -> bool {
    operands.iter().any(|operand| operand.variables().next().is_some())
}

/// What to drop, or nothing where that is too much to find out.
fn without_failure(values: &Values, find: impl FnOnce() -> Result<Vec<usize>, Beyond>) -> Values {
    if values.len() < 2 {
        return Values::new();
    }
    let dropped = find().unwrap_or_default();
    values
        .iter()
        .enumerate()
        .filter(|(number, _)| dropped.contains(number))
        .map(|(_, value)| value.clone())
        .collect()
}

/// The numbers of operands that can go, one after the other: whatever they match, one that stays matches.
fn told_apart<'o>(
    operands: &'o [Operand],
    texts: impl FnOnce(&Operands<'o>) -> Result<Vec<String>, Beyond>,
) -> Result<Vec<usize>, Beyond> {
    let mut known = Operands::default();
    let numbers: Vec<usize> = operands.iter().map(|operand| known.number(operand)).collect();
    let variables = Variables::default();
    let mut matched: Vec<Vec<bool>> = Vec::new();
    for text in texts(&known)? {
        for outcome in known.outcomes(&text, &variables)? {
            let is = |number: &usize| outcome.get(*number) == Some(&Matched::Is(Tri::Yes));
            matched.push(numbers.iter().map(is).collect());
        }
    }
    let mut dropped: Vec<usize> = Vec::new();
    for candidate in 0..operands.len() {
        let others = |row: &Vec<bool>| {
            let mut left = row
                .iter()
                .enumerate()
                .filter(|(number, _)| *number != candidate && !dropped.contains(number));
            left.any(|(_, is)| *is)
        };
        let has = |row: &Vec<bool>| row.get(candidate) == Some(&true);
        if matched.iter().filter(|row| has(row)).all(others) {
            dropped.push(candidate);
        }
    }
    Ok(dropped)
}
