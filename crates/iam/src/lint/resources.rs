//! Actions that are never asked of the resources that their statement lists (Service Authorization Reference, "Actions,
//! resources, and condition keys for AWS services": "If you specify a resource that is not valid for the action, any request to use
//! that action fails, and the statement's `Effect` does not apply").

use super::{Advice, Remark, actions::Expanded, arn_format::ArnForm};
use crate::{
    Element, Statement, Version,
    catalogue::{self, AccessLevel, Action, Service},
};

pub(super) fn remarks(statement: &Statement, expanded: &Expanded<'_>, version: Version) -> Vec<Remark> {
    let Some(Element::Only(resources)) = &statement.resources else { return Vec::new() };
    let listed: Vec<ArnForm> =
        resources.iter().filter_map(|resource| ArnForm::of_policy(resource, version)).collect();
    // `*` is good for every action, and what can't be read is another remark's.
    if !expanded.is_only() || listed.is_empty() || listed.len() < resources.len() {
        return Vec::new();
    }
    let misfits =
        expanded.listed.iter().filter_map(|(text, meant)| Some((text, misfit(text, meant, &listed)?)));
    misfits.map(|(text, advice)| Remark { path: expanded.path(text), advice }).collect()
}

/// What to say of an action, or of a pattern, if none of its actions is asked of any of the resources.
fn misfit(text: &str, meant: &[&'static Action], listed: &[ArnForm]) -> Option<Advice> {
    if meant.is_empty() || meant.iter().any(|action| fits(action, listed)) {
        return None;
    }
    let action = text.to_owned();
    let mut takes: Vec<&str> = meant.iter().flat_map(|action| formats(action)).collect();
    takes.sort_unstable();
    takes.dedup();
    if takes.is_empty() {
        return Some(Advice::TakesAllResources(action));
    }
    Some(Advice::NoSuchResource { action, takes })
}

/// Whether an action may be asked of one of the resources.
fn fits(action: &Action, listed: &[ArnForm]) -> bool {
    let Some(service) = catalogue::service(action.service) else { return true };
    let own = || listed.iter().filter(|resource| is_of(resource, service));
    // What can be tagged grows faster than what the pages say of it.
    if action.access_level == AccessLevel::Tagging || action.name.contains("Tag") {
        return own().next().is_some();
    }
    let mut formats = formats(action).map(ArnForm::of_catalogue).peekable();
    if formats.peek().is_none() {
        // Many services ask for such an action by an ARN without a name, `…:cluster/*`, which a pattern may match.
        return own().any(ArnForm::is_open);
    }
    formats.any(|format| listed.iter().any(|resource| resource.overlaps(&format)))
}

/// Whether a resource may be one of the service, whose ARNs can have another service's name: `sagemaker` for `sagemaker-mlflow`.
fn is_of(resource: &ArnForm, service: &Service) -> bool {
    let formats = service.resource_types.iter().flat_map(|kind| &kind.arn_formats).copied();
    // Systems Manager User Guide, "Additional sample IAM policies for Session Manager".
    let sessions = (service.prefix == "ssmmessages").then_some("arn:*:ssm");
    let own = format!("arn:*:{}", service.prefix);
    let mut all = formats.chain(sessions).chain([&*own]);
    all.any(|format| resource.has_service(&ArnForm::of_catalogue(format)))
}

fn formats(action: &Action) -> impl Iterator<Item = &'static str> {
    let service = catalogue::service(action.service);
    let kinds = action.resource_types.iter().filter_map(move |kind| service?.resource_type(kind.name));
    kinds.flat_map(|kind| kind.arn_formats.iter().copied())
}
