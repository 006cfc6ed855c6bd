//! `accounts/<id>/secretsmanager-describe-secret-<key>.json`: what encrypts a secret, never the secret.

use std::{collections::BTreeMap, sync::Arc};

use facts::Place;

use crate::{
    ManagedSecret,
    read::{Files, Reading, lacks, pages, text},
};

/// How the names of its files start.
pub(crate) const SECRET: &str = "secretsmanager-describe-secret-";

/// The described secrets by ARN.
pub(crate) fn secrets(files: &Files<'_>, reading: &mut Reading) -> BTreeMap<String, ManagedSecret> {
    let mut secrets = BTreeMap::new();
    for (_, file) in files.iter().filter(|(name, _)| name.starts_with(SECRET)) {
        for described in pages(file, reading).unwrap_or_default() {
            let Some(arn) = text(&described, "ARN") else {
                lacks(file, "ARN", reading);
                continue;
            };
            let kms_key = text(&described, "KmsKeyId").filter(|key| !key.is_empty());
            secrets.insert(arn, ManagedSecret { kms_key, place: Place::file(Arc::clone(&file.name)) });
        }
    }
    secrets
}
