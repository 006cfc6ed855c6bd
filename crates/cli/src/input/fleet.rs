//! A fleet with all that its file points at: inventory, projects, Applications and their manifests.

use std::{
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use argocd::{AppProject, Application, application_set_gap};
use facts::{Gap, Place, Problem};
use fleet::{ApplicationSource, Fleet};
use inventory::{Inventory, folder};
use manifest::Object;
use plan::{Deployed, live};
use rayon::prelude::*;

use super::{
    Refused,
    inventory::{ReadInventory, read_inventory},
    read_manifests,
};
use crate::{command::FleetArguments, progress};

/// Everything that a plan is made from, owned.
#[derive(Debug)]
pub(crate) struct FleetInput {
    pub(crate) fleet: Fleet,
    pub(crate) inventory: Option<Inventory>,
    pub(crate) projects: Vec<AppProject>,
    pub(crate) applications: Vec<Deployed>,
    pub(crate) gaps: Vec<Gap>,
    /// What earlier plans were to remove: whoever knows sets it.
    pub(crate) removals: Vec<plan::Removal>,
    files: usize,
}

impl FleetInput {
    /// Borrowed, as the plan takes it. The projects and Applications move into it.
    pub(crate) fn as_input(&mut self) -> plan::Input<'_> {
        plan::Input {
            fleet: &self.fleet,
            inventory: self.inventory.as_ref(),
            projects: std::mem::take(&mut self.projects),
            applications: std::mem::take(&mut self.applications),
            gaps: std::mem::take(&mut self.gaps),
            removals: std::mem::take(&mut self.removals),
        }
    }

    /// How many files were read.
    pub(crate) fn files(&self) -> usize {
        self.files
    }

    /// The plan, with the needs that it is made from.
    ///
    /// # Errors
    /// What in the input doesn't fit together, each with its place.
    pub(crate) fn plan(&mut self, aim: Aim) -> anyhow::Result<plan::Planned> {
        if aim.destroy {
            self.fleet.end();
        }
        plan::plan(self.as_input(), aim.adopt).map_err(|problems| Refused::error(problems, self.files))
    }
}

/// What a plan may do, and what for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Aim {
    /// Whether it changes and removes what Oarlock doesn't own.
    pub(crate) adopt: bool,
    /// Whether it removes all that Oarlock made.
    pub(crate) destroy: bool,
}

/// Reads a fleet file and all that it points at.
///
/// # Errors
/// Everything in the input that can't be used, at once.
pub(crate) fn read_fleet(arguments: &FleetArguments) -> anyhow::Result<FleetInput> {
    let mut reader = Reader::default();
    let file: Arc<str> = arguments.fleet.display().to_string().into();
    let parsed = folder::read(&arguments.fleet)
        .map_err(|problem| vec![problem])
        .and_then(|bytes| Fleet::parse(&file, &bytes));
    reader.files += 1;
    let fleet = match parsed {
        Ok(fleet) => fleet,
        Err(problems) => return Err(Refused::unless_empty(problems, 1).err().context("fleet file")?.into()),
    };
    let base = arguments.fleet.parent().unwrap_or(Path::new("")).to_owned();
    let inventory = reader.inventory(arguments, &base, &fleet);
    let projects = reader.projects(&base, &fleet);
    let applications = reader.applications(&base, &fleet, inventory.as_ref())?;
    Refused::unless_empty(reader.problems, reader.files)?;
    let Reader { gaps, files, .. } = reader;
    Ok(FleetInput { fleet, inventory, projects, applications, gaps, removals: Vec::new(), files })
}

/// Reads files and keeps what is wrong with them.
#[derive(Default)]
struct Reader {
    files: usize,
    problems: Vec<Problem>,
    gaps: Vec<Gap>,
}

impl Reader {
    fn inventory(&mut self, arguments: &FleetArguments, base: &Path, fleet: &Fleet) -> Option<Inventory> {
        let default = base.join("inventory");
        let path = match &arguments.inventory {
            Some(path) => path,
            None if default.is_dir() => &default,
            None => return None,
        };
        let ReadInventory { inventory, problems, files } = self.keep(read_inventory(path))?;
        self.files += files;
        self.problems.extend(problems);
        self.problems.extend(of_another_fleet(&inventory, fleet, path));
        Some(inventory)
    }

    fn projects(&mut self, base: &Path, fleet: &Fleet) -> Vec<AppProject> {
        let mut projects = Vec::new();
        for pattern in &fleet.projects {
            for path in self.expand(base, pattern, &fleet.place) {
                self.objects(&path, |reader, object| {
                    if AppProject::is_one(object) {
                        projects.extend(reader.keep(AppProject::parse(object)));
                    }
                });
            }
        }
        projects
    }

    fn applications(
        &mut self,
        base: &Path,
        fleet: &Fleet,
        inventory: Option<&Inventory>,
    ) -> anyhow::Result<Vec<Deployed>> {
        let mut deployed = Vec::new();
        let mut rendered = Vec::new();
        for source in &fleet.applications {
            match source {
                ApplicationSource::Files { path, manifests, place } => {
                    for file in self.expand(base, path, place) {
                        for application in self.applications_in(&file) {
                            let folder =
                                manifests.as_ref().map(|m| base.join(m.replace("{name}", &application.name)));
                            rendered.push((application, folder));
                        }
                    }
                }
                ApplicationSource::Inventory { place } => match inventory {
                    Some(inventory) => deployed.extend(self.live(fleet, inventory)),
                    None => self.problems.push(
                        Problem::new(
                            place.clone(),
                            "the Applications come from the inventory, but there is none",
                        )
                        .with_help("give it with `-i`, or put it beside the fleet file as `inventory/`"),
                    ),
                },
            }
        }
        deployed.extend(self.rendered(rendered)?);
        Ok(deployed)
    }

    fn applications_in(&mut self, file: &Path) -> Vec<Application> {
        let mut applications = Vec::new();
        self.objects(file, |reader, object| {
            if Application::is_one(object) {
                applications.extend(reader.keep(Application::parse(object)));
            }
            reader.gaps.extend(application_set_gap(object));
        });
        applications
    }

    /// Reads the manifests of all Applications, in parallel: this is nearly all of the work.
    fn rendered(
        &mut self,
        applications: Vec<(Application, Option<PathBuf>)>,
    ) -> anyhow::Result<Vec<Deployed>> {
        let bar = progress::bar(applications.len(), "reading manifests");
        let read: Vec<anyhow::Result<_>> = applications
            .into_par_iter()
            .map(|(application, folder)| {
                let manifests = folder
                    .map(|folder| read_manifests(&[folder], &live::empty_deployment(&application)))
                    .transpose();
                bar.inc(1);
                Ok((application, manifests?))
            })
            .collect();
        bar.finish_and_clear();
        let mut deployed = Vec::with_capacity(read.len());
        for result in read {
            let (application, manifests) = result?;
            let deployment = manifests.map(|manifests| {
                self.files += manifests.files;
                self.problems.extend(manifests.problems);
                manifests.deployment
            });
            deployed.push(Deployed { application, deployment, gaps: Vec::new() });
        }
        Ok(deployed)
    }

    /// The live Applications of the hub, by their `status.resources`.
    fn live(&mut self, fleet: &Fleet, inventory: &Inventory) -> Vec<Deployed> {
        let Some(hub) = inventory.clusters.get(&fleet.hub.arn) else { return Vec::new() };
        let objects = match hub.kubernetes.list("applications") {
            Ok(objects) => objects,
            Err(gap) => {
                self.gaps.push(gap);
                return Vec::new();
            }
        };
        let mut deployed = Vec::new();
        for object in objects {
            object.read(&mut |read| {
                let application = read.and_then(|read| Application::parse(&read));
                let Some(application) = self.keep(application) else { return };
                let live = live::live_deployment(fleet, inventory, &application);
                if let Some((deployment, gaps)) = self.keep(live) {
                    deployed.push(Deployed { application, deployment: Some(deployment), gaps });
                }
            });
        }
        deployed
    }

    fn objects(&mut self, path: &Path, mut each: impl FnMut(&mut Self, &Object<'_>)) {
        let name: Arc<str> = path.display().to_string().into();
        self.files += 1;
        let Some(bytes) = self.keep(folder::read(path)) else { return };
        manifest::read(&name, &bytes, &mut |object| {
            if let Some(object) = self.keep(object) {
                each(self, &object);
            }
        });
    }

    /// The files that a path or glob pattern of the fleet file means.
    fn expand(&mut self, base: &Path, pattern: &str, place: &Place) -> Vec<PathBuf> {
        let is_glob = |part: &str| part.contains(['*', '?', '[', '{']);
        if !is_glob(pattern) {
            return self.keep(folder::files(&base.join(pattern))).unwrap_or_default();
        }
        let literal = |part: &Component<'_>| !is_glob(&part.as_os_str().to_string_lossy());
        let literal: PathBuf = Path::new(pattern).components().take_while(literal).collect();
        let wrong = |message: String| Problem::new(place.clone(), message);
        let glob = globset::GlobBuilder::new(&base.join(pattern).display().to_string())
            .literal_separator(true)
            .build();
        let glob = glob.map_err(|error| wrong(format!("`{pattern}` is no pattern: {}", error.kind())));
        let Some(matcher) = self.keep(glob).map(|glob| glob.compile_matcher()) else { return Vec::new() };
        let files = self.keep(folder::files(&base.join(literal))).unwrap_or_default();
        let found: Vec<PathBuf> = files.into_iter().filter(|file| matcher.is_match(file)).collect();
        if found.is_empty() {
            self.problems.push(
                wrong(format!("no file matches `{pattern}`"))
                    .with_help("paths are relative to the fleet file"),
            );
        }
        found
    }

    fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }
}

/// An inventory that has nothing of a fleet is another fleet's.
fn of_another_fleet(inventory: &Inventory, fleet: &Fleet, path: &Path) -> Option<Problem> {
    let first = inventory.clusters.keys().next()?;
    let ours = |arn| inventory.clusters.contains_key(arn);
    if ours(&fleet.hub.arn) || fleet.all_clusters().any(|cluster| ours(&cluster.arn)) {
        return None;
    }
    let message =
        format!("this inventory is of another fleet: it has `{first}`, and no cluster of `{}`", fleet.name);
    Some(
        Problem::new(Place::file(path.display().to_string()), message)
            .with_help(format!("give the inventory that has the hub `{}`", fleet.hub.arn)),
    )
}
