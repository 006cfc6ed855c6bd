//! Plain tables as kubectl prints them, and Markdown ones.

use comfy_table::{ContentArrangement, Table, presets};

use crate::output::width;

/// A table without lines, as wide as the terminal, or as its content in a pipe.
pub(crate) fn plain(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(head.iter().copied());
    if let Some(width) = width() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    if text.trim().is_empty() {
        text.clear();
    }
    text
}

/// A Markdown table; pipes in cells are escaped.
pub(crate) fn markdown(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(head.iter().map(|&cell| cell.to_owned()).collect());
    text.push_str(&line(vec!["---".to_owned(); head.len()]));
    for row in rows {
        text.push_str(&line(
            row.into_iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect(),
        ));
    }
    text
}
