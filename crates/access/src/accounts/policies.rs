//! The policies of one principal, or of one level of an organisation, compiled.

use std::{collections::BTreeMap, sync::Arc};

use facts::{Gap, Place};
use iam::{AnyDocument, Kind, Policy, catalogue};
use serde_json::Value;

/// Policies as far as they are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Read {
    pub(super) policies: Vec<Arc<Policy>>,
    /// Where their statements stand, by the policy's name.
    pub(super) places: BTreeMap<String, Vec<Place>>,
    pub(super) gaps: Vec<Gap>,
}

/// The policies of a role or a user.
#[derive(Clone, Debug, Default)]
pub(super) struct OfPrincipal {
    /// Its own; of a user those of its groups, too.
    pub(super) identity: Read,
    pub(super) boundary: Option<Read>,
    /// Of a role alone.
    pub(super) trust: Read,
}

/// The document of an AWS managed policy.
pub(super) fn published(arn: &str) -> Option<Value> {
    serde_json::from_str(catalogue::managed_policy(arn)?.document).ok()
}

impl Read {
    pub(super) fn gap(gap: Gap) -> Self {
        Self { gaps: vec![gap], ..Self::default() }
    }

    /// Adds a policy by the name that people know it by; without its document, or with one that AWS would refuse, a gap.
    /// `places` are those of its statements, or the one of the whole document.
    pub(super) fn add(&mut self, name: &str, document: Option<&Value>, kind: Kind, places: &[Place]) {
        let Some(document) = document else {
            let gap = Gap::new(format!("the {name}"), "its document isn't in the inventory");
            self.gaps.push(gap.filled_by("aws iam get-account-authorization-details (without `--filter`)"));
            return;
        };
        match AnyDocument::of(document.clone(), kind) {
            AnyDocument::Legal(document) => {
                self.policies.push(Arc::new(Policy::new(name, &document)));
                self.places.insert(name.to_owned(), places.to_vec());
            }
            AnyDocument::Raw { because, .. } => {
                self.gaps.push(Gap::new(format!("the {name}"), format!("AWS would refuse it: {because}")));
            }
        }
    }
}
