//! Values of a condition key that tell apart what policies compare it with.

use std::{collections::BTreeSet, net::IpAddr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ipnet::IpNet;

use super::{Beyond, Variables, glob, outcomes::Operands};
use crate::{
    catalogue::{self, ValueType},
    instant::Instant,
    operator::{Number, Operand},
};

/// What a key's values are compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Text,
    Number,
    Instant,
    Binary,
    Address,
}

/// A value of each kind that the operands tell apart, and whether that is all of them: it isn't where a key is compared
/// as values of different sorts, say as a text and as a number. Of a key whose type AWS publishes, those of that type.
pub(super) fn values(
    key: &str,
    operands: &Operands<'_>,
    variables: &Variables,
) -> Result<(Vec<String>, bool), Beyond> {
    let sorts: BTreeSet<Sort> = operands.all().iter().filter_map(|operand| sort(operand)).collect();
    let key_type = catalogue::condition_key(key).map_or(ValueType::String, |key_type| key_type.values);
    if key_type == ValueType::Bool && sorts.iter().all(|sort| *sort == Sort::Text) {
        return Ok((["true", "false"].map(str::to_owned).to_vec(), true));
    }
    let mut values = Vec::new();
    for sort in &sorts {
        values.extend(match sort {
            Sort::Text => operands.texts(variables, &glob::any_text())?,
            Sort::Number => numbers(operands),
            Sort::Instant => instants(operands),
            Sort::Binary => binaries(operands),
            Sort::Address => addresses(operands),
        });
    }
    let is_of_type = match key_type {
        ValueType::Numeric => sorts.contains(&Sort::Number),
        ValueType::Date => sorts.contains(&Sort::Instant),
        ValueType::Binary => sorts.contains(&Sort::Binary),
        ValueType::IpAddress => sorts.contains(&Sort::Address),
        ValueType::String | ValueType::Arn | ValueType::Bool => sorts.contains(&Sort::Text),
    };
    if !is_of_type {
        // Of no sort but text.
        values.push("x".to_owned());
    }
    Ok((values, sorts.len() <= 1))
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

/// Each number, one below all, one above all, and one between any two that follow each other.
fn numbers(operands: &Operands<'_>) -> Vec<String> {
    let mut own: Vec<Number> = operands
        .all()
        .iter()
        .filter_map(|operand| if let Operand::Number(_, own) = operand { Some(*own) } else { None })
        .collect();
    own.sort_by(|a, b| a.float().total_cmp(&b.float()));
    let ends = own
        .first()
        .into_iter()
        .map(|least| least.float() - 1.0)
        .chain(own.last().map(|most| most.float() + 1.0));
    let between = own.windows(2).filter_map(|pair| match pair {
        [low, high] => Some(f64::midpoint(low.float(), high.float())),
        _ => None,
    });
    // Whole ones are exact where floats are too coarse.
    let exact = own.iter().flat_map(|number| match number {
        Number::Whole(whole) => {
            [whole.saturating_sub(1), *whole, whole.saturating_add(1)].map(|whole| whole.to_string()).to_vec()
        }
        Number::Float(float) => vec![float.to_string()],
    });
    ends.chain(between).map(|float| float.to_string()).chain(exact).collect()
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
        Operand::Address(range) => Some(*range),
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
