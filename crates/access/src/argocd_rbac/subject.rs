//! Who asks.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A person, a local account or a token, after Argo CD has taken its claims apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The user's identifier at the identity provider, the local account's name, or `proj:PROJECT:ROLE`.
    pub id: String,
    /// The values of the claims that `scopes` names.
    #[serde(default)]
    pub groups: Vec<String>,
}

impl Subject {
    /// A subject without groups.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), groups: Vec::new() }
    }

    /// Adds groups.
    #[must_use]
    pub fn in_groups(mut self, groups: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.groups.extend(groups.into_iter().map(Into::into));
        self
    }

    /// Reads a token's claims (util/jwt/jwt.go, `GetUserIdentifier`, `GetScopeValues`).
    ///
    /// Dex's `federated_claims.user_id` comes before `sub`. For tokens of local accounts the session has already cut
    /// `:apiKey` and `:login` off the subject (util/session/sessionmanager.go).
    pub fn of_claims(claims: &Value, scopes: &[String]) -> Self {
        let federated = claims.pointer("/federated_claims/user_id").and_then(Value::as_str);
        let id = federated.filter(|id| !id.is_empty());
        let id = id.or_else(|| claims.get("sub").and_then(Value::as_str)).unwrap_or_default();
        Self::new(id).in_groups(scopes.iter().filter_map(|scope| claims.get(scope)).flat_map(texts))
    }

    /// The project and the role of a project's token (rbacpolicy.go, `GetProjectRoleFromSubject`).
    pub fn project_role(&self) -> Option<(&str, &str)> {
        let mut parts = self.id.strip_prefix("proj:")?.split(':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(project), Some(role), None) => Some((project, role)),
            _ => None,
        }
    }
}

/// A claim's value as groups: a text, or the texts of a list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(claims: Value) -> Subject {
        Subject::of_claims(&claims, &["groups".into(), "email".into()])
    }

    #[test]
    fn dex_names_the_user_behind_the_connector() {
        let claims = json!({"sub": "opaque", "federated_claims": {"user_id": "ann", "connector_id": "ldap"}});
        assert_eq!(of(claims).id, "ann");
        assert_eq!(of(json!({"sub": "ann", "federated_claims": {"user_id": ""}})).id, "ann");
        assert_eq!(of(json!({"sub": "ann", "federated_claims": "x"})).id, "ann");
        assert_eq!(of(json!({"sub": 7})).id, "");
    }

    #[test]
    fn groups_are_the_texts_of_the_scopes() {
        let claims =
            json!({"sub": "ann", "groups": ["dev", 7, "ops"], "email": "ann@example.com", "other": "x"});
        assert_eq!(of(claims).groups, ["dev", "ops", "ann@example.com"]);
    }

    #[test]
    fn a_projects_token_has_exactly_three_parts() {
        assert_eq!(Subject::new("proj:shop:ci").project_role(), Some(("shop", "ci")));
        assert_eq!(Subject::new("proj::").project_role(), Some(("", "")));
        for other in ["proj:shop", "proj:shop:ci:1", "role:admin", "Proj:shop:ci", "proj"] {
            assert_eq!(Subject::new(other).project_role(), None, "{other}");
        }
    }
}
