//! The cases of `tests/cases`: from the text of policies to decisions, each from a page of AWS's documentation.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use oarlock_iam::{
    Context, ContextValue, Decision, Explanation, Kind, Layers, Parsed, Policy, Principal, Request,
};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    #[serde(default)]
    given: Map<String, Value>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    source: Option<String>,
    request: Map<String, Value>,
    decision: String,
    by: Option<Vec<By>>,
    missing: Option<Vec<String>>,
}

#[derive(Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct By {
    policy: String,
    statement: usize,
}

#[test]
fn decisions_are_those_of_the_documentation() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let (mut wrong, mut names, mut count) = (Vec::new(), BTreeSet::new(), 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let file: File = serde_saphyr::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{stem}: {error}"));
        for case in &file.cases {
            count += 1;
            let name = format!("{stem}: {}", case.name);
            assert!(names.insert(name.clone()), "{name} is there twice");
            assert!(!case.source.as_ref().unwrap_or(&file.source).is_empty(), "{name} has no source");
            let mut request = file.given.clone();
            request.extend(case.request.clone());
            match decide(&request) {
                Err(_) if case.decision == "refused" => {}
                Ok(explanation) => {
                    wrong.extend(differs(case, &explanation).map(|what| format!("{name}: {what}")))
                }
                Err(what) => wrong.push(format!("{name}: {what}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 400, "only {count} cases");
}

fn differs(case: &Case, explanation: &Explanation) -> Option<String> {
    let decision = match explanation.decision {
        Decision::Allowed => "allowed",
        Decision::ExplicitDeny => "explicit-deny",
        Decision::ImplicitDeny => "implicit-deny",
        Decision::Unknown => "unknown",
    };
    if decision != case.decision {
        return Some(format!("{decision} by {:?}, not {}", explanation.by, case.decision));
    }
    let by: BTreeSet<By> =
        explanation.by.iter().map(|by| By { policy: by.policy.clone(), statement: by.statement }).collect();
    if case.by.as_ref().is_some_and(|wanted| wanted.iter().collect::<BTreeSet<_>>() != by.iter().collect()) {
        return Some(format!("by {by:?}, not {:?}", case.by));
    }
    let missing: BTreeSet<String> = explanation.missing.iter().cloned().collect();
    let lower = |keys: &Vec<String>| keys.iter().map(|key| key.to_lowercase()).collect::<BTreeSet<_>>();
    if case.missing.as_ref().is_some_and(|wanted| lower(wanted) != missing) {
        return Some(format!("missing {missing:?}, not {:?}", case.missing));
    }
    None
}

fn decide(json: &Map<String, Value>) -> Result<Explanation, String> {
    let get = |key: &str| json.get(key).filter(|value| !value.is_null());
    let text = |key: &str| get(key).and_then(Value::as_str);
    let principal = get("principal").ok_or("no principal")?;
    let id = principal.get("id").and_then(Value::as_str).unwrap_or_default();
    let principal = match principal.get("type").and_then(Value::as_str) {
        Some("AWS") => Principal::aws(id),
        Some("Service") => Principal::service(id),
        Some("Federated") => Principal::federated(id),
        _ => Principal::anonymous(),
    };
    let is_open = get("open_context") == Some(&Value::Bool(true));
    let keys = get("context").and_then(Value::as_object).into_iter().flatten();
    let keys = keys.map(|(key, value)| (key.clone(), values(value)));
    let context = if is_open { Context::open(keys) } else { Context::complete(keys) };
    let request = Request::new(
        principal,
        text("action").ok_or("no action")?,
        text("resource").unwrap_or("*"),
        text("resource_account"),
        context,
    );
    let list = |key: &str, kind| get(key).map_or(Ok(Vec::new()), |list| policies(list, kind));
    let one = |key: &str, kind| get(key).map(|one| policy(one, kind)).transpose();
    let levels = |key: &str, kind| {
        let levels = get(key).and_then(Value::as_array).into_iter().flatten();
        levels.map(|level| policies(level, kind)).collect::<Result<Vec<_>, _>>()
    };
    let layers = Layers {
        identity: list("identity_policies", Kind::Identity)?,
        boundary: one("permissions_boundary", Kind::Identity)?,
        session: list("session_policies", Kind::Identity)?,
        resource: one("resource_policy", Kind::Resource)?,
        trust: one("trust_policy", Kind::Trust)?,
        scps: levels("scps", Kind::ServiceControl)?,
        rcps: levels("rcps", Kind::ResourceControl)?,
        endpoint: list("endpoint_policies", Kind::Endpoint)?,
    };
    Ok(layers.explain(&request))
}

fn values(value: &Value) -> ContextValue {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Array(values) => ContextValue::Many(values.iter().map(text).collect()),
        one => ContextValue::One(text(one)),
    }
}

fn policies(list: &Value, kind: Kind) -> Result<Vec<Arc<Policy>>, String> {
    list.as_array().into_iter().flatten().map(|one| policy(one, kind)).collect()
}

fn policy(json: &Value, kind: Kind) -> Result<Arc<Policy>, String> {
    let name = json.get("name").and_then(Value::as_str).unwrap_or_default();
    let document = json.get("document").ok_or("no document")?;
    let parsed = match document {
        Value::String(text) => Parsed::of_text(text, kind),
        document => Parsed::of_json(document, kind),
    };
    let document = parsed.legal().map_err(|error| format!("{name}: {error}"))?;
    Ok(Arc::new(Policy::new(name, &document)))
}
