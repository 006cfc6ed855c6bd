//! Values of a condition key that tell apart what policies compare it with.

use std::{collections::BTreeSet, net::IpAddr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ipnet::IpNet;

use super::{Beyond, Operands, Variables, texts};
use crate::{catalogue::ValueType, instant::Instant, operator::Operand};

/// Up to it all whole numbers, and their halves, are floats.
const EXACT: f64 = 4_503_599_627_370_496.0;

/// What a key's values are compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Text,
    Number,
    Instant,
    Binary,
    Address,
}

/// A value of each class that the operands tell apart, and whether these are certainly all classes: they aren't where a key is compared
/// as values of different sorts, say as a text and as a number. Of a key whose type AWS publishes, those of that type.
pub(crate) fn values(
    of: Option<ValueType>,
    operands: &Operands<'_>,
    variables: &Variables,
    most: usize,
) -> Result<(Vec<String>, bool), Beyond> {
    let sorts: BTreeSet<Sort> = operands.all().iter().filter_map(|operand| sort(operand)).collect();
    if of == Some(ValueType::Bool) && sorts.iter().all(|sort| *sort == Sort::Text) {
        return Ok((["true", "false"].map(str::to_owned).to_vec(), true));
    }
    let mut values = Vec::new();
    let mut exhaustive = sorts.len() <= 1;
    for sort in &sorts {
        let (own, all) = match sort {
            Sort::Text => operands.texts(variables, &texts::any(), most)?,
            Sort::Number => numbers(operands),
            Sort::Instant => (instants(operands), true),
            Sort::Binary => (binaries(operands), true),
            Sort::Address => (addresses(operands), true),
        };
        values.extend(own);
        exhaustive &= all;
    }
    let type_of_key = match of.unwrap_or(ValueType::String) {
        ValueType::Numeric => Sort::Number,
        ValueType::Date => Sort::Instant,
        ValueType::Binary => Sort::Binary,
        ValueType::IpAddress => Sort::Address,
        ValueType::String | ValueType::Arn | ValueType::Bool => Sort::Text,
    };
    if !sorts.contains(&type_of_key) {
        // Of no sort but text.
        values.push("x".to_owned());
    }
    Ok((values, exhaustive))
}

fn sort(operand: &Operand) -> Option<Sort> {
    match operand {
        Operand::Text(_) | Operand::Arn(_) | Operand::Boolean(_) => Some(Sort::Text),
        Operand::Number(..) => Some(Sort::Number),
        Operand::Instant(..) => Some(Sort::Instant),
        Operand::Binary(_) => Some(Sort::Binary),
        Operand::Address(_) => Some(Sort::Address),
        Operand::Senseless => None,
    }
}

/// Each number, one below all, one above all, and one between any two that follow each other; they are certainly all classes where
/// floats are fine enough to have one between any two.
fn numbers(operands: &Operands<'_>) -> (Vec<String>, bool) {
    let number =
        |operand: &&Operand| if let Operand::Number(own) = operand { Some(own.1.float()) } else { None };
    let mut own: Vec<f64> = operands.all().iter().filter_map(number).collect();
    own.sort_by(f64::total_cmp);
    let ends = own.first().map(|least| least - 1.0).into_iter().chain(own.last().map(|most| most + 1.0));
    let between = own.iter().zip(own.iter().skip(1)).map(|(low, high)| f64::midpoint(*low, *high));
    let all = ends.chain(between).chain(own.iter().copied()).map(|number| number.to_string());
    (all.collect(), own.iter().all(|number| number.abs() < EXACT))
}

/// Likewise, of instants.
fn instants(operands: &Operands<'_>) -> Vec<String> {
    let own: BTreeSet<Instant> = operands
        .all()
        .iter()
        .filter_map(|operand| if let Operand::Instant(_, own) = operand { Some(*own) } else { None })
        .collect();
    let nanosecond = jiff::SignedDuration::from_nanos(1);
    let near = |instant: &Instant| {
        [instant.checked_sub(nanosecond).ok(), Some(*instant), instant.checked_add(nanosecond).ok()]
    };
    own.iter().flat_map(near).flatten().map(|instant| instant.to_string()).collect()
}

/// Each, and one that is none of them.
fn binaries(operands: &Operands<'_>) -> Vec<String> {
    let own: Vec<&[u8]> = operands
        .all()
        .iter()
        .filter_map(|operand| if let Operand::Binary(own) = operand { Some(&**own) } else { None })
        .collect();
    let other: Vec<u8> = vec![0; own.iter().map(|own| own.len()).max().unwrap_or_default() + 1];
    own.iter().copied().chain([&*other]).map(|bytes| STANDARD.encode(bytes)).collect()
}

/// The first address of each range, the first one after it, and the first of all: whatever ranges an address is in, it is in
/// the same ones as the last of these before it.
fn addresses(operands: &Operands<'_>) -> Vec<String> {
    let ranges = operands.all().iter().filter_map(|operand| match operand {
        Operand::Address(range) => Some(**range),
        _ => None,
    });
    let first = [IpAddr::from([0_u8; 4]), IpAddr::from([0_u16; 8])];
    let edges = ranges.flat_map(|range: IpNet| [Some(range.network()), after(range.broadcast())]);
    let all: BTreeSet<IpAddr> = edges.flatten().chain(first).collect();
    all.into_iter().map(|address| address.to_string()).collect()
}

fn after(address: IpAddr) -> Option<IpAddr> {
    Some(match address {
        IpAddr::V4(address) => IpAddr::from(u32::from(address).checked_add(1)?.to_be_bytes()),
        IpAddr::V6(address) => IpAddr::from(u128::from(address).checked_add(1)?.to_be_bytes()),
    })
}
