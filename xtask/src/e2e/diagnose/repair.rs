//! What `oarlock diagnose --fix cli` prints is done, as whoever reads it would: by the account and the cluster that it names.

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    furnish::SECRET,
    scene::{HUB, REGION, SPOKE, Scene},
};
use crate::e2e::{argocd, enough::case::documents, tokens::cluster::Arn};

/// As the JSON has it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Change {
    pub(super) title: String,
    text: String,
}

impl Change {
    /// With a profile for each account, and contexts that are called as `aws eks update-kubeconfig` calls them.
    pub(super) fn apply(&self, scene: &Scene<'_>) -> Result<()> {
        if self.title.contains("in the cluster Secret") {
            return self.of_secret(scene);
        }
        let mut command = scene.aws.environment.command("bash", REGION);
        for cluster in [HUB, SPOKE] {
            let account = Arn::parse(cluster)?.account;
            command.env(format!("OARLOCK_PROFILE_{account}"), account);
        }
        command.env("KUBECONFIG", scene.ground.folder.join("kubeconfig")).args(["-euc", &self.text]);
        let output = command.output().context("cannot start bash")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}\nfailed: {said}", self.text);
        Ok(())
    }

    /// A field, which people edit: there is no command for one.
    fn of_secret(&self, scene: &Scene<'_>) -> Result<()> {
        let [field] = &documents(&self.text)?[..] else { bail!("not one field: {}", self.text) };
        let hub = scene.on_hub();
        let found = hub.get("secret", Some(argocd::NAMESPACE), &[SECRET])?;
        let data = found.first().and_then(|secret| secret.get("data")).context("a Secret without data")?;
        let mut patch = serde_json::Map::new();
        for (name, value) in field.as_object().context("a field")? {
            let text = match value {
                Value::Object(_) => {
                    let own = data.get(name).and_then(Value::as_str).unwrap_or_default();
                    let mut own = serde_json::from_slice(&STANDARD.decode(own)?)?;
                    merge(&mut own, value);
                    json!(own.to_string())
                }
                plain => plain.clone(),
            };
            patch.insert(name.clone(), text);
        }
        let patch = json!({ "stringData": patch }).to_string();
        hub.run(&["patch", "secret", SECRET, "-n", argocd::NAMESPACE, "--type=merge", "-p", &patch]).map(drop)
    }
}

/// RFC 7396: what is null goes.
fn merge(into: &mut Value, patch: &Value) {
    let (Some(own), Some(fields)) = (into.as_object_mut(), patch.as_object()) else {
        into.clone_from(patch);
        return;
    };
    for (name, value) in fields {
        if value.is_null() {
            own.remove(name);
        } else {
            merge(own.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_null_goes_and_others_stay() {
        let mut config = json!({ "awsAuthConfig": { "clusterName": "a", "roleARN": "b" } });
        merge(&mut config, &json!({ "awsAuthConfig": { "roleARN": null } }));
        assert_eq!(config, json!({ "awsAuthConfig": { "clusterName": "a" } }));
    }
}
