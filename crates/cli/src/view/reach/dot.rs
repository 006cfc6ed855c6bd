//! The graph as Graphviz reads it (Graphviz documentation, "DOT Language").

use std::fmt::Write as _;

use super::graph::{Graph, Link, Node};

/// One directed graph.
pub(crate) fn text(who: &str, graph: &Graph) -> String {
    let mut text =
        "digraph reach {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n".to_owned();
    let title: Vec<String> = std::iter::once(format!("What {who} reaches"))
        .chain(graph.notes())
        .map(|line| escaped(&line))
        .collect();
    let _ = writeln!(text, "  label=\"{}\";\n  labelloc=t;", title.join("\\n"));
    for (number, (cluster, nodes)) in graph.by_cluster().into_iter().enumerate() {
        match cluster {
            None => nodes.iter().for_each(|(id, one)| node(&mut text, "  ", *id, one)),
            Some(cluster) => {
                let _ = writeln!(text, "  subgraph cluster_{number} {{\n    label=\"{}\";", escaped(cluster));
                nodes.iter().for_each(|(id, one)| node(&mut text, "    ", *id, one));
                text.push_str("  }\n");
            }
        }
    }
    for Link { from, to, label, certain } in &graph.links {
        let style = if *certain { "" } else { ", style=dashed" };
        let _ = writeln!(text, "  n{from} -> n{to} [label=\"{}\"{style}];", escaped(label));
    }
    text.push_str("}\n");
    text
}

fn node(text: &mut String, indent: &str, id: usize, Node { kind, label, certain, own, .. }: &Node) {
    let style = match (own, certain) {
        (true, _) => ", style=bold",
        (false, true) => "",
        (false, false) => ", style=dashed",
    };
    let _ = writeln!(text, "{indent}n{id} [label=\"{kind}\\n{}\"{style}];", escaped(label));
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " ")
}
