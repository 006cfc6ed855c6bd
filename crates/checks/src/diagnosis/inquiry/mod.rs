//! An error and an inventory: the one cause of several, and the smallest change that repairs it.

mod assumption;
mod candidates;
mod entries;
mod escalation;
mod fleets_group;
mod impersonated;
mod managed;
mod person;
mod place;
mod project;
mod question;
mod repair;
mod roles;
mod rules;
mod who;

use access::{At, Hop, Installation, Passes, verdict};
use facts::{ClusterArn, Gap};
use inventory::Inventory;

use question::Question;
pub use repair::{Repair, alone};

use super::diagnosed::Diagnosed;

/// What is asked about errors.
#[derive(Clone, Debug)]
pub struct Inquiry<'i> {
    inventory: &'i Inventory,
    argocd: Option<Installation>,
    /// The cluster that is meant where an error names none.
    cluster: Option<ClusterArn>,
}

/// What an inventory says about an error.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked, in words.
    pub question: String,
    /// How it goes, as far as the inventory knows.
    pub passes: Passes,
    /// The hops that the error itself suspects.
    suspects: &'static [At],
    /// The hops, up to the one at which it ends.
    pub hops: Vec<Hop>,
    /// What repairs it.
    pub repair: Option<Repair>,
}

impl<'i> Inquiry<'i> {
    /// About errors of an Argo CD, if it is known which.
    pub fn new(inventory: &'i Inventory, argocd: Option<Installation>, cluster: Option<ClusterArn>) -> Self {
        Self { inventory, argocd, cluster }
    }

    /// The Argo CD that is meant.
    fn argocd(&self) -> Result<&Installation, Gap> {
        self.argocd.as_ref().ok_or_else(|| {
            Gap::new("which Argo CD it is", "the inventory has none, or several")
                .filled_by("name its cluster: `--hub NAME`")
        })
    }

    /// What the inventory says about an error; `None` where it can't say anything.
    pub fn ask(&self, error: &Diagnosed) -> Option<Answer> {
        let question = match Question::of(self, error)? {
            Ok(question) => question,
            Err(gap) => return Some(Answer::unknown(gap)),
        };
        let suspects = error.signature.hops;
        let hops = question.hops(self.inventory, self.argocd.as_ref());
        let passes = verdict(&hops);
        let repair =
            (passes != Passes::Yes).then(|| repair::smallest(self, &question, &hops, suspects)).flatten();
        Some(Answer { question: question.words(), passes, suspects, hops, repair })
    }
}

impl Answer {
    fn unknown(gap: Gap) -> Self {
        let passes = Passes::Unknown { missing: vec![gap] };
        Self {
            question: "what the error is about".to_owned(),
            passes,
            suspects: &[],
            hops: Vec::new(),
            repair: None,
        }
    }

    /// The hop at which it ends.
    pub fn failing(&self) -> Option<&Hop> {
        let first = || self.hops.iter().find(|hop| !hop.is_passed());
        repair::failing(&self.hops, self.suspects).or_else(first)
    }
}
