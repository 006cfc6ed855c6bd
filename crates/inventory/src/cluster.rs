//! EKS's own objects about one cluster: its description, access entries and Pod Identity associations.

use std::collections::BTreeMap;

use facts::{ClusterArn, Gap, Problem, RoleArn};
use serde::Deserialize;

use crate::{
    AccessEntry, Cluster, Description, Known, Kubernetes, PodIdentityAssociation,
    read::{File, json, place},
};

/// The ARN in the output of `aws eks describe-cluster`.
pub(crate) fn described_arn(file: &File) -> Result<ClusterArn, Problem> {
    json::<DescribeCluster>(file).map(|described| described.cluster.arn)
}

pub(crate) fn read(arn: &ClusterArn, files: &[(&str, &File)]) -> Result<Cluster, Vec<Problem>> {
    let mut reader = Reader { arn, files, problems: Vec::new() };
    let description = reader.description();
    let access_entries = reader.access_entries();
    let pod_identity_associations = reader.associations();
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    Ok(Cluster { description, access_entries, pod_identity_associations, kubernetes: Kubernetes::default() })
}

struct Reader<'a> {
    arn: &'a ClusterArn,
    files: &'a [(&'a str, &'a File)],
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// A file by its name without `.json`.
    fn one<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Option<(T, &'a File)> {
        let (_, file) = self.files.iter().find(|(path, _)| path.strip_suffix(".json") == Some(name))?;
        self.parse(file)
    }

    /// All files whose names begin so.
    fn all<T: serde::de::DeserializeOwned>(&mut self, prefix: &str) -> Vec<(T, &'a File)> {
        let files: Vec<&'a File> =
            self.files.iter().filter(|(path, _)| path.starts_with(prefix)).map(|(_, file)| *file).collect();
        files.into_iter().filter_map(|file| self.parse(file)).collect()
    }

    fn parse<T: serde::de::DeserializeOwned>(&mut self, file: &'a File) -> Option<(T, &'a File)> {
        json(file).map_err(|problem| self.problems.push(problem)).ok().map(|parsed| (parsed, file))
    }

    fn gap<T>(&self, what: &str, command: &str) -> Known<T> {
        let ClusterArn { name, region, .. } = self.arn;
        let fill = format!("aws eks {command} --region {region}").replace("NAME", name);
        Known::Gap(Gap::new(format!("{what} of cluster {name}"), "not in the inventory").filled_by(fill))
    }

    fn description(&mut self) -> Known<Description> {
        let Some((DescribeCluster { cluster }, file)) = self.one("describe-cluster") else {
            return self.gap("the endpoint", "describe-cluster --name NAME");
        };
        Known::Known(Description {
            endpoint: cluster.endpoint,
            certificate_authority: cluster.certificate_authority.and_then(|authority| authority.data),
            version: cluster.version,
            authentication_mode: cluster.access_config.and_then(|config| config.authentication_mode),
            oidc_issuer: cluster.identity.and_then(|identity| identity.oidc).and_then(|oidc| oidc.issuer),
            place: place(file),
        })
    }

    fn access_entries(&mut self) -> Known<BTreeMap<String, AccessEntry>> {
        let Some((list, _)) = self.one::<ListAccessEntries>("list-access-entries") else {
            return self.gap("the access entries", "list-access-entries --cluster-name NAME");
        };
        let policies: BTreeMap<String, Vec<(String, Vec<String>)>> = self
            .all::<ListPolicies>("list-associated-access-policies-")
            .into_iter()
            .map(|(listed, _)| (listed.principal_arn, listed.policies.into_iter().map(Association::scope).collect()))
            .collect();
        let described = self.all::<DescribeEntry>("describe-access-entry-");
        let missing = list.entries.iter().find(|arn| !described.iter().any(|(d, _)| d.entry.principal_arn == **arn));
        if let Some(principal) = missing {
            let command = format!("describe-access-entry --cluster-name NAME --principal-arn {principal}");
            return self.gap(&format!("the access entry of `{principal}`"), &command);
        }
        let entries = described.into_iter().map(|(DescribeEntry { entry }, file)| {
            let command =
                format!("list-associated-access-policies --cluster-name NAME --principal-arn {}", entry.principal_arn);
            let policies = match policies.get(&entry.principal_arn) {
                Some(policies) => Known::Known(policies.clone()),
                None => self.gap(&format!("the access policies of `{}`", entry.principal_arn), &command),
            };
            let known = AccessEntry {
                principal: entry.principal_arn.clone(),
                kind: entry.kind,
                groups: entry.kubernetes_groups,
                username: entry.username,
                created_at: entry.created_at,
                policies,
                tags: entry.tags,
                place: place(file),
            };
            (entry.principal_arn, known)
        });
        Known::Known(entries.collect())
    }

    fn associations(&mut self) -> Known<BTreeMap<(String, String), PodIdentityAssociation>> {
        let Some((list, list_file)) = self.one::<ListAssociations>("list-pod-identity-associations") else {
            return self.gap("the Pod Identity associations", "list-pod-identity-associations --cluster-name NAME");
        };
        let described: BTreeMap<String, (Described, &File)> = self
            .all::<DescribeAssociation>("describe-pod-identity-association-")
            .into_iter()
            .map(|(described, file)| (described.association.association_id.clone(), (described.association, file)))
            .collect();
        let associations = list.associations.into_iter().map(|listed| {
            let id = listed.association_id;
            let command =
                format!("describe-pod-identity-association --cluster-name NAME --association-id {id}");
            let association = match described.get(&id) {
                Some((details, file)) => PodIdentityAssociation {
                    role: Known::Known(details.role_arn.clone()),
                    target_role: details.target_role_arn.clone(),
                    session_tags_disabled: details.disable_session_tags,
                    tags: details.tags.clone(),
                    place: place(file),
                    id,
                },
                None => PodIdentityAssociation {
                    role: self.gap(&format!("the role of association `{id}`"), &command),
                    target_role: None,
                    session_tags_disabled: false,
                    tags: BTreeMap::new(),
                    place: place(list_file),
                    id,
                },
            };
            ((listed.namespace, listed.service_account), association)
        });
        Known::Known(associations.collect())
    }
}

#[derive(Deserialize)]
struct DescribeCluster {
    cluster: ClusterBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClusterBody {
    arn: ClusterArn,
    endpoint: Option<String>,
    certificate_authority: Option<Authority>,
    version: Option<String>,
    access_config: Option<AccessConfig>,
    identity: Option<Identity>,
}

#[derive(Deserialize)]
struct Authority {
    data: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessConfig {
    authentication_mode: Option<String>,
}

#[derive(Deserialize)]
struct Identity {
    oidc: Option<Oidc>,
}

#[derive(Deserialize)]
struct Oidc {
    issuer: Option<String>,
}

#[derive(Deserialize)]
struct ListAccessEntries {
    #[serde(rename = "accessEntries")]
    entries: Vec<String>,
}

#[derive(Deserialize)]
struct DescribeEntry {
    #[serde(rename = "accessEntry")]
    entry: Entry,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    principal_arn: String,
    #[serde(default)]
    kubernetes_groups: Vec<String>,
    username: Option<String>,
    #[serde(rename = "type", default = "standard")]
    kind: String,
    created_at: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

fn standard() -> String {
    "STANDARD".to_owned()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListPolicies {
    principal_arn: String,
    #[serde(rename = "associatedAccessPolicies")]
    policies: Vec<Association>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Association {
    policy_arn: String,
    access_scope: Scope,
}

#[derive(Deserialize)]
struct Scope {
    #[serde(default)]
    namespaces: Vec<String>,
}

impl Association {
    fn scope(self) -> (String, Vec<String>) {
        (self.policy_arn, self.access_scope.namespaces)
    }
}

#[derive(Deserialize)]
struct ListAssociations {
    associations: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    namespace: String,
    service_account: String,
    association_id: String,
}

#[derive(Deserialize)]
struct DescribeAssociation {
    association: Described,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    association_id: String,
    role_arn: RoleArn,
    target_role_arn: Option<RoleArn>,
    #[serde(default)]
    disable_session_tags: bool,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}
