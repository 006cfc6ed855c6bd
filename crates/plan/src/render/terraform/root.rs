//! The root module: providers, and one call per account and cluster.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use facts::{AccountId, ClusterArn};
use serde_json::json;

use super::{
    AWS, KUBERNETES, Key, Module, NAMESPACES, by_helm_variable,
    hcl::{Body, Expr},
    kubernetes::BY_HELM,
    names::{Names, label},
    top, variable, versions,
};
use crate::{
    Location,
    render::{FIELD_MANAGER, File, helm, layout::Layout, text},
};

/// Accounts and clusters, each after those that it needs.
pub(super) fn modules<'a>(layout: &'a Layout<'a>) -> Vec<Module<'a>> {
    let mut waiting: Vec<Key<'a>> = Vec::new();
    let mut needs: BTreeMap<Key<'a>, BTreeSet<Key<'a>>> = BTreeMap::new();
    for place in &layout.places {
        let own = key(place.location);
        if !waiting.contains(&own) {
            waiting.push(own);
        }
        let others =
            place.after.iter().filter_map(|at| layout.places.get(*at)).map(|other| key(other.location));
        needs.entry(own).or_default().extend(others.filter(|other| *other != own));
    }
    let mut names = Names::default();
    let mut labels: BTreeMap<Key<'a>, String> = BTreeMap::new();
    let mut modules = Vec::new();
    while !waiting.is_empty() {
        let free =
            |key: &Key<'a>| needs.get(key).is_none_or(|needed| needed.iter().all(|n| labels.contains_key(n)));
        let next = waiting.remove(waiting.iter().position(free).unwrap_or_default());
        let after =
            needs.get(&next).into_iter().flatten().filter_map(|needed| labels.get(needed).cloned()).collect();
        let module = module(layout, next, after, &mut names);
        labels.insert(next, module.label.clone());
        modules.push(module);
    }
    modules
}

fn module<'a>(layout: &'a Layout<'a>, key: Key<'a>, after: Vec<String>, names: &mut Names) -> Module<'a> {
    let places: Vec<_> = layout.places.iter().filter(|place| self::key(place.location) == key).collect();
    let folder = places.first().map(|place| place.folder.clone()).unwrap_or_default();
    let prefix = match key {
        Key::Account(_) => "account",
        Key::Cluster(_) => "cluster",
    };
    let label = names.label("module", &format!("{prefix}_{folder}"));
    Module { key, folder: format!("{prefix}s/{folder}"), label, places, after }
}

fn key(location: &Location) -> Key<'_> {
    match location {
        Location::Account(id) => Key::Account(id),
        Location::Eks(arn) | Location::Cluster(arn) => Key::Cluster(arn),
    }
}

pub(super) fn render(layout: &Layout<'_>, modules: &[Module<'_>]) -> Vec<File> {
    let variables = variable(
        top(layout),
        "profiles",
        "map(string)",
        json!({}),
        "AWS CLI profile by account id; accounts without one use the credentials of the environment.",
    );
    let variables = if modules.iter().any(|m| m.is_set_by_helm(layout)) {
        by_helm_variable(variables)
    } else {
        variables
    };
    vec![
        File::text("README.md", readme(layout, modules)),
        File::text("main.tf", calls(layout, modules).print()),
        File::text("providers.tf", providers(layout, modules).print()),
        File::text("variables.tf", variables.print()),
        File::text("versions.tf", versions(layout, &used(modules)).print()),
    ]
}

fn used(modules: &[Module<'_>]) -> Vec<(&'static str, &'static str, &'static str)> {
    let mut all = vec![AWS];
    if modules.iter().any(Module::has_kubernetes) {
        all.push(KUBERNETES);
    }
    all
}

fn calls(layout: &Layout<'_>, modules: &[Module<'_>]) -> Body {
    let mut body = top(layout);
    for module in modules {
        let mut providers = Vec::new();
        if matches!(module.key, Key::Account(_)) || module.has_eks() {
            providers.push(("aws".to_owned(), Expr::raw(format!("aws.{}", aws_alias(module.key)))));
        }
        if module.has_kubernetes() {
            providers.push(("kubernetes".to_owned(), Expr::raw(format!("kubernetes.{}", module.label))));
        }
        let mut inside = Body::default().set("source", format!("./{}", module.folder).as_str());
        if !providers.is_empty() {
            inside = inside.blank().set("providers", Expr::Object(providers));
        }
        if module.is_set_by_helm(layout) {
            inside = inside.blank().set(BY_HELM, Expr::raw(format!("var.{BY_HELM}")));
        }
        let needed = module.after.iter().map(|label| format!("module.{label}")).collect();
        body = body.block(format!("module \"{}\"", module.label), super::depends_on(inside, needed));
    }
    body
}

fn providers(layout: &Layout<'_>, modules: &[Module<'_>]) -> Body {
    let mut body = top(layout);
    let mut seen = BTreeSet::new();
    for module in modules {
        if seen.insert(aws_alias(module.key)) {
            body = body.block("provider \"aws\"", aws_provider(module.key));
        }
    }
    for module in modules {
        if let (Key::Cluster(arn), true) = (module.key, module.has_kubernetes()) {
            body = kubernetes_provider(body, arn, &module.label);
        }
    }
    body
}

/// `allowed_account_ids` makes wrong credentials an error before anything is changed.
fn aws_provider(key: Key<'_>) -> Body {
    let body = Body::default().set("alias", aws_alias(key).as_str());
    let body = match key {
        Key::Account(_) => body,
        Key::Cluster(arn) => body.set("region", arn.region.as_str()),
    };
    let account = account(key);
    body.set("profile", Expr::raw(format!("lookup(var.profiles, \"{account}\", null)")))
        .set("allowed_account_ids", json!([account.as_str()]))
}

fn kubernetes_provider(body: Body, arn: &ClusterArn, alias: &str) -> Body {
    let cluster = format!("data.aws_eks_cluster.{alias}");
    let source = Body::default()
        .set("provider", Expr::raw(format!("aws.{}", aws_alias(Key::Cluster(arn)))))
        .set("name", arn.name.as_str());
    let arguments = ["eks", "get-token", "--region", &arn.region, "--cluster-name", &arn.name];
    let profile = format!(
        "[for profile in [lookup(var.profiles, \"{0}\", null)] : [\"--profile\", profile] if profile != null]",
        arn.account
    );
    let exec =
        Body::default().set("api_version", "client.authentication.k8s.io/v1beta1").set("command", "aws").set(
            "args",
            Expr::Call(
                "concat",
                vec![Expr::Value(json!(arguments)), Expr::raw(format!("flatten({profile})"))],
            ),
        );
    let provider = Body::default()
        .set("alias", alias)
        .set("host", Expr::raw(format!("{cluster}.endpoint")))
        .set(
            "cluster_ca_certificate",
            Expr::raw(format!("base64decode({cluster}.certificate_authority[0].data)")),
        )
        .block("exec", exec);
    body.block(format!("data \"aws_eks_cluster\" \"{alias}\""), source)
        .block("provider \"kubernetes\"", provider)
}

fn aws_alias(key: Key<'_>) -> String {
    match key {
        Key::Account(id) => format!("account_{id}"),
        Key::Cluster(arn) => format!("account_{}_{}", arn.account, label(&arn.region)),
    }
}

fn account(key: Key<'_>) -> &AccountId {
    match key {
        Key::Account(id) => id,
        Key::Cluster(arn) => &arn.account,
    }
}

const README: &str = "\
The root module calls one module per account (IAM) and one per cluster (access entries, Pod Identity associations and
Kubernetes objects). The modules have no provider blocks: call them from your own root modules as well, one state per account
or per cluster, in the order below.

    terraform init
    terraform plan -var 'profiles={\"111122223333\"=\"my-profile\"}'
    terraform apply

- IAM is global, but the AWS provider wants a region: set `AWS_REGION`.
- An object that exists already must be imported (`terraform import`, or `import` blocks), or the provider refuses to create it.
- `kubernetes_annotations`, `kubernetes_labels` and `kubernetes_config_map_v1_data` set fields of objects that belong to somebody else, by server-side
  apply as field manager `oarlock`. A conflict names whoever sets the field now.
- `kubernetes_manifest` asks the cluster while it plans, so its kind (AppProject, for example) must be installed. The provider takes the whole object for its
  own: import it, and `terraform state rm` it when it goes from here, since Terraform would delete it.
- Workloads are restarted by an annotation of their pods when what they read at their start changes. Terraform doesn't wait for them.

";

fn readme(layout: &Layout<'_>, modules: &[Module<'_>]) -> String {
    let mut out = format!("<!-- {} -->\n\n# Terraform\n\n{README}", layout.header());
    let namespaces = modules.iter().filter(|module| module.has_namespaces());
    let commands: String = namespaces
        .filter_map(|module| match module.key {
            Key::Cluster(arn) => Some(format!(
                "    kubectl --context {arn} apply --server-side --field-manager={FIELD_MANAGER} -f {}/{NAMESPACES}\n",
                module.folder
            )),
            Key::Account(_) => None,
        })
        .collect();
    if !commands.is_empty() {
        let _ = write!(
            out,
            "## Beforehand\n\nNamespaces must be there before something is put into them. Terraform doesn't make them, since it would delete them some day with\n\
             everything in them:\n\n{commands}\n"
        );
    }
    out.push_str("## Modules, in order\n\n");
    for (number, module) in modules.iter().enumerate() {
        let _ = writeln!(
            out,
            "{}. `{}`: {}",
            number + 1,
            module.folder,
            text::count(module.objects().count(), "object")
        );
    }
    out + &helm::section(layout.helm_values, &format!("with `-var {BY_HELM}=true`"))
}
