//! Hops, for people and as JSON.

use std::fmt::Write as _;

use access::{Hop, Passes};
use facts::{Gap, Place};
use schemars::JsonSchema;
use serde::Serialize;

/// One hop.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccessHop")]
pub(crate) struct JsonHop {
    /// `argocd-rbac`, `project`, `cluster-secret`, `service-account`, `assume-role`, `token`, `cluster-identity`, `impersonation`,
    /// `authorization` or `escalation`
    at: &'static str,
    /// `yes`, `no` or `unknown`
    passes: &'static str,
    /// By what, or why not.
    by: String,
    /// Where that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    /// What would have to be known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<Gap>,
    /// Where it ends: the smallest change with which it would pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<String>,
}

/// How it went, in one word.
pub(crate) fn word(passes: &Passes) -> &'static str {
    match passes {
        Passes::Yes => "yes",
        Passes::No => "no",
        Passes::Unknown { .. } => "unknown",
    }
}

impl From<Hop> for JsonHop {
    fn from(Hop { at, passes, by, place, change }: Hop) -> Self {
        let answer = word(&passes);
        let missing = if let Passes::Unknown { missing } = passes { missing } else { Vec::new() };
        Self { at: at.as_str(), passes: answer, by, place, missing, change }
    }
}

/// Adds a hop's lines.
pub(crate) fn add(text: &mut String, JsonHop { at, passes, by, place, missing, change }: &JsonHop) {
    let mark = match *passes {
        "yes" => "✓",
        "no" => "✗",
        _ => "?",
    };
    let _ = writeln!(text, "  {mark} {at}: {by}");
    if let Some(place) = place {
        let _ = writeln!(text, "      {place}");
    }
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
