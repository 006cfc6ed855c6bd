//! Findings about what is there: one check a file.
//!
//! A check looks at a scene: an account, a cluster, or the loose files that somebody gives. What it can't know it skips, and says so.

mod check;
mod fix;
mod list;
mod prelude;
mod report;
mod run;
mod source;
mod subject;
mod suppress;

mod argocd;
mod copied;
mod eks;
mod policy;
mod rbac;
mod trust;

pub use check::{About, Audience, Check, Confidence};
pub use fix::{Edited, Fix, Mended, mend};
pub use list::CHECKS;
pub use report::{AuditFinding, Report, Skipped, Suppressed, Today};
pub use run::{Inputs, LooseFile, audit};
pub use suppress::{Ignored, apply_baseline, ignore_file, nearest};

/// The checks of these ids, or all; the names that are none.
///
/// # Errors
/// Ids that no check has.
pub fn choose(only: &[String], skip: &[String]) -> Result<Vec<&'static Check>, Vec<String>> {
    let is_known = |id: &&String| CHECKS.iter().any(|check| check.about.id() == **id);
    let unknown: Vec<String> = only.iter().chain(skip).filter(|id| !is_known(id)).cloned().collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let chosen = CHECKS.iter().filter(|check| {
        let id = check.about.id();
        (only.is_empty() || only.contains(&id)) && !skip.contains(&id)
    });
    Ok(chosen.collect())
}

/// The list of all checks as `docs/checks` has it, with a link to each page.
pub fn index() -> String {
    let mut text = String::from(
        "# Checks of `oarlock audit`\n\nOne page each; [audit](../audit.md) says how to run them.\n",
    );
    let mut family = "";
    for about in CHECKS.iter().map(|check| check.about) {
        if about.family() != family {
            family = about.family();
            text.push_str(&format!("\n## {family}\n\n"));
        }
        let id = about.id();
        text.push_str(&format!("- [{id}]({id}.md): {}\n", about.title()));
    }
    text
}

#[cfg(test)]
mod tests;
