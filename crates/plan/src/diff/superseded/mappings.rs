//! Argo CD's roles in the aws-auth ConfigMap. The plan takes their lines out and writes nothing else there: one mistake makes it unreadable
//! for everybody, nodes included.

use access::cluster_identity::aws_auth;
use facts::ClusterArn;
use inventory::Cluster;
use serde_json::json;

use super::{Finder, Unnecessary};
use crate::{
    Location, ObjectId, Read,
    diff::{has_path, is_effective, mappings},
    object::ROLE_MAPPING,
};

impl Finder<'_> {
    /// Each goes after all that replaces it, access entries among that; where both are there the entry counts (EKS User Guide,
    /// "Migrating existing aws-auth ConfigMap entries to access entries").
    pub(super) fn mappings(&mut self, arn: &ClusterArn, cluster: &Cluster) {
        let mappings = match mappings(cluster) {
            Ok(mappings) => mappings,
            Err(gap) => return self.found.gaps.push(gap),
        };
        let map = cluster.kubernetes.find("configmaps", Some("kube-system"), "aws-auth");
        let text = map.and_then(|map| map.body.text("/data/mapRoles")).unwrap_or_default();
        for mapping in mappings {
            let object = ObjectId {
                location: Location::Cluster(arn.clone()),
                kind: ROLE_MAPPING.to_owned(),
                name: mapping.arn.clone(),
            };
            let is_used = self.access.role(&mapping.arn).is_some();
            let Some(by) = self.by(&object, false, is_used) else { continue };
            let mapping = &mapping;
            if is_effective(mapping) && aws_auth::without(&text, &mapping.arn).is_some() {
                let groups = mapping.groups.join(", ");
                let groups = if groups.is_empty() { "no group" } else { &groups };
                let way = format!("Argo CD has come this way as a member of {groups}");
                let reason = self.no_more(arn, &way, "entry");
                let was = json!(aws_auth::elements_of(&text, &mapping.arn));
                let reads = vec![Read::of(object.clone(), &was)];
                self.delete(Unnecessary { object, by, reason, reads, after: self.before_removal(arn) });
            } else if is_effective(mapping) || has_path(mapping) {
                self.keep_mapping(arn, mapping, map);
            }
        }
    }
}
