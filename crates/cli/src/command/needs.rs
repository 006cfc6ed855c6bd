//! `oarlock needs`: which requests Argo CD makes to deploy and track manifests.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::{Path, PathBuf},
    sync::Arc,
};

use argocd::{
    Choice, ClusterContext, Deployment, Impersonation, InputFrom, Needs, ObjectRef, RespectRbac,
    ServiceAccount, Settings, SyncOptions,
};
use clap::ValueEnum;
use facts::{Place, Problem, Severity};
use inventory::Discovery;

use crate::{
    exit::Status,
    input::{Refused, read_manifests},
    output::{print, print_json, print_text, say},
    view,
};

/// Show which permissions Argo CD needs to deploy and track manifests
///
/// Reads rendered manifests (files, folders, or `-` for standard input); needs no fleet file and no cluster.
/// With --against it compares two sets of manifests: what a change makes Argo CD need, and what can go.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  helm template ./chart | oarlock needs -
  oarlock needs rendered/ --namespace payments --server-side --prune
  oarlock needs rendered/ -o yaml --group argocd | kubectl apply -f -
  oarlock needs rendered/ --shipped-rbac ClusterRole/operator=bind,Role/ci/runner=hold
  oarlock needs new/ --against old/ -o markdown --detailed-exitcode")]
pub(crate) struct Arguments {
    /// Rendered manifests: files, folders, or `-`
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Manifests to compare with: what is new, and what can go
    #[arg(long, value_name = "PATH")]
    against: Vec<PathBuf>,
    /// Exit with 2 if --against shows a difference
    #[arg(long, requires = "against")]
    detailed_exitcode: bool,
    /// Output format
    #[arg(short = 'o', long, value_enum, default_value_t = Format::Table)]
    output: Format,
    /// Kubernetes group that the roles of `-o yaml` are bound to
    #[arg(long, default_value = "argocd", value_parser = group)]
    group: String,
    /// Decide on a role that the manifests ship or bind: `ClusterRole/NAME` or `Role/NAMESPACE/NAME`, then `=hold` (Argo
    /// CD holds its rules), `=bind` (it may bind this one role) or `=escalate` (it may write anything into this one
    /// role). The same as `shippedRbac` in the fleet file
    #[arg(long, value_name = "ROLE=CHOICE", value_delimiter = ',', value_parser = decision)]
    shipped_rbac: Vec<(ObjectRef, Choice)>,

    #[command(flatten)]
    sync: SyncArguments,
    #[command(flatten)]
    argocd: ArgoCdArguments,
}

/// How the Application syncs.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How the Application syncs")]
struct SyncArguments {
    /// The Application's destination namespace
    #[arg(short = 'n', long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// The Application's name, for reasons
    #[arg(long, value_name = "NAME")]
    application: Option<String>,
    /// ServerSideApply=true
    #[arg(long)]
    server_side: bool,
    /// Replace=true
    #[arg(long)]
    replace: bool,
    /// Sync with force: objects may be deleted and made again
    #[arg(long)]
    force: bool,
    /// Objects that left the manifests are pruned
    #[arg(long)]
    prune: bool,
    /// CreateNamespace=true
    #[arg(long)]
    create_namespace: bool,
    /// Compare by server-side diff
    #[arg(long)]
    server_side_diff: bool,
    /// The Application has the resources finalizer: deleting it deletes its objects
    #[arg(long)]
    finalizer: bool,
    /// Syncs impersonate this service account
    #[arg(long, value_name = "NAMESPACE:NAME", value_parser = service_account)]
    impersonate: Option<ServiceAccount>,
}

/// How Argo CD is set up.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How Argo CD is set up")]
struct ArgoCdArguments {
    /// Argo CD's version
    #[arg(long, default_value = "3.5", value_name = "VERSION")]
    argocd_version: fleet::Version,
    /// resource.respectRBAC
    #[arg(long, value_enum)]
    respect_rbac: Option<Respect>,
    /// resource.exclusions
    #[arg(long, value_enum, default_value_t = Exclusions::Shipped)]
    exclusions: Exclusions,
    /// How wide the live cache reads
    #[arg(long, value_enum, default_value_t = Cache::All)]
    cache: Cache,
    /// Namespaced mode: the only namespaces that Argo CD sees
    #[arg(long, value_name = "NAMESPACE", value_delimiter = ',')]
    namespaces: Vec<String>,
    /// In namespaced mode, manage cluster-scoped resources all the same
    #[arg(long, requires = "namespaces")]
    cluster_resources: bool,
    /// Which permissions are limited to names of objects
    #[arg(long, value_enum, default_value_t = Names::ClusterScoped)]
    names: Names,
    /// Switch features of argocd-server off: logs, events, actions, ui-delete, ui-patch
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FEATURE")]
    without: Vec<Feature>,
    /// Switch the web terminal on
    #[arg(long)]
    exec: bool,
    /// API discovery of the cluster: files or folders with the output of `kubectl get --raw /apis/GROUP/VERSION`
    #[arg(long, value_name = "PATH")]
    discovery: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table with reasons
    Table,
    /// One JSON object
    Json,
    /// ClusterRoles and Roles with bindings, ready to apply
    Yaml,
    /// Markdown, for a comment on a pull request
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Respect {
    Normal,
    Strict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Exclusions {
    /// As Argo CD's own manifests have it since 3.0: Endpoints, EndpointSlices, CertificateRequests and others
    Shipped,
    /// Nothing but what Argo CD always excludes: events, Leases and metrics
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Cache {
    /// Everything that isn't excluded: Argo CD's default
    All,
    /// resource.inclusions: the deployed kinds and the children that they create
    Inclusions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Names {
    /// Names of cluster-scoped objects only
    ClusterScoped,
    /// All names
    Exact,
    /// No names
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Feature {
    Logs,
    Events,
    Actions,
    UiDelete,
    UiPatch,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let choices = match choices(&arguments.shipped_rbac) {
        Ok(choices) => choices,
        Err(wrong) => {
            say(&wrong);
            return Ok(Status::Usage);
        }
    };
    let discovery = read_discovery(&arguments.argocd.discovery)?;
    let needs = |paths: &[PathBuf]| needs(arguments, paths, discovery.as_ref(), &choices);
    let new = needs(&arguments.paths)?;
    let old = match arguments.against.as_slice() {
        [] => None,
        paths => Some(needs(paths)?),
    };
    let Some(old) = old else {
        show(arguments, &new)?;
        return Ok(status(&new));
    };
    let comparison = view::comparison::Comparison::new(&old, &new);
    match arguments.output {
        Format::Table => print_text(&comparison.table())?,
        Format::Markdown => print_text(&comparison.markdown())?,
        Format::Json => print_json(&comparison)?,
        Format::Yaml => anyhow::bail!("`-o yaml` shows one set of manifests: leave `--against` out"),
    }
    view::findings::say(&new.findings, comparison.unknown());
    let status = match comparison.is_complete() {
        true => status(&new),
        false => status(&new).and(Status::Undecided),
    };
    let changed = arguments.detailed_exitcode && comparison.is_different();
    Ok(if changed { status.and(Status::Changed) } else { status })
}

fn show(arguments: &Arguments, needs: &Needs) -> anyhow::Result<()> {
    match arguments.output {
        Format::Table => print_text(&view::needs::table(needs))?,
        Format::Markdown => print_text(&view::needs::markdown(needs))?,
        Format::Json => print_json(&view::needs::Json::new(needs))?,
        Format::Yaml => print(&view::needs::yaml(needs, &arguments.group)?)?,
    }
    view::findings::say(&needs.findings, &needs.unknown);
    if !needs.undecided.is_empty() {
        say("the permissions above don't include what these findings leave to you");
    }
    Ok(())
}

/// Unknown kinds, or RBAC objects that wait for a choice, leave the answer incomplete.
fn status(needs: &Needs) -> Status {
    let errors = needs.findings.iter().any(|finding| finding.severity == Severity::Error);
    match (errors, needs.is_complete()) {
        (true, _) => Status::Violated,
        (false, false) => Status::Undecided,
        (false, true) => Status::Fine,
    }
}

/// What is decided, or what is wrong with it.
fn choices(decisions: &[(ObjectRef, Choice)]) -> Result<BTreeMap<ObjectRef, Choice>, String> {
    let mut choices = BTreeMap::new();
    for (role, choice) in decisions {
        match choices.entry(role.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(*choice);
            }
            Entry::Occupied(_) => {
                let role = role.path();
                return Err(format!("error: `--shipped-rbac` decides on `{role}` twice: keep one"));
            }
        }
    }
    Ok(choices)
}

fn needs(
    arguments: &Arguments,
    paths: &[PathBuf],
    discovery: Option<&Discovery>,
    choices: &BTreeMap<ObjectRef, Choice>,
) -> anyhow::Result<Needs> {
    let application: Option<Arc<str>> = arguments.sync.application.as_deref().map(Into::into);
    let namespace = arguments.sync.namespace.as_deref().map(Into::into);
    let empty = Deployment::new(application.clone(), namespace, arguments.sync.options());
    let manifests = read_manifests(paths, &empty)?;
    let mut problems = manifests.problems;
    if problems.is_empty() && manifests.deployment.objects() == 0 && arguments.against.is_empty() {
        problems.extend(paths.first().map(|path| nothing_in(path)));
    }
    Refused::unless_empty(problems, manifests.files)?;
    let settings = arguments.argocd.settings();
    let impersonation = arguments.sync.impersonation(application.as_ref());
    let mut context = ClusterContext::new(&settings, arguments.argocd.argocd_version);
    arguments.argocd.apply(&mut context);
    context.discovery = discovery;
    context.impersonation = &impersonation;
    context.choices = choices;
    context.input_from = InputFrom::Arguments;
    Ok(argocd::needs(&context, &[&manifests.deployment]))
}

/// Nothing to deploy is hardly ever what somebody asks about: rather the command before the pipe failed.
fn nothing_in(path: &Path) -> Problem {
    Problem::new(Place::file(path.display().to_string()), "there is no object in the input")
        .with_help("look at what the command that renders it says; `set -o pipefail` makes a failure before a pipe stop the script")
}

fn read_discovery(paths: &[PathBuf]) -> anyhow::Result<Option<Discovery>> {
    if paths.is_empty() {
        return Ok(None);
    }
    let (mut discovery, mut problems, mut files) = (Discovery::default(), Vec::new(), 0);
    for path in paths {
        for file in inventory::folder::files(path).unwrap_or_else(|problem| {
            problems.push(problem);
            Vec::new()
        }) {
            files += 1;
            let name: Arc<str> = file.display().to_string().into();
            let read = inventory::folder::read(&file).and_then(|bytes| discovery.add_file(&name, &bytes));
            problems.extend(read.err());
        }
    }
    Refused::unless_empty(problems, files)?;
    Ok(Some(discovery))
}

impl SyncArguments {
    fn options(&self) -> SyncOptions {
        let defaults = SyncOptions::default();
        let finalizer = self.finalizer.then_some("resources-finalizer.argocd.argoproj.io");
        SyncOptions {
            server_side_apply: self.server_side,
            replace: self.replace,
            force: self.force,
            prune: self.prune,
            create_namespace: self.create_namespace,
            server_side_diff: self.server_side_diff.then_some(true),
            ..defaults
        }
        .with_finalizers(finalizer)
    }

    fn impersonation(&self, application: Option<&Arc<str>>) -> Impersonation {
        match &self.impersonate {
            None => Impersonation::Off,
            Some(account) => Impersonation::On {
                accounts: [(application.cloned().unwrap_or_default(), account.clone())].into(),
                enforced: true,
            },
        }
    }
}

impl ArgoCdArguments {
    fn settings(&self) -> Settings {
        Settings {
            respect_rbac: match self.respect_rbac {
                None => RespectRbac::Unset,
                Some(Respect::Normal) => RespectRbac::Normal,
                Some(Respect::Strict) => RespectRbac::Strict,
            },
            ..match self.exclusions {
                Exclusions::Shipped => Settings::defaults(self.argocd_version),
                Exclusions::None => Settings::default(),
            }
        }
    }

    fn apply<'a>(&'a self, context: &mut ClusterContext<'a>) {
        let has = |feature| !self.without.contains(&feature);
        context.features = fleet::Features {
            logs: has(Feature::Logs),
            events: has(Feature::Events),
            exec: self.exec,
            actions: has(Feature::Actions),
            ui_delete: has(Feature::UiDelete),
            ui_patch: has(Feature::UiPatch),
        };
        context.names = match self.names {
            Names::ClusterScoped => fleet::Names::ClusterScoped,
            Names::Exact => fleet::Names::Exact,
            Names::Any => fleet::Names::Any,
        };
        context.cache = match self.cache {
            Cache::All => None,
            Cache::Inclusions => Some(fleet::CacheWidth::Inclusions),
        };
        context.namespaces = &self.namespaces;
        context.cluster_resources = self.cluster_resources;
    }
}

fn service_account(text: &str) -> Result<ServiceAccount, String> {
    match text.split_once(':') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => {
            Ok(ServiceAccount { namespace: namespace.into(), name: name.into() })
        }
        _ => Err("write `namespace:name`".to_owned()),
    }
}

/// As in the fleet file: `ClusterRole/name` or `Role/namespace/name`, and how Argo CD may create or bind it.
fn decision(text: &str) -> Result<(ObjectRef, Choice), String> {
    let form = "write `ClusterRole/NAME=CHOICE` or `Role/NAMESPACE/NAME=CHOICE`";
    let (path, choice) = text.rsplit_once('=').ok_or(form)?;
    let choice = match choice {
        "hold" => Choice::Hold,
        "bind" => Choice::Bind,
        "escalate" => Choice::Escalate,
        other => return Err(format!("`{other}` is no choice: write `hold`, `bind` or `escalate`")),
    };
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["ClusterRole", name] if !name.is_empty() => Ok((ObjectRef::new("ClusterRole", None, name), choice)),
        ["Role", namespace, name] if !namespace.is_empty() && !name.is_empty() => {
            Ok((ObjectRef::new("Role", Some(namespace), name), choice))
        }
        _ => Err(format!("`{path}` doesn't name a role: {form}")),
    }
}

/// EKS refuses groups that start with `system:`, and so do we: they are Kubernetes' own.
fn group(text: &str) -> Result<String, String> {
    match text {
        "" => Err("a group has a name".to_owned()),
        text if text.starts_with("system:") => Err(format!(
            "`{text}` is one of Kubernetes' own groups, and access entries refuse it: choose a name without `system:`"
        )),
        text => Ok(text.to_owned()),
    }
}
