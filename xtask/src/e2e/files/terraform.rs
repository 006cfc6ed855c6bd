//! Terraform modules by Terraform itself, of the oldest version that they allow, with the real providers' schemas.

use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{
    Counts, Rendered, has_extension,
    mistake::{Mistake, all_found},
    providers,
    said::{Said, said},
};
use crate::e2e::go;

const MISTAKES: [Mistake; 5] = [
    Mistake {
        from: "  kubernetes_groups",
        to: "  kubernetes_group",
        told: "An argument named \"kubernetes_group\" is not expected here",
    },
    Mistake {
        from: "  principal_arn",
        to: "  # principal_arn",
        told: "The argument \"principal_arn\" is required",
    },
    Mistake {
        from: "  role_ref {",
        to: "  roleref {",
        told: "Blocks of type \"roleref\" are not expected here",
    },
    Mistake {
        from: "resource \"aws_eks_access_entry\"",
        to: "resource \"aws_eks_access_entries\"",
        told: "\"aws_eks_access_entries\"",
    },
    Mistake { from: ".endpoint\n", to: ".endpiont\n", told: "\"endpiont\"" },
];

const UNTIDY: [Mistake; 1] = [Mistake { from: " = ", to: "  = ", told: ".tf" }];

pub(super) fn check(rendered: &Rendered<'_>) -> Result<Counts> {
    let files = rendered.files(|path, _| has_extension(path, "tf"))?;
    let terraform = Terraform::new(rendered)?;
    terraform.said(&["fmt", "-check", "-recursive"])?.nothing()?;
    terraform.initialize(&types(&files)?)?;
    terraform.validate()?.yes()?;
    let mistakes = all_found(&MISTAKES, &files, |_| terraform.validate())?
        + all_found(&UNTIDY, &files, |_| terraform.said(&["fmt", "-check", "-recursive"]))?;
    let modules: BTreeSet<_> = files.iter().filter_map(|file| file.parent()).collect();
    Ok(Counts::from([("Terraform modules", modules.len()), ("mistakes found", mistakes)]))
}

/// The resources and data sources that files have blocks of: `resource.aws_iam_role`, `data.aws_eks_cluster`.
fn types(files: &[PathBuf]) -> Result<Vec<String>> {
    let mut types = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file)?;
        types.extend(text.lines().filter_map(|line| {
            let (block, rest) = line.split_once(" \"")?;
            let (kind, _) = rest.split_once('"')?;
            ["resource", "data"].contains(&block).then(|| format!("{block}.{kind}"))
        }));
    }
    Ok(types.into_iter().collect())
}

/// Terraform in a rendered folder, where it asks no registry.
struct Terraform<'a> {
    rendered: &'a Rendered<'a>,
    program: PathBuf,
    mirror: PathBuf,
    configuration: PathBuf,
}

impl<'a> Terraform<'a> {
    fn new(rendered: &'a Rendered<'a>) -> Result<Self> {
        let program = go::tool(rendered.ground.workspace, "terraform", "github.com/hashicorp/terraform")?;
        let mirror = rendered.folder.with_file_name("providers");
        let configuration = rendered.folder.with_file_name("terraform.rc");
        let path = Value::String(mirror.display().to_string());
        fs::write(
            &configuration,
            format!("provider_installation {{\n  filesystem_mirror {{\n    path = {path}\n  }}\n}}\n"),
        )?;
        Ok(Self { rendered, program, mirror, configuration })
    }

    /// Makes the providers, and has them found: their versions are those that the modules allow.
    fn initialize(&self, types: &[String]) -> Result<()> {
        let version: Value = serde_json::from_str(&self.said(&["version", "-json"])?.yes()?)?;
        let field = |name: &str| {
            let text = version.get(name).and_then(Value::as_str);
            text.with_context(|| format!("terraform version says no {name}"))
        };
        let providers = providers::mirror(self.rendered.ground, &self.mirror, field("platform")?, types)?;
        println!(
            "Terraform {}, with the schemas of {}",
            field("terraform_version")?,
            providers.join(" and ")
        );
        self.said(&["init", "-backend=false", "-no-color"])?.yes().map(drop)
    }

    fn validate(&self) -> Result<Said> {
        self.said(&["validate", "-no-color"])
    }

    fn said(&self, arguments: &[&str]) -> Result<Said> {
        said(
            Command::new(&self.program)
                .args(arguments)
                .current_dir(&self.rendered.folder)
                .env("TF_CLI_CONFIG_FILE", &self.configuration)
                // It asks HashiCorp for newer versions otherwise.
                .env("CHECKPOINT_DISABLE", "1"),
        )
    }
}
