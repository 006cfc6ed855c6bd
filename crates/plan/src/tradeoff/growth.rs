//! At which size of the fleet the recommendation changes.
//!
//! The fleet grows by copies of its clusters in copies of their accounts, so that clusters per account, names' lengths
//! and needs stay as they are. What AWS knows of the larger fleet is really planned, and the same rule chooses.

use std::collections::BTreeSet;

use facts::{AccountId, ClusterArn};
use fleet::{Cluster, Fleet};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    measured::Measured,
    reach::Reaches,
    recommend,
    variant::{Variant, spokes},
};
use crate::{ClusterNeeds, CompactNeeds, Input, desired};

/// How far is looked ahead, if the fleet isn't larger already: beyond that, whether one Argo CD should do it all is the
/// better question.
const HORIZON: usize = 5_000;

/// The recommendation for larger fleets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Growth {
    /// How many clusters the fleet has.
    pub clusters: usize,
    /// In how many accounts.
    pub accounts: usize,
    /// Up to how many clusters was looked.
    pub horizon: usize,
    /// Where it changes, the first change first.
    pub changes: Vec<Turn>,
}

/// From which size on something else is recommended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Turn {
    /// The first number of clusters.
    pub clusters: usize,
    /// What is recommended from there on; absent where nothing fits any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<Variant>,
    /// What happens to the one before it.
    pub reason: String,
}

/// Looks ahead with steps that double, then halves the step in which something else is chosen.
pub(super) fn of(input: &Input<'_>, reaches: &Reaches) -> Growth {
    let mut grower = Grower::new(input, reaches);
    let clusters = grower.seed.len();
    let accounts: BTreeSet<_> = grower.seed.iter().map(|cluster| &cluster.arn.account).collect();
    let horizon = HORIZON.max(clusters.saturating_mul(2));
    let mut growth = Growth { clusters, accounts: accounts.len(), horizon, changes: Vec::new() };
    let mut size = clusters;
    let mut chosen = grower.settle(size);
    // Each way gives way to another at most once: what one cluster more makes wider never becomes narrower again.
    while growth.changes.len() < Variant::CHOICES.len()
        && let Some(turn) = grower.turn(size, horizon, chosen)
    {
        (size, chosen) = (turn.clusters, grower.settle(turn.clusters));
        growth.changes.push(turn);
    }
    growth
}

struct Grower<'a> {
    input: &'a Input<'a>,
    reaches: &'a Reaches,
    /// Sorted by account, so that the clusters of one stay together.
    seed: Vec<&'a Cluster>,
    /// Those that fit so far: what one cluster more fills is never emptied by another.
    fitting: Vec<Variant>,
}

impl<'a> Grower<'a> {
    fn new(input: &'a Input<'a>, reaches: &'a Reaches) -> Self {
        let mut seed: Vec<&Cluster> = spokes(input.fleet).collect();
        seed.sort_by(|a, b| (&a.arn.account, &a.arn).cmp(&(&b.arn.account, &b.arn)));
        Self { input, reaches, seed, fitting: Variant::CHOICES.into() }
    }

    /// What is recommended for so many clusters; from there on, what doesn't fit isn't looked at again.
    fn settle(&mut self, size: usize) -> Option<Variant> {
        let (chosen, all) = self.choice(size);
        let fits =
            |variant: &Variant| all.iter().any(|one| one.variant == *variant && one.misfits.is_empty());
        self.fitting.retain(fits);
        chosen
    }

    /// The first size beyond `from` at which something else than `chosen` is recommended.
    fn turn(&self, from: usize, horizon: usize, chosen: Option<Variant>) -> Option<Turn> {
        let differs = |size: usize| self.choice(size).0 != chosen;
        let (mut same, mut other) = (from, from.saturating_mul(2).min(horizon));
        while !differs(other) {
            if other >= horizon {
                return None;
            }
            (same, other) = (other, other.saturating_mul(2).min(horizon));
        }
        while other - same > 1 {
            let middle = same + (other - same) / 2;
            if differs(middle) { other = middle } else { same = middle }
        }
        let (variant, all) = self.choice(other);
        Some(Turn { clusters: other, variant, reason: reason(chosen, &all) })
    }

    /// What is recommended for so many clusters, with all that was compared.
    fn choice(&self, size: usize) -> (Option<Variant>, Vec<Measured>) {
        let (grown, needs, reaches) = self.grown(size);
        let measure = |variant: Variant| {
            let fleet = variant.applied(&grown);
            let input = Input {
                fleet: &fleet,
                inventory: self.input.inventory,
                projects: Vec::new(),
                applications: Vec::new(),
                gaps: Vec::new(),
                removals: Vec::new(),
            };
            Measured::of(variant, &fleet, &desired::identities(&input, &needs), &reaches)
        };
        let all: Vec<Measured> = self.fitting.iter().filter_map(|variant| measure(*variant)).collect();
        (recommend::best(&all).map(|best| best.variant), all)
    }

    fn grown(&self, size: usize) -> (Fleet, Vec<ClusterNeeds>, Reaches) {
        let mut fleet = self.input.fleet.clone();
        let mut accounts = Accounts::new(&fleet, &self.seed);
        let copies = (0..).flat_map(|copy| self.seed.iter().map(move |cluster| (copy, *cluster)));
        let pairs: Vec<(ClusterArn, &ClusterArn)> = copies
            .take(size)
            .map(|(copy, cluster)| {
                let account = accounts.of(copy, &cluster.arn.account);
                (ClusterArn { account, ..cluster.arn.clone() }, &cluster.arn)
            })
            .collect();
        let seed = self.seed.iter().cycle();
        fleet.clusters =
            seed.zip(&pairs).map(|(of, (arn, _))| Cluster { arn: arn.clone(), ..(*of).clone() }).collect();
        let needs = fleet.clusters.iter().map(without_needs).collect();
        let reaches = self.reaches.copied(&pairs);
        (fleet, needs, reaches)
    }
}

/// What AWS knows of a cluster doesn't depend on its needs.
fn without_needs(cluster: &Cluster) -> ClusterNeeds {
    ClusterNeeds {
        arn: cluster.arn.clone(),
        name: cluster.name.clone(),
        needs: CompactNeeds::default(),
        cached_kinds: Vec::new(),
        findings: Vec::new(),
        unknown: Vec::new(),
        undecided: Vec::new(),
        in_cluster: false,
    }
}

/// Gives accounts to copies: ids that the fleet doesn't have.
struct Accounts {
    taken: BTreeSet<AccountId>,
    next: u64,
    last: Option<(usize, AccountId, AccountId)>,
}

impl Accounts {
    fn new(fleet: &Fleet, seed: &[&Cluster]) -> Self {
        let taken = seed.iter().map(|cluster| cluster.arn.account.clone());
        let taken = taken.chain([fleet.hub.arn.account.clone()]).collect();
        Self { taken, next: 0, last: None }
    }

    /// Clusters of one account come one after the other.
    fn of(&mut self, copy: usize, account: &AccountId) -> AccountId {
        if copy == 0 {
            return account.clone();
        }
        if let Some((last, of, given)) = &self.last
            && (*last, of) == (copy, account)
        {
            return given.clone();
        }
        let given = self.fresh().unwrap_or_else(|| account.clone());
        self.last = Some((copy, account.clone(), given.clone()));
        given
    }

    fn fresh(&mut self) -> Option<AccountId> {
        loop {
            let id: AccountId = format!("{:012}", self.next).parse().ok()?;
            self.next += 1;
            if !self.taken.contains(&id) {
                return Some(id);
            }
        }
    }
}

fn reason(before: Option<Variant>, all: &[Measured]) -> String {
    let Some(before) = before else { return "nothing fitted before".to_owned() };
    let misfits = all.iter().find(|one| one.variant == before).map(|one| one.misfits.as_slice());
    match misfits {
        Some([]) | None => format!("{} is no longer the narrowest with the fewest roles", before.name()),
        Some(misfits) => format!("{} no longer fits: {}", before.name(), misfits.join(", ")),
    }
}
