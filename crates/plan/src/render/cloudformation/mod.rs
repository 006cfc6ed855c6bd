//! CloudFormation: a template per account for IAM, one per account and region for EKS, and StackSets over those that
//! differ in values only.
//!
//! IAM is global, so its objects stand in one stack of an account, whatever regions the clusters are in.

mod stackset;
mod template;

use std::{collections::BTreeMap, fmt::Write as _};

use facts::AccountId;
use serde_json::Value;

use super::{File, helm, layout::Layout, text, yaml};
use crate::{Object, ObjectId};

/// One stack: what it is called, where it goes, and its template.
struct Stack {
    account: AccountId,
    /// `None` for IAM, which is in every region the same.
    region: Option<String>,
    template: Value,
}

pub(super) fn render(layout: &Layout<'_>) -> Vec<File> {
    let stacks = stacks(layout);
    let header = layout.header();
    let mut files: Vec<File> = stacks
        .iter()
        .map(|stack| File::text(format!("{}.yaml", stack.path()), print(&header, &stack.template)))
        .collect();
    let sets = stackset::sets(&stacks);
    for set in &sets {
        files
            .push(File::text(format!("stacksets/{}/template.yaml", set.name), print(&header, &set.template)));
        for (target, parameters) in &set.parameters {
            let path = format!("stacksets/{}/parameters/{target}.json", set.name);
            files.push(File::text(path, format!("{parameters:#}\n")));
        }
    }
    files.push(File::text("README.md", readme(layout, &stacks, &sets)));
    files
}

/// All stacks in order: an account's IAM where the account comes, then EKS of its regions.
fn stacks(layout: &Layout<'_>) -> Vec<Stack> {
    let mut stacks: Vec<Stack> = layout
        .accounts()
        .map(|(id, place)| Stack {
            account: id.clone(),
            region: None,
            template: template::template(layout.fleet, &place.objects),
        })
        .collect();
    let mut regions: Vec<(AccountId, String)> = Vec::new();
    let mut objects: BTreeMap<(AccountId, String), Vec<_>> = BTreeMap::new();
    for (arn, place) in layout.eks() {
        let key = (arn.account.clone(), arn.region.clone());
        if !regions.contains(&key) {
            regions.push(key.clone());
        }
        objects.entry(key).or_default().extend(place.objects.iter().copied());
    }
    for key in regions {
        let template = template::template(layout.fleet, objects.get(&key).map_or(&[], Vec::as_slice));
        stacks.push(Stack { account: key.0, region: Some(key.1), template });
    }
    stacks
}

impl Stack {
    fn path(&self) -> String {
        match &self.region {
            None => format!("accounts/{}/iam", self.account),
            Some(region) => format!("accounts/{}/eks-{region}", self.account),
        }
    }

    /// What the stack is of a StackSet: an account, or an account in a region.
    fn target(&self) -> String {
        match &self.region {
            None => self.account.to_string(),
            Some(region) => format!("{}-{region}", self.account),
        }
    }

    fn service(&self) -> &'static str {
        if self.region.is_none() { "iam" } else { "eks" }
    }
}

fn print(header: &str, template: &Value) -> String {
    format!("# {header}\n{}", yaml::document(template))
}

const README: &str = "\
`accounts/` has a template per account for IAM and one per account and region for EKS. Where several differ in values only,
`stacksets/` has the same objects once more, as one template with a file of parameter overrides per account: use one or the other, not
both.

Existing roles, OIDC providers, access entries and associations must be imported into the stack
(`aws cloudformation create-change-set --change-set-type IMPORT`), or CloudFormation refuses to create them.
A template above 51,200 bytes goes through a bucket (`--s3-bucket`, `--template-url`). AWS::IAM::ManagedPolicy knows no tags: there the stack marks whose the
policy is.

";

fn readme(layout: &Layout<'_>, stacks: &[Stack], sets: &[stackset::StackSet]) -> String {
    let mut out =
        format!("<!-- {} -->\n\n# CloudFormation\n\n{README}## Stacks, in order\n\n", layout.header());
    let fleet = text::file_name(layout.fleet);
    for stack in stacks {
        let region = stack.region.as_deref().unwrap_or("\"$AWS_REGION\"");
        let _ = writeln!(
            out,
            "    # account {}\n    aws cloudformation deploy --region {region} --stack-name oarlock-{fleet}-{} \\\n      \
             --template-file {}.yaml --capabilities CAPABILITY_NAMED_IAM",
            stack.account,
            stack.service(),
            stack.path(),
        );
    }
    for set in sets {
        let _ = write!(
            out,
            "\n## StackSet `{0}`\n\n    aws cloudformation create-stack-set --stack-set-name oarlock-{fleet}-{0} \\\n      \
             --template-body file://stacksets/{0}/template.yaml --capabilities CAPABILITY_NAMED_IAM\n\n",
            set.name,
        );
        for stack in &set.stacks {
            let region = stack.region.as_deref().unwrap_or("\"$AWS_REGION\"");
            let _ = writeln!(
                out,
                "    aws cloudformation create-stack-instances --stack-set-name oarlock-{fleet}-{0} \\\n      \
                 --accounts {1} --regions {region} --parameter-overrides file://stacksets/{0}/parameters/{2}.json",
                set.name,
                stack.account,
                stack.target(),
            );
        }
    }
    out.push_str(&elsewhere(layout));
    out.push_str(&pods(layout));
    let instead = "in place of the files that the README of format `kubernetes` names";
    out.push_str(&helm::section(layout.helm_values, instead));
    out
}

/// What ties pods to roles comes after the Secrets that lead to clusters which know those roles: a stack can't wait for it.
fn pods(layout: &Layout<'_>) -> String {
    let between = layout.eks().filter_map(|(arn, place)| Some((arn, layout.between(place)?)));
    let lines: String = between
        .map(|(arn, (before, after))| {
            format!(
                "\n## While Argo CD's pods on {} change their role\n\n\
                 1. Deploy `accounts/{}/eks-{}.yaml` without its changes of `AWS::EKS::PodIdentityAssociation`.\n\
                 2. Apply format `kubernetes` up to and with folder `{before}`: cluster Secrets change before the pods' role does.\n\
                 3. Deploy the stack as it is.\n\
                 4. Apply folder `{after}`, with the restart.\n",
                arn.name, arn.account, arn.region
            )
        })
        .collect();
    lines
}

/// CloudFormation has no words for Kubernetes' objects.
fn elsewhere(layout: &Layout<'_>) -> String {
    let mut lines = String::new();
    for (arn, place) in layout.clusters() {
        let ids: Vec<ObjectId> = place.objects.iter().map(|object| object.id()).collect();
        let restart = place.objects.iter().any(|object| matches!(object.object, Object::Restart(_)));
        let also = if restart { ", a restart of Argo CD's workloads among them" } else { "" };
        let _ = writeln!(lines, "- {} (`{arn}`): {}{also}", arn.name, text::count(ids.len(), "object"));
    }
    if lines.is_empty() {
        return lines;
    }
    format!(
        "\n## Not in this folder\n\nKubernetes' objects. Render `kubernetes` as well, and apply it afterwards:\n\n{lines}"
    )
}
