//! The ways in which one condition key meets the conditions that ask for it.

use std::collections::HashMap;

use fixedbitset::FixedBitSet;

use super::{Beyond, Operands, Variables, values};
use crate::{
    catalogue,
    condition::Condition,
    context::{Context, ContextValue},
    operator::{Operand, Quantifier},
    pattern::Matched,
    tri::Tri,
};

/// One way: which of the conditions are met, and what the key is then; none if it is absent.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) met: FixedBitSet,
    pub(crate) value: Option<ContextValue>,
}

/// All ways, and whether these are certainly all. No more than `most` states, or sets of values, are looked at.
pub(crate) fn ways(
    conditions: &[&Condition],
    variables: &Variables,
    most: usize,
) -> Result<(Vec<Way>, bool), Beyond> {
    let key = conditions.first().map(|condition| condition.key()).unwrap_or_default();
    if let Some(values) = variables.values().filter(|_| variables.has_chosen(key)) {
        return Ok((vec![fixed(conditions, key, values)], true));
    }
    let mut operands = Operands::default();
    let numbers: Vec<Vec<usize>> = conditions
        .iter()
        .map(|condition| compared(condition).iter().map(|operand| operands.number(operand)).collect())
        .collect();
    let key_type = catalogue::condition_key(key);
    let (texts, exhaustive) = values(key_type.map(|of| of.values), &operands, variables, most)?;

    let mut singles: HashMap<FixedBitSet, String> = HashMap::new();
    for text in texts {
        for outcome in operands.outcomes(&text, variables)? {
            singles.entry(value_is_met(conditions, &numbers, &outcome)).or_insert_with(|| text.clone());
        }
    }
    let mut ways = vec![absent(conditions)];
    let one = |(met, text): (&FixedBitSet, &String)| Way {
        met: with_null(conditions, met.clone()),
        value: Some(ContextValue::One(text.clone())),
    };
    ways.extend(singles.iter().map(one));
    // Only of a key that AWS calls single-valued it is impossible (IAM User Guide, "Single-valued vs. multivalued context keys").
    if key_type.is_none_or(|of| of.multivalued) {
        ways.extend(several(conditions, &singles, most)?);
    }
    ways.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok((ways, exhaustive))
}

/// What the key's value is compared with; nothing if it is asked only whether there is one.
fn compared<'c>(condition: &&'c Condition) -> &'c [Operand] {
    if condition.is_of_existence() { &[] } else { condition.operands() }
}

/// Absent first, then one value, then the fewest.
fn order(way: &Way) -> (usize, Vec<&String>) {
    match &way.value {
        None => (0, Vec::new()),
        Some(ContextValue::One(value)) => (1, vec![value]),
        Some(ContextValue::Many(values)) => (values.len(), values.iter().collect()),
    }
}

/// A key that is a variable of the policies has the value that was chosen for it.
fn fixed(conditions: &[&Condition], key: &str, values: &Context) -> Way {
    let mut met = FixedBitSet::with_capacity(conditions.len());
    for (number, condition) in conditions.iter().enumerate() {
        met.set(number, condition.holds(values) == Tri::Yes);
    }
    Way { met, value: values.value(key) }
}

fn absent(conditions: &[&Condition]) -> Way {
    fixed(conditions, "", &Context::default())
}

/// Which conditions a value of the key is right for.
fn value_is_met(conditions: &[&Condition], numbers: &[Vec<usize>], outcome: &[Matched]) -> FixedBitSet {
    let mut met = FixedBitSet::with_capacity(conditions.len());
    for (number, (condition, operands)) in conditions.iter().zip(numbers).enumerate() {
        let matches = operands.iter().filter_map(|operand| outcome.get(*operand).copied());
        met.set(number, condition.is_met_by_any(matches) == Tri::Yes);
    }
    met
}

/// What `Null` says of a key that is there.
fn with_null(conditions: &[&Condition], mut met: FixedBitSet) -> FixedBitSet {
    for (number, condition) in conditions.iter().enumerate() {
        if condition.is_of_existence() {
            met.set(number, condition.accepts_presence());
        }
    }
    met
}

/// The ways of two and more values: all must be right for `ForAllValues`, one for `ForAnyValue`; and without set operator a
/// key with several values meets nothing.
fn several(
    conditions: &[&Condition],
    singles: &HashMap<FixedBitSet, String>,
    most: usize,
) -> Result<Vec<Way>, Beyond> {
    let mut known: HashMap<(FixedBitSet, FixedBitSet), Vec<String>> = HashMap::new();
    let mut sorted: Vec<(&FixedBitSet, &String)> = singles.iter().collect();
    sorted.sort_by_key(|(_, text)| *text);
    let mut waiting: Vec<(FixedBitSet, FixedBitSet, Vec<String>)> =
        sorted.iter().map(|(met, text)| ((*met).clone(), (*met).clone(), vec![(*text).clone()])).collect();
    while let Some((all, any, texts)) = waiting.pop() {
        for (met, text) in &sorted {
            let (mut all, mut any) = (all.clone(), any.clone());
            all.intersect_with(met);
            any.union_with(met);
            let pair = (all, any);
            if !known.contains_key(&pair) {
                if known.len() >= most {
                    return Err(Beyond("the values of a key can be combined in too many ways"));
                }
                let mut texts = [&texts[..], &[(*text).clone()]].concat();
                texts.sort();
                waiting.push((pair.0.clone(), pair.1.clone(), texts.clone()));
                known.insert(pair, texts);
            }
        }
    }
    let way = |((all, any), values): ((FixedBitSet, FixedBitSet), Vec<String>)| {
        let mut met = FixedBitSet::with_capacity(conditions.len());
        for (number, condition) in conditions.iter().enumerate() {
            met.set(
                number,
                match condition.quantifier() {
                    Quantifier::All => all.contains(number),
                    Quantifier::Any => any.contains(number),
                    Quantifier::TheOne => false,
                },
            );
        }
        Way { met: with_null(conditions, met), value: Some(ContextValue::Many(values)) }
    };
    Ok(known.into_iter().map(way).collect())
}
