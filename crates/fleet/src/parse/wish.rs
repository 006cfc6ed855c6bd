//! Decisions about shipped RBAC, limits, and findings that are left alone.

use std::collections::BTreeMap;

use super::Reader;
use crate::{
    Cluster, Limit, LimitRule, ShippedRbac, ShippedRbacChoice, Suppression,
    file::{ChoiceFile, LimitFile, LimitRuleFile, ShippedRbacFile, SuppressionFile},
    located::At,
    name,
};

impl Reader {
    pub(super) fn shipped_rbac(
        &mut self,
        written: &[At<ShippedRbacFile>],
        clusters: &[Cluster],
    ) -> Vec<ShippedRbac> {
        let decisions: Vec<ShippedRbac> =
            written.iter().filter_map(|item| self.decision(item.get(), clusters)).collect();
        for (index, decision) in decisions.iter().enumerate() {
            let earlier = decisions.iter().take(index).find(|earlier| overlap(earlier, decision));
            if let Some(earlier) = earlier {
                let message = format!("`{}` is decided twice: also at {}", decision.name, earlier.place);
                let problem = facts::Problem::new(decision.place.clone(), message);
                self.problems.push(problem.with_help("keep one, or give each its own `clusters`"));
            }
        }
        decisions
    }

    fn decision(&mut self, written: &ShippedRbacFile, clusters: &[Cluster]) -> Option<ShippedRbac> {
        let role = self.role(&written.object);
        let clusters = written.clusters.as_ref().map(|names| self.cluster_names(names, clusters));
        let (namespace, name) = role?;
        let choice = match written.choice {
            ChoiceFile::Hold => ShippedRbacChoice::Hold,
            ChoiceFile::Bind => ShippedRbacChoice::Bind,
            ChoiceFile::Escalate => ShippedRbacChoice::Escalate,
        };
        Some(ShippedRbac { namespace, name, choice, clusters, place: written.object.place(&self.file) })
    }

    fn role(&mut self, text: &At<String>) -> Option<(Option<String>, String)> {
        let parts: Vec<&str> = text.get().split('/').collect();
        match parts.as_slice() {
            ["ClusterRole", name] if name::is_path_segment(name) => Some((None, (*name).to_owned())),
            ["Role", namespace, name] if name::is_label(namespace) && name::is_path_segment(name) => {
                Some((Some((*namespace).to_owned()), (*name).to_owned()))
            }
            _ => {
                let message = format!("`{}` doesn't name a role", text.get());
                self.wrong(text, message, "write `ClusterRole/<name>` or `Role/<namespace>/<name>`");
                None
            }
        }
    }

    pub(super) fn limits(&mut self, written: &[At<LimitFile>], clusters: &[Cluster]) -> Vec<Limit> {
        let mut taken = BTreeMap::new();
        written.iter().map(|item| self.limit(item, clusters, &mut taken)).collect()
    }

    fn limit(
        &mut self,
        item: &At<LimitFile>,
        clusters: &[Cluster],
        taken: &mut BTreeMap<String, facts::Place>,
    ) -> Limit {
        let LimitFile { name, deny } = item.get();
        let place = item.place(&self.file);
        if name.get().trim().is_empty() {
            self.wrong(name, "a limit needs a name", "the finding that reports it is known by it");
        } else if let Some(first) = taken.insert(name.get().clone(), place.clone()) {
            let message = format!("two limits have the name `{}`: the other is at {first}", name.get());
            self.wrong(name, message, "give each its own");
        }
        let deny = self.limit_rule(deny, clusters);
        Limit { name: name.get().clone(), deny, place }
    }

    fn limit_rule(&mut self, deny: &At<LimitRuleFile>, clusters: &[Cluster]) -> LimitRule {
        let written = deny.get();
        let clusters = self.cluster_names(&written.clusters, clusters);
        let except_namespaces =
            written.except_namespaces.iter().filter_map(|n| self.label("a namespace", n)).collect();
        let lists = [&written.api_groups, &written.resources, &written.verbs];
        if lists.iter().all(|list| list.is_empty()) && written.clusters.is_empty() {
            self.wrong(
                deny,
                "the limit denies everything",
                "say what must not be granted: `apiGroups`, `resources`, `verbs` or `clusters`",
            );
        }
        LimitRule {
            api_groups: written.api_groups.clone(),
            resources: written.resources.clone(),
            verbs: written.verbs.clone(),
            clusters,
            except_namespaces,
        }
    }

    pub(super) fn suppressions(&mut self, written: &[At<SuppressionFile>]) -> Vec<Suppression> {
        written.iter().map(|item| self.suppression(item.get())).collect()
    }

    fn suppression(&mut self, written: &SuppressionFile) -> Suppression {
        if written.reason.get().trim().is_empty() {
            let message = format!("nothing says why `{}` is left alone", written.check.get());
            self.wrong(&written.reason, message, "write the reason");
        }
        let until = written.until.as_ref().and_then(|text| {
            let date = text.get().parse().ok();
            if date.is_none() {
                self.wrong(text, format!("`{}` is no date", text.get()), "write it as `2030-01-31`");
            }
            date
        });
        Suppression {
            check: written.check.get().clone(),
            reason: written.reason.get().trim().to_owned(),
            until,
            file: written.file.clone(),
            cluster: written.cluster.clone(),
            about: written.about.clone(),
            place: written.check.place(&self.file),
        }
    }

    /// Names of clusters; each must be a cluster of the fleet.
    fn cluster_names(&mut self, written: &[At<String>], clusters: &[Cluster]) -> Vec<String> {
        for text in written {
            if !self.clusters_are_known || clusters.iter().any(|cluster| cluster.name == *text.get()) {
                continue;
            }
            let nearest = manifest::nearest(text.get(), clusters.iter().map(|cluster| &*cluster.name));
            let help = match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "use the `name` of one of `clusters`".to_owned(),
            };
            self.wrong(text, format!("the fleet has no cluster `{}`", text.get()), help);
        }
        written.iter().map(|text| text.get().clone()).collect()
    }
}

/// Whether two decisions are about the same role on the same cluster.
fn overlap(a: &ShippedRbac, b: &ShippedRbac) -> bool {
    let clusters = match (&a.clusters, &b.clusters) {
        (Some(a), Some(b)) => a.iter().any(|name| b.contains(name)),
        _ => true,
    };
    clusters && a.namespace == b.namespace && a.name == b.name
}
