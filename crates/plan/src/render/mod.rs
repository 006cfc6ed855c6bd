//! Desired objects as files for the tools that people apply them with.
//!
//! Every format says the same thing in another language; none makes a choice of its own. Output is pure and
//! deterministic, so that a repository which keeps it sees a change only where the plan changed.

mod aws_cli;
mod cloudformation;
mod helm;
mod kubernetes;
mod layout;
mod steps;
mod terraform;
mod text;
mod yaml;

use std::{fmt, str::FromStr};

use serde_json::Value;

use crate::Desired;
use layout::Layout;

/// The field manager of server-side apply, for every format: it is how Kubernetes remembers which fields are Oarlock's.
pub(crate) const FIELD_MANAGER: &str = "oarlock";

/// In which language objects are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// YAML with a kustomization per cluster; AWS's objects are listed only.
    Kubernetes,
    /// Modules per account and per cluster, and a root module that calls them.
    Terraform,
    /// Templates per account and region, StackSets where they differ in values only; Kubernetes' objects are listed only.
    CloudFormation,
    /// Scripts for the AWS CLI and kubectl.
    AwsCli,
}

/// One rendered file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative to the output folder, with forward slashes.
    pub path: String,
    /// The text, ending with a line feed.
    pub contents: String,
    /// Whether it is a script that people start.
    pub executable: bool,
}

/// A format's name that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a format: use {formats}", formats = Format::ALL.map(|f| format!("`{f}`")).join(", "))]
pub struct UnknownFormat(pub String);

/// Writes `desired` as files, sorted by path; `helm_values` are those of its settings that Argo CD's chart can make as
/// well. The same input gives the same bytes.
pub fn render(desired: &Desired, helm_values: Option<&Value>, format: Format, fleet_name: &str) -> Vec<File> {
    let layout = Layout::of(desired, helm_values, fleet_name);
    let mut files = match format {
        Format::Kubernetes => kubernetes::render(&layout),
        Format::Terraform => terraform::render(&layout),
        Format::CloudFormation => cloudformation::render(&layout),
        Format::AwsCli => aws_cli::render(&layout),
    };
    files.extend(helm_values.map(|values| helm::file(fleet_name, values)));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// One value as YAML, as the files of every format have it.
pub fn yaml(value: &Value) -> String {
    yaml::document(value)
}

impl Format {
    /// All formats, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Kubernetes, Self::Terraform, Self::CloudFormation, Self::AwsCli];

    /// As written after `--format`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kubernetes => "kubernetes",
            Self::Terraform => "terraform",
            Self::CloudFormation => "cloudformation",
            Self::AwsCli => "aws-cli",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|f| f.as_str() == text).ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

impl File {
    fn text(path: impl Into<String>, contents: String) -> Self {
        Self { path: path.into(), contents, executable: false }
    }

    fn script(path: impl Into<String>, contents: String) -> Self {
        Self { path: path.into(), contents, executable: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_as_they_are_written() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
    }

    #[test]
    fn an_unknown_format_is_answered_with_the_known_ones() {
        assert_eq!(
            "helm".parse::<Format>().unwrap_err().to_string(),
            "`helm` is not a format: use `kubernetes`, `terraform`, `cloudformation`, `aws-cli`"
        );
    }

    #[test]
    fn an_empty_plan_renders_without_objects() {
        for format in Format::ALL {
            let files = render(&Desired::default(), None, format, "acme");
            assert!(files.iter().all(|file| file.contents.ends_with('\n')), "{format}");
        }
    }
}
