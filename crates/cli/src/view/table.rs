//! Plain tables as kubectl prints them, and Markdown ones.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use crate::output::width;

/// Columns that may take several lines where no terminal says how wide a table may be, and how wide they are then.
/// The others are for searching: a resource or a verb on two lines is found by nobody.
const FLEXIBLE: [(&str, u16); 2] = [("NAMES", 30), ("WHY", 34)];

/// A table without lines, as wide as the terminal, or readable in a pipe. Columns that are empty are left out.
pub(crate) fn plain(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let (head, rows) = without_empty_columns(head, rows.into_iter().collect());
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(&head).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    match width() {
        Some(width) => {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        None => head.iter().enumerate().for_each(|(index, name)| limit(&mut table, index, name)),
    }
    let mut text: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    if text.trim().is_empty() {
        text.clear();
    }
    text
}

fn limit(table: &mut Table, index: usize, name: &str) {
    let width = FLEXIBLE.iter().find(|(flexible, _)| *flexible == name).map(|(_, width)| *width);
    if let (Some(width), Some(column)) = (width, table.column_mut(index)) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(width)));
    }
}

/// Says what the places in a table are relative to.
pub(crate) fn below(folder: &str) -> String {
    if folder.is_empty() { String::new() } else { format!("\nPlaces are in `{folder}`.\n") }
}

fn without_empty_columns<'h>(head: &[&'h str], rows: Vec<Vec<String>>) -> (Vec<&'h str>, Vec<Vec<String>>) {
    let used: Vec<bool> = (0..head.len())
        .map(|column| rows.iter().any(|row| row.get(column).is_some_and(|cell| !cell.is_empty())))
        .collect();
    fn keep<T>(cells: impl IntoIterator<Item = T>, used: &[bool]) -> Vec<T> {
        cells.into_iter().zip(used).filter(|(_, used)| **used).map(|(cell, _)| cell).collect()
    }
    let rows = rows.into_iter().map(|row| keep(row, &used)).collect();
    (keep(head.iter().copied(), &used), rows)
}

/// A Markdown table; pipes in cells are escaped.
pub(crate) fn markdown(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let (head, rows) = without_empty_columns(head, rows.into_iter().collect());
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
