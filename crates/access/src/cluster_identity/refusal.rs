//! Why a caller is nobody on a cluster.

use facts::Place;

use super::{AuthenticationMode, aws_auth::ItemProblem};

/// One reason. That nothing names the caller is a reason, too.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No access entry is the caller's.
    #[error("no access entry names it")]
    NoEntry,
    /// No element of aws-auth is the caller's.
    #[error("aws-auth doesn't map it")]
    NotInAwsAuth,
    /// There is an access entry, but the cluster has none in this mode.
    #[error("its access entry counts for nothing in authentication mode {}", AuthenticationMode::ConfigMap)]
    EntryNotRead {
        /// Where the entry was read.
        place: Place,
    },
    /// aws-auth maps it, but the cluster doesn't read aws-auth.
    #[error("aws-auth maps it, and isn't read in authentication mode {}", AuthenticationMode::Api)]
    AwsAuthNotRead {
        /// Where the ConfigMap was read.
        place: Place,
    },
    /// The entry is of an earlier principal of the same ARN: EKS keeps unique ids (EKS User Guide, "Create access entries").
    #[error(
        "its access entry is of {entry}, and was made for an earlier one of its name: it itself is of {caller}"
    )]
    Stale {
        /// `createdAt` of the entry.
        entry: String,
        /// When the caller was created.
        caller: String,
        /// Where the entry was read.
        place: Place,
    },
    /// The entry is of an earlier role: EKS takes entries only for roles that exist, and a role keeps its path.
    #[error("its access entry is of a role with the path `{path}`, which is another one of its name")]
    OtherPath {
        /// The path in the entry.
        path: String,
        /// Where the entry was read.
        place: Place,
    },
    /// EKS takes only roles for entries of this type (EKS API, CreateAccessEntry).
    #[error("its access entry is of type `{kind}`, which is for roles only")]
    WrongType {
        /// The entry's type.
        kind: String,
        /// Where the entry was read.
        place: Place,
    },
    /// The entry names a session, which EKS takes for no principal (EKS API, CreateAccessEntry).
    #[error("the access entry of `{principal}` is a session's: only the role's own ARN counts")]
    EntryOfSession {
        /// The principal of the entry.
        principal: String,
        /// Where the entry was read.
        place: Place,
    },
    /// A user name or group needs an EC2 instance as the session, and nothing else is tried then (pkg/server/server.go,
    /// `renderTemplate`).
    #[error("`{template}` is for sessions of EC2 instances, and `{session}` is the id of none")]
    NoInstance {
        /// The user name or group.
        template: String,
        /// The session's name.
        session: String,
    },
    /// An element of aws-auth is meant for the caller, and doesn't match it.
    #[error("element {index} of `{block}` means it, but doesn't count: {problem}")]
    ItemMissesIt {
        /// `mapRoles` or `mapUsers`.
        block: &'static str,
        /// The element's position, from 0.
        index: usize,
        /// Why.
        problem: ItemProblem,
    },
    /// A block of aws-auth has no element because of its form.
    #[error("`{block}` of aws-auth maps nobody: it is no list")]
    BlockNotAList {
        /// `mapRoles`, `mapUsers` or `mapAccounts`.
        block: &'static str,
    },
}
