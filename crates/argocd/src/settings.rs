//! The settings of Argo CD that decide what it may be refused.

use std::collections::BTreeMap;

use facts::{Place, Problem};
use fleet::Version;
use serde::Deserialize;

use crate::ResourcesFilter;

/// A setting's value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The text, as in the ConfigMap.
    pub text: String,
    /// The ConfigMap that has it, where it was read from one.
    pub place: Option<Place>,
}

/// `resource.respectRBAC` (util/settings/settings.go, `RespectRBAC`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RespectRbac {
    /// One forbidden list stops the whole cluster.
    #[default]
    Unset,
    /// A kind whose list is refused is dropped.
    Normal,
    /// The same, after a SelfSubjectAccessReview confirms it.
    Strict,
}

impl RespectRbac {
    /// As people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "",
            Self::Normal => "normal",
            Self::Strict => "strict",
        }
    }
}

/// Resource actions that argocd-cm defines for a kind (`resource.customizations.actions.<group>_<kind>`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomAction {
    /// API group; `*` and globs as Argo CD matches them.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Names of the actions.
    pub actions: Vec<String>,
    /// Whether Argo CD's own actions of the kind stay (`mergeBuiltinActions`).
    pub keeps_builtin: bool,
    /// Where it stands.
    pub place: Option<Place>,
}

/// What argocd-cm and argocd-cmd-params-cm say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `resource.exclusions`, YAML.
    pub exclusions: Option<Value>,
    /// `resource.inclusions`, YAML.
    pub inclusions: Option<Value>,
    /// `resource.respectRBAC`
    pub respect_rbac: RespectRbac,
    /// `application.sync.impersonation.enabled`
    pub impersonation_enabled: bool,
    /// `application.sync.impersonation.enforced`; absent means true.
    pub impersonation_enforced: Option<bool>,
    /// `controller.diff.server.side` of argocd-cmd-params-cm.
    pub server_side_diff: bool,
    /// `application.namespaces` of argocd-cmd-params-cm: names, globs and regular expressions.
    pub application_namespaces: Vec<String>,
    /// `exec.enabled`
    pub exec_enabled: bool,
    /// Actions that argocd-cm defines itself, by group and kind.
    pub actions: Vec<CustomAction>,
}

#[derive(Deserialize)]
struct Actions {
    #[serde(default, rename = "mergeBuiltinActions")]
    merge_builtin_actions: bool,
    #[serde(default)]
    definitions: Option<Vec<Definition>>,
}

#[derive(Deserialize)]
struct Definition {
    name: String,
}

impl Settings {
    /// The settings of an Argo CD whose argocd-cm is as its own manifests ship it.
    pub fn defaults(version: Version) -> Self {
        let exclusions = ResourcesFilter::default_exclusions(version);
        Self {
            exclusions: exclusions.map(|text| Value { text: text.to_owned(), place: None }),
            ..Self::default()
        }
    }

    /// Reads the `data` of argocd-cm and argocd-cmd-params-cm, each with the place of its ConfigMap.
    ///
    /// # Errors
    /// Where a value isn't one that Argo CD accepts.
    pub fn parse(
        argocd_cm: &BTreeMap<String, String>,
        place: Option<&Place>,
        params: &BTreeMap<String, String>,
    ) -> Result<Self, Problem> {
        let value = |key: &str| {
            let text = argocd_cm.get(key).filter(|text| !text.trim().is_empty())?.clone();
            Some(Value { text, place: place.cloned() })
        };
        // Argo CD compares these with `true` exactly (util/settings/settings.go); the flag is Go's ParseBool.
        let is_true = |key: &str| argocd_cm.get(key).is_some_and(|text| text == "true");
        let flag = params.get("controller.diff.server.side").map(String::as_str);
        Ok(Self {
            exclusions: value("resource.exclusions"),
            inclusions: value("resource.inclusions"),
            respect_rbac: respect_rbac(argocd_cm, place)?,
            impersonation_enabled: is_true("application.sync.impersonation.enabled"),
            impersonation_enforced: argocd_cm
                .get("application.sync.impersonation.enforced")
                .map(|text| text != "false"),
            server_side_diff: flag
                .is_some_and(|text| matches!(text, "true" | "1" | "t" | "T" | "TRUE" | "True")),
            application_namespaces: list(params.get("application.namespaces")),
            exec_enabled: is_true("exec.enabled"),
            actions: actions(argocd_cm, place)?,
        })
    }
}

/// As util/env/env.go (StringsFromEnv) splits it.
fn list(text: Option<&String>) -> Vec<String> {
    let items = text.map(String::as_str).unwrap_or_default().split(',').map(str::trim);
    items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn respect_rbac(cm: &BTreeMap<String, String>, place: Option<&Place>) -> Result<RespectRbac, Problem> {
    match cm.get("resource.respectRBAC").map_or("", String::as_str) {
        "" => Ok(RespectRbac::Unset),
        "normal" => Ok(RespectRbac::Normal),
        "strict" => Ok(RespectRbac::Strict),
        other => {
            let message = format!(
                "`{other}` is no value of `resource.respectRBAC`: Argo CD doesn't start its cache with it"
            );
            Err(Problem::new(whereabouts(place), message)
                .with_help("write `normal` or `strict`, or leave it out"))
        }
    }
}

fn actions(cm: &BTreeMap<String, String>, place: Option<&Place>) -> Result<Vec<CustomAction>, Problem> {
    const PREFIX: &str = "resource.customizations.actions.";
    let keys = cm.iter().filter_map(|(key, text)| Some((key.strip_prefix(PREFIX)?, key, text)));
    keys.map(|(resource, key, text)| {
        // `_` separates group and kind, a kind alone is of the core group (util/settings/settings.go, getGroupFromKey).
        let (group, kind) = resource.split_once('_').unwrap_or(("", resource));
        let place = whereabouts(place);
        let parsed: Actions = manifest::parse(&place.file, text.as_bytes())
            .map_err(|problem| Problem::new(place.clone(), format!("`{key}`: {}", problem.message)))?;
        Ok(CustomAction {
            group: group.to_owned(),
            kind: kind.to_owned(),
            actions: parsed.definitions.unwrap_or_default().into_iter().map(|action| action.name).collect(),
            keeps_builtin: parsed.merge_builtin_actions,
            place: Some(place),
        })
    })
    .collect()
}

fn whereabouts(place: Option<&Place>) -> Place {
    place.cloned().unwrap_or_else(|| Place::file("argocd-cm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Result<Settings, Problem> {
        let data = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Settings::parse(&data, Some(&Place::file("argocd-cm.yaml")), &BTreeMap::new())
    }

    #[test]
    fn only_true_is_true() {
        let parsed =
            settings(&[("exec.enabled", "True"), ("application.sync.impersonation.enabled", "true")])
                .unwrap();
        assert!(
            !parsed.exec_enabled && parsed.impersonation_enabled && parsed.impersonation_enforced.is_none()
        );
    }

    #[test]
    fn anything_but_false_enforces_impersonation() {
        let enforced = |text| {
            settings(&[("application.sync.impersonation.enforced", text)]).unwrap().impersonation_enforced
        };
        assert_eq!((enforced("false"), enforced("no")), (Some(false), Some(true)));
    }

    #[test]
    fn an_unknown_respect_rbac_is_refused_as_argo_cd_refuses_it() {
        let problem = settings(&[("resource.respectRBAC", "true")]).unwrap_err();
        assert_eq!(problem.place.to_string(), "argocd-cm.yaml");
        assert!(problem.message.contains("`true`"), "{problem}");
    }

    #[test]
    fn custom_actions_name_their_kind() {
        let text = "mergeBuiltinActions: true\ndefinitions:\n- name: pause\n  action.lua: return obj\n";
        let parsed = settings(&[("resource.customizations.actions.example.com_Widget", text)]).unwrap();
        let action = parsed.actions.first().unwrap();
        assert_eq!((&*action.group, &*action.kind, action.keeps_builtin), ("example.com", "Widget", true));
        assert_eq!(action.actions, ["pause"]);
    }

    #[test]
    fn exclusions_are_shipped_since_3_0() {
        assert!(Settings::defaults(Version { major: 3, minor: 0 }).exclusions.is_some());
        assert!(Settings::defaults(Version { major: 2, minor: 14 }).exclusions.is_none());
    }
}
