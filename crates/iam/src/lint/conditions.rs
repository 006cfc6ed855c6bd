//! Condition keys that no request has, and operators that don't fit their keys.

use super::{Advice, Remark, actions::Expanded};
use crate::{
    Statement, Values, Version,
    catalogue::{self, KeyType, ValueType},
    condition::Condition,
    context::Context,
    operator::{Comparison, Quantifier, named},
    place::Path,
    tri::Tri,
};

/// One condition, as it is written.
struct Written<'s> {
    operator: &'s str,
    comparison: Comparison,
    key: &'s str,
    values: &'s Values,
    version: Version,
}

pub(super) fn remarks(
    statement: &Statement,
    expanded: &Expanded<'_>,
    version: Version,
    path: &Path,
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (operator, keys) in &statement.conditions {
        let Some(comparison) = named(operator) else { continue };
        for (key, values) in keys {
            let written = Written { operator, comparison, key, values, version };
            let path = path.key("Condition").key(operator).key(key);
            let advice = of_key(&written, expanded).into_iter().chain(wildcards(&written));
            remarks.extend(advice.map(|advice| Remark { path: path.clone(), advice }));
        }
    }
    remarks
}

fn of_key(written: &Written<'_>, expanded: &Expanded<'_>) -> Option<Advice> {
    let key = written.key.to_owned();
    let Some(of) = catalogue::condition_key(&key) else {
        let nearest = catalogue::nearest_condition_key(&key);
        return Some(Advice::UnknownKey { key, nearest, met: written.is_met_without() });
    };
    if is_of_others(&key, expanded) {
        let names = expanded.actions().flat_map(catalogue::Action::keys);
        let nearest = catalogue::nearest_key_among(&key, names);
        let met = written.is_met_without();
        return Some(Advice::KeyOfOtherActions { key, actions: expanded.shown(), nearest, met });
    }
    let (operator, comparison) = (written.operator.to_owned(), written.comparison);
    if !compares(comparison, of) {
        return Some(Advice::WrongType { operator, key });
    }
    let has_quantifier = comparison.quantifier != Quantifier::TheOne;
    match (of.multivalued, has_quantifier) {
        (true, false) if !comparison.operator.is_null() => Some(Advice::SeveralValues { operator, key }),
        (false, true) => Some(Advice::OneValue { operator, key }),
        _ => None,
    }
}

/// Whether AWS publishes the key for other actions, and for none of the statement's. Most global keys are in requests for whatever
/// action, and the keys of identity providers in those of whom they let in.
fn is_of_others(key: &str, expanded: &Expanded<'_>) -> bool {
    let (prefix, name) = key.split_once(':').unwrap_or_default();
    let is_of_tags = prefix.eq_ignore_ascii_case("aws") && is_of_tags(name);
    let is_global = catalogue::GLOBAL_KEYS.iter().any(|global| global.is(key));
    let is_of_provider = prefix.contains('.') || prefix.eq_ignore_ascii_case("saml");
    // Of some keys AWS publishes no action at all.
    let is_of_some = || if is_global { is_of_tags } else { !is_of_provider && catalogue::has_actions(key) };
    // Bedrock User Guide, "Access Amazon Bedrock foundation models", has it for subscriptions, which their own page doesn't.
    let is_of_products = key.eq_ignore_ascii_case("aws-marketplace:ProductId");
    expanded.is_closed
        && !is_of_products
        && !expanded.actions().any(|action| action.has_key(key))
        && is_of_some()
}

/// Keys of tags that a request sets, and of those that its resource has, are in the lists of actions that know tags.
fn is_of_tags(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "tagkeys" || name.starts_with("requesttag/") || name.starts_with("resourcetag/")
}

/// Whether an operator has anything to do with such values. Text operators compare whatever there is.
fn compares(comparison: Comparison, of: KeyType) -> bool {
    let name = comparison.operator.name;
    let is = |types: &[ValueType]| types.contains(&of.values);
    match name {
        "Bool" => is(&[ValueType::Bool]),
        "BinaryEquals" => is(&[ValueType::Binary]),
        "IpAddress" | "NotIpAddress" => is(&[ValueType::IpAddress]),
        _ if name.starts_with("Numeric") => is(&[ValueType::Numeric, ValueType::Date]),
        _ if name.starts_with("Date") => is(&[ValueType::Numeric, ValueType::Date]),
        _ => true,
    }
}

/// Values that look like patterns, for an operator that has none.
fn wildcards(written: &Written<'_>) -> impl Iterator<Item = Advice> {
    let operator = written.comparison.operator;
    let is_plain = operator.name.starts_with("String") && !operator.wildcards;
    let is_pattern = |value: &str| value.replace("${*}", "").replace("${?}", "").contains(['*', '?']);
    let patterns = written.values.iter().filter(move |value| is_plain && is_pattern(value));
    patterns
        .map(|value| Advice::PlainWildcard { operator: written.operator.to_owned(), value: value.clone() })
}

impl Written<'_> {
    /// Whether the condition is met by a request without its key.
    fn is_met_without(&self) -> bool {
        let condition = Condition::new(self.operator, self.key, self.values, self.version);
        condition.is_some_and(|condition| condition.holds(&Context::default()) == Tri::Yes)
    }
}
