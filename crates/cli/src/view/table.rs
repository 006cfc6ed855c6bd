//! Tables as kubectl prints them, lists where a table would be too wide to read, and Markdown tables.

use std::collections::BTreeMap;

use super::wrap::{self, length};
use crate::printable;

/// Between two columns.
const GAP: usize = 2;

/// A table without lines that fits a number of columns; cells are broken at spaces. Columns that are empty are left out.
///
/// Where it would be wider even so, a list: rows that share the `keys` columns stand below a line with these.
pub(crate) fn fitted(head: &[&str], keys: [usize; 3], rows: Vec<Vec<String>>, width: usize) -> String {
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|row| row.iter().map(|cell| shown(cell)).collect()).collect();
    let (used_head, used_rows) = without_empty_columns(head, rows.clone());
    let mut lines = vec![used_head.iter().map(|&name| name.to_owned()).collect()];
    lines.extend(used_rows);
    match (lines.len(), widths(&lines, width, false)) {
        (1, _) => String::new(),
        (_, Some(widths)) => columns(&lines, &widths, ""),
        (_, None) => list(head, keys, rows, width),
    }
}

fn shown(cell: &str) -> String {
    printable::line(cell).into_owned()
}

/// Rows below the identity and place, then the resource, that they share.
fn list(head: &[&str], keys: [usize; 3], rows: Vec<Vec<String>>, width: usize) -> String {
    const INDENT: &str = "    ";
    let [identity, place, resource] = keys;
    let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
    let below = |cells: Vec<String>| -> Vec<String> {
        let cells = cells.into_iter().enumerate();
        cells.filter(|(column, _)| !keys.contains(column)).map(|(_, cell)| cell).collect()
    };
    let mut places: BTreeMap<_, BTreeMap<_, Vec<Vec<String>>>> = BTreeMap::new();
    for row in rows {
        let (who, what) = ((cell(&row, identity), cell(&row, place)), cell(&row, resource));
        places.entry(who).or_default().entry(what).or_default().push(below(row));
    }
    let all: Vec<Vec<String>> = places.values().flat_map(BTreeMap::values).flatten().cloned().collect();
    let filled = |column: usize| all.iter().any(|row| row.get(column).is_some_and(|cell| !cell.is_empty()));
    let head = below(head.iter().map(|&name| name.to_owned()).collect()).into_iter().enumerate();
    let head = head.map(|(column, name)| if filled(column) { name } else { String::new() }).collect();
    let mut lines = vec![head];
    lines.extend(all);
    let widths = widths(&lines, width.saturating_sub(INDENT.len()), true).unwrap_or_default();
    let mut text = columns(lines.get(..1).unwrap_or_default(), &widths, INDENT);
    for ((identity, place), resources) in places {
        let place = if place == "*" { ", cluster-wide".to_owned() } else { format!(" in {place}") };
        text.push_str(&format!("\n{identity}{place}\n"));
        for (resource, rows) in resources {
            text.push_str(&format!("  {resource}\n{}", columns(&rows, &widths, INDENT)));
        }
    }
    text
}

/// How wide each column may be so that all fit; `None` if they don't. Words are broken only if they may be.
fn widths(rows: &[Vec<String>], width: usize, break_words: bool) -> Option<Vec<usize>> {
    let count = rows.iter().map(Vec::len).max()?;
    let column = |index: usize| rows.iter().filter_map(move |row| row.get(index));
    let widest = |of: fn(&str) -> usize| -> Vec<usize> {
        (0..count).map(|index| column(index).map(|cell| of(cell)).max().unwrap_or(0)).collect()
    };
    let mut widths = widest(length);
    let used = widths.iter().filter(|width| **width > 0).count();
    let room = width.saturating_sub(used.saturating_sub(1) * GAP);
    let fits = shrink(&mut widths, &widest(|cell| wrap::narrowest(cell).0), room)
        || (break_words && shrink(&mut widths, &widest(|cell| wrap::narrowest(cell).1), room));
    (fits || break_words).then_some(widths)
}

/// Takes from the widest column that can give, until all fit into the room or none can give.
fn shrink(widths: &mut [usize], least: &[usize], room: usize) -> bool {
    while widths.iter().sum::<usize>() > room {
        let giving = widths.iter_mut().zip(least).filter(|(width, least)| **width > **least);
        match giving.max_by_key(|(width, _)| **width) {
            Some((width, _)) => *width -= 1,
            None => return false,
        }
    }
    true
}

fn columns(rows: &[Vec<String>], widths: &[usize], indent: &str) -> String {
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(widths).filter(|(_, width)| **width > 0);
        let cells: Vec<_> = cells.map(|(cell, width)| (wrap::cell(cell, *width), *width)).collect();
        let height = cells.iter().map(|(lines, _)| lines.len()).max().unwrap_or(0);
        for number in 0..height {
            let mut line = indent.to_owned();
            for (lines, width) in &cells {
                let part = lines.get(number).map_or("", String::as_str);
                line.push_str(&format!("{part:<width$}{:GAP$}", ""));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: [&str; 5] = ["IDENTITY", "NAMESPACE", "RESOURCE", "VERBS", "WHY"];

    fn rows() -> Vec<Vec<String>> {
        let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
        vec![
            row(["controller", "*", "clusterroles.rbac.authorization.k8s.io", "create", "client-side-apply"]),
            row(["controller", "*", "clusterroles.rbac.authorization.k8s.io", "get,patch", "compare, hook"]),
            row(["server", "shop", "pods/log", "get", "logs"]),
        ]
    }

    fn widest(text: &str) -> usize {
        text.lines().map(length).max().unwrap()
    }

    #[test]
    fn a_table_takes_what_it_needs() {
        let text = fitted(&HEAD, [0, 1, 2], rows(), 200);
        assert!(text.starts_with("IDENTITY    NAMESPACE  RESOURCE "), "{text}");
        assert_eq!(text.lines().count(), 4);
    }

    #[test]
    fn a_narrower_one_is_broken_between_words() {
        let text = fitted(&HEAD, [0, 1, 2], rows(), 95);
        assert!(widest(&text) <= 95, "{text}");
        assert!(text.contains("IDENTITY"), "{text}");
    }

    #[test]
    fn what_fits_no_table_is_a_list_below_what_it_shares() {
        let text = fitted(&HEAD, [0, 1, 2], rows(), 60);
        assert_eq!(
            text,
            "    VERBS      WHY\n\ncontroller, cluster-wide\n  clusterroles.rbac.authorization.k8s.io\n    \
             create     client-side-apply\n    get,patch  compare, hook\n\nserver in shop\n  pods/log\n    \
             get        logs\n"
        );
    }

    #[test]
    fn nothing_is_no_table() {
        assert_eq!(fitted(&HEAD, [0, 1, 2], Vec::new(), 80), "");
    }
}
