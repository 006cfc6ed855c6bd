//! What AWS takes, and what yet doesn't do what it seems to: found by the catalogue.

mod actions;
mod advice;
mod arn_format;
mod conditions;
mod resources;
mod sizes;

pub use advice::Advice;

use crate::{Document, Element, Kind, Parsed, Statement, Values, place::Path};

/// One thing that somebody should look at, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The element that it is about.
    pub path: Path,
    /// What is the matter with it.
    pub advice: Advice,
}

/// All remarks on a document: what AWS would refuse first, its size, then the others, statement by statement.
pub fn lint(text: &str, kind: Kind) -> Vec<Remark> {
    let Parsed { document, problems, numbers } = Parsed::of_text(text, kind);
    let refused = problems
        .into_iter()
        .map(|problem| Remark { path: problem.path, advice: Advice::Problem(problem.reason) });
    let size = sizes::advice(text, kind).map(|advice| Remark { path: Path::root(), advice });
    let mut remarks: Vec<Remark> = refused.chain(size).collect();
    let Document { statements, version, .. } = &document;
    for (at, (statement, number)) in statements.iter().zip(numbers).enumerate() {
        let path = Path::statement(number);
        let expanded = actions::Expanded::of(statement, &path, text);
        let before = remarks.len();
        remarks.extend(actions::remarks(&expanded));
        remarks.extend(resources::remarks(statement, &expanded, *version));
        remarks.extend(conditions::remarks(statement, &expanded, *version, &path));
        // Where one of its elements is wrong by itself, that says more.
        if remarks.len() == before && can_contradict(statement) && document.certainly_never_matches(at) {
            remarks.push(Remark { path: path.clone(), advice: Advice::NeverMet });
        }
    }
    remarks
}

/// Whether a statement has more to say than lists of actions and resources.
fn can_contradict(statement: &Statement) -> bool {
    let lists_all =
        |element: Option<&Element<Values>>| element.is_none_or(|element| element.only().is_some());
    !statement.conditions.is_empty()
        || !lists_all(Some(&statement.actions))
        || !lists_all(statement.resources.as_ref())
}
