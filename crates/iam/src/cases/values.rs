//! One value of each class in which all operands compare alike.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ipnet::IpNet;

use super::texts;
use crate::{
    Context,
    catalogue::ValueType,
    instant::Instant,
    operator::{Number, Operand},
};

/// Text that is nothing but text.
const NOTHING: &str = "x";

/// Up to it all whole numbers, and their halves, are floats.
const EXACT: f64 = 4_503_599_627_370_496.0;

/// Values such that every value that a key can have compares with all operands as one of these does. None where that isn't known for sure: for operands of
/// different types, variables of which nothing is known, patterns that make too many classes.
pub(super) fn one_of_each_class(
    operands: &[&Operand],
    of: Option<ValueType>,
    context: &Context,
) -> Option<Vec<String>> {
    // Senseless ones never match, whatever the value is.
    let sensible: Vec<&Operand> =
        operands.iter().copied().filter(|operand| !matches!(operand, Operand::Senseless)).collect();
    let Some(first) = sensible.first() else { return Some(vec![NOTHING.to_owned()]) };
    let (values, needed) = match first {
        Operand::Text(_) | Operand::Arn(_) => return texts::one_of_each_class(&sensible, context),
        Operand::Number(..) => (numbers(all(&sensible, number)?), ValueType::Numeric),
        Operand::Instant(..) => (instants(&all(&sensible, instant)?), ValueType::Date),
        Operand::Address(_) => (addresses(&all(&sensible, address)?), ValueType::IpAddress),
        Operand::Binary(_) => (binaries(&all(&sensible, binary)?), ValueType::Binary),
        Operand::Boolean(_) => (all(&sensible, boolean).map(|_| booleans())?, ValueType::Bool),
        Operand::Senseless => return None,
    };
    // Other keys may have what is no value of the type.
    let other = (of != Some(needed)).then(|| NOTHING.to_owned());
    Some(values.into_iter().chain(other).collect())
}

/// All of one type, or none.
fn all<'o, T>(operands: &[&'o Operand], read: impl Fn(&'o Operand) -> Option<T>) -> Option<Vec<T>> {
    operands.iter().map(|operand| read(operand)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a number for which it is one isn't taken")]
fn number(operand: &Operand) -> Option<f64> {
    let number = match operand {
        Operand::Number(_, Number::Whole(whole)) => *whole as f64,
        Operand::Number(_, Number::Float(float)) => *float,
        _ => return None,
    };
    (number.abs() < EXACT).then_some(number)
}

fn instant(operand: &Operand) -> Option<Instant> {
    if let Operand::Instant(_, instant) = operand { Some(*instant) } else { None }
}

fn address(operand: &Operand) -> Option<IpNet> {
    if let Operand::Address(range) = operand { Some(*range) } else { None }
}

fn binary(operand: &Operand) -> Option<&[u8]> {
    if let Operand::Binary(bytes) = operand { Some(bytes) } else { None }
}

fn boolean(operand: &Operand) -> Option<bool> {
    if let Operand::Boolean(value) = operand { Some(*value) } else { None }
}

fn booleans() -> Vec<String> {
    ["true", "false"].map(str::to_owned).into()
}

/// Each, one between two that are neighbours, one below and one above all. Between two of which the middle is one itself there is no
/// number at all.
fn numbers(mut all: Vec<f64>) -> Vec<String> {
    all.sort_by(f64::total_cmp);
    let between = all.iter().zip(all.iter().skip(1)).map(|(low, high)| low + (high - low) / 2.0);
    let ends = all.first().map(|first| first - 1.0).into_iter().chain(all.last().map(|last| last + 1.0));
    let others: Vec<f64> = between.chain(ends).collect();
    all.into_iter().chain(others).map(|number| number.to_string()).collect()
}

/// Each, and the moments before and after it.
fn instants(all: &[Instant]) -> Vec<String> {
    let near = |instant: &Instant| {
        let nanoseconds = instant.as_nanosecond();
        [nanoseconds - 1, nanoseconds, nanoseconds + 1]
    };
    let near = all.iter().flat_map(near).filter_map(|nanoseconds| Instant::from_nanosecond(nanoseconds).ok());
    near.map(|instant| instant.to_string()).collect()
}

/// Where a range begins, where what follows it begins, and the first address of all: up to the next of those nothing changes.
fn addresses(all: &[IpNet]) -> Vec<String> {
    let mut starts = vec![IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    for range in all {
        starts.push(range.network());
        starts.extend(following(range.broadcast()));
    }
    starts.iter().map(ToString::to_string).collect()
}

fn following(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_add(1).map(|next| Ipv4Addr::from(next).into()),
        IpAddr::V6(address) => u128::from(address).checked_add(1).map(|next| Ipv6Addr::from(next).into()),
    }
}

/// Each, and one that is longer than all.
fn binaries(all: &[&[u8]]) -> Vec<String> {
    let longer = vec![0; all.iter().map(|bytes| bytes.len()).max().unwrap_or_default() + 1];
    all.iter().map(|bytes| STANDARD.encode(bytes)).chain([STANDARD.encode(longer)]).collect()
}
