//! Kubernetes Secrets, whose contents never show in debug output.

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::application::null_as_default;

/// By it Argo CD finds its Secrets (common/common.go, `LabelKeySecretType`).
pub const SECRET_TYPE_LABEL: &str = "argocd.argoproj.io/secret-type";

/// A Secret as `kubectl get -o yaml` prints it, or as people write it with `stringData`.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Secret {
    /// `metadata`
    pub metadata: SecretMetadata,
    #[serde(deserialize_with = "decoded")]
    data: BTreeMap<String, Vec<u8>>,
    #[serde(deserialize_with = "null_as_default")]
    string_data: BTreeMap<String, String>,
}

/// The part of a Secret's metadata that Argo CD looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SecretMetadata {
    /// Name.
    pub name: String,
    /// Namespace.
    pub namespace: Option<String>,
    /// Labels.
    #[serde(deserialize_with = "null_as_default")]
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    #[serde(deserialize_with = "null_as_default")]
    pub annotations: BTreeMap<String, String>,
}

impl Secret {
    /// What Argo CD takes it for: `cluster`, `repository`, `repo-creds`, …
    pub fn secret_type(&self) -> Option<&str> {
        self.metadata.labels.get(SECRET_TYPE_LABEL).map(String::as_str)
    }

    /// A value as text; none if there is no such key. What isn't UTF-8 is replaced.
    pub fn text(&self, key: &str) -> Option<String> {
        match self.string_data.get(key) {
            Some(text) => Some(text.clone()),
            None => self.data.get(key).map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
        }
    }
}

/// Keys only.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("metadata", &self.metadata.name)
            .field("keys", &self.data.keys().chain(self.string_data.keys()).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

fn decoded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Vec<u8>>, D::Error> {
    let written: BTreeMap<String, Option<String>> = null_as_default(deserializer)?;
    let bytes = |(key, text): (String, Option<String>)| {
        let text: String = text.unwrap_or_default().split_whitespace().collect();
        let bytes = STANDARD.decode(text);
        // The value itself is never part of a message.
        bytes
            .map(|bytes| (key.clone(), bytes))
            .map_err(|_| D::Error::custom(format!("`data.{key}` is not base64")))
    };
    written.into_iter().map(bytes).collect()
}

/// Text that debug output hides.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "hidden" })
    }
}
