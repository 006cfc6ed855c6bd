//! One thing, several views: for people, for programs, for comments on pull requests.

pub(crate) mod audit;
pub(crate) mod comparison;
pub(crate) mod diagnosis;
pub(crate) mod drift;
pub(crate) mod findings;
pub(crate) mod hops;
pub(crate) mod junit;
pub(crate) mod live;
pub(crate) mod markup;
pub(crate) mod matrix;
pub(crate) mod needs;
pub(crate) mod plan;
mod proof;
pub(crate) mod reach;
mod row;
mod table;
pub(crate) mod tradeoff;
mod value;
mod wrap;

/// `apiVersion` of everything that `-o json` prints.
pub(crate) const API_VERSION: &str = "oarlock.dev/v1alpha1";
