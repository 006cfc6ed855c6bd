//! The JSON Schema of plans, for programs that read them and for `oarlock schema`.

use schemars::Schema;

use crate::Plan;

/// The JSON Schema (draft 2020-12) of a plan as it is printed and saved.
pub fn schema() -> Schema {
    facts::schema_of::<Plan>()
}
