//! Views of the needs of one set of manifests.

use std::{collections::BTreeSet, fmt::Write as _};

use argocd::{Need, Needs};
use facts::{Finding, Gap};
use plan::grants;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    API_VERSION,
    row::{Row, common_folder, rows},
    table,
};
use crate::output::{Stream, width};

/// What Argo CD needs to deploy and track a set of manifests: what `oarlock needs -o json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Needs")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json<'n> {
    /// `oarlock.dev/v1alpha1`
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    /// `Needs`
    #[schemars(extend("const" = "Needs"))]
    kind: &'static str,
    /// Whether everything that the input asks for could be worked out, and nothing waits for a choice.
    complete: bool,
    /// Sorted by identity and permission, each pair once.
    needs: &'n [Need],
    /// RBAC objects among the manifests for which somebody has to choose first: what they take is not among the needs.
    undecided: &'n [argocd::Undecided],
    /// What people should look at.
    findings: &'n [Finding],
    /// What could not be worked out.
    unknown: &'n [Gap],
}

impl<'n> Json<'n> {
    pub(crate) fn new(needs: &'n Needs) -> Self {
        Self {
            api_version: API_VERSION,
            kind: "Needs",
            complete: needs.is_complete(),
            needs: &needs.needs,
            undecided: &needs.undecided,
            findings: &needs.findings,
            unknown: &needs.unknown,
        }
    }
}

/// A table with reasons.
pub(crate) fn table(needs: &Needs) -> String {
    let rows = rows(&needs.needs);
    let folder = common_folder(&rows);
    let cells = rows.iter().map(|row| cells(row, &folder, str::to_owned)).collect();
    let table = table::fitted(&HEAD, [0, 1, 2], cells, width(Stream::Stdout));
    format!("{table}{}", table::below(&folder))
}

/// The same as Markdown.
pub(crate) fn markdown(needs: &Needs) -> String {
    let rows = rows(&needs.needs);
    let folder = common_folder(&rows);
    let cells = rows.iter().map(|row| cells(row, &folder, |text| format!("`{text}`")));
    table::markdown(&HEAD, cells)
}

/// The columns of a row of needs.
pub(super) const HEAD: [&str; 7] = ["IDENTITY", "NAMESPACE", "RESOURCE", "VERBS", "NAMES", "WHY", "FIRST AT"];

/// The cells of a row; words of the field pass through `code`.
pub(super) fn cells(row: &Row, folder: &str, code: fn(&str) -> String) -> Vec<String> {
    let unless_empty = |text: String| if text.is_empty() { text } else { code(&text) };
    vec![
        row.identity.to_string(),
        code(&row.scope()),
        code(&row.resource()),
        row.verbs(),
        unless_empty(row.names()),
        row.why(),
        unless_empty(row.place(folder)),
    ]
}

/// ClusterRoles and Roles with bindings, ready to apply. The namespaces are named, since the API server refuses a Role in
/// one that isn't there, also if Argo CD would create it later.
///
/// # Errors
/// Where an object can't be serialised.
pub(crate) fn yaml(needs: &Needs, group: &str) -> anyhow::Result<String> {
    let objects = grants::for_group(needs, group);
    let namespaces: BTreeSet<&str> =
        objects.iter().filter_map(|object| object.namespace.as_deref()).collect();
    let mut text = String::new();
    if !namespaces.is_empty() {
        let namespaces: Vec<&str> = namespaces.into_iter().collect();
        let _ = writeln!(text, "# Namespaces that must exist first: {}", namespaces.join(", "));
    }
    for object in objects {
        text.push_str("---\n");
        text.push_str(&plan::render::yaml(&object.body.value()));
    }
    Ok(text)
}
