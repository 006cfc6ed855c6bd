use super::{File, layout::Layout};
pub(super) fn render(_layout: &Layout<'_>) -> Vec<File> { Vec::new() }
