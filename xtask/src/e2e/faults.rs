//! What goes wrong before a server: the file that says so (`tests/e2e/aws-front/faults.go`), and the recording of what did.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Result;
use serde_json::{Value, json};

/// From now on these go wrong, and are counted anew.
pub(super) fn write(file: &Path, faults: &[Value]) -> Result<()> {
    let mut text = Value::from(faults).to_string();
    // Only a file that differs is begun from the first.
    if fs::read_to_string(file)? == text {
        text.push(' ');
    }
    // Whoever reads it at this moment mustn't find half of it.
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    Ok(fs::rename(new, file)?)
}

/// That there is no organisation: the AWS API server's has one account.
pub(super) fn no_organization() -> Value {
    json!({ "service": "organizations", "kind": "refusing", "code": "AWSOrganizationsNotInUseException" })
}

/// The calls of a recording, one a line.
pub(super) fn calls(recording: &Path) -> Result<Vec<Value>> {
    fs::read_to_string(recording)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// What went wrong, by kind and call, how often; of an organisation that isn't there nothing is said.
pub(super) fn met(calls: &[Value]) -> BTreeMap<String, usize> {
    let mut met = BTreeMap::new();
    for call in calls {
        let field = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = field("by").strip_prefix("fault ").filter(|_| field("service") != "organizations");
        if let Some(kind) = kind {
            *met.entry(format!("{kind} {}", field("action"))).or_default() += 1;
        }
    }
    met
}
