//! Where Applications come from, and what else of the hub uses AWS credentials.

use facts::Arn;

use super::Reader;
use crate::{
    ApplicationSource, CredentialConsumer, CredentialUse, Hub, Install,
    file::{ApplicationFile, CredentialFile, S3File},
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
                let repositories = self.arns(item, &ecr.get().repositories, "ecr", hub)?;
                Some(CredentialUse::Ecr { repositories })
            }
            (None, None, Some(code_commit), None) => {
                let repositories = self.arns(item, &code_commit.get().repositories, "codecommit", hub)?;
                Some(CredentialUse::CodeCommit { repositories })
            }
            (None, None, None, Some(secrets_manager)) => {
                let secrets = self.arns(item, &secrets_manager.get().secrets, "secretsmanager", hub)?;
                Some(CredentialUse::SecretsManager { secrets })
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
        hub: Option<&Hub>,
    ) -> Option<Vec<Arn>> {
        if texts.is_empty() {
            self.wrong(item, "the list of ARNs is empty", "name what the pod reads, or leave the item out");
            return None;
        }
        texts.iter().map(|text| self.arn_of(text, service, hub)).collect()
    }

    fn arn_of(&mut self, text: &At<String>, service: &str, hub: Option<&Hub>) -> Option<Arn> {
        let arn: Arn = self.parsed(text)?;
        let example = match service {
            "ecr" => "arn:aws:ecr:eu-west-1:111122223333:repository/charts/payments",
            "codecommit" => "arn:aws:codecommit:eu-west-1:111122223333:payments",
            _ => "arn:aws:secretsmanager:eu-west-1:111122223333:secret:payments-AbCdEf",
        };
        let prefix = match service {
            "ecr" => "repository/",
            "codecommit" => "",
            _ => "secret:",
        };
        if arn.service != service || !arn.resource.starts_with(prefix) {
            self.wrong(
                text,
                format!("`{arn}` is an ARN of something else"),
                format!("it should look like `{example}`"),
            );
            return None;
        }
        if let Some(hub) = hub
            && arn.partition != hub.arn.partition
        {
            let message = format!("`{arn}` is in another partition than the hub, `{}`", hub.arn.partition);
            self.wrong(text, message, "IAM doesn't reach across partitions");
        }
        Some(arn)
    }
}
