//! A value of a condition, read once, compared with many values of requests.

use std::{cmp::Ordering, net::IpAddr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ipnet::IpNet;

use super::Operator;

use crate::{
    Version,
    arn_pattern::ArnPattern,
    context::Context,
    instant::{Instant, ParseInstant},
    name::Name,
    pattern::{Lacking, Matched, Pattern, Reading},
    piece::Piece,
};

/// What a request's value is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    Text(Pattern),
    Arn(ArnPattern),
    Number(Box<(Relation, Number)>),
    Instant(Relation, Instant),
    Boolean(bool),
    Binary(Vec<u8>),
    Address(Box<IpNet>),
    /// Nothing of the operator's type: never matches, and can't be turned into its contrary either.
    Senseless,
}

/// How a request's value must stand to the policy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A number: whole where it can be, since a float has no room for all of those.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Whole(i128),
    Float(f64),
}

impl Operand {
    pub(crate) fn text(operator: &Operator, value: &str, version: Version) -> Self {
        let variables = operator.variables && version.has_variables();
        Self::Text(Pattern::new(
            value,
            Reading { wildcards: operator.wildcards, variables, ignores_case: false },
        ))
    }

    pub(crate) fn text_ignoring_case(operator: &Operator, value: &str, version: Version) -> Self {
        let variables = operator.variables && version.has_variables();
        Self::Text(Pattern::new(
            value,
            Reading { wildcards: operator.wildcards, variables, ignores_case: true },
        ))
    }

    pub(crate) fn arn(value: &str, version: Version) -> Self {
        Self::Arn(ArnPattern::new(value, version))
    }

    pub(crate) fn number(value: &str, relation: Relation) -> Self {
        Number::parse(value).map_or(Self::Senseless, |number| Self::Number(Box::new((relation, number))))
    }

    pub(crate) fn instant(value: &str, relation: Relation) -> Self {
        Instant::parse(value).map_or(Self::Senseless, |instant| Self::Instant(relation, instant))
    }

    pub(crate) fn boolean(value: &str) -> Self {
        boolean(value).map_or(Self::Senseless, Self::Boolean)
    }

    pub(crate) fn binary(value: &str) -> Self {
        STANDARD.decode(value).map_or(Self::Senseless, Self::Binary)
    }

    pub(crate) fn address(value: &str) -> Self {
        let range = value.parse::<IpNet>().or_else(|_| value.parse::<IpAddr>().map(IpNet::from));
        range.map_or(Self::Senseless, |range| Self::Address(Box::new(range)))
    }

    /// Whether a value of the request matches.
    pub(crate) fn matches(&self, value: &str, context: &Context) -> Matched {
        let known = |is: Option<bool>| is.map_or(Matched::Unresolved, |is| Matched::Is(is.into()));
        match self {
            Self::Text(pattern) => pattern.matches(value, context),
            Self::Arn(pattern) => pattern.matches(value, context),
            Self::Number(own) => {
                let (relation, own) = **own;
                known(Number::parse(value).and_then(|number| number.compare(own)).map(|is| relation.is(is)))
            }
            Self::Instant(relation, own) => {
                known(Instant::parse(value).map(|instant| relation.is(instant.cmp(own))))
            }
            Self::Boolean(own) => known(boolean(value).map(|value| value == *own)),
            Self::Binary(own) => known(STANDARD.decode(value).ok().map(|bytes| bytes == *own)),
            Self::Address(range) => {
                known(value.parse::<IpAddr>().ok().map(|address| range.contains(&address)))
            }
            Self::Senseless => Matched::Unresolved,
        }
    }

    /// What a pattern is made of, as [`Pattern::pieces`] has it, or a word that has no case; nothing of another type is one.
    pub(crate) fn pieces(&self, values: Option<&Context>) -> Result<Vec<Piece>, Lacking> {
        match self {
            Self::Text(pattern) => pattern.pieces(None, values),
            Self::Arn(pattern) => pattern.pieces(values),
            Self::Boolean(own) => Ok(own.to_string().chars().map(Piece::Letter).collect()),
            Self::Senseless => Err(Lacking::Value),
            _ => Err(Lacking::Knowledge),
        }
    }

    /// The keys of its variables.
    pub(crate) fn variables(&self) -> Box<dyn Iterator<Item = &Name> + '_> {
        match self {
            Self::Text(pattern) => Box::new(pattern.variables()),
            Self::Arn(pattern) => pattern.variables(),
            _ => Box::new(std::iter::empty()),
        }
    }
}

impl Relation {
    fn is(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(whole) = text.parse() {
            return Some(Self::Whole(whole));
        }
        text.parse().ok().filter(|float: &f64| float.is_finite()).map(Self::Float)
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(own), Self::Whole(other)) => Some(own.cmp(&other)),
            (own, other) => own.float().partial_cmp(&other.float()),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "compared with a number that is a float already")]
    pub(crate) fn float(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Float(float) => float,
        }
    }
}

fn boolean(text: &str) -> Option<bool> {
    ["false", "true"].iter().position(|word| text.eq_ignore_ascii_case(word)).map(|word| word == 1)
}
