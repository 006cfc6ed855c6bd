//! CloudFormation templates by cfn-lint, with the parameters that their StackSets get.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use super::{
    Counts, Rendered, has_extension,
    mistake::{Mistake, all_found},
    said::{Said, said},
};

const MISTAKES: [Mistake; 4] = [
    Mistake { from: "KubernetesGroups:", to: "KubernetesGroup:", told: "'KubernetesGroup' was unexpected" },
    Mistake { from: "      PrincipalArn:", to: "      Principal:", told: "'PrincipalArn' is a required" },
    Mistake { from: "Type: AWS::IAM::Role\n", to: "Type: AWS::IAM::Roles\n", told: "AWS::IAM::Roles" },
    Mistake { from: "Effect: Allow", to: "Effect: Permit", told: "'Permit' is not one of" },
];

pub(super) fn check(rendered: &Rendered<'_>) -> Result<Counts> {
    let program = &rendered.tools.cfn_lint;
    let templates = rendered.files(|_, text| text.contains("\nAWSTemplateFormatVersion:"))?;
    said(Command::new(program).args(&templates))?.nothing()?;
    let parameters = rendered.files(|path, _| has_extension(path, "json"))?;
    for (template, files) in by_template(&parameters) {
        said(Command::new(program).arg("--parameter-files").args(files).arg("--").arg(template))?
            .nothing()?;
    }
    let tool = |file: &Path| lint(program, file);
    let mistakes = all_found(&MISTAKES, &templates, tool)?;
    Ok(Counts::from([
        ("CloudFormation templates", templates.len()),
        ("files of parameters", parameters.len()),
        ("mistakes found", mistakes),
    ]))
}

fn lint(program: &Path, file: &Path) -> Result<Said> {
    said(Command::new(program).arg(file))
}

/// `stacksets/NAME/parameters/*` are for `stacksets/NAME/template.yaml`.
fn by_template(parameters: &[PathBuf]) -> BTreeMap<PathBuf, Vec<&PathBuf>> {
    let mut templates = BTreeMap::<PathBuf, Vec<&PathBuf>>::new();
    for file in parameters {
        templates.entry(file.with_file_name("../template.yaml")).or_default().push(file);
    }
    templates
}
