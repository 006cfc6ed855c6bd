//! The input of all that decides: roles with their documents, requests, and both as lines for `oarlock simulate`.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use fastrand::Rng;
use serde_json::{Value, json};

use super::{
    request::request,
    role::{Home, Role, hub_arn, hub_policy},
};

/// Roles with a trust policy and an inline policy each.
pub(super) const ROLES: usize = 10_000;
/// Requests that are decided by them, in the order of the roles: a fleet is checked role by role.
pub(super) const REQUESTS: usize = 20_000;
/// Of those that `oarlock simulate` reads over and over: as many as a person's fleet has roles of its own.
const REPEATED_ROLES: usize = 100;
/// Lines for `oarlock simulate` where documents repeat; where they don't there are as many as roles with both documents.
pub(super) const REPEATING_LINES: usize = 50_000;

/// Files of one seed.
pub(super) struct Input {
    /// `{"arn": …, "trust": …, "inline": …}` a line.
    pub(super) roles: PathBuf,
    /// A request a line, with the numbers of the roles whose documents decide it.
    pub(super) requests: PathBuf,
    /// Lines of `oarlock simulate` with the documents of a hundred roles.
    pub(super) repeating: PathBuf,
    /// Lines of `oarlock simulate`, no two with the same document.
    pub(super) own: PathBuf,
}

/// Writes the files.
pub(super) fn generate(folder: &Path, seed: u64) -> Result<Input> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let rng = &mut Rng::with_seed(seed);
    let roles: Vec<Role> = (0..ROLES).map(|number| Role::new(number, Home::of(number), rng)).collect();
    let file = |name: &str| folder.join(name);
    let input = Input {
        roles: file("roles.jsonl"),
        requests: file("requests.jsonl"),
        repeating: file("simulate-repeating.jsonl"),
        own: file("simulate-own.jsonl"),
    };
    write(&input.roles, roles.iter().map(documents).chain([hub()]))?;
    write(&input.requests, (0..REQUESTS).map(|number| request(&roles, number * ROLES / REQUESTS, rng)))?;
    let few = roles.get(..REPEATED_ROLES).unwrap_or(&roles);
    let repeating = (0..REPEATING_LINES).map(|_| {
        let number = rng.usize(..few.len());
        line(few, request(few, number, rng))
    });
    write(&input.repeating, repeating)?;
    let rng = &mut Rng::with_seed(seed);
    write(&input.own, (0..ROLES).map(|number| line(&roles, request(&roles, number, rng))))?;
    Ok(input)
}

fn documents(role: &Role) -> Value {
    json!({"arn": role.arn(), "trust": role.trust_policy(), "inline": role.inline_policy()})
}

/// The last line: the hub, that pods of its own cluster may be.
fn hub() -> Value {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"],
    }]});
    json!({"arn": hub_arn(), "trust": trust, "inline": hub_policy()})
}

/// A request with its documents, as docs/simulate.md describes it.
fn line(roles: &[Role], mut request: Value) -> Value {
    let Some(fields) = request.as_object_mut() else { return request };
    let role = |number: Value| roles.get(usize::try_from(number.as_u64()?).ok()?);
    if let Some(number) = fields.remove("identity") {
        let document = role(number).map_or_else(hub_policy, Role::inline_policy);
        fields.insert("identity_policies".to_owned(), json!([{"name": "inline", "document": document}]));
    }
    if let Some(role) = fields.remove("trust").and_then(role) {
        fields.insert("trust_policy".to_owned(), role.trust_policy());
    }
    request
}

fn write(path: &Path, lines: impl Iterator<Item = Value>) -> Result<()> {
    let mut file =
        BufWriter::new(File::create(path).with_context(|| format!("cannot write {}", path.display()))?);
    for line in lines {
        writeln!(file, "{line}")?;
    }
    Ok(file.flush()?)
}
