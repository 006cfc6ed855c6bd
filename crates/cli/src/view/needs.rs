//! Views of the needs of one set of manifests.

use argocd::{Need, Needs};
use facts::{Finding, Gap};
use plan::grants;
use serde::Serialize;

use super::{API_VERSION, row::rows, table};

/// What `-o json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json<'n> {
    api_version: &'static str,
    kind: &'static str,
    complete: bool,
    needs: &'n [Need],
    undecided: &'n [argocd::Undecided],
    findings: &'n [Finding],
    unknown: &'n [Gap],
}

impl<'n> Json<'n> {
    pub(crate) fn new(needs: &'n Needs) -> Self {
        Self {
            api_version: API_VERSION,
            kind: "Needs",
            complete: needs.is_complete() && needs.undecided.is_empty(),
            needs: &needs.needs,
            undecided: &needs.undecided,
            findings: &needs.findings,
            unknown: &needs.unknown,
        }
    }
}

const HEAD: [&str; 6] = ["IDENTITY", "NAMESPACE", "RESOURCE", "VERBS", "NAMES", "WHY"];

/// A table with reasons.
pub(crate) fn table(needs: &Needs) -> String {
    table::plain(&HEAD, cells(needs, |text| text))
}

/// The same as Markdown.
pub(crate) fn markdown(needs: &Needs) -> String {
    table::markdown(&HEAD, cells(needs, |text| format!("`{text}`")))
}

fn cells(needs: &Needs, code: fn(String) -> String) -> Vec<Vec<String>> {
    rows(&needs.needs)
        .into_iter()
        .map(|row| {
            vec![
                row.identity.to_string(),
                code(row.scope()),
                code(row.resource.clone()),
                row.verbs(),
                code(row.names()),
                row.why(),
            ]
        })
        .collect()
}

/// ClusterRoles and Roles with bindings, ready to apply.
///
/// # Errors
/// Where an object can't be serialised.
pub(crate) fn yaml(needs: &Needs, group: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    for object in grants::for_group(needs, group) {
        text.push_str("---\n");
        text.push_str(&plan::render::yaml(&object.body));
    }
    Ok(text)
}
