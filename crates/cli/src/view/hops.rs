//! Hops, for people.

use std::fmt::Write as _;

use access::{Hop, Passes};
use facts::Gap;

/// How it went, in one word.
pub(crate) fn word(passes: &Passes) -> &'static str {
    match passes {
        Passes::Yes => "yes",
        Passes::No => "no",
        Passes::Unknown { .. } => "unknown",
    }
}

/// How it went, in one sign.
pub(crate) fn mark(passes: &Passes) -> &'static str {
    match passes {
        Passes::Yes => "✓",
        Passes::No => "✗",
        Passes::Unknown { .. } => "?",
    }
}

/// Adds a hop's lines.
pub(crate) fn add(text: &mut String, Hop { at, passes, by, place, statements, change }: &Hop) {
    let _ = writeln!(text, "  {} {at}: {by}", mark(passes));
    if let Some(place) = place {
        let _ = writeln!(text, "      {place}");
    }
    for statement in statements.iter().filter(|statement| Some(*statement) != place.as_ref()) {
        let _ = writeln!(text, "      {statement}");
    }
    let missing = if let Passes::Unknown { missing } = passes { missing.as_slice() } else { &[] };
    add_ending(text, missing, change.as_deref());
}

/// Adds what would have to be known, and what would change it.
pub(crate) fn add_ending(text: &mut String, missing: &[Gap], change: Option<&str>) {
    for Gap { what, cause, fill } in missing {
        let _ = writeln!(text, "      not known: {what}: {cause}");
        if let Some(fill) = fill {
            let _ = writeln!(text, "      {fill}");
        }
    }
    if let Some(change) = change {
        let _ = writeln!(text, "      to change that: {change}");
    }
}
