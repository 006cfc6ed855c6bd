//! Actions that AWS doesn't have.

use super::{Advice, Remark};
use crate::{
    Element, Statement,
    catalogue::{self, Action},
    place::Path,
};

/// A statement's actions, with what each stands for.
pub(super) struct Expanded<'s> {
    /// `Action` or `NotAction`.
    element: &'static str,
    /// Where the statement stands in its document, and the document's text.
    statement: &'s Path,
    text: &'s str,
    /// As written, sorted.
    pub(super) listed: Vec<(&'s str, Vec<&'static Action>)>,
    /// Whether all actions that it is about are known: it lists them, and none by `*` alone.
    pub(super) is_closed: bool,
}

impl<'s> Expanded<'s> {
    pub(super) fn of(statement: &'s Statement, path: &'s Path, text: &'s str) -> Self {
        let element = match statement.actions {
            Element::Only(_) => "Action",
            Element::AllBut(_) => "NotAction",
        };
        let all = statement.actions.listed().iter();
        let listed: Vec<_> = all.map(|action| (action.as_str(), meant(action))).collect();
        // Of an action that isn't known, nothing is known.
        let is_closed =
            element == "Action" && listed.iter().all(|(text, meant)| !is_all(text) && !meant.is_empty());
        Self { element, statement: path, text, listed, is_closed }
    }

    /// Where one of them stands.
    pub(super) fn path(&self, action: &str) -> Path {
        self.statement.key(self.element).item(action, self.text)
    }

    /// Whether the statement is about what it lists.
    pub(super) fn is_only(&self) -> bool {
        self.element == "Action"
    }

    /// For a sentence.
    pub(super) fn shown(&self) -> String {
        match &*self.listed {
            [(one, _)] => format!("`{one}`"),
            several => format!("any of these {} actions", several.len()),
        }
    }

    /// All of them.
    pub(super) fn actions(&self) -> impl Iterator<Item = &'static Action> {
        self.listed.iter().flat_map(|(_, meant)| meant).copied()
    }
}

pub(super) fn remarks(expanded: &Expanded<'_>) -> Vec<Remark> {
    let unknown = expanded.listed.iter().filter(|(text, meant)| !is_all(text) && meant.is_empty());
    let remark = |text: &str| {
        let action = text.to_owned();
        let advice = if is_pattern(text) {
            Advice::MatchesNoAction(action)
        } else {
            Advice::UnknownAction { action, nearest: catalogue::nearest_action(text) }
        };
        Remark { path: expanded.path(text), advice }
    };
    unknown.map(|(text, _)| remark(text)).collect()
}

/// The actions that a text stands for; of all of AWS none is listed.
fn meant(text: &str) -> Vec<&'static Action> {
    if is_all(text) {
        return Vec::new();
    }
    if is_pattern(text) {
        return catalogue::actions_matching(text).collect();
    }
    catalogue::action(text).into_iter().collect()
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

fn is_all(text: &str) -> bool {
    matches!(text, "*" | "*:*")
}
