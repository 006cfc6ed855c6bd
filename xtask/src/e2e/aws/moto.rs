//! The second opinion on IAM: moto takes the same scripts, and what it then says of its roles reads the same.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{cycle::Way, files, front::Aws, text};

/// Runs each account's script of roles against a moto of its own; how many roles it then has as the plan wants them.
pub(super) fn agrees(way: &Way<'_>, scripts: &Path, inventory: &Path) -> Result<usize> {
    let folder = way.person.folder("moto");
    let copy = folder.join("inventory");
    for (path, content) in files(inventory)? {
        let to = copy.join(path);
        fs::create_dir_all(to.parent().context("a file without folder")?)?;
        fs::write(to, content)?;
    }
    for account in files(&scripts.join("accounts"))?.keys().filter_map(|path| path.strip_suffix("/iam.sh")) {
        let described = serde_json::from_str(&roles_after(way, &folder.join(account), account, scripts)?)?;
        let file = copy.join(format!("accounts/{account}/iam-get-account-authorization-details.json"));
        let mut all: Value = serde_json::from_slice(&fs::read(&file)?)?;
        for list in ["RoleDetailList", "Policies"] {
            put(&mut all, &described, list).with_context(|| format!("no {list} in what moto says"))?;
        }
        fs::write(file, all.to_string())?;
    }
    let plan = way.plan("plan-on-moto", &copy)?;
    let steps = plan.get("steps").and_then(Value::as_array).context("a plan without steps")?;
    let wanted = steps.iter().filter(|step| {
        step.pointer("/object/kind").is_some_and(|kind| kind == "iam role") && step.get("desired").is_some()
    });
    let (same, different): (Vec<&Value>, Vec<&Value>) =
        wanted.partition(|step| step.pointer("/action/type").is_some_and(|action| action == "unchanged"));
    if let Some(step) = different.first() {
        bail!("moto's roles are others: {step}");
    }
    Ok(same.len())
}

/// Puts what one list describes into the place of what the other says of the same ARNs: moto knows only what the scripts made.
fn put(all: &mut Value, described: &Value, list: &str) -> Option<()> {
    let all = all.get_mut(list)?.as_array_mut()?;
    let described = described.get(list)?.as_array()?;
    all.retain(|one| described.iter().all(|other| other.get("Arn") != one.get("Arn")));
    all.extend(described.iter().cloned());
    Some(())
}

/// What `aws iam get-account-authorization-details` says after the account's script.
fn roles_after(way: &Way<'_>, folder: &Path, account: &str, scripts: &Path) -> Result<String> {
    fs::create_dir_all(folder)?;
    let moto = Aws::start_moto(way.ground, &folder.join("server"), account)?;
    let person = way.person.elsewhere(folder, &moto.endpoint, vec![account.to_owned()])?;
    person.run("iam", &scripts.join(format!("accounts/{account}/iam.sh")), &[])?;
    let profile = format!("account-{account}");
    let arguments = ["--profile", &profile, "--output", "json", "iam", "get-account-authorization-details"];
    let filter = ["--filter", "Role", "LocalManagedPolicy"];
    person
        .run("describe", Path::new("aws"), &[&arguments[..], &filter].concat())
        .with_context(|| format!("moto's log is {}", text(moto.log()).unwrap_or_default()))
}
