//! The entries of argocd-rbac-cm (util/rbac/rbac.go, `PolicyCSV`, `syncUpdate`; server/server.go, `rbacPolicyLoader`).

use std::collections::BTreeMap;

use facts::{Place, Problem};

use super::{ArgocdRbac, MatchMode, Source, builtin, policy::Policy};

const POLICY: &str = "policy.csv";
const DEFAULT_ROLE: &str = "policy.default";
const MATCH_MODE: &str = "policy.matchMode";
const SCOPES: &str = "scopes";

/// Reads all entries.
pub(crate) fn read(data: &BTreeMap<String, String>) -> (ArgocdRbac, Vec<Problem>) {
    let mut problems = Vec::new();
    let mode = match data.get(MATCH_MODE).map(String::as_str) {
        Some("regex") => MatchMode::Regex,
        _ => MatchMode::Glob,
    };
    let policy = policy(data, mode, &mut problems);
    let scopes = scopes(data.get(SCOPES).map_or("", String::as_str), &mut problems);
    let rbac = ArgocdRbac {
        policy,
        default_role: data.get(DEFAULT_ROLE).filter(|role| !role.is_empty()).cloned(),
        mode,
        scopes,
        projects: BTreeMap::new(),
        refused: !problems.is_empty(),
    };
    (rbac, problems)
}

fn policy(data: &BTreeMap<String, String>, mode: MatchMode, problems: &mut Vec<Problem>) -> Policy {
    let mut policy = Policy::default();
    let builtin: Vec<String> = builtin::lines().collect();
    policy.add(&builtin.join("\n"), mode, |_| Source::Builtin);
    let overlay = |key: &&String| key.starts_with("policy.") && key.ends_with(".csv") && *key != POLICY;
    let overlays = data.iter().filter(|(key, _)| overlay(key));
    for (key, text) in data.get_key_value(POLICY).into_iter().chain(overlays) {
        let errors = policy.add(text, mode, |line| Source::Config { key: key.clone(), line });
        problems.extend(errors.into_iter().map(|(line, error)| {
            let message = format!("{error}: Argo CD refuses the whole policy");
            Problem::new(place(key, line), message).with_help(error.help())
        }));
    }
    policy
}

/// The claims that are groups, a list of YAML: `groups` alone unless it says otherwise.
///
/// An entry of nothing but white space is an empty list, `null` is no list.
fn scopes(text: &str, problems: &mut Vec<Problem>) -> Vec<String> {
    let default = || vec!["groups".to_owned()];
    if text.is_empty() {
        return default();
    } else if text.trim().is_empty() {
        return Vec::new();
    }
    match serde_saphyr::from_str::<Option<Vec<Option<String>>>>(text) {
        Ok(scopes) => {
            scopes.map_or_else(default, |scopes| scopes.into_iter().map(Option::unwrap_or_default).collect())
        }
        Err(_) => {
            let message = format!("`{text}` is not a list: Argo CD refuses the whole ConfigMap");
            problems.push(Problem::new(place(SCOPES, 0), message).with_help("write `[groups, email]`"));
            Vec::new()
        }
    }
}

fn place(key: &str, line: u32) -> Place {
    Place::new(format!("argocd-rbac-cm, {key}").into(), line, 0)
}
