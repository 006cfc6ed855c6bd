//! Where Applications come from, and what else of the hub uses AWS credentials.

use facts::{Arn, ClusterArn};

use super::Reader;
use crate::{
    ApplicationSource, CredentialConsumer, CredentialUse, Hub, Install, RepositoryAccess,
    file::{ApplicationFile, CredentialFile, RepositoryAccessFile, S3File},
    located::At,
};

impl Reader {
    pub(super) fn application(&mut self, item: &At<ApplicationFile>) -> Option<ApplicationSource> {
        let place = item.place(&self.file);
        let written = item.get();
        let wrong = match (&written.path, &written.from) {
            (Some(path), None) if path.get().is_empty() => "`path` is empty",
            (Some(path), None) => {
                let manifests = written.manifests.as_ref().map(|m| m.get().clone());
                return Some(ApplicationSource::Files { path: path.get().clone(), manifests, place });
            }
            (None, Some(_)) if written.manifests.is_none() => {
                return Some(ApplicationSource::Inventory { place });
            }
            (None, Some(_)) => "live Applications have no `manifests`: their status lists the resources",
            (Some(_), Some(_)) => "Applications come either from a file or from the inventory",
            (None, None) => "it doesn't say where the Applications come from",
        };
        self.wrong(item, wrong, "write `path` (and `manifests`), or `from: inventory`");
        None
    }

    pub(super) fn credential(
        &mut self,
        item: &At<CredentialFile>,
        hub: Option<&Hub>,
    ) -> Option<CredentialConsumer> {
        let written = item.get();
        let service_account = self.subdomain("a service account", &written.service_account);
        let namespace = match &written.namespace {
            Some(text) => self.label("a namespace", text),
            None => Some(hub.map_or("argocd", |hub| &hub.argocd.namespace).to_owned()),
        };
        if hub.is_some_and(|hub| hub.argocd.install == Install::EksCapability) {
            self.wrong(
                item,
                "the EKS capability has no pods whose service accounts could get credentials",
                "leave it out: the capability's role gets what the Applications' repositories need",
            );
        }
        let uses = self.credential_use(item, hub);
        Some(CredentialConsumer {
            service_account: service_account?,
            namespace: namespace?,
            uses: uses?,
            place: item.place(&self.file),
        })
    }

    fn credential_use(&mut self, item: &At<CredentialFile>, hub: Option<&Hub>) -> Option<CredentialUse> {
        let written = item.get();
        match (&written.s3, &written.ecr, &written.code_commit, &written.secrets_manager) {
            (Some(s3), None, None, None) => self.s3(s3.get()),
            (None, Some(ecr), None, None) => {
                let repositories =
                    self.arns(item, &ecr.get().repositories, "ecr", hub.map(|hub| &hub.arn))?;
                Some(CredentialUse::Ecr { repositories })
            }
            (None, None, Some(code_commit), None) => {
                let written = &code_commit.get().repositories;
                let repositories = self.arns(item, written, "codecommit", hub.map(|hub| &hub.arn))?;
                Some(CredentialUse::CodeCommit { repositories })
            }
            (None, None, None, Some(secrets_manager)) => {
                let written = secrets_manager.get();
                let secrets = self.arns(item, &written.secrets, "secretsmanager", hub.map(|hub| &hub.arn));
                let kms_keys = self.all_arns(&written.kms_keys, "kms", hub.map(|hub| &hub.arn));
                Some(CredentialUse::SecretsManager { secrets: secrets?, kms_keys: kms_keys? })
            }
            _ => {
                self.wrong(
                    item,
                    format!("it doesn't say what one thing `{}` uses credentials for", written.service_account.get()),
                    "write exactly one of `s3`, `ecr`, `codeCommit` and `secretsManager`; for two uses, two items",
                );
                None
            }
        }
    }

    /// Bucket names: S3 User Guide, "General purpose bucket naming rules".
    fn s3(&mut self, written: &S3File) -> Option<CredentialUse> {
        let bucket = written.bucket.get();
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(legal) {
            let message = format!("`{bucket}` can't be the name of a bucket");
            self.wrong(
                &written.bucket,
                message,
                "write the name alone, without `s3://`, and the key prefix in `prefix`",
            );
            return None;
        }
        Some(CredentialUse::S3 {
            bucket: bucket.clone(),
            prefix: written.prefix.trim_start_matches('/').to_owned(),
        })
    }

    fn arns(
        &mut self,
        item: &At<CredentialFile>,
        texts: &[At<String>],
        service: &str,
        hub: Option<&ClusterArn>,
    ) -> Option<Vec<Arn>> {
        if texts.is_empty() {
            self.wrong(item, "the list of ARNs is empty", "name what the pod reads, or leave the item out");
            return None;
        }
        self.all_arns(texts, service, hub)
    }

    /// What the EKS capability reads repositories with.
    pub(super) fn repository_access(
        &mut self,
        written: &At<RepositoryAccessFile>,
        install: Install,
        hub: Option<&ClusterArn>,
    ) -> Option<RepositoryAccess> {
        if install == Install::SelfManaged {
            self.wrong(
                written,
                "`repositoryAccess` is for the EKS capability, and this Argo CD is self-managed",
                "leave it out, and name what uses AWS credentials under `credentials`",
            );
        }
        let RepositoryAccessFile { connections, secrets, kms_keys } = written.get();
        let connections = self.all_arns(connections, "codestar-connections", hub);
        let secrets = self.all_arns(secrets, "secretsmanager", hub);
        let kms_keys = match kms_keys {
            Some(keys) => self.all_arns(keys, "kms", hub).map(Some),
            None => Some(None),
        };
        Some(RepositoryAccess { connections: connections?, secrets: secrets?, kms_keys: kms_keys? })
    }

    /// Every ARN, unless one is wrong; all that are wrong are told.
    fn all_arns(
        &mut self,
        texts: &[At<String>],
        service: &str,
        hub: Option<&ClusterArn>,
    ) -> Option<Vec<Arn>> {
        let arns: Vec<Option<Arn>> = texts.iter().map(|text| self.arn_of(text, service, hub)).collect();
        arns.into_iter().collect()
    }

    fn arn_of(&mut self, text: &At<String>, service: &str, hub: Option<&ClusterArn>) -> Option<Arn> {
        let arn: Arn = self.parsed(text)?;
        let (prefix, example) = shape(service);
        // A connection's ARN has the service that it was made with; either may be named.
        let connection = service == "codestar-connections" && arn.service == "codeconnections";
        if arn.service != service && !connection || !arn.resource.starts_with(prefix) {
            self.wrong(
                text,
                format!("`{arn}` is an ARN of something else"),
                format!("it should look like `{example}`"),
            );
            return None;
        }
        if let Some(hub) = hub
            && arn.partition != hub.partition
        {
            let message = format!("`{arn}` is in another partition than the hub, `{}`", hub.partition);
            self.wrong(text, message, "IAM doesn't reach across partitions");
        }
        Some(arn)
    }
}

/// How the resource of a service's ARN starts, and an example.
fn shape(service: &str) -> (&'static str, &'static str) {
    match service {
        "ecr" => ("repository/", "arn:aws:ecr:eu-west-1:111122223333:repository/charts/payments"),
        "codecommit" => ("", "arn:aws:codecommit:eu-west-1:111122223333:payments"),
        "codestar-connections" => (
            "connection/",
            "arn:aws:codestar-connections:eu-west-1:111122223333:connection/2b7c5d10-94ae-4c3f-8a61-0f5e3d9b7c42",
        ),
        // An alias is no resource that IAM would match (KMS Developer Guide, "Using aliases to control access").
        "kms" => ("key/", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
        _ => ("secret:", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:payments-AbCdEf"),
    }
}
