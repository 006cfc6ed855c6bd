//! Inventories of the hub and one spoke, from files as the AWS CLI and kubectl print them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use inventory::{File, Inventory};
use serde_json::{Value, json};

pub(crate) const HUB: &str = "clusters/111122223333/eu-west-1/hub";
pub(crate) const PROD: &str = "clusters/444455556666/us-east-1/prod";

/// An inventory of these files, all of which must be readable.
pub(crate) fn inventory(files: &[(String, Value)]) -> Inventory {
    let file = |(path, content): &(String, Value)| File {
        path: path.clone(),
        name: path.as_str().into(),
        bytes: content.to_string().into_bytes(),
    };
    let reading = Inventory::read(&files.iter().map(file).collect::<Vec<_>>());
    assert!(reading.problems.is_empty() && reading.unknown.is_empty(), "{reading:#?}");
    reading.inventory
}

/// A file below a cluster's folder.
pub(crate) fn at(cluster: &str, path: &str, content: Value) -> (String, Value) {
    (format!("{cluster}/{path}"), content)
}

/// Objects of Argo CD's namespace on the hub, as `kubectl get … -o json` prints them.
pub(crate) fn objects(resource: &str, kind: &str, items: &[Value]) -> (String, Value) {
    let items: Vec<Value> = items
        .iter()
        .map(|item| {
            let mut object = json!({"apiVersion": "v1", "kind": kind});
            object.as_object_mut().unwrap().extend(item.as_object().unwrap().clone());
            object["metadata"]["namespace"] = "argocd".into();
            object
        })
        .collect();
    at(
        HUB,
        &format!("kubernetes/{resource}.json"),
        json!({"apiVersion": "v1", "kind": "List", "items": items}),
    )
}

/// One of Argo CD's Secrets, its values encoded.
pub(crate) fn secret(name: &str, kind: &str, data: &[(&str, &str)]) -> Value {
    let data: serde_json::Map<String, Value> =
        data.iter().map(|(key, text)| ((*key).to_owned(), STANDARD.encode(text).into())).collect();
    json!({"metadata": {"name": name, "labels": {"argocd.argoproj.io/secret-type": kind}}, "data": data})
}
