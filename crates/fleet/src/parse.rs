//! From the fleet file's text to a [`Fleet`] in which nothing is left to validate.

mod cluster;
mod hub;
mod source;
mod wish;

use std::{collections::BTreeSet, sync::Arc};

use facts::{ClusterArn, Place, Problem};
use serde::Deserialize;

use crate::{
    CacheWidth, Features, Fleet, Granularity, Groups, Names,
    file::{CacheFile, FeaturesFile, FleetFile, GroupsFile, NamesFile, RolesFile},
    located::At,
    name,
};

const API_VERSION: &str = "oarlock.dev/v1alpha1";
const KIND: &str = "Fleet";

impl Fleet {
    /// Reads a fleet file. `file` is the name by which the person knows it.
    ///
    /// # Errors
    /// If the text isn't YAML or has another shape, that one problem; else everything that is wrong with its values,
    /// in the order of the file.
    pub fn parse(file: &Arc<str>, bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        is_a_fleet(file, bytes).map_err(|problem| vec![problem])?;
        let written: FleetFile = manifest::parse(file, bytes).map_err(|problem| vec![problem])?;
        let mut reader = Reader {
            file: Arc::clone(file),
            problems: Vec::new(),
            clusters_are_known: true,
            leaving: BTreeSet::new(),
        };
        match reader.fleet(written) {
            Some(fleet) if reader.problems.is_empty() => Ok(fleet),
            _ => {
                reader.problems.sort_by(|a, b| a.place.cmp(&b.place));
                Err(reader.problems)
            }
        }
    }
}

/// Whether it is a fleet file at all: else the first complaint would be about a field that other kinds have.
fn is_a_fleet(file: &Arc<str>, bytes: &[u8]) -> Result<(), Problem> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Header {
        api_version: Option<At<String>>,
        kind: Option<At<String>>,
    }
    let header: Header = manifest::parse(file, bytes)?;
    for (field, value, wanted) in
        [("apiVersion", header.api_version, API_VERSION), ("kind", header.kind, KIND)]
    {
        let (place, message) = match value {
            Some(value) if value.get() == wanted => continue,
            Some(value) => (value.place(file), format!("`{field}: {}` is not a fleet file's", value.get())),
            None => (Place::file(Arc::clone(file)), format!("not a fleet file: it has no `{field}`")),
        };
        return Err(Problem::new(place, message).with_help(format!("write `{field}: {wanted}`")));
    }
    Ok(())
}

/// Collects what is wrong, so that one run reports all of it.
struct Reader {
    file: Arc<str>,
    problems: Vec<Problem>,
    /// Whether all clusters could be read: else a name that none of them has may be that of one that couldn't.
    clusters_are_known: bool,
    /// Those of them that Argo CD is to leave.
    leaving: BTreeSet<ClusterArn>,
}

impl Reader {
    fn fleet(&mut self, written: FleetFile) -> Option<Fleet> {
        let spec = written.spec;
        let name = self.label("the fleet's name", &written.metadata.name);
        let hub = self.hub(&spec.hub);
        let topology = self.topology(&spec, hub.as_ref());
        let clusters = self.clusters(&spec.clusters, topology, hub.as_ref());
        let impersonation = self.impersonation(spec.impersonation.as_ref(), hub.as_ref());
        let groups = self.groups(&spec.groups);
        let applications = spec.applications.iter().filter_map(|a| self.application(a)).collect();
        let shipped_rbac = self.shipped_rbac(&spec.shipped_rbac, &clusters);
        let credentials = spec.credentials.iter().filter_map(|c| self.credential(c, hub.as_ref())).collect();
        let organization = spec.organization.as_ref().and_then(|o| self.organization(o));
        let limits = self.limits(&spec.limits, &clusters);
        let suppressions = self.suppressions(&spec.audit.suppressions);
        let (leaving, clusters) =
            clusters.into_iter().partition(|cluster| self.leaving.contains(&cluster.arn));
        Some(Fleet {
            name: name?,
            hub: hub?,
            granularity: spec.roles.map_or(Granularity::PerCluster, Granularity::from),
            cache: spec.cache.map(CacheWidth::from),
            names: spec.names.map_or_else(Names::default, Names::from),
            features: Features::from(spec.features),
            impersonation,
            groups,
            clusters,
            leaving,
            ends: false,
            projects: spec.projects,
            applications,
            shipped_rbac,
            credentials,
            organization,
            limits,
            suppressions,
            place: Place::file(Arc::clone(&self.file)),
        })
    }

    /// Notes that something is wrong.
    fn wrong<T>(&mut self, value: &At<T>, message: impl Into<String>, help: impl Into<String>) {
        let problem = Problem::new(value.place(&self.file), message).with_help(help);
        self.problems.push(problem);
    }

    /// Text that is parsed by a type that says itself what is wrong.
    fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(&mut self, text: &At<String>) -> Option<T> {
        text.get()
            .parse()
            .map_err(|error: T::Err| {
                self.problems.push(Problem::new(text.place(&self.file), error.to_string()))
            })
            .ok()
    }

    fn label(&mut self, what: &str, text: &At<String>) -> Option<String> {
        if name::is_label(text.get()) {
            return Some(text.get().clone());
        }
        self.wrong(
            text,
            format!("`{}` can't be {what}", text.get()),
            "use lowercase letters, digits and `-`, beginning and ending with a letter or digit, 63 characters at most",
        );
        None
    }

    fn subdomain(&mut self, what: &str, text: &At<String>) -> Option<String> {
        if name::is_subdomain(text.get()) {
            return Some(text.get().clone());
        }
        self.wrong(
            text,
            format!("`{}` can't be {what}", text.get()),
            "use lowercase letters, digits, `-` and `.`, beginning and ending with a letter or digit",
        );
        None
    }

    fn organization(&mut self, text: &At<String>) -> Option<String> {
        if name::is_organization(text.get()) {
            return Some(text.get().clone());
        }
        self.wrong(
            text,
            format!("`{}` is not the id of an organisation", text.get()),
            "write what `aws organizations describe-organization --query Organization.Id` prints, such as `o-a1b2c3d4e5`",
        );
        None
    }

    fn groups(&mut self, written: &GroupsFile) -> Groups {
        let default = Groups::default();
        let groups = Groups {
            shared: self.group(written.shared.as_ref(), default.shared),
            controller: self.group(written.controller.as_ref(), default.controller),
            server: self.group(written.server.as_ref(), default.server),
        };
        if groups.controller == groups.server
            && let Some(written) = written.server.as_ref().or(written.controller.as_ref())
        {
            self.wrong(
                written,
                format!("controller and server both have the group `{}`", groups.server),
                "give each its own, so that each gets only what it needs",
            );
        }
        groups
    }

    /// EKS refuses groups that start with `system:` (EKS API, CreateAccessEntry, `kubernetesGroups`).
    fn group(&mut self, written: Option<&At<String>>, default: String) -> String {
        let Some(text) = written else { return default };
        if text.get().starts_with("system:") {
            let message = format!("the group `{}` starts with `system:`, which EKS refuses", text.get());
            self.wrong(text, message, format!("choose another, such as `{default}`"));
        } else if text.get().is_empty() || text.get().chars().any(char::is_whitespace) {
            let message = format!("`{}` can't be a group", text.get());
            self.wrong(text, message, format!("leave it out for `{default}`"));
        }
        text.get().clone()
    }
}

impl From<RolesFile> for Granularity {
    fn from(written: RolesFile) -> Self {
        match written {
            RolesFile::PerCluster => Self::PerCluster,
            RolesFile::PerProject => Self::PerProject,
            RolesFile::PerAccount => Self::PerAccount,
            RolesFile::Shared => Self::Shared,
        }
    }
}

impl From<CacheFile> for CacheWidth {
    fn from(written: CacheFile) -> Self {
        match written {
            CacheFile::All => Self::All,
            CacheFile::Inclusions => Self::Inclusions,
        }
    }
}

impl From<NamesFile> for Names {
    fn from(written: NamesFile) -> Self {
        match written {
            NamesFile::ClusterScoped => Self::ClusterScoped,
            NamesFile::Exact => Self::Exact,
            NamesFile::Any => Self::Any,
        }
    }
}

impl From<FeaturesFile> for Features {
    fn from(written: FeaturesFile) -> Self {
        let default = Self::default();
        Self {
            logs: written.logs.unwrap_or(default.logs),
            events: written.events.unwrap_or(default.events),
            exec: written.exec.unwrap_or(default.exec),
            actions: written.actions.unwrap_or(default.actions),
            ui_delete: written.ui_delete.unwrap_or(default.ui_delete),
            ui_patch: written.ui_patch.unwrap_or(default.ui_patch),
        }
    }
}
