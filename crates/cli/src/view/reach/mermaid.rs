//! The graph as Mermaid reads it (Mermaid documentation, "Flowcharts").

use std::fmt::Write as _;

use super::graph::{Graph, Link, Node};

/// One flowchart.
pub(crate) fn text(who: &str, graph: &Graph) -> String {
    let mut text = String::new();
    for line in std::iter::once(format!("What {who} reaches")).chain(graph.notes()) {
        let _ = writeln!(text, "%% {}", comment(&line));
    }
    text.push_str("flowchart LR\n");
    for (number, (cluster, nodes)) in graph.by_cluster().into_iter().enumerate() {
        match cluster {
            None => nodes.iter().for_each(|(id, one)| node(&mut text, "  ", *id, one)),
            Some(cluster) => {
                let _ = writeln!(text, "  subgraph c{number}[\"{}\"]", escaped(cluster));
                nodes.iter().for_each(|(id, one)| node(&mut text, "    ", *id, one));
                text.push_str("  end\n");
            }
        }
    }
    for Link { from, to, label, certain } in &graph.links {
        let arrow = if *certain { "-->" } else { "-.->" };
        let _ = writeln!(text, "  n{from} {arrow}|\"{}\"| n{to}", escaped(label));
    }
    text.push_str("  classDef own stroke-width:3px\n  classDef possible stroke-dasharray:5 5\n");
    for (class, is) in [("own", own as fn(&Node) -> bool), ("possible", possible)] {
        let members = graph.nodes.iter().enumerate().filter(|(_, node)| is(node));
        let members: Vec<String> = members.map(|(id, _)| format!("n{id}")).collect();
        if !members.is_empty() {
            let _ = writeln!(text, "  class {} {class}", members.join(","));
        }
    }
    text
}

fn own(node: &Node) -> bool {
    node.own
}

fn possible(node: &Node) -> bool {
    !node.certain
}

fn node(text: &mut String, indent: &str, id: usize, Node { kind, label, .. }: &Node) {
    let _ = writeln!(text, "{indent}n{id}[\"{kind}<br>{}\"]", escaped(label));
}

/// In quotes, what Mermaid or HTML would take for something else stands as an entity.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '#' | '"' | '<' | '>' | '&' | '`' | ';' | '\\' | '{' | '}' => {
                let _ = write!(escaped, "#{};", u32::from(letter));
            }
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// `%%{` would begin a directive.
fn comment(text: &str) -> String {
    text.replace(['{', '}', '\n', '\r'], " ")
}
