//! The words that all of Oarlock shares: places in files, ARNs, outcomes, verdicts, findings and gaps.
//!
//! **Invariant:** this crate knows no other crate of the workspace.

mod arn;
mod count;
mod finding;
mod gap;
mod marks;
mod names;
mod outcome;
mod place;
mod schema;

pub use arn::{AccountId, Arn, ArnError, ClusterArn, Partition, RoleArn, UserArn};
pub use count::count;
pub use finding::{Finding, Severity};
pub use gap::Gap;
pub use marks::{MANAGED_BY, OARLOCK};
pub use names::{ClusterNames, context_variable, profile_variable};
pub use outcome::{Outcome, Verdict};
pub use place::{Place, Problem};
pub use schema::schema_of;
