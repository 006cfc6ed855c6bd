//! What Argo CD needs: one file per feature.

mod need;

pub use need::{Beyond, Identity, Need, Needs, Operation, Reason};
