//! The hub: Argo CD's service accounts, settings, projects, Applications, and a cluster Secret for each cluster.

use std::path::Path;

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    HUB, HUB_ACCOUNT, HUB_ROLE, NAMESPACES, Size, Spoke,
    clusters::{self, namespace, object},
    write,
};

const ARGOCD: Option<&str> = Some("argocd");

const COMPONENTS: [&str; 2] = ["argocd-application-controller", "argocd-server"];

pub(super) fn generate(folder: &Path, size: Size) -> Result<()> {
    let own = folder.join("clusters").join(HUB_ACCOUNT).join("eu-west-1").join("hub");
    eks(&own.join("eks"))?;
    let kubernetes = own.join("kubernetes");
    for empty in ["clusterroles", "clusterrolebindings", "roles", "rolebindings"] {
        write::kubectl(&kubernetes, empty, Vec::new())?;
    }
    write::kubectl(&kubernetes, "namespaces", vec![object("v1", "Namespace", None, "argocd", json!({}))])?;
    let accounts = COMPONENTS.map(|name| object("v1", "ServiceAccount", ARGOCD, name, json!({})));
    write::kubectl(&kubernetes, "serviceaccounts", accounts.into())?;
    let settings = ["argocd-cm", "argocd-rbac-cm"];
    let settings = settings.map(|name| object("v1", "ConfigMap", ARGOCD, name, json!({"data": {}})));
    write::kubectl(&kubernetes, "configmaps", settings.into())?;
    write::kubectl(&kubernetes, "secrets", (0..size.clusters).map(|number| secret(Spoke(number))).collect())?;
    write::kubectl(&kubernetes, "appprojects", (0..NAMESPACES).map(project).collect())?;
    let applications = (0..size.clusters).flat_map(|number| (0..2).map(move |team| (Spoke(number), team)));
    write::kubectl(&kubernetes, "applications", applications.map(application).collect())
}

fn eks(folder: &Path) -> Result<()> {
    let issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let endpoint = "https://AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.gr7.eu-west-1.eks.amazonaws.com";
    clusters::describe(folder, "hub", HUB, endpoint, issuer)?;
    clusters::entries(folder, "hub", &[])?;
    write::aws(folder, "list-capabilities", &json!({"capabilities": []}))?;
    let association = |number: usize, name: &str| {
        json!({"clusterName": "hub", "namespace": "argocd", "serviceAccount": name, "associationId": format!("a-{number}"),
            "roleArn": HUB_ROLE, "disableSessionTags": false, "tags": {}})
    };
    let all: Vec<Value> =
        COMPONENTS.iter().enumerate().map(|(number, name)| association(number, name)).collect();
    write::aws(folder, "list-pod-identity-associations", &json!({"associations": all}))?;
    for (number, association) in all.iter().enumerate() {
        let output = json!({"association": association});
        write::aws(folder, &format!("describe-pod-identity-association-a-{number}"), &output)?;
    }
    Ok(())
}

fn secret(spoke: Spoke) -> Value {
    let config = json!({"awsAuthConfig": {"clusterName": spoke.name(), "roleARN": spoke.deployer()},
        "tlsClientConfig": {"insecure": false, "caData": "LS0tLS1CRUdJTi=="}});
    let fields = [("name", spoke.name()), ("server", spoke.endpoint()), ("config", config.to_string())];
    let data: serde_json::Map<String, Value> =
        fields.into_iter().map(|(key, text)| (key.to_owned(), STANDARD.encode(text).into())).collect();
    let mut secret = object("v1", "Secret", ARGOCD, &spoke.name(), json!({"data": data, "type": "Opaque"}));
    if let Some(metadata) = secret.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("labels".to_owned(), json!({"argocd.argoproj.io/secret-type": "cluster"}));
    }
    secret
}

fn project(team: usize) -> Value {
    let name = namespace(team);
    let spec = json!({"sourceRepos": ["*"], "destinations": [{"name": "spoke-*", "namespace": name}]});
    object("argoproj.io/v1alpha1", "AppProject", ARGOCD, &name, json!({"spec": spec}))
}

fn application((spoke, team): (Spoke, usize)) -> Value {
    let name = format!("{}-{}", namespace(team), spoke.name());
    let spec = json!({"project": namespace(team), "source": {"repoURL": "https://git.example.com/x.git", "path": "."},
        "destination": {"server": spoke.endpoint(), "namespace": namespace(team)}});
    object("argoproj.io/v1alpha1", "Application", ARGOCD, &name, json!({"spec": spec}))
}
