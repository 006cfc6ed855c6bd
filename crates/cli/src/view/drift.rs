//! Drift for people: what would put it right, signed as in a plan. Nothing, where nothing has drifted.

use std::collections::BTreeMap;

use facts::Gap;
use plan::{Action, Drifted, Happened, Owner};

use super::{
    findings,
    plan::{REASON, heading},
    value,
    wrap::paragraph,
};

/// The drifted objects by place, then what isn't known.
pub(crate) fn text(objects: &[Drifted], unknown: &[Gap], width: usize) -> String {
    let mut places: BTreeMap<String, Vec<&Drifted>> = BTreeMap::new();
    for drifted in objects {
        places.entry(heading(&drifted.object.location)).or_default().push(drifted);
    }
    let mut text = String::new();
    for (heading, objects) in places {
        text.push_str(&format!("{heading}\n\n"));
        objects.into_iter().for_each(|drifted| text.push_str(&object(drifted, width)));
        text.push('\n');
    }
    text.push_str(&findings::text(&[], unknown, width));
    if !objects.is_empty() {
        text.push_str(&summary(objects));
    }
    text
}

fn object(drifted: &Drifted, width: usize) -> String {
    let Drifted { object, drift, owner, reason, undo } = drifted;
    let foreign = if *owner == Owner::Foreign { ", and it isn't marked as Oarlock's" } else { "" };
    let mut text = format!("  {:<3} {object}  ({}{foreign})\n", undo.sign(), word(*drift));
    text.push_str(&paragraph(reason, REASON, REASON, width));
    if let Action::Update { changes } | Action::Replace { changes } = undo {
        changes.iter().for_each(|change| text.push_str(&value::change(change)));
    }
    text
}

fn word(drift: Happened) -> &'static str {
    match drift {
        Happened::Removed => "it isn't there",
        Happened::Changed => "it differs",
        Happened::Added => "it is there and shouldn't be",
    }
}

fn summary(objects: &[Drifted]) -> String {
    let of = |wanted| objects.iter().filter(|drifted| drifted.drift == wanted).count();
    format!(
        "Drift: {} missing, {} changed, {} too many.\n",
        of(Happened::Removed),
        of(Happened::Changed),
        of(Happened::Added)
    )
}
