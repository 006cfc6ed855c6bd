//! What AWS takes, and what yet doesn't do what it seems to: found by the catalogue.

use crate::{
    Document, Element, Parsed, Reason, Statement, Values, catalogue,
    catalogue::{KeyType, ValueType},
    operator::{Comparison, Quantifier, named},
    place::Path,
};

/// One thing that somebody should look at, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The element that it is about.
    pub path: Path,
    /// What is the matter with it.
    pub advice: Advice,
}

/// What is the matter with an element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Advice {
    /// AWS would refuse the document, or read it otherwise than it looks.
    #[error("{0}")]
    Problem(Reason),
    /// An action that AWS doesn't have.
    #[error("AWS has no action `{action}`")]
    UnknownAction {
        /// As written.
        action: String,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A pattern of actions that AWS doesn't have.
    #[error("no action of AWS is like `{0}`")]
    MatchesNoAction(String),
    /// A condition key that AWS doesn't have, so that it is always absent.
    #[error("AWS has no condition key `{key}`: it is absent from every request")]
    UnknownKey {
        /// As written.
        key: String,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A wildcard for which an operator has no meaning.
    #[error("`{value}` is plain text for `{operator}`: it has no wildcards")]
    PlainWildcard {
        /// As written.
        operator: String,
        /// As written.
        value: String,
    },
    /// An operator that compares values of another type.
    #[error("`{operator}` doesn't compare values of `{key}`")]
    WrongType {
        /// As written.
        operator: String,
        /// As written.
        key: String,
    },
    /// A key with several values, and an operator for one.
    #[error("`{key}` has several values: `{operator}` takes `ForAnyValue:` or `ForAllValues:`")]
    SeveralValues {
        /// As written.
        operator: String,
        /// As written.
        key: String,
    },
}

impl Advice {
    /// Whether AWS refuses it.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Problem(reason) if reason.is_refused())
    }

    /// What to write instead, where that is known.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::UnknownAction { nearest, .. } | Self::UnknownKey { nearest, .. } => {
                nearest.as_ref().map(|nearest| format!("did you mean `{nearest}`?"))
            }
            Self::PlainWildcard { operator, .. } => {
                let like = operator.replace("EqualsIgnoreCase", "Like").replace("Equals", "Like");
                Some(format!("for a wildcard use `{like}`"))
            }
            _ => None,
        }
    }
}

/// All remarks on a document: what AWS would refuse first, then the others, statement by statement.
pub fn lint(parsed: &Parsed) -> Vec<Remark> {
    let refused = parsed.problems.iter().map(|problem| Remark {
        path: problem.path.clone(),
        advice: Advice::Problem(problem.reason.clone()),
    });
    let mut remarks: Vec<Remark> = refused.collect();
    let Document { statements, .. } = &parsed.document;
    for (number, statement) in statements.iter().enumerate() {
        let path = Path::statement(number);
        actions(statement, &path, &mut remarks);
        conditions(statement, &path, &mut remarks);
    }
    remarks
}

fn actions(statement: &Statement, path: &Path, remarks: &mut Vec<Remark>) {
    let element = match statement.actions {
        Element::Only(_) => "Action",
        Element::AllBut(_) => "NotAction",
    };
    for action in statement.actions.listed() {
        let is_pattern = action.contains(['*', '?']);
        let advice = if is_pattern && catalogue::actions_matching(action).next().is_none() {
            Advice::MatchesNoAction(action.clone())
        } else if !is_pattern && catalogue::action(action).is_none() {
            Advice::UnknownAction { action: action.clone(), nearest: catalogue::nearest_action(action) }
        } else {
            continue;
        };
        remarks.push(Remark { path: path.key(element), advice });
    }
}

fn conditions(statement: &Statement, path: &Path, remarks: &mut Vec<Remark>) {
    for (operator, keys) in &statement.conditions {
        let Some(comparison) = named(operator) else { continue };
        for (key, values) in keys {
            let path = path.key("Condition").key(operator).key(key);
            let mut add = |advice| remarks.push(Remark { path: path.clone(), advice });
            let names = || (operator.clone(), key.clone());
            match catalogue::condition_key(key) {
                None => {
                    add(Advice::UnknownKey {
                        key: key.clone(),
                        nearest: catalogue::nearest_condition_key(key),
                    });
                }
                Some(of) if !compares(comparison, of) => {
                    let (operator, key) = names();
                    add(Advice::WrongType { operator, key });
                }
                Some(of) if of.multivalued && needs_quantifier(comparison) => {
                    let (operator, key) = names();
                    add(Advice::SeveralValues { operator, key });
                }
                Some(_) => {}
            }
            for value in wildcards(comparison, values) {
                add(Advice::PlainWildcard { operator: operator.clone(), value: value.clone() });
            }
        }
    }
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

fn needs_quantifier(comparison: Comparison) -> bool {
    comparison.quantifier == Quantifier::TheOne && !comparison.operator.is_null()
}

/// Values that look like patterns, for an operator that has none.
fn wildcards(comparison: Comparison, values: &Values) -> impl Iterator<Item = &String> {
    let is_plain = comparison.operator.name.starts_with("String") && !comparison.operator.wildcards;
    values
        .iter()
        .filter(move |value| is_plain && value.replace("${*}", "").replace("${?}", "").contains(['*', '?']))
}
