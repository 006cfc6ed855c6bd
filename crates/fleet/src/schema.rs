//! The JSON Schema of the fleet file, for editors and for `oarlock schema`.

use schemars::Schema;

use crate::file::FleetFile;

/// The JSON Schema (draft 2020-12) of the fleet file; its descriptions are the user's reference.
pub fn schema() -> Schema {
    schemars::schema_for!(FleetFile)
}
