//! Scripts for the AWS CLI and kubectl: one per account, two per cluster, and one that runs them in order.

mod bash;

use std::{collections::BTreeMap, fmt::Write as _};

use bash::command;
use facts::{ClusterArn, context_variable};
use serde_json::{Value, json};

use super::{
    File, helm, kubernetes,
    layout::{Layout, Place},
    steps::{Step, steps},
    text,
};
use crate::{DesiredObject, IamRole, Location, Object, OidcProvider};

const LIBRARY: &str = include_str!("lib.sh");

pub(super) fn render(layout: &Layout<'_>) -> Vec<File> {
    let header = layout.header();
    let mut files = vec![
        File::text("README.md", readme(layout)),
        File::script("apply.sh", apply(layout)),
        File::text("lib.sh", format!("# shellcheck shell=bash\n# {header}\n\n{LIBRARY}")),
    ];
    for place in &layout.places {
        match place.location {
            Location::Account(_) => account(layout, place, &mut files),
            Location::Eks(arn) => eks(layout, arn, place, &mut files),
            Location::Cluster(arn) => cluster(layout, arn, place, &mut files),
        }
    }
    files
}

/// A script that starts in the folder of all scripts, wherever it is called from.
struct Script<'a> {
    body: String,
    /// The folder of the script's own documents.
    folder: String,
    files: &'a mut Vec<File>,
}

impl<'a> Script<'a> {
    fn new(layout: &Layout<'_>, folder: String, tools: &[&str], files: &'a mut Vec<File>) -> Self {
        let mut body = format!("#!/usr/bin/env bash\n# {}\nset -euo pipefail\n\n", layout.header());
        body.push_str("cd -- \"$(dirname -- \"${BASH_SOURCE[0]}\")/../..\"\n# shellcheck source=lib.sh disable=SC1091\n. ./lib.sh\n");
        body.push_str(&command("require", tools));
        Self { body, folder, files }
    }

    fn because(&mut self, reason: &str) {
        self.body.push('\n');
        if !text::one_line(reason).is_empty() {
            self.body.push_str(&text::comment(reason, 0));
        }
    }

    fn run(&mut self, name: &str, arguments: &[&str]) {
        self.body.push_str(&command(name, arguments));
    }

    /// Writes a document next to the script; gives back its path as the script sees it.
    fn document(&mut self, name: &str, value: &Value) -> String {
        let path = format!("{}/{name}", self.folder);
        self.files.push(File::text(path.clone(), format!("{value:#}\n")));
        path
    }

    fn finish(self, name: &str) {
        self.files.push(File::script(format!("{}/{name}", self.folder), self.body));
    }
}

fn account(layout: &Layout<'_>, place: &Place<'_>, files: &mut Vec<File>) {
    let mut script = Script::new(layout, format!("accounts/{}", place.folder), &["aws", "jq"], files);
    script.run("use_account", &[&place.folder]);
    for object in &place.objects {
        match &object.object {
            Object::IamRole(wanted) => role(&mut script, object, wanted),
            Object::OidcProvider(wanted) => oidc_provider(&mut script, object, wanted, place.partition()),
            _ => {}
        }
    }
    script.finish("iam.sh");
}

fn role(script: &mut Script<'_>, object: &DesiredObject, role: &IamRole) {
    let (arn, folder) = (&role.arn, text::file_name(&role.arn.name));
    let trust = script.document(&format!("{folder}/trust.json"), &role.trust.to_json());
    let tags = script.document(&format!("{folder}/tags.json"), &iam_tags(&role.tags));
    script.because(&object.reason);
    script.run("ensure_role", &[&arn.name, &arn.path, &role.description, &trust, &tags]);
    for (name, document) in &role.inline_policies {
        let file =
            script.document(&format!("{folder}/inline-{}.json", text::file_name(name)), &document.to_json());
        script.run("ensure_inline_policy", &[&arn.name, name, &file]);
    }
    for (name, document) in &role.managed_policies {
        let file =
            script.document(&format!("{folder}/managed-{}.json", text::file_name(name)), &document.to_json());
        let policy_arn = format!("arn:{}:iam::{}:policy{}{name}", arn.partition, arn.account, arn.path);
        script.run("ensure_managed_policy", &[&arn.name, &policy_arn, &arn.path, name, &file, &tags]);
    }
}

fn oidc_provider(script: &mut Script<'_>, object: &DesiredObject, provider: &OidcProvider, partition: &str) {
    let issuer = provider.url.trim_start_matches("https://");
    let arn = format!("arn:{partition}:iam::{}:oidc-provider/{issuer}", provider.account);
    let name = format!("oidc-{}-tags.json", text::digest(&provider.url));
    let tags = script.document(&name, &iam_tags(&provider.tags));
    let mut arguments = vec![arn.as_str(), &provider.url, &tags];
    arguments.extend(provider.client_ids.iter().map(String::as_str));
    script.because(&object.reason);
    script.run("ensure_oidc_provider", &arguments);
}

fn eks(layout: &Layout<'_>, arn: &ClusterArn, place: &Place<'_>, files: &mut Vec<File>) {
    let mut script = Script::new(layout, format!("clusters/{}", place.folder), &["aws"], files);
    script.run("require_eks", &[]);
    script.run("use_account", &[arn.account.as_str()]);
    for object in &place.objects {
        match &object.object {
            Object::AuthenticationMode(wanted) => {
                script.because(&object.reason);
                script.body.push_str(&open_to_entries(arn, &wanted.mode));
            }
            Object::AccessEntry(wanted) => {
                let principal = wanted.principal.to_string();
                let name = format!("access-entry-{}-tags.json", text::digest(&principal));
                let tags = script.document(&name, &json!(wanted.tags));
                let groups = json!(wanted.groups).to_string();
                script.because(&object.reason);
                script.run("ensure_access_entry", &[&arn.region, &arn.name, &principal, &groups, &tags]);
            }
            Object::PodIdentityAssociation(wanted) => {
                let (namespace, account) = (&wanted.namespace, &wanted.service_account);
                let name =
                    format!("pod-identity-{}-tags.json", text::file_name(&format!("{namespace}.{account}")));
                let tags = script.document(&name, &json!(wanted.tags));
                let role = wanted.role.to_string();
                script.because(&object.reason);
                script
                    .run("ensure_pod_identity", &[&arn.region, &arn.name, namespace, account, &role, &tags]);
            }
            _ => {}
        }
    }
    script.finish("eks.sh");
}

/// Changes a mode that takes no entries, and waits until the cluster does; one that does already stays.
fn open_to_entries(ClusterArn { region, name, .. }: &ClusterArn, mode: &str) -> String {
    let cluster = format!("--region {} --name {}", bash::quoted(region), bash::quoted(name));
    let describe =
        |query: &str| format!("aws eks describe-cluster {cluster} --query '{query}' --output text");
    format!(
        "if [[ $({}) == CONFIG_MAP ]]; then\n  \
           aws eks update-cluster-config {cluster} --access-config authenticationMode={mode} >/dev/null\n  \
           until [[ $({}) == $'ACTIVE\\t{mode}' ]]; do sleep 5; done\n\
         fi\n",
        describe("cluster.accessConfig.authenticationMode"),
        describe("cluster.[status, accessConfig.authenticationMode]"),
    )
}

fn cluster(layout: &Layout<'_>, arn: &ClusterArn, place: &Place<'_>, files: &mut Vec<File>) {
    let folder = format!("clusters/{}", place.folder);
    let mut script = Script::new(layout, folder.clone(), &["kubectl"], files);
    let variable = context_variable(place.first_folder());
    let _ = write!(
        script.body,
        "\n# As `aws eks update-kubeconfig` names the context; set {variable} where yours has another name.\n\
         context=${{{variable}:-{arn}}}\n"
    );
    for step in steps(layout, place) {
        match step {
            Step::Apply(file) => {
                let path = format!("{folder}/kubernetes/{}", file.file_name());
                script
                    .files
                    .push(File::text(path.clone(), kubernetes::documents(&layout.header(), &file.all)));
                let function = if file.by_helm { "apply_unless_helm" } else { "apply" };
                let _ = write!(script.body, "\n{function} \"$context\" {}\n", bash::quoted(&path));
            }
            Step::Restart(restart, object) => {
                script.because(&object.reason);
                for workload in &restart.workloads {
                    let (namespace, workload) = (bash::quoted(&restart.namespace), bash::quoted(workload));
                    let _ = writeln!(script.body, "restart \"$context\" {namespace} {workload}");
                }
            }
        }
    }
    script.finish("kubernetes.sh");
}

/// IAM wants a list of pairs; EKS wants the map itself.
fn iam_tags(tags: &BTreeMap<String, String>) -> Value {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

fn path(place: &Place<'_>) -> String {
    match place.location {
        Location::Account(_) => format!("accounts/{}/iam.sh", place.folder),
        Location::Eks(_) => format!("clusters/{}/eks.sh", place.folder),
        Location::Cluster(_) => format!("clusters/{}/kubernetes.sh", place.folder),
    }
}

/// Each script runs in a shell of its own: one account's credentials never reach the next one's.
fn apply(layout: &Layout<'_>) -> String {
    let mut out = format!(
        "#!/usr/bin/env bash\n# {}\n# Everything, in order. Each script may be run alone and again.\n",
        layout.header()
    );
    out.push_str("set -euo pipefail\n\ncd -- \"$(dirname -- \"${BASH_SOURCE[0]}\")\"\n\n");
    for place in &layout.places {
        let _ = writeln!(out, "./{}", path(place));
    }
    out
}

const README: &str = "Run all of it, or one script after the other:

    OARLOCK_PROFILE_111122223333=my-profile ./apply.sh

It needs bash 4.4 or newer, an AWS CLI of June 2025 or newer, kubectl and jq. Every script can be run alone, and again: what is as it should be stays.

- `OARLOCK_PROFILE_<account id>` names the profile of the AWS CLI for an account. Before it changes anything a script checks that its
  credentials are that account's.
- `OARLOCK_CONTEXT_<cluster>` names the kubectl context; the default is the cluster's ARN, as `aws eks update-kubeconfig` writes it.
- Objects are applied server-side as field manager `oarlock`. A conflict stops the script and names whoever sets the field now:
  change it there, or take such fields over with `OARLOCK_FORCE_CONFLICTS=1`.
- `OARLOCK_SKIP_RESTART=1` leaves workloads running that would be restarted.
- Policies, tags and manifests are files next to the scripts. A role, policy, access entry or association that exists under the
  name is changed to what they say: `oarlock plan` shows whose it is now. Nothing is deleted but a policy's oldest unused version when it has five: what else
  an object has (another policy of a role, access policies of an entry) stays, and what the plan removes is for you to remove.

";

fn readme(layout: &Layout<'_>) -> String {
    let mut out =
        format!("<!-- {} -->\n\n# AWS CLI and kubectl\n\n{README}## Scripts, in order\n\n", layout.header());
    for (number, place) in layout.places.iter().enumerate() {
        let _ = writeln!(
            out,
            "{}. `{}`: {}",
            number + 1,
            path(place),
            text::count(place.objects.len(), "object")
        );
    }
    out.push_str(&helm::section(
        layout.helm_values,
        "with `OARLOCK_ARGO_CD_BY_HELM=1`, which stops the scripts where the values are due",
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_called_as_they_are_elsewhere() {
        let account = "111122223333".parse().unwrap();
        let variable = facts::profile_variable(&account).replace("111122223333", "$account");
        assert!(LIBRARY.contains(&format!("profile={variable}\n")));
        assert!(README.contains(&facts::profile_variable(&account)));
    }

    #[test]
    fn a_mode_is_changed_where_it_takes_no_entries_and_waited_for() {
        let arn: ClusterArn = "arn:aws:eks:eu-west-1:111122223333:cluster/prod".parse().unwrap();
        let lines = open_to_entries(&arn, "API_AND_CONFIG_MAP");
        let lines: Vec<&str> = lines.lines().map(str::trim_start).collect();
        assert!(lines[0].starts_with("if [[ $(aws eks describe-cluster --region eu-west-1 --name prod "));
        assert!(lines[0].ends_with("== CONFIG_MAP ]]; then"));
        assert!(lines[1].contains("--access-config authenticationMode=API_AND_CONFIG_MAP"));
        assert!(lines[2].ends_with("== $'ACTIVE\\tAPI_AND_CONFIG_MAP' ]]; do sleep 5; done"), "{lines:?}");
        assert_eq!(lines[3..], ["fi"]);
    }
}
