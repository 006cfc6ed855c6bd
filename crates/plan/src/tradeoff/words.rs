//! The answer in sentences, the same in the table and in the chart.

use facts::count;

use super::{Measured, Reach, Tradeoff, Turn, Variant};

impl Tradeoff {
    /// Which variant is recommended, and why.
    pub fn recommended(&self) -> String {
        let reason = &self.recommendation.reason;
        match self.recommendation.variant {
            Some(variant) => format!("Recommended: {} ({}): {reason}.", variant.name(), variant.setting()),
            None => format!("Nothing is recommended: {reason}."),
        }
    }

    /// At which size of the fleet that changes.
    pub fn turns(&self) -> Vec<String> {
        let growth = &self.growth;
        let mut said: Vec<String> = growth.changes.iter().map(sentence).collect();
        if said.is_empty() {
            said.push(format!("That stays so up to {} clusters.", growth.horizon));
        }
        let clusters = count(growth.clusters, "cluster");
        let accounts = count(growth.accounts, "account");
        said.push(format!(
            "Larger fleets have as many clusters per account as this one, {clusters} in {accounts}."
        ));
        said
    }

    /// Whether a variant is the recommended one.
    pub fn recommends(&self, variant: Variant) -> bool {
        self.recommendation.variant == Some(variant)
    }
}

impl Measured {
    /// What to say of it besides its numbers.
    pub fn standing(&self, tradeoff: &Tradeoff) -> String {
        let parts = [
            (tradeoff.recommends(self.variant), "recommended"),
            (!self.misfits.is_empty(), "doesn't fit"),
            (self.current, "in the fleet file"),
        ];
        let said: Vec<&str> = parts.into_iter().filter(|(is, _)| *is).map(|(_, text)| text).collect();
        said.join(", ")
    }
}

impl Reach {
    /// What is read of Secrets.
    pub fn secrets(&self) -> String {
        both(self.clusters_with_all_secrets, self.secret_namespaces)
    }
}

fn both(clusters: usize, namespaces: usize) -> String {
    match (clusters, namespaces) {
        (0, 0) => "none".to_owned(),
        (0, _) => count(namespaces, "namespace"),
        (_, 0) => count(clusters, "cluster"),
        _ => format!("{}, {}", count(clusters, "cluster"), count(namespaces, "namespace")),
    }
}

fn sentence(turn: &Turn) -> String {
    let to = turn.variant.map_or("nothing", Variant::name);
    format!("From {} clusters on: {to}; {}.", turn.clusters, turn.reason)
}
