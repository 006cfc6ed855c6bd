//! Folders that manifests are rendered from, told apart from those that hold them: by the files by which Argo CD
//! chooses the tool, too (util/app/discovery/discovery.go).

use std::path::{Path, PathBuf};

use facts::{Place, Problem};

/// What manifests are rendered from.
#[derive(Clone, Copy)]
enum Tool {
    Helm,
    Kustomize,
}

impl Tool {
    fn of(file: &Path) -> Option<Self> {
        match file.file_name()?.to_str()? {
            "Chart.yaml" => Some(Self::Helm),
            "kustomization.yaml" | "kustomization.yml" => Some(Self::Kustomize),
            _ => None,
        }
    }

    fn problem(self, file: &Path, folder: &Path) -> Problem {
        let folder = match folder.as_os_str().is_empty() {
            true => ".".to_owned(),
            false => folder.display().to_string(),
        };
        let (what, command) = match self {
            Self::Helm => ("a Helm chart", "helm template NAME"),
            Self::Kustomize => ("a kustomization", "kubectl kustomize"),
        };
        Problem::new(
            Place::file(file.display().to_string()),
            format!("`{folder}` is {what}, not the manifests that are rendered from it"),
        )
        .with_help(format!("render it, `{command} {folder} > FILE`, and give that file instead"))
    }
}

/// Takes the files of charts and kustomizations out; one problem for each, and none for those inside another.
pub(super) fn taken_out(files: Vec<PathBuf>) -> (Vec<PathBuf>, Vec<Problem>) {
    let mut sources: Vec<(&Path, &Path, Tool)> = files
        .iter()
        .filter_map(|file| Some((file.parent().unwrap_or(Path::new("")), file.as_path(), Tool::of(file)?)))
        .collect();
    // A folder comes before those below it.
    sources.sort_by_key(|(folder, file, _)| (*folder, *file));
    let mut outermost: Vec<(PathBuf, Problem)> = Vec::new();
    for (folder, file, tool) in sources {
        if !outermost.iter().any(|(outer, _)| folder.starts_with(outer)) {
            outermost.push((folder.to_owned(), tool.problem(file, folder)));
        }
    }
    let is_inside = |file: &PathBuf| outermost.iter().any(|(folder, _)| file.starts_with(folder));
    let kept = files.iter().filter(|file| !is_inside(file)).cloned().collect();
    (kept, outermost.into_iter().map(|(_, problem)| problem).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_one_problem_whatever_is_in_it_and_its_neighbours_are_read() {
        let files =
            ["a/Chart.yaml", "a/charts/b/Chart.yaml", "a/values.yaml", "c/kustomization.yml", "d.yaml"];
        let (kept, problems) = taken_out(files.iter().map(PathBuf::from).collect());
        assert_eq!(kept, [PathBuf::from("d.yaml")]);
        let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "`a` is a Helm chart, not the manifests that are rendered from it",
                "`c` is a kustomization, not the manifests that are rendered from it"
            ]
        );
    }
}
