//! What AWS takes, and what yet doesn't do what it seems to: found by the catalogue.

mod actions;
mod advice;
mod arn_format;
mod conditions;
mod resources;
mod sizes;

pub use advice::Advice;

use crate::{Document, Kind, Parsed, place::Path};

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
    let Parsed { document, problems } = Parsed::of_text(text, kind);
    let refused = problems
        .into_iter()
        .map(|problem| Remark { path: problem.path, advice: Advice::Problem(problem.reason) });
    let size = sizes::advice(text, kind).map(|advice| Remark { path: Path::root(), advice });
    let mut remarks: Vec<Remark> = refused.chain(size).collect();
    let Document { statements, version, .. } = &document;
    for (number, statement) in statements.iter().enumerate() {
        let path = Path::statement(number);
        let expanded = actions::Expanded::of(statement);
        remarks.extend(actions::remarks(&expanded, &path));
        remarks.extend(resources::remarks(statement, &expanded, *version, &path));
        remarks.extend(conditions::remarks(statement, &expanded, *version, &path));
    }
    remarks
}
