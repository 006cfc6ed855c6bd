//! Columns of the table of actions, as `xtask/src/catalogue/actions.rs` writes them.

/// The columns of a row that are left.
pub(super) type Columns = std::str::Split<'static, char>;

/// What commas separate.
pub(super) fn list(column: &'static str) -> Vec<&'static str> {
    column.split(',').filter(|member| !member.is_empty()).collect()
}
