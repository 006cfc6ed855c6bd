//! `oarlock policy expand`.

use iam::{Element, Values, catalogue};

use super::Source;
use crate::{exit::Status, output::print_json};

/// Print a policy with the actions that its wildcards stand for today
///
/// `*` alone stays as it is: it also means every action that is to come.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  oarlock policy expand policy.json")]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let mut document = arguments.source.read()?;
    for statement in &mut document.statements {
        let (Element::Only(actions) | Element::AllBut(actions)) = &mut statement.actions;
        *actions = expanded(actions);
    }
    print_json(&document)?;
    Ok(Status::Fine)
}

/// A pattern that is like no action stays as it is: `oarlock policy lint` says so.
fn expanded(actions: &Values) -> Values {
    let mut all = Values::new();
    for action in actions {
        let is_pattern = action.contains(['*', '?']) && action != "*" && action != "*:*";
        let meant: Values = if is_pattern {
            catalogue::actions_matching(action).map(ToString::to_string).collect()
        } else {
            Values::new()
        };
        if meant.is_empty() {
            all.insert(action.clone());
        }
        all.extend(meant);
    }
    all
}
